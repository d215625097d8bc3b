"""Tuning for those who expect scikit-learn's ways: parameters, ``fit``, ``predict``."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ...decisions.estimating.unseen import workflows
from ...errors import LogError
from ...scenario.boundary import Boundary
from ...scenario.boundary_file import BoundarySpec
from ...scenario.explain import listed
from ..fitting.seen import slugs
from .as_log import as_log
from .costs import Costs
from .proving.spending import Spending
from .recommendation import Recommendation
from .rerouting.bands import under
from .tune import RulesOf, tune
from .weighing.policy import Policy

_ROUTED_BY = ("confidence", "workflow", "deal_size", "signals", "reasons", "route", "gold_ok")
"""What decides where a boundary sends a decision; ``decision_id`` is made up."""


class BoundaryTuner(BaseEstimator):  # type: ignore[misc]  # its library is untyped
    """Where the AI may act alone, learnt from decisions and how they came out.

    The face of :func:`~hitlsim.tune` for scikit-learn: a *prediction* is a route, 1 to let the AI
    act alone and 0 to ask a person. It is no classifier of right and wrong, so it has no ``score``;
    what its rules bring stands in ``recommendation_``.

    Parameters
    ----------
    exception_rate : (float, float), optional
        The band aimed at; None for none.
    fn_share, fn_of_auto, fn_of_bad : float, optional
        The one rate of silent errors that must not exceed this, with ``confidence``: P(auto and
        bad), P(bad given auto) or P(auto given bad).
    confidence : float, optional
        Of that guarantee; 0.90.
    override_rate : float, optional
        Least share of exceptions that people should have cause to change.
    hours_per_week, cost_per_1000 : float, optional
        At most.
    costs : Costs or mapping, optional
        What errors and looks cost where a log does not say.
    boundary : Boundary or BoundarySpec, optional
        The spec that holds now; as the log shows it.
    rules : {"triggers", "bands", "one"}
        How much people should keep in mind: thresholds with deal limits and signals for each
        workflow, thresholds only, or one threshold for all.
    next_month : int, optional
        Decisions expected next month; default the monthly mean.
    spending : Spending, optional
        Where guarantees are renewed each month: what of the confidence is left.

    Attributes
    ----------
    recommendation_ : Recommendation
        The rules, why, and how sure; ``why()``, ``diff()``, ``write()``.
    policy_ : Policy
        The rule of each workflow.
    classes_ : array
        0 ask a person, 1 let the AI act alone.
    n_features_in_ : int
    feature_names_in_ : array of str
        Columns of X.

    See Also
    --------
    hitlsim.tune : The same for a decision log or a scenario, with the targets of a desk.

    Examples
    --------
    >>> import hitlsim as hs
    >>> rng = np.random.default_rng(7)
    >>> X = pd.DataFrame({"confidence": rng.random(4000)})
    >>> y = rng.random(4000) < 0.7 + 0.3 * X["confidence"]
    >>> tuner = hs.BoundaryTuner(exception_rate=(0.10, 0.15)).fit(X, y)
    >>> bool(0.10 < 1 - tuner.predict(X).mean() < 0.15)
    True
    """

    def __init__(
        self,
        *,
        exception_rate: tuple[float, float] | None = (0.10, 0.15),
        fn_share: float | None = None,
        fn_of_auto: float | None = None,
        fn_of_bad: float | None = None,
        confidence: float | None = None,
        override_rate: float | None = None,
        hours_per_week: float | None = None,
        cost_per_1000: float | None = None,
        costs: Costs | Mapping[str, Any] | None = None,
        boundary: Boundary | BoundarySpec | None = None,
        rules: RulesOf = "triggers",
        next_month: int | None = None,
        spending: Spending | None = None,
    ) -> None:
        self.exception_rate = exception_rate
        self.fn_share = fn_share
        self.fn_of_auto = fn_of_auto
        self.fn_of_bad = fn_of_bad
        self.confidence = confidence
        self.override_rate = override_rate
        self.hours_per_week = hours_per_week
        self.cost_per_1000 = cost_per_1000
        self.costs = costs
        self.boundary = boundary
        self.rules = rules
        self.next_month = next_month
        self.spending = spending

    def fit(self, X: pd.DataFrame, y: Any = None) -> BoundaryTuner:  # noqa: N803 - as everywhere
        """Find the rules.

        Parameters
        ----------
        X : DataFrame
            One row for each decision: ``confidence``, and any other column of a decision log
            (``hs.dictionary()``): ``workflow``, ``deal_size``, ``signals``, ``reasons``, ``route``,
            ``verdict``, ``decided_at`` ... Without ``decided_at`` the order of rows is their order
            in time, and all of them are one month. Other columns are left alone.
        y : array, optional
            Whether each proposal was right: 1 or True, else 0 or False. Known of every row, or
            left out; what is known in part is given as columns ``ok`` and ``inclusion`` of X.

        Returns
        -------
        BoundaryTuner
            Itself. A warning says where targets cannot be kept; rules are there all the same.

        Raises
        ------
        LogError
            When targets contradict each other, outcomes are missing, or a value means nothing.
        """
        log, taken = as_log(X, y)
        if log.record.get("undated") and self.hours_per_week is not None:
            raise LogError(
                "hours_per_week: X has no decided_at, so nobody knows how many decisions a week "
                "has; give that column, or aim at an exception_rate"
            )
        asked = self.get_params(deep=False)
        found = tune(log, **asked)
        self.recommendation_: Recommendation = replace(found, notes=(*found.notes, *taken))
        self.policy_: Policy = found.policy
        self.classes_ = np.array([0, 1])
        self.feature_names_in_ = np.array([str(name) for name in X], dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        self._spelt = _names(log.frame)
        if found.status != "recommended":
            warnings.warn(self.recommendation_.aim(), UserWarning, stacklevel=2)
        return self

    def predict(self, X: pd.DataFrame) -> NDArray[np.int64]:  # noqa: N803 - as everywhere
        """Where the rules found send decisions.

        Parameters
        ----------
        X : DataFrame
            ``confidence``, ``workflow`` if X had one in ``fit``, and what the rules go by besides:
            ``deal_size``, ``signals``. A row whose ``route`` is a gate or by hand stays there.

        Returns
        -------
        array of n
            1 to let the AI act alone, 0 to ask a person.

        Raises
        ------
        LogError
            When a workflow is none of those of ``fit``, or a decision has no confidence.
        sklearn.exceptions.NotFittedError
            Before ``fit``.
        """
        check_is_fitted(self)
        if isinstance(X, pd.DataFrame) and not len(X):
            return np.zeros(0, np.int64)
        names_nothing = "workflow" not in self.feature_names_in_
        log, _ = as_log(X, only=[n for n in _ROUTED_BY if n != "workflow" or not names_nothing])
        self._refuse_unseen(log.frame)
        self._refuse_blind(log.frame)
        if "workflow" in log.frame:
            log.frame["workflow"] = log.frame["workflow"].astype(object).map(self._spelt)
        routed = under(log, self.recommendation_.boundary).frame["route"]
        return np.asarray(routed == "auto").astype(np.int64)

    def _refuse_unseen(self, frame: pd.DataFrame) -> None:
        new = sorted(set(_names(frame)) - set(self._spelt))
        if not new:
            return
        known = listed(sorted(self._spelt))
        if "workflow" not in frame:
            raise LogError(f"X has no column workflow; in fit it had, with {known}; give it")
        rows = int(frame["workflow"].astype(object).isin(new).sum())
        raise LogError(
            f"workflow {listed(new)}: not seen in fit, so no rule was found "
            f"({rows:,} of {len(frame):,} rows); fit on decisions of it too. Seen were: {known}"
        )

    def _refuse_blind(self, frame: pd.DataFrame) -> None:
        rules = self.policy_.rules.values()
        for name, goes_by in (
            ("deal_size", any(np.isfinite(rule.deal_limit) for rule in rules)),
            ("signals", any(rule.signals for rule in rules)),
        ):
            if goes_by and name not in frame and name in self.feature_names_in_:
                raise LogError(
                    f"X has no column {name}, which the rules found go by; give it, as in fit"
                )


def _names(frame: pd.DataFrame) -> dict[str, str]:
    """The workflows of a table, as they are called there and as rules call them."""
    return slugs(workflows(frame)[1], "workflow")
