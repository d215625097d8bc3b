"""One stream for each named quantity, whether made alone or together with others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.simulation.world import streams
from hitlsim.simulation.world.draws import draw
from hitlsim.simulation.world.streams import Streams, stream

NAMES = st.lists(st.text(), max_size=4, unique=True)


def same(one: np.random.Generator, other: np.random.Generator) -> bool:
    return one.bit_generator.state == other.bit_generator.state


def test_streams_stay_what_they_are() -> None:
    assert stream(7, "crm_update", "u_flag").random() == float.fromhex("0x1.a85c6852cdee5p-1")


@given(st.integers(0, 2**63 - 1), NAMES, NAMES)
def test_streams_made_together_are_those_made_alone(
    seed: int, workflows: list[str], purposes: list[str]
) -> None:
    together = Streams(seed, workflows, purposes)
    for workflow in workflows:
        for purpose in [*purposes, "another"]:
            assert same(together.of(workflow)(purpose), stream(seed, workflow, purpose))


def test_a_name_of_fewer_words_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in four billion; numpy then reads a shorter seed."""
    keys = {"a": 0, "b": 2**32 - 1, "c": 2**32, "d": 2**64 - 1}
    streams._key_words.cache_clear()
    monkeypatch.setattr(streams, "_key", keys.__getitem__)
    together = Streams(7, "ad", "abcd")
    for workflow in "ad":
        for purpose in "abcd":
            assert same(together.of(workflow)(purpose), stream(7, workflow, purpose))
    streams._key_words.cache_clear()


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3), min_size=1,
                max_size=9))  # fmt: skip
def test_seeds_are_mixed_as_numpy_mixes_them(rows: list[list[int]]) -> None:
    words: NDArray[np.uint32] = np.array(rows, np.uint32)
    for seed, state in zip(words.T, streams._states(words), strict=True):
        expected = np.random.SeedSequence(seed).generate_state(4, np.uint64)
        np.testing.assert_array_equal(state, expected)


def test_a_state_made_ready_is_for_one_kind_of_generator() -> None:
    ready = streams._Ready(np.zeros(4, np.uint64))
    with pytest.raises(ValueError, match="ready for PCG64 only, not for 8 words"):
        ready.generate_state(8)


def test_whatever_is_drawn_is_made_ready_together(
    outbound: hs.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be right as well, but slow."""

    def alone(seed: int, *names: str) -> np.random.Generator:
        pytest.fail(f"{names} is not among the purposes")

    assert any(w.email for w in outbound.workflows.values())
    flows = {n: w.model_copy(update={"dispersion": 2.0}) for n, w in outbound.workflows.items()}
    monkeypatch.setattr(streams, "stream", alone)
    draw(outbound.with_(workflows=flows), 7)
