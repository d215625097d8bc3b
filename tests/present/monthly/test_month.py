"""The month in words and numbers: known answers, and logs that lack something."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.present.drawing import watch as watch_picture
from hitlsim.present.monthly import basis, desk, figures, tables, tradeoff
from hitlsim.present.monthly.month import MonthReport, last_full_month, monthly, write_results
from hitlsim.present.picture import Html, Note, Picture
from hitlsim.present.reporting.template import notebook_of
from hitlsim.present.tuning import picture as tuning_picture
from hitlsim.present.tuning import tables as tuning_tables

from ..conftest import log_of

Make = Callable[..., hs.DecisionLog]
STABLE = {"2026-08": (1000, 120, 20), "2026-09": (1000, 125, 22)}


@pytest.fixture(scope="module")
def stable() -> MonthReport:
    """A month like the one before."""
    return monthly(log_of(STABLE), "2026-09")


def every_part(r: MonthReport) -> str:
    """All that the notebook shows, as one text."""
    parts: list[Html | Note | Picture | None] = [
        tables.unsafe(r), tables.summary(r), tables.tiles(r), figures.exceptions_by_week(r),
        figures.exceptions_from(r), tradeoff.silent_errors(r), tuning_tables.what_to_change(r),
        tuning_picture.what_it_costs(r), watch_picture.what_changed(r), tables.what_changed(r),
        desk.desk_load(r), tables.how_people_review(r), desk.manager_week(r), tables.governance(r),
        tables.emails(r), tables.by_workflow(r), basis.assumptions(r), basis.glossary(),
        basis.the_record(r),
    ]  # fmt: skip
    return "\n".join(p._repr_html_() for p in parts if p is not None)


def shown() -> list[str]:
    """What the notebook shows, in its order."""
    notebook = nbformat.read(notebook_of("monthly"), as_version=4)
    calls = [c.source for c in notebook.cells if c.cell_type == "code"]
    return [c for c in calls if re.fullmatch(r"\w+\.\w+\((report)?\)", c)]


def test_every_part_of_the_notebook_is_tried_here() -> None:
    here = inspect.getsource(every_part)
    assert len(shown()) >= 16
    assert all(call.replace("(report)", "(r)") in here for call in shown())
    assert shown()[0] == "tables.unsafe(report)", "a warning comes before everything else"


def said(r: MonthReport, topic: str) -> str:
    return next(s.text for s in r.sentences if s.topic == topic)


def test_exceptions_and_silent_errors_are_those_counted_by_hand(stable: MonthReport) -> None:
    assert said(stable, "Exceptions").startswith(
        "Of 1,000 decisions the AI was allowed to take alone, 12.5% (10.5-14.7) went to a person, "
        "inside the 10-15% band. No clear change since August."
    )
    assert said(stable, "Silent errors") == (
        "22 bad decisions went out with nobody asked: 2.2% (1.4-3.3) of all the AI was allowed to "
        "take. No clear change since August."
    )
    assert stable.headline.endswith("about 22 bad decisions went out unseen.")


def test_simulated_months_agree_with_the_log_itself(
    reference_run: hs.Run, september: MonthReport
) -> None:
    frame = reference_run.log.month("2026-09").frame
    safe = frame["route"] != "gate"
    exceptions = int(frame.loc[safe, "exception"].sum())
    silent = int(((frame["route"] == "auto") & ~frame["true_ok"]).sum())
    assert september.get("exception_rate").value == exceptions / int(safe.sum())
    assert september.facts.truth == pytest.approx(silent)
    assert f"The simulation knows the truth: {silent:,}" in said(september, "Silent errors")
    assert september.sources["exceptions"].sum() == exceptions


def test_a_truth_outside_the_interval_is_explained(september: MonthReport) -> None:
    assert september.facts.unseen.low > (september.facts.truth or 0)
    assert "because lookers misjudge" in said(september, "Silent errors")


def test_silent_errors_that_rise_inside_the_band_come_first(make_months: Make) -> None:
    r = monthly(make_months({"2026-08": (1000, 120, 20), "2026-09": (1000, 120, 90)}), "2026-09")
    assert r.headline == (
        "Silent errors rose from 2.0% to 9.0% while the exception rate stayed inside its band: "
        "the band did not show it."
    )
    assert r.sentences[0].topic == "Silent errors"
    assert "before touching the bands" in said(r, "Next")
    assert "Find out first why silent errors rose" in tuning_tables.what_to_change(r).text


TWO_MONTHS = {"2026-06": (1000, 120, 20), "2026-07": (1000, 120, 22)}


def test_errors_that_are_worse_at_the_same_scores_are_told_with_their_chance(
    make_months: Make,
) -> None:
    later = {"2026-08": (1000, 120, 20), "2026-09": (1000, 120, 110)}
    r = monthly(make_months({**TWO_MONTHS, **later}), "2026-09")
    assert r.headline.startswith(
        "Silent errors rose from 2.0% to 11.0% while the exception rate stayed inside its band: "
        "the band did not show it. At the same scores the odds of being wrong are "
    )
    assert [s.topic for s in r.sentences[:3]] == ["Silent errors", "Exceptions", "What changed"]
    assert "Chance alone raises this chart once in" in said(r, "What changed")
    assert "let the AI do less alone" in said(r, "Next")
    assert "Find out first why silent errors rose" in tuning_tables.what_to_change(r).text
    alarms = {a["chart"]: a for a in r.to_results()["watch"]["alarms"] if a["ongoing"]}
    assert {"silent_errors", "calibration", "base_rate"} <= set(alarms)
    assert alarms["silent_errors"]["now"]["low"] > alarms["silent_errors"]["before"]["high"]


def test_errors_that_stay_high_are_not_forgotten_a_month_later(make_months: Make) -> None:
    later = {"2026-08": (1000, 120, 160), "2026-09": (1000, 120, 110)}
    r = monthly(make_months({**TWO_MONTHS, **later}), "2026-09")
    assert not r.facts.silent_change.up
    assert r.headline.startswith(
        "Silent errors fell, but are still above the baseline: 11.0%, not "
    )
    assert "the exception rate, inside its band, does not show it" in r.headline
    assert r.sentences[0].topic == "Silent errors"


def test_what_cannot_be_watched_is_said_with_what_would_do(make_months: Make) -> None:
    r = monthly(make_months({"2026-09": (800, 100, 20)}))
    assert r.watch is None
    note = watch_picture.what_changed(r)
    assert isinstance(note, Note)
    assert "9 weeks in all" in note.text
    assert "9 weeks in all" in r.to_results()["watch"]["missing"]
    assert tables.what_changed(r) is None


def test_the_banks_break_is_the_first_line_of_its_month(bank_calls: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "columns: {decision_id: call_id, decided_at: called_on, confidence: score}\n"
        'date_format: "%d/%m/%Y"\n'
        'ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}\n'
        "bands: {auto: 0.9, review: 0.7}\n"
    )
    log = hs.read_log(bank_calls, mapping=mapping)
    march, april = monthly(log, "2009-03"), monthly(log, "2009-04")
    assert march.headline.startswith(
        "The AI was right in 51.6% of its decisions, after 88.9% in February: silent errors rose "
        "from 8.2% to 36.4%"
    )
    assert "At the same scores the odds of being wrong are 9.1 times the usual" in march.headline
    assert "36.4% (30.6-42.6)" in march.sentences[0].text
    assert "the scores' distribution moves as much as it did" in said(march, "What changed")
    assert april.headline.startswith("Silent errors fell, but are still above the baseline: 10.6%")
    assert monthly(log, "2009-01").headline.startswith("Exceptions look about right at 11.6%")


def test_silent_errors_that_rise_within_chance_are_not_news(make_months: Make) -> None:
    r = monthly(make_months({"2026-08": (1000, 120, 20), "2026-09": (1000, 120, 27)}), "2026-09")
    assert r.sentences[0].topic == "Exceptions"
    assert "No clear change since August." in said(r, "Silent errors")


@pytest.mark.parametrize(
    ("exceptions", "words"),
    [(30, "below 5%: triggers too loose"), (70, "under the 10-15% band"),
     (175, "over the 10-15% band"), (300, "above 20%: people are still in the loop")],
)  # fmt: skip
def test_a_rate_outside_the_band_is_the_headline(
    make_months: Make, exceptions: int, words: str
) -> None:
    r = monthly(make_months({"2026-09": (1000, exceptions, 5)}), "2026-09")
    assert r.headline.startswith(f"Exceptions are off target at {exceptions / 10:.1f}%, {words}")
    assert said(r, "Next").startswith(("Let the AI act alone", "No", "Not enough"))


def test_a_band_of_ones_own_is_the_one_judged_against(make_months: Make) -> None:
    log = make_months({"2026-09": (2000, 60, 5)})
    r = monthly(log, "2026-09", exception_rate=(0.02, 0.04))
    assert "inside the 2-4% band" in said(r, "Exceptions")
    assert r.headline.startswith("Exceptions are where they should be")


def test_a_trigger_people_agree_with_is_named_as_worth_loosening(make_months: Make) -> None:
    log = make_months({"2026-09": (2000, 250, 40)})
    asked = log.frame["exception"]
    some = asked & (log.frame.groupby("exception").cumcount() % 2 == 0)
    log.frame.loc[some, ["reason", "reasons"]] = "deal_size"
    log.frame.loc[some, "verdict"] = "approve"
    r = monthly(log, "2026-09")
    assert "They agree most often on deal size: 0 of 125 changed." in said(r, "Overrides")
    assert said(r, "Next").endswith("consider loosening the trigger on deal size.")


def test_fewer_than_five_failures_give_no_point(make_months: Make) -> None:
    r = monthly(make_months({"2026-09": (400, 48, 3)}, inclusion=1.0), "2026-09")
    assert said(r, "Silent errors").startswith("Between ")
    assert "between" in r.headline
    assert any("Fewer than five" in w for w in r.warnings)
    assert "too few found for a point" in tables.tiles(r).text


def test_without_outcomes_silent_errors_are_unknown_and_a_remedy_is_named(
    make_months: Make,
) -> None:
    r = monthly(make_months(STABLE, ok=None), "2026-09")
    assert "is not known" in said(r, "Silent errors")
    assert "149 decisions that went alone" in said(r, "Next")
    assert isinstance(tradeoff.silent_errors(r), Note)
    words = re.sub(r"base64,[^\"]*", "", every_part(r))
    assert not re.search(r"\bnan\b", words, re.IGNORECASE)


def test_without_desk_columns_a_sentence_stands_where_the_figure_was(stable: MonthReport) -> None:
    note = desk.desk_load(stable)
    assert isinstance(note, Note)
    assert "wait_minutes and review_minutes would make it possible" in note.text
    assert said(stable, "Desk").startswith("Not known")


def test_a_log_with_one_workflow_and_one_month_stands_alone(make_months: Make) -> None:
    r = monthly(make_months({"2026-09": (800, 100, 20)}, workflow=None))
    assert r.previous is None
    assert "since" not in said(r, "Exceptions")
    assert "no earlier month to compare with" in tables.tiles(r).text
    assert r.workflows == ["all"]


def test_constant_scores_leave_no_threshold_to_choose(make_months: Make) -> None:
    r = monthly(make_months(STABLE, confidence=0.95), "2026-09")
    note = tradeoff.silent_errors(r)
    assert isinstance(note, Note)
    assert "no threshold to choose" in note.text
    assert r.recommendation is not None
    assert r.recommendation.status == "unattainable"


def test_a_log_of_gates_only_has_no_rate_and_no_recommendation(make_months: Make) -> None:
    log = make_months(STABLE, route="gate", exception=False, reason="gate", reasons="gate")
    r = monthly(log, "2026-09")
    assert r.headline.startswith("Every decision passes a gate")
    assert r.recommendation is None
    assert isinstance(figures.exceptions_by_week(r), Note)
    assert isinstance(figures.exceptions_from(r), Note)
    assert "there is no threshold to set" in every_part(r)


def test_assumed_bands_are_said_to_be_assumed(make_months: Make) -> None:
    log = make_months(STABLE, record={}, route=None, exception=None, reason=None, reasons=None)
    r = monthly(log, "2026-09")
    assert any("0.90 and 0.70 are assumed" in w for w in r.warnings)
    assert r.facts.threshold == 0.9


def test_outcomes_known_for_some_without_a_chance_are_warned_about(make_months: Make) -> None:
    log = make_months(STABLE)
    unseen = (log.frame["route"] == "auto") & (np.arange(len(log)) % 4 > 0)
    log.frame.loc[unseen, "ok"] = pd.NA
    r = monthly(log, "2026-09")
    assert any("taken for a sample by chance" in w for w in r.warnings)


def test_a_month_that_the_log_cuts_off_is_said_to_be_partial(reference_run: hs.Run) -> None:
    r = monthly(reference_run.log, "2026-10")
    assert (
        "The month is only partly covered: the log ends on 2026-10-25: no decision on 5 of 22 "
        "working days (26 to 30 October)."
    ) in r.warnings
    assert any(re.search(r"^\d+% of the looks", w) for w in r.warnings)
    assert "n = 3 weeks" in tables.tiles(r).text


def test_hours_of_less_than_two_weeks_count_days(reference_run: hs.Run) -> None:
    early = reference_run.log.frame["decided_at"] < pd.Timestamp("2026-10-09", tz="Europe/Berlin")
    log = hs.DecisionLog(reference_run.log.frame[early], reference_run.log.record)
    assert "n = 8 days" in tables.tiles(monthly(log, "2026-10")).text


def _without(log: hs.DecisionLog, *spans: tuple[str, str]) -> hs.DecisionLog:
    """A log from which some days, the last included, are lost."""
    day = log.frame["decided_at"].dt.strftime("%Y-%m-%d")
    lost = pd.concat([day.between(*span) for span in spans], axis=1).any(axis=1)
    return hs.DecisionLog(log.frame[~lost].reset_index(drop=True), log.record)


def test_a_hole_in_a_month_is_told_where_it_is_read(make_months: Make) -> None:
    log = _without(make_months(STABLE), ("2026-09-07", "2026-09-15"))
    r = monthly(log, "2026-09")
    (told,) = [w for w in r.warnings if "working days" in w]
    assert told.startswith("No decision on 9 of 30 working days (7 to 15 September): counts and")
    assert "hole, it cannot tell" in told
    covers = r.to_results()["covers"]
    assert (covers["whole"], covers["missing_days"]) == (False, 9)
    assert covers["gaps"] == [
        {"first_day": "2026-09-07", "last_day": "2026-09-15", "where": "inside",
         "working_days": 9}
    ]  # fmt: skip
    whole = r.weeks.set_index(r.weeks["monday"].dt.strftime("%m-%d"))["whole"]
    assert not whole["09-07"]
    assert not whole["09-14"]
    assert whole["09-21"]


def test_a_holiday_is_told_and_the_month_stays_whole(make_months: Make) -> None:
    r = monthly(_without(make_months(STABLE), ("2026-09-09", "2026-09-09")), "2026-09")
    assert (
        "No decision on 1 of 30 working days (9 September): closed, or lost on the way into the "
        "log?"
    ) in r.warnings
    assert r.facts.cover.whole


def test_a_month_is_not_compared_in_silence_with_an_empty_or_a_half_one(make_months: Make) -> None:
    three = make_months({"2026-07": (2000, 240, 60), **STABLE})
    empty = monthly(_without(three, ("2026-08-01", "2026-08-31")), "2026-09")
    assert empty.previous is None
    assert any(w.startswith("The log has no decision in August 2026") for w in empty.warnings)
    assert "no decision in August 2026 to compare with" in tables.tiles(empty).text
    half = monthly(_without(three, ("2026-08-04", "2026-08-20")), "2026-09")
    assert half.previous == "2026-08"
    assert (
        "August 2026, compared with, is covered in part only: no decision on 17 of 31 working "
        "days (4 to 20 August)."
    ) in half.warnings


def test_a_change_of_phase_is_not_passed_off_as_a_change(september: MonthReport) -> None:
    assert any("may come from the phase" in w for w in september.warnings)


def test_a_month_unlike_the_others_weakens_the_recommendation(make_months: Make) -> None:
    r = monthly(make_months({"2026-08": (4000, 480, 20), "2026-09": (500, 125, 5)}), "2026-09")
    assert any("unlike the log so far" in w for w in r.warnings)
    assert said(r, "Next").startswith("Find out what changed before moving the threshold")
    assert "Over all months: let the AI act alone" in tuning_tables.what_to_change(r).text


def test_the_last_full_month_is_one_the_log_covers_to_its_end(reference_run: hs.Run) -> None:
    log = reference_run.log
    assert last_full_month(log) == "2026-09"
    end = pd.Timestamp("2026-10-30", tz="Europe/Berlin")  # a Friday, the last weekday
    stretched = log.frame.assign(
        decided_at=log.frame["decided_at"].where(log.frame.index < len(log) - 1, end)
    )
    assert last_full_month(hs.DecisionLog(stretched, log.record)) == "2026-10"


def test_without_a_full_month_the_fullest_is_reported(make_months: Make) -> None:
    log = make_months({"2026-09": (300, 30, 5)})
    days = log.frame["decided_at"].dt.day
    assert last_full_month(log.between(*_days("2026-09-08", "2026-09-20"))) == "2026-09"
    assert days.max() == 30


def _days(start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC")


def test_a_month_without_decisions_is_refused_with_the_months_there_are(
    make_months: Make,
) -> None:
    log = make_months(STABLE)
    with pytest.raises(hs.LogError, match="it has 2026-08, 2026-09"):
        monthly(log, "2026-11")
    with pytest.raises(hs.LogError, match="no decisions in it"):
        monthly(log, "2026-09", previous="2026-01")
    with pytest.raises(hs.LogError, match="must be written like 2026-09"):
        monthly(log, "September")


def test_an_impossible_band_is_refused(make_months: Make) -> None:
    with pytest.raises(hs.LogError, match="no band"):
        monthly(make_months(STABLE), "2026-09", exception_rate=(0.2, 0.1))


def test_names_from_the_log_cannot_smuggle_html_into_the_page(make_months: Make) -> None:
    evil = "<script>alert(1)</script>"
    log = make_months(STABLE, workflow=evil)
    log.frame["reason"] = log.frame["reason"].where(~log.frame["exception"], evil)
    log.frame["phase"] = evil
    record: dict[str, Any] = {
        "source": evil,
        "scenario": evil,
        "bands": {"auto": 0.9, "review": 0.7, evil: 1},
    }
    shown = every_part(monthly(hs.DecisionLog(log.frame, record), "2026-09"))
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_reviewers_are_never_named(tmp_path: Path) -> None:
    log = hs.simulate(hs.load("outbound").with_(weeks=5), seed=7).log
    renamed = log.frame.assign(
        **{c: log.frame[c].cat.rename_categories(lambda n: f"Reviewer-{n}-Private")
           for c in ("reviewer", "looker")}
    )  # fmt: skip
    r = monthly(hs.DecisionLog(renamed, log.record), "2026-08")
    results = write_results(r, tmp_path / "results.json").read_text()
    assert "Private" not in every_part(r)
    assert "Private" not in results


def test_results_are_plain_json_and_the_same_every_time(
    reference_run: hs.Run, september: MonthReport, tmp_path: Path
) -> None:
    a = write_results(september, tmp_path / "a.json").read_bytes()
    b = write_results(monthly(reference_run.log, "2026-09"), tmp_path / "b.json").read_bytes()
    assert a == b
    found = json.loads(a, parse_constant=lambda name: pytest.fail(f"{name} in results.json"))
    assert list(found) == sorted(found)
    assert found["metrics"]["all"]["exception_rate"]["value"] == pytest.approx(0.1233, abs=1e-4)
    assert found["metrics"]["objection_reply"]["exception_rate"]["value"] is None


def test_what_must_never_go_alone_stands_in_red_at_the_top(
    make_months: Make, stable: MonthReport
) -> None:
    record: dict[str, Any] = {"bands": {"auto": 0.9, "review": 0.5}}
    record["unsafe_workflows"] = ["contract_terms: contract, pricing, procurement", "<b>"]
    box = tables.unsafe(monthly(make_months(STABLE, record=record), "2026-09"))
    assert box is not None
    assert "contract terms: contract, pricing" in box.text
    assert "&lt;b&gt;" in box.text
    assert "where a human must always decide" in box.text
    assert "var(--bad)" in box.text
    record["unsafe_workflows"] = []
    assert tables.unsafe(monthly(make_months(STABLE, record=record), "2026-09")) is None
    assert tables.unsafe(stable) is None


def test_what_governance_did_in_the_month_is_listed_and_nothing_else(
    make_months: Make, stable: MonthReport
) -> None:
    done = [
        {"date": "2026-08-30", "workflow": "all", "rule": "r", "what": "warned", "because": "old"},
        {"date": "2026-09-07", "workflow": "follow_up", "rule": "governance.pauses.spam",
         "what": "paused for 3 days", "because": "spam 9 of <500>"},
    ]  # fmt: skip
    record = {"governance": done, "bands": {"auto": 0.9, "review": 0.5}}
    r = monthly(make_months(STABLE, record=record), "2026-09")
    found = tables.governance(r)
    assert found is not None
    assert "paused for 3 days" in found.text
    assert "spam 9 of &lt;500&gt;" in found.text
    assert "old" not in found.text
    assert [row["date"] for row in r.to_results()["governance"]] == ["2026-09-07"]
    assert tables.governance(stable) is None


def test_a_log_without_emails_has_no_table_of_them(make_months: Make, stable: MonthReport) -> None:
    assert tables.emails(stable) is None
    log = make_months(STABLE, marked_spam=False)
    log.frame.loc[log.frame.index[::100], "marked_spam"] = True
    found = tables.emails(monthly(log, "2026-09"))
    assert found is not None
    assert "stop sending until the cause is found" in found.text
    assert "Bounced" not in found.text


def test_people_who_wave_things_through_are_the_headline_and_come_before_any_band(
    make_months: Make,
) -> None:
    log = make_months(STABLE, review_minutes=0.05)
    log.frame["verdict"] = log.frame["verdict"].where(log.frame["verdict"].isna(), "approve")
    r = monthly(log, "2026-09")
    assert r.headline.startswith("Most verdicts come from people who wave things through")
    assert "(abdication)" in said(r, "Reviews")
    assert said(r, "Next").startswith("Get people to read again before touching the bands")
    assert "Get people to read again first." in tuning_tables.what_to_change(r).text
    assert any("100% of the verdicts" in w for w in r.warnings)
    assert "Abdication at the desk" in tables.how_people_review(r).text


def test_hoarding_is_told_in_the_summary(make_months: Make) -> None:
    log = make_months({"2026-09": (1000, 500, 5)}, route="peek", exception=False)
    asked = log.frame["verdict"].notna()
    log.frame["route"] = np.where(asked, "peek", "auto")
    log.frame["verdict"] = log.frame["verdict"].where(~asked, "approve")
    r = monthly(log, "2026-09")
    assert "review what needs no review (hoarding)" in said(r, "Reviews")
