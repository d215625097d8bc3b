"""What decisions are called, and the hash by which the audit sample is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hitlsim.simulation.world import ids as module
from hitlsim.simulation.world.ids import as_bytes, as_text, hash_unit, numbered

ALARM = 0.001
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


# --- known answers -------------------------------------------------------------------------------


def test_from_a_million_on_ids_grow() -> None:
    ids = as_text(numbered(["crm", "reply_triage", "none"], [1_000_002, 2, 0]))
    assert ids[[0, 999_998, 999_999, 1_000_001]].tolist() == [
        "crm-000001", "crm-999999", "crm-1000000", "crm-1000002"
    ]  # fmt: skip
    assert ids[1_000_002:].tolist() == ["reply_triage-000001", "reply_triage-000002"]
    assert len(np.unique(ids)) == len(ids)


def test_hashes_stay_what_they_are() -> None:
    """Who is audited must not change with the version: logs of last year are compared."""
    ids = np.array(["crm_update-000001", "reply-1000000", "é-000001"])
    hashes = hash_unit(ids, "audit of on-the-loop, seed 7")
    assert [float(h).hex() for h in hashes] == [
        "0x1.03311da66b44ap-2", "0x1.9acf9461793b7p-1", "0x1.548656d9f35fep-1"
    ]  # fmt: skip


def test_nobody_has_no_ids() -> None:
    assert numbered([], []).tolist() == numbered(["crm"], [0]).tolist() == []
    assert as_text(numbered(["crm"], [0])).dtype == np.array([], np.str_).dtype
    assert len(hash_unit(numbered(["crm"], [0]), "audit")) == 0


# --- properties ----------------------------------------------------------------------------------


@given(st.dictionaries(NAMES, st.integers(0, 30), max_size=5), st.integers(1, 3))
def test_ids_are_name_and_number(counts: dict[str, int], digits: int) -> None:
    expected = [f"{name}-{i:0{digits}d}" for name, n in counts.items() for i in range(1, n + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_DIGITS", digits)  # else growing takes a million
        ids = as_text(numbered(list(counts), list(counts.values())))
    assert ids.tolist() == expected
    assert ids.dtype == np.array(expected, np.str_).dtype


@given(st.lists(WORDS, min_size=1))
def test_text_and_bytes_are_two_forms_of_the_same(words: list[str]) -> None:
    text = np.array(words)
    raw = as_bytes(text)
    assert raw.tolist() == [word.encode() for word in words]
    np.testing.assert_array_equal(as_bytes(raw), raw)
    np.testing.assert_array_equal(as_text(text), text)
    if all(word.isascii() for word in words):
        np.testing.assert_array_equal(as_text(raw), text)


def test_any_part_of_an_array_will_do() -> None:
    """Whatever reads memory as letters must not rest on how the array lies there."""
    text = np.array(["crm-000001", "crm-000002", "crm-000003"])
    swapped = text.astype(text.dtype.newbyteorder())
    for part in (text[::2], swapped[::2]):
        assert as_bytes(part).tolist() == [b"crm-000001", b"crm-000003"]
    assert as_text(as_bytes(text)[::2]).tolist() == ["crm-000001", "crm-000003"]


@given(st.lists(WORDS, min_size=1), st.text())
def test_an_id_hashes_alike_as_text_and_as_bytes(words: list[str], salt: str) -> None:
    text = np.array(words)
    np.testing.assert_array_equal(hash_unit(as_bytes(text), salt), hash_unit(text, salt))


@given(st.lists(NAMES, min_size=1), st.text())
def test_an_id_hashes_alike_whatever_stands_beside_it(names: list[str], salt: str) -> None:
    together = hash_unit(np.array(names), salt)
    alone = [hash_unit(np.array([name]), salt)[0] for name in names]
    np.testing.assert_array_equal(together, alone)
    assert ((together >= 0) & (together < 1)).all()


def test_hash_looks_uniform() -> None:
    # with a fresh salt a right program would fail with a chance of 0.1%
    ids = np.array([f"crm_update-{i:06d}" for i in range(50_000)])
    assert stats.kstest(hash_unit(ids, "audit"), "uniform").pvalue > ALARM
