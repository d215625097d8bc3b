"""A decision log under other bands: what would have gone alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ....decisions.columns import COLUMNS, ROUTES, Group, held
from ....decisions.log import DecisionLog
from ....errors import LogError
from ....scenario.boundary import Bands, Boundary
from ....simulation.contract import DEAL_SIZE_BIT, LOW_BAND_BIT, MEDIUM_BAND_BIT, Route
from ....simulation.outcome.as_columns import text
from ....simulation.routing import route_all
from .triggers import (
    Kinds,
    as_they_fired,
    deal_sizes,
    decided_anew,
    flows_in,
    not_told,
    texts_in,
    words_of,
)

DEFAULT_AUTO, DEFAULT_REVIEW = 0.90, 0.70
"""The usual default of vendors' tools, used where nobody says which bands held."""


def check_bands(auto: float, review: float | None = None) -> tuple[float, float]:
    """Bands as a pair; ``review`` defaults to 0.7, or to ``auto`` where that is lower.

    >>> check_bands(0.9), check_bands(0.6)
    ((0.9, 0.7), (0.6, 0.6))
    """
    review = min(DEFAULT_REVIEW, auto) if review is None else review
    for name, value in (("auto", auto), ("review", review)):
        if not 0 <= value <= 1:
            raise LogError(f"band {name} {value:g} must lie between 0 and 1")
    if review > auto:
        raise LogError(
            f"review band {review:g} is above the auto band {auto:g}; lower review or raise auto"
        )
    return auto, review


def triggered(log: DecisionLog) -> NDArray[np.bool_]:
    """Which decisions a trigger sends to a person, whatever the confidence."""
    codes, texts = texts_in(log, "reasons")
    return np.array([bool(words) for words in words_of(texts)], bool)[codes]


def gated(log: DecisionLog) -> NDArray[np.bool_]:
    """Which decisions the AI may not take alone: behind a gate, by hand, or a test of reviewers."""
    return _routed_as(log, "gate", "manual") | log.tests


def _routed_as(log: DecisionLog, *routes: str) -> NDArray[np.bool_]:
    if "route" not in log.frame:
        return np.zeros(len(log), bool)
    return np.asarray(log.frame["route"].isin(routes), bool)


def rerouted(
    log: DecisionLog,
    *,
    auto: float | None = None,
    review: float | None = None,
    boundary: Boundary | None = None,
) -> DecisionLog:
    """The same decisions as other bands, or another boundary spec, would have routed them.

    Gates hold as they did, and so do triggers under other bands. Under a spec, triggers are decided
    anew where the log has what they go by: deal sizes and the ``signals`` of each decision; any
    other that fired still does, and the record says so under ``not_told``. What people did under
    the old routes is left out, if there were any; outcomes and the chances that they are known
    stay.

    Parameters
    ----------
    log : DecisionLog
    auto : float, optional
        Automatic when ``confidence >= auto``, 0 to 1.
    review : float, optional
        Held when ``confidence < review``; 0.7, or ``auto`` where that is lower.
    boundary : Boundary, optional
        Bands and triggers for each workflow, in place of ``auto`` and ``review``; see
        :func:`~hitlsim.load_boundary`.

    Raises
    ------
    LogError
        When neither or both are given, bands are out of order, or a confidence is missing.

    Examples
    --------
    >>> import hitlsim as hs
    >>> scenario = hs.load("outbound")
    >>> log = hs.simulate(scenario, seed=7).log
    >>> looser, stricter = rerouted(log, auto=0.5), rerouted(log, auto=0.95)
    >>> bool(looser.frame["exception"].mean() < stricter.frame["exception"].mean())
    True
    >>> as_it_was = rerouted(log, boundary=scenario.boundary)
    >>> bool((as_it_was.frame["route"] == log.frame["route"]).all())
    True
    """
    if boundary is not None:
        if auto is not None or review is not None:
            raise LogError("give either bands (auto=, review=) or boundary=, not both")
        return under(log, boundary)
    if auto is None:
        raise LogError("say under what: auto= (and review=), or boundary= for a boundary spec")
    auto, review = check_bands(auto, review)
    return under(log, Boundary(bands=Bands(auto=auto, review=review)), anew=False)


