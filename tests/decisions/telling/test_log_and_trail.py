from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.log import from_parquet, month_span

# --- known answers -------------------------------------------------------------------------------


def test_a_simulated_log_has_exactly_the_declared_columns_in_order(reference_run: hs.Run) -> None:
    assert list(reference_run.log.frame) == [c.name for c in COLUMNS.values() if c.simulated]


def test_values_stay_inside_their_declared_ranges(reference_run: hs.Run) -> None:
    for name in reference_run.log.frame:
        column = COLUMNS[name]
        values = reference_run.log.frame[name]
        if column.low is not None:
            assert values.min() >= column.low, name
        if column.high is not None:
            assert values.max() <= column.high, name
        if column.values:
            assert set(values.dropna().unique()) <= set(column.values), name
        if column.required:
            assert values.notna().all(), name


def test_parquet_keeps_the_log_and_its_record(reference_run: hs.Run, tmp_path: Path) -> None:
    log = reference_run.log
    back = from_parquet(log.to_parquet(tmp_path / "log.parquet"))
    pd.testing.assert_frame_equal(back.frame, log.frame)
    assert back.record == log.record


def test_a_month_ends_where_the_next_one_begins(reference_run: hs.Run) -> None:
    log = reference_run.log
    assert log.months() == ["2026-08", "2026-09", "2026-10"]
    assert sum(len(log.month(m)) for m in log.months()) == len(log)
    start, end = month_span("2026-10", "Europe/Berlin")
    assert (start.utcoffset().total_seconds(), end.utcoffset().total_seconds()) == (7200, 3600)


def test_a_story_tells_the_whole_way_of_a_decision(reference_run: hs.Run) -> None:
    f = reference_run.log.frame
    redrafted = f[f["redrafted"] & (f["final_verdict"] == "approve")].iloc[0]
    told = str(reference_run.story(redrafted["decision_id"]))
    assert f"{redrafted['reviewer']} took it" in told
    assert "said reject" in told
    assert "the redraft: approve" in told
    rolled = f[f["rolled_back"]].iloc[0]
    assert "rolled back" in str(reference_run.story(rolled["decision_id"]))


def test_a_story_from_a_real_log_leaves_out_what_is_not_known(reference_run: hs.Run) -> None:
    log = reference_run.log
    bare = hs.DecisionLog(log.frame[["decision_id", "decided_at", "confidence"]])
    told = str(hs.story(bare, str(log.frame["decision_id"].iloc[0])))
    assert "sure" in told
    assert "truth" not in told


def test_a_story_in_a_notebook_escapes_what_a_log_says(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame.head(1).assign(workflow="<script>alert(1)</script>")
    html = hs.story(hs.DecisionLog(frame), str(frame["decision_id"].iloc[0]))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


MakeLog = Callable[..., hs.DecisionLog]
AT = pd.Timestamp("2026-09-01 09:00", tz="Europe/Berlin")


def told(make_log: MakeLog, **columns: Any) -> dict[str, str]:
    """What a story says, by group, of one decision with these columns."""
    log = make_log({"currency": "EUR"}, **{name: [value] for name, value in columns.items()})
    return {str(group): text for group, text in hs.story(log, "d0").sentences}


def later(hours: float) -> pd.Timestamp:
    return AT + pd.Timedelta(hours=hours)


def test_a_story_says_what_the_ai_saw(make_log: MakeLog) -> None:
    saw = told(make_log, workflow="objection_reply", deal_size=5000.0, sources="crm_record+thread")
    assert saw["saw"] == (
        "an objection_reply decision; behind it a deal of 5,000 EUR; made from: crm record, thread"
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"route": "auto"}, "so it went alone"),
        ({"route": "review", "reasons": "ethical+medium_band"}, "review (ethical, medium_band)"),
        ({"route": "gate", "gate": "send"}, "and its send gate asked a person"),
        ({"route": "gate", "gate": None}, "and its gate asked a person"),
        ({"route": "peek"}, "and it could have gone alone, but was pulled for a look"),
        ({"route": "manual"}, "but its workflow was paused or switched off"),
    ],
)
def test_a_story_says_where_a_decision_went(
    make_log: MakeLog, columns: dict[str, Any], words: str
) -> None:
    assert words in told(make_log, **columns)["concluded"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"queued_at": AT, "verdict": None, "pool": "sdr"}, "waits for the sdr since Tue"),
        (
            {"queued_at": AT, "verdict": None, "by_hand": True},
            "waits for the desk to do it by hand",
        ),
        ({"started_at": AT, "reviewer": "ana"}, "ana took it and has not ended"),
        (
            {"by_hand": True, "executed_at": AT, "reviewer": "ana", "review_minutes": 40.0},
            "ana took it and did it in 40.0 min by hand, without the AI's draft; went out",
        ),
        ({"escalated_at": AT}, "passed on Tue 2026-09-01 09:00:00 to those who answer for it"),
        ({"due_at": AT, "started_at": later(1)}, "that was begun 1.0 h late, a breach"),
        ({"verdict": "reject", "by_hand": True}, "said reject; it was done by hand"),
        (
            {"due_at": later(2), "escalated_at": later(1), "started_at": later(4.5)},
            "due Tue 2026-09-01 11:00:00; a person took it and has not ended; that was begun 2.5 h",
        ),
        ({"verdict": "approve", "skipped": True}, "came too late for its step"),
        ({"verdict": "reject", "executed_at": pd.NaT}, "did not go out"),
        ({"verdict": "approve", "executed_at": pd.NaT}, "has not gone out"),
        ({"look": "batch", "look_verdict": "approve", "bulk": True}, "(batch, in bulk) and said"),
        ({"look": "audit"}, "picked for a look (audit) that has not happened"),
    ],
)
def test_a_story_says_what_people_did(
    make_log: MakeLog, columns: dict[str, Any], words: str
) -> None:
    assert words in told(make_log, **columns)["did"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"bounced": True}, "nobody saw whether it was right; it bounced"),
        ({"ok": True, "replied": True, "positive": False}, "seen as right; it was answered"),
        (
            {"replied": True, "positive": True, "meeting": True, "no_show": True},
            "it was answered with interest; a meeting was agreed; nobody came to it",
        ),
        ({"marked_spam": True, "opted_out": True}, "marked as spam; the receiver opted out"),
        ({"delay_cost": 1234.4}, "by waiting, about 1,234 EUR lost in expectation"),
    ],
)
def test_a_story_says_what_came_of_it(
    make_log: MakeLog, columns: dict[str, Any], words: str
) -> None:
    assert words in told(make_log, **columns)["came of it"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"true_bad_out": True, "true_harm": 900.0}, "what went out was wrong and cost 900 EUR"),
        (
            {"verdict": "approve", "true_inspected": False},
            "the reviewer waved it through unread",
        ),
        ({"verdict": "edit", "true_inspected": True}, "the reviewer read it"),
        ({"verdict": "edit", "true_inspected": False}, "the reviewer judged it unread"),
        ({"true_look_inspected": False}, "the looker did not read it"),
    ],
)
def test_a_story_from_a_simulation_ends_with_the_truth(
    make_log: MakeLog, columns: dict[str, Any], words: str
) -> None:
    assert words in told(make_log, true_ok=True, **columns)["truth"]


