"""The quick way to read times gives what the slow one gives, and says the same of the rest."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading import fixed
from hitlsim.decisions.reading.cells import Writing, read_words

FORMS = ["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y%m%d", "%Y/%m/%d %H:%M",
         "%Y-%m-%d %H:%M:%S"]  # fmt: skip
ODD = ["", "31/02/2026", "soon", "1/2/2026", "30/09/2026x", " 30/09/2026", "2026-09-30",
       "00/00/0000", "29/02/2023 24:00", "23.05.2026 23:59:60",
       "30/09/0026", "٣٠/٠٩/٢٠٢٦"]  # fmt: skip


@given(st.data(), st.sampled_from(FORMS))
def test_the_detour_changes_nothing(data: st.DataObject, form: str) -> None:
    written = st.datetimes(pd.Timestamp("1960-01-01"), pd.Timestamp("2210-01-01")).map(
        lambda time: time.strftime(form)
    )
    words = pd.Series(data.draw(st.lists(st.one_of(written, st.sampled_from(ODD)))), dtype="str")
    column = COLUMNS[data.draw(st.sampled_from(["decided_at", "ok_at"]))]
    writing = Writing(zone=ZoneInfo("Europe/Berlin"))
    slow = read_words(words, column, writing._replace(date_format=form))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed, "_MANY", 0)
        quick = fixed.read_fixed(words, column, writing, form)
    pd.testing.assert_series_equal(quick.values, slow.values)
    np.testing.assert_array_equal(quick.doubtful, slow.doubtful)
    for i in range(len(words)):
        told = [[s.reason for s in reading.slips if s.which[i]] for reading in (quick, slow)]
        assert told[0] == told[1]


@pytest.mark.parametrize("form", ["%d %b %Y", "%d/%m/%y", "%m/%Y", "%d/%m/%Y %I:%M %p",
                                  "%d/%m/%Y %H", "%d/%m/%Y %z", "%d/%m/%d/%Y"])  # fmt: skip
def test_formats_without_fixed_places_are_left_to_the_slow_way(form: str) -> None:
    assert fixed.as_iso(pd.Series(["30/09/2026"]), form) is None