def under(log: DecisionLog, boundary: Boundary, *, anew: bool = True) -> DecisionLog:
    """The same decisions under a spec; triggers are decided anew, or stay as they fired."""
    for name, what in boundary.bands_out_of_order():
        raise LogError(f"boundary spec, workflows.{name}: {what}")
    kinds = decided_anew(log, boundary) if anew else as_they_fired(log)
    flow, flows = flows_in(log)
    bands = [boundary.bands_of(name) for name in flows]
    limits = [boundary.deal_limit_of(name) for name in flows]
    gate, by_hand = _routed_as(log, "gate"), _routed_as(log, "manual")
    score = log.frame["confidence"].to_numpy(float, na_value=np.nan)
    route, bits = route_all(
        score=np.where(gate | by_hand, 0.0, score),  # no score decides where these go
        deal_size=deal_sizes(log),
        present=np.array([bool(asks) for asks in kinds.asks], np.int64)[kinds.number],
        flow=flow,
        auto=np.array([b.auto for b in bands]),
        review=np.array([b.review for b in bands]),
        deal_limit=np.array([math.inf if limit is None else limit for limit in limits]),
        triggers=np.ones(len(flows), np.int64),
        always=np.array([bool(stays) for stays in kinds.stays], bool)[kinds.number],
    )
    route[gate], route[by_hand] = Route.GATE, Route.MANUAL
    frame = _without_old_deeds(log)
    frame["route"] = pd.Categorical.from_codes(route, categories=list(ROUTES))
    frame["reason"], frame["reasons"] = _reasons(route, bits, kinds)
    frame["exception"] = np.isin(route, (Route.REVIEW, Route.TRIAGE))
    record: dict[str, Any] = {**log.record, "bands": boundary.bands.model_dump()}
    if anew:
        frame["boundary_version"] = pd.array([boundary.version], "Int64").repeat(len(log))
        record["boundary_version"] = boundary.version
        record["not_told"] = not_told(log, boundary)
    return DecisionLog(held(frame), record, log.rejects)


_BITS = LOW_BAND_BIT | DEAL_SIZE_BIT | MEDIUM_BAND_BIT


def _reasons(
    route: NDArray[np.int8], bits: NDArray[np.int64], kinds: Kinds
) -> tuple[pd.Categorical, Any]:
    """The reason that decided, and all of them; worded once for all that have the same."""
    closed = np.isin(route, (Route.GATE, Route.MANUAL))
    # beyond the bits: the route of what is closed, else the kind
    same = np.where(closed, -route.astype(np.int64), kinds.number * (_BITS + 1) + (bits & _BITS))
    codes, distinct = pd.factorize(same)
    words = [_words(int(key), kinds) for key in distinct]
    deciding = pd.Categorical([w[0] if w else None for w in words])
    texts = pa.array(["+".join(w) for w in words], pa.large_string())
    return deciding.take(codes), text(texts.take(pa.array(codes)))


def _words(key: int, kinds: Kinds) -> list[str]:
    if key < 0:
        return [ROUTES[-key]]
    number, bits = divmod(key, _BITS + 1)
    return [
        *(["low_band"] if bits & LOW_BAND_BIT else []),
        *(["deal_size"] if bits & DEAL_SIZE_BIT else []),
        *kinds.stays[number],
        *kinds.asks[number],
        *(["medium_band"] if bits & MEDIUM_BAND_BIT else []),
    ]


def _without_old_deeds(log: DecisionLog) -> pd.DataFrame:
    """A copy; where the log has routes of its own, what people did belongs to those."""
    if not log.has("route"):
        return log.frame.copy()
    deeds = [c.name for c in COLUMNS.values() if c.group is Group.DID]
    return log.frame.drop(columns=deeds, errors="ignore")


def routed(log: DecisionLog) -> DecisionLog:
    """The log itself if it has routes, else routed by the bands of its mapping, else by 90/70."""
    if log.has("route"):
        return log
    bands = log.record.get("bands") or {"auto": DEFAULT_AUTO, "review": DEFAULT_REVIEW}
    return rerouted(log, auto=bands["auto"], review=bands["review"])
