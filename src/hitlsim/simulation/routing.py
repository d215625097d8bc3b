"""Where a boundary spec sends many decisions at once: ``rules.route`` over arrays, compiled.

The tuner and the logs that are routed anew ask this, so that what they say holds in both engines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LogError
from . import rules
from .contract import SIGNAL_BITS
from .jit import whole

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALWAYS = 1 << 56
"""Beyond the signals of any scenario: a trigger of which only is known that it fired."""
ALWAYS_BIT = SIGNAL_BITS * ALWAYS
"""How it stands among the reasons."""


def route_all(
    score: Floats,
    deal_size: Floats,
    present: Ints,
    flow: Ints,
    auto: Floats,
    review: Floats,
    deal_limit: Floats,
    triggers: Ints,
    always: NDArray[np.bool_],
) -> tuple[NDArray[np.int8], Ints]:
    """Routes of ``n`` decisions of ``W`` workflows, and all reasons for them as bits.

    Of what the AI may take alone: gates, kill switches and people's own wish to look are the
    caller's.

    Parameters
    ----------
    score : array of n
        The confidence, 0 to 1; never missing.
    deal_size : array of n
        In the log's currency; where it is NaN, no limit is exceeded.
    present : array of n
        The signals of each decision: bit i is signal i.
    flow : array of n
        Number of its workflow, 0 to W - 1.
    auto, review : array of W
        Bands of each workflow: automatic when ``score >= auto``, held when ``score < review``.
    deal_limit : array of W
        Deals above it go to a person; infinite for no limit.
    triggers : array of W
        The signals that send a decision of this workflow to a person, as bits.
    always : array of n
        Whether a trigger fired that cannot be decided anew; its reason is ``ALWAYS_BIT``.

    Returns
    -------
    route : array of n
        Of :class:`~hitlsim.simulation.contract.Route`: AUTO, REVIEW or TRIAGE.
    reasons : array of n
        Bits of :mod:`~hitlsim.simulation.contract`; 0 for what goes alone.

    Raises
    ------
    LogError
        When a score is missing.

    Examples
    --------
    >>> one = np.zeros(3, int)
    >>> route, reasons = route_all(
    ...     score=np.array([0.9, 0.9, 0.6]), deal_size=np.array([5.0, 7.0, np.nan]),
    ...     present=one, flow=one, auto=np.array([0.9]), review=np.array([0.7]),
    ...     deal_limit=np.array([6.0]), triggers=np.array([0]), always=np.zeros(3, bool))
    >>> route.tolist(), reasons.tolist()
    ([0, 1, 2], [0, 4, 2])
    """
    score = _as(score, np.float64)
    if np.isnan(score).any():
        raise LogError(
            f"{int(np.isnan(score).sum()):,} decisions have no confidence; without one nobody can "
            "say where a boundary sends them; leave them out or score them"
        )
    route, reasons = np.empty(len(score), np.int8), np.empty(len(score), np.int64)
    _route_all(
        score, _as(deal_size, np.float64), _as(present, np.int64), _as(flow, np.int64),
        _as(auto, np.float64), _as(review, np.float64), _as(deal_limit, np.float64),
        _as(triggers, np.int64), _as(always, np.bool_), route, reasons,
    )  # fmt: skip
    return route, reasons


def _as(values: NDArray[Any], kind: type) -> NDArray[Any]:
    """As it is compiled for: a read-only array would be compiled for anew."""
    return np.require(values, kind, ["C", "W"])


@whole
def _route_all(
    score: Floats,
    deal_size: Floats,
    present: Ints,
    flow: Ints,
    auto: Floats,
    review: Floats,
    deal_limit: Floats,
    triggers: Ints,
    always: NDArray[np.bool_],
    route: NDArray[np.int8],
    reasons: Ints,
) -> None:
    for i in range(len(score)):
        w = flow[i]
        signals = present[i] | ALWAYS if always[i] else present[i]
        route[i], reasons[i] = rules.route(
            False, False, score[i], auto[w], review[w], deal_size[i], deal_limit[w],
            signals, triggers[w] | ALWAYS, False,
        )  # fmt: skip
