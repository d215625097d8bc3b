"""What a report says it rests on, and what it lacks where the log does not tell."""

from __future__ import annotations

from collections.abc import Callable

import hitlsim as hs
from hitlsim.present.monthly import basis, desk, tables
from hitlsim.present.monthly.month import MonthReport, monthly
from hitlsim.present.picture import Note

Make = Callable[..., hs.DecisionLog]
STABLE = {"2026-08": (1000, 120, 20), "2026-09": (1000, 125, 22)}


def test_manager_time_says_what_it_lacks_where_the_log_does_not_tell(make_months: Make) -> None:
    stable = monthly(make_months(STABLE), "2026-09")
    note = desk.manager_week(stable)
    assert isinstance(note, Note)
    assert "manager_hours_per_week" in note.text
    assert stable.to_results()["manager_time"] is None


def test_a_simulation_lists_the_assumptions_it_rests_on(september: MonthReport) -> None:
    text = basis.assumptions(september).text
    assert "<summary>The 1" in text
    assert "workflows.lead_scoring.volume_per_week" in text
    assert "habits.typical.memory_reviews" in text, "defaults that the file leaves alone, too"


def test_a_log_that_does_not_say_what_it_rests_on_is_said_not_to(make_months: Make) -> None:
    record = {"scenario": "on-the-loop", "scenario_sha256": "of another day"}
    r = monthly(make_months(STABLE, record=record), "2026-09")
    assert "does not say what its numbers rest on" in basis.assumptions(r).text


def test_the_record_names_source_and_fingerprints(make_months: Make) -> None:
    record = {"source": "calls.csv", "sha256": "abc", "rows_read": 2001, "rows_used": 2000,
              "rows_rejected": 1}  # fmt: skip
    r = monthly(make_months(STABLE, record=record), "2026-09")
    text = basis.the_record(r).text
    assert all(word in text for word in ("calls.csv", "abc", "Rows rejected", "pandas"))
    assert any("1 of 2,001 rows" in w for w in r.warnings)


def test_a_month_in_which_nothing_is_named_has_no_sentence_about_reviews(make_months: Make) -> None:
    stable = monthly(make_months(STABLE), "2026-09")
    assert "Reviews" not in [s.topic for s in stable.sentences]
    assert "Not enough evidence on abdication" in tables.how_people_review(stable).text