def test_a_story_says_nothing_of_what_did_not_happen(make_log: MakeLog) -> None:
    no = dict.fromkeys(("by_hand", "skipped", "bulk", "bounced", "replied", "no_show"), False)
    none = dict.fromkeys(("sources", "gate", "due_at", "escalated_at", "delay_cost", "true_harm"))
    assert told(make_log, **no, **none) == told(make_log, deal_size=None)


def test_only_the_truth_names_the_fault_of_an_example(make_log: MakeLog) -> None:
    log = make_log(action=["route_lead"], route=["auto"], true_ok=[False], verdict=["approve"])
    right = make_log(action=["route_lead"], route=["auto"], true_ok=[True], verdict=["approve"])
    wrong_told, right_told = hs.story(log, "d0"), hs.story(right, "d0")
    assert wrong_told.sentences[:-1] == right_told.sentences[:-1]
    assert wrong_told.diff == right_told.diff == ()
    assert "in the example, it " in wrong_told.sentences[-1][1]


def test_a_story_shows_the_gate_and_what_was_changed_below_what_was_done(
    make_log: MakeLog,
) -> None:
    log = make_log(
        action=["draft_email"], gate=["send"], verdict=["edit"], reviewer=["ana"],
        executed_at=[AT], true_ok=[False],
    )  # fmt: skip
    text = str(hs.story(log, "d0"))
    parts = ("did ", "steps of its gate:", "approve or deny", "what was changed (an example",
             "[as proposed, then as edited]", "- ", "+ ", "came of it", "truth")  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_notebook_shows_changes_in_words_and_not_by_colour_alone(make_log: MakeLog) -> None:
    log = make_log(
        action=["decide <b>"], gate=["send"], agent=["<i>bot"], verdict=["edit"], true_ok=[False]
    )
    html = hs.story(log, "d0")._repr_html_()
    assert '<th scope="row">- taken out</th><td><del>' in html
    assert '<th scope="row">+ put in</th><td><ins>' in html
    assert "<caption>Steps of its gate</caption>" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_real_message_is_not_made_up_unless_asked_for(make_log: MakeLog) -> None:
    log = make_log(action=["draft_email"], verdict=["edit"], ok=[False])
    assert hs.story(log, "d0").diff == ()
    shown = hs.story(log, "d0", example=True)
    assert shown.diff
    assert "an example made from templates" in str(shown)
    assert "truth" not in str(shown)


# --- errors --------------------------------------------------------------------------------------


def test_an_unknown_decision_is_refused_with_near_matches(reference_run: hs.Run) -> None:
    with pytest.raises(hs.LogError, match=r"'crm_updat-000001' is not in the log; did you mean"):
        reference_run.story("crm_updat-000001")


@pytest.mark.parametrize("month", ["2026-9", "September", "2026-13", "2026-09-01", ""])
def test_a_month_written_otherwise_is_refused(reference_run: hs.Run, month: str) -> None:
    with pytest.raises(hs.LogError, match="must be written like 2026-09"):
        reference_run.log.month(month)


def test_a_month_without_decisions_is_refused_and_the_months_there_are_named(
    reference_run: hs.Run,
) -> None:
    with pytest.raises(hs.LogError, match="it has 2026-08, 2026-09, 2026-10"):
        reference_run.log.month("2026-07")


def test_a_failed_write_leaves_the_last_good_file(
    reference_run: hs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("the last good one")

    def fails(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fails)
    with pytest.raises(OSError, match="disk full"):
        reference_run.log.to_csv(path)
    assert path.read_text() == "the last good one"
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]
