"""Outcomes with anything in them, of whatever visits came up, in whatever order."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitlsim.simulation.contract import (
    FIRST,
    LOOK,
    NEVER,
    OUTCOME,
    REDRAFT,
    ROUNDS,
    Outcome,
    Records,
    nothing_happened,
    outcome_of,
)


def dense(seed: int, n: int) -> Records:
    """OUTCOME of every visit of ``n`` decisions; of most redrafts and looks nothing happened."""
    rng = np.random.default_rng(seed)
    out = nothing_happened(ROUNDS * n)
    for name in OUTCOME.names or ():
        out[name] = rng.integers(NEVER, 100, len(out))
    for round_, says_so in ((REDRAFT, "drafting"), (LOOK, "look")):
        visits = np.arange(round_, len(out), ROUNDS)
        none = visits[(rng.random(n) < 0.7) | (out[says_so][visits] == NEVER)]
        out[none] = nothing_happened(len(none))
    return out


def came_up(every: Records) -> NDArray[np.bool_]:
    """Of which visits there is anything to be told; of first drafts there always is."""
    something: NDArray[np.bool_] = every != nothing_happened(len(every))
    something[FIRST::ROUNDS] = True
    return something


def in_other_order(outcome: Outcome, seed: int) -> Outcome:
    """The same, as though redrafts and looks had come up in another order."""
    n, (records, place) = len(outcome.first), outcome
    later = np.random.default_rng(seed).permutation(np.arange(n, len(records)))
    order = np.concatenate([np.arange(n), later])
    where = np.argsort(order).astype(np.int32)  # the first drafts keep their places
    return Outcome(records.take(order), where[place])


EVERY = st.builds(dense, st.integers(0, 2**32 - 1), st.integers(0, 12))
"""OUTCOME of every visit there could be."""
OUTCOMES = st.builds(in_other_order, EVERY.map(outcome_of), st.integers(0, 2**32 - 1))
