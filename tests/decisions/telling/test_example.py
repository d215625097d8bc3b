from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.columns import COLUMNS, Column, DType
from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.telling.example import NOTE, example_of, known_of, proposal
from hitlsim.decisions.telling.gates import State, diff, gate_steps
from hitlsim.decisions.telling.templates import KIND_WORDS, KINDS, Kind
from hitlsim.decisions.telling.trail import story

EMAILS = ("draft_email", "send_follow_up", "propose_meeting", "draft_reply", "enrol_sequence")
RECORDS = ("write_crm", "enrich_contact", "source_contact", "merge_duplicates", "change_stage",
           "delete_record")  # fmt: skip
NOTES = ("score_lead", "route_lead", "raise_alert", "triage_reply", "research_account", "hum")
ACTIONS = (*EMAILS, *RECORDS, *NOTES)
SIGNALS = ("negative_sentiment", "first_time", "conflicting", "ethical", "our_own")
AT = pd.Timestamp("2026-09-01 09:00", tz="Europe/Berlin")


def after(minutes: float) -> pd.Timestamp:
    return AT + pd.Timedelta(minutes=minutes)


def row(action: str = "draft_email", **more: Any) -> dict[str, Any]:
    return {"decision_id": "d1", "action": action, "decided_at": AT, "true_ok": True, **more}


def marked(told: dict[str, Any], mark: str) -> list[str]:
    return [line for m, line in diff(told) if m == mark]


def ids() -> st.SearchStrategy[str]:
    return st.text(max_size=12)


# --- known answers: examples ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"action": "draft_email"}, "first touch"),
        ({"action": "enrol_sequence", "channel": "email"}, "first touch"),
        ({"action": "send_follow_up"}, "follow-up"),
        ({"action": "propose_meeting", "channel": "calendar"}, "meeting"),
        ({"action": "draft_reply"}, "reply"),
        ({"action": "triage_reply", "channel": "email"}, "triage"),
        ({"action": "merge_duplicates"}, "merge"),
        ({"action": "update_stage"}, "stage"),
        ({"action": "decide", "workflow": "objection_reply"}, "reply"),
        ({"action": "decide", "workflow": "x", "channel": "email"}, "first touch"),
        ({"workflow": "bank_calls"}, "other"),
        ({}, "other"),
    ],
)
def test_an_action_looks_like_its_kind_of_work(known: dict[str, str], kind: str) -> None:
    assert proposal(known).kind == kind


def test_an_email_looks_like_one_and_says_that_it_is_an_example() -> None:
    draft = proposal(row("send_follow_up"))
    assert draft.lines[0].startswith("Subject: ")
    assert draft.note == NOTE
    assert "example" in NOTE
    assert "invented" in NOTE


def test_a_change_of_a_record_shows_what_was_and_what_is_proposed() -> None:
    assert any(" -> " in line for line in proposal(row("change_stage")).lines)
    assert not any(" -> " in line for line in proposal(row("route_lead")).lines)


def test_only_what_is_known_to_be_wrong_has_a_fault() -> None:
    assert proposal(row(true_ok=False)).fault
    assert proposal({"decision_id": "d1", "ok": False}).fault, "observed"
    assert proposal(row(true_ok=False, ok=True)).fault, "the truth counts more than what was seen"
    assert not proposal(row(true_ok=True, ok=False)).fault
    assert not proposal({"decision_id": "d1", "ok": pd.NA}).fault, "nobody knows"


def test_signals_are_told_in_words() -> None:
    signals = proposal(row(signals="negative_sentiment+our_own")).signals
    assert signals == ("negative sentiment: the last message was annoyed", "our own: seen")


def test_only_somebody_annoyed_gets_the_wrong_tone() -> None:
    faults = {
        signal: {
            proposal(row(decision_id=f"d{i}", true_ok=False, signals=signal)).fault
            for i in range(200)
        }
        for signal in ("", "negative_sentiment")
    }
    tone = "sounds cheerful to somebody who is annoyed"
    assert tone in faults["negative_sentiment"]
    assert tone not in faults[""]


@pytest.mark.parametrize("action", ACTIONS)
def test_examples_do_not_get_dull(action: str) -> None:
    drafts = [proposal(row(action, decision_id=f"d{i}", true_ok=False)) for i in range(300)]
    labels = {tuple(line.partition(":")[0] for line in draft.lines) for draft in drafts}
    texts = {draft.lines[2] for draft in drafts} if action in EMAILS else labels
    assert len(texts) >= 3, "variants of the template"
    assert len({draft.lines for draft in drafts}) > 120, "names and companies"
    assert len({tuple(draft.fault.split()[:3]) for draft in drafts}) >= 2


# --- known answers: what was changed -------------------------------------------------------------


def test_an_edit_puts_right_what_was_wrong_and_nothing_else() -> None:
    told = row(true_ok=False, verdict="edit")
    draft = proposal(told)
    assert marked(told, "-") == [line for line in draft.lines if line not in draft.mended]
    assert marked(told, "+") == [line for line in draft.mended if line not in draft.lines]


def test_a_needless_edit_changes_the_wording_only() -> None:
    told = row("draft_email", verdict="edit")
    out, put = marked(told, "-"), marked(told, "+")
    assert [line.split()[-1] for line in out] == [line.split()[-1] for line in put]
    assert put[0].startswith("Hi ")
    assert put[1].startswith("Kind regards, ")


def test_a_redraft_is_compared_with_the_first_draft() -> None:
    told = row(true_ok=False, verdict="reject", redrafted=True, final_verdict="approve")
    draft = proposal(told)
    assert marked(told, "+") == [line for line in draft.mended if line not in draft.lines]
    wrong_again = marked({**told, "true_bad_out": True}, "+")
    assert wrong_again
    assert wrong_again != marked(told, "+")
    edited = diff({**told, "final_verdict": "edit"})
    assert (" ", "[the redraft, then as edited]") in edited


def test_what_is_done_by_hand_is_not_made_up() -> None:
    told = diff(row(by_hand=True, executed_at=AT))
    assert told[0] == (" ", "[by hand, without the AI's draft]")
    assert told[-1] == ("+", "(what a person makes of it by hand is not logged)")


def test_a_rollback_brings_a_record_back_as_it_was() -> None:
    told = row("write_crm", executed_at=AT, rolled_back=True)
    half = len(marked(told, "-")) // 2
    assert marked(told, "-")[:half] == marked(told, "+")[half:], "was there before, and is again"
    assert (" ", "[rolled back]") in diff(told)
    assert diff(row("score_lead", rolled_back=True))[-1] == ("+", "(undone)")


# --- known answers: gates ------------------------------------------------------------------------

NOTHING_YET = dict.fromkeys(
    ("queued_at", "escalated_at", "started_at", "ended_at", "verdict", "final_verdict",
     "executed_at"),
)  # fmt: skip
QUEUED = {**NOTHING_YET, "gate": "send", "decided_at": AT, "agent": "herald", "queued_at": AT,
          "pool": "sdr-desk"}  # fmt: skip
READ = {**QUEUED, "started_at": after(5), "ended_at": after(6), "reviewer": "ana"}


def states(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step.name, str(step.state)) for step in gate_steps(told)]


def test_a_gate_shows_when_and_by_whom() -> None:
    told = {**READ, "verdict": "edit", "executed_at": after(7)}
    assert [(s.name, s.at, s.who, s.note) for s in gate_steps(told)] == [
        ("draft", AT, "herald", ""),
        ("queue", AT, "sdr-desk", ""),
        ("review", after(5), "ana", ""),
        ("approve or deny", after(6), "ana", "after an edit"),
        ("send", after(7), "", ""),
    ]
    assert {s.state for s in gate_steps(told)} == {State.DONE}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (QUEUED, ["done", "done", "waiting", "not reached", "not reached"]),
        (READ, ["done", "done", "done", "waiting", "not reached"]),
        ({**READ, "verdict": "approve"}, ["done", "done", "done", "done", "waiting"]),
        ({**READ, "verdict": "reject"}, ["done", "done", "done", "refused", "not reached"]),
        (
            {**READ, "verdict": "approve", "skipped": True},
            ["done", "done", "done", "done", "not reached"],
        ),
        (
            {**QUEUED, "queued_at": None, "verdict": "approve", "executed_at": AT},
            ["done", "not logged", "not logged", "done", "done"],
        ),
        (
            {**READ, "by_hand": True, "executed_at": AT},
            ["done", "done", "done", "not reached", "done"],
        ),
        (
            {"gate": "send", "verdict": "approve"},
            ["not logged", "not logged", "not logged", "done", "not logged"],
        ),
    ],
)
def test_a_step_says_only_what_the_log_says(told: dict[str, Any], expected: list[str]) -> None:
    assert [state for _, state in states(told)] == expected


def test_a_redraft_has_a_verdict_of_its_own() -> None:
    told = {**READ, "verdict": "reject", "redrafted": True}
    assert states(told)[3:] == [
        ("approve or deny", "refused"),
        ("redraft", "done"),
        ("verdict on the redraft", "waiting"),
        ("send", "not reached"),
    ]
    assert states({**told, "final_verdict": "reject"})[-2:] == [
        ("verdict on the redraft", "refused"),
        ("send", "not reached"),
    ]


def test_an_escalation_comes_before_the_work() -> None:
    names = [name for name, _ in states({**QUEUED, "escalated_at": after(1440)})]
    assert names == ["draft", "queue", "escalation", "review", "approve or deny", "send"]
    told = {**NOTHING_YET, "gate": "clean-up", "decided_at": AT, "escalated_at": after(1440)}
    assert [name for name, _ in states(told)][1:3] == ["escalation", "approval"]


@pytest.mark.parametrize(
    ("gate", "more", "last"),
    [
        ("clean-up", {"executed_at": AT}, ("rollback available", "not logged")),
        ("clean-up", {"executed_at": AT, "reversible": True}, ("rollback available", "done")),
        ("clean-up", {"executed_at": AT, "reversible": False}, ("rollback available", "refused")),
        ("clean-up", {"executed_at": AT, "rolled_back": True}, ("rollback available", "done")),
        ("clean-up", {"executed_at": None}, ("rollback available", "not reached")),
        ("stage-change", {"executed_at": AT}, ("reversible", "not logged")),
        ("crm-sync", {"executed_at": AT}, ("audit log", "done")),
        ("crm-sync", {"executed_at": None}, ("audit log", "not reached")),
        ("crm-sync", {}, ("audit log", "not logged")),
        ("our own gate", {"executed_at": AT}, ("execute", "done")),
    ],
)
def test_a_gate_ends_as_the_log_says(
    gate: str, more: dict[str, Any], last: tuple[str, str]
) -> None:
    assert states({"gate": gate, "decided_at": AT, "verdict": "approve", **more})[-1] == last


def test_what_passes_no_gate_has_no_steps() -> None:
    assert gate_steps({"decision_id": "d1", "verdict": "approve"}) == ()
    assert gate_steps({"gate": None}) == ()


# --- properties ----------------------------------------------------------------------------------


@given(ids(), st.sampled_from(ACTIONS), st.booleans(), st.sets(st.sampled_from(SIGNALS)))
def test_the_same_id_gives_the_same_example_and_only_a_wrong_one_a_fault(
    id_: str, action: str, ok: bool, signals: set[str]
) -> None:
    told = row(action, decision_id=id_, true_ok=ok, signals="+".join(sorted(signals)))
    draft = proposal(told)
    assert draft == proposal(dict(reversed(told.items())))
    assert bool(draft.fault) == (draft.lines != draft.mended) == (not ok)
    assert draft.kind == proposal({**told, "true_ok": not ok}).kind
    assert not any("{" in text for text in (draft.fault, *draft.lines, *draft.context))
    if action in EMAILS:
        assert 60 <= sum(len(line.split()) for line in draft.lines[1:]) <= 120


@given(ids(), st.sampled_from((*EMAILS, *NOTES)), st.booleans())
def test_what_was_approved_went_out_unchanged(id_: str, action: str, ok: bool) -> None:
    assert diff(row(action, decision_id=id_, true_ok=ok, verdict="approve")) == ()


@given(ids(), st.sampled_from(RECORDS), st.booleans())
def test_an_approved_change_of_a_record_is_its_preview(id_: str, action: str, ok: bool) -> None:
    told = row(action, decision_id=id_, true_ok=ok, verdict="approve")
    changed = [line.partition(": ")[2] for line in proposal(told).lines if " -> " in line]
    assert [line.partition(": ")[2] for line in marked(told, "+")] == [
        value.partition(" -> ")[2] for value in changed
    ]


@given(ids(), st.sampled_from(ACTIONS), st.booleans(), st.sampled_from(("edit", "reject")))
def test_an_edit_or_a_redraft_always_changes_something(
    id_: str, action: str, ok: bool, verdict: str
) -> None:
    told = row(action, decision_id=id_, true_ok=ok, verdict=verdict, redrafted=verdict == "reject")
    for more in ({}, {"true_bad_out": True}, {"final_verdict": "edit"}):
        heading = "[as proposed, then as edited]" if verdict == "edit" else "[the first draft, then"
        lines = diff({**told, **more})
        assert any(line.startswith(heading) for _, line in lines)
        assert marked({**told, **more}, "+")
        assert not any("{" in line for _, line in lines)


def any_row() -> st.SearchStrategy[dict[str, Any]]:
    """Any row of a log, each column with an allowed value, null or absent."""
    kinds: dict[DType, st.SearchStrategy[Any]] = {
        DType.YES_NO: st.booleans(),
        DType.NUMBER: st.floats(0, 1),
        DType.WHOLE: st.integers(1, 9),
        DType.TIME: st.integers(0, 10_000).map(after),
    }
    named: dict[str, st.SearchStrategy[Any]] = {
        "action": st.sampled_from(ACTIONS),
        "channel": st.sampled_from(("email", "crm", "calendar")),
        "gate": st.sampled_from(("send", "crm-sync", "clean-up", "stage-change", "other")),
        "signals": st.sets(st.sampled_from(SIGNALS)).map("+".join),
    }

    def of(c: Column) -> st.SearchStrategy[Any]:
        if c.name in named:
            return named[c.name]
        free = st.text("ab +;<\u00e9\n", max_size=30)
        return st.sampled_from(c.values) if c.values else kinds.get(c.dtype, free)

    values = {name: of(column) for name, column in COLUMNS.items()}
    required = {c.name: values[c.name] for c in COLUMNS.values() if c.required}
    optional = {name: st.none() | v for name, v in values.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


@given(any_row())
def test_any_row_has_a_story_that_fits_the_page(told: dict[str, Any]) -> None:
    log = DecisionLog(pd.DataFrame([told]), {"currency": "EUR"})
    for example in (None, True, False):
        it = story(log, told["decision_id"], example=example)
        assert all(len(line) <= 110 for line in str(it).splitlines())
        assert all(mark in (" ", "-", "+") for mark, _ in it.diff)
        assert "<\u00e9" not in it._repr_html_()


@given(any_row())
def test_steps_of_a_gate_never_wait_for_the_past(told: dict[str, Any]) -> None:
    steps = [step.state for step in gate_steps(told)]
    open_ = [i for i, state in enumerate(steps) if state is State.WAITING]
    ended = [i for i, state in enumerate(steps) if state in (State.DONE, State.REFUSED)]
    assert len(open_) <= 1, "one thing is waited for"
    assert not open_ or not ended or open_[0] > ended[-1], "and nothing happened after it"


# --- known answers: what lies beside a draft -----------------------------------------------------

TOLD_BY = {
    "employer": "company", "mail": "company", "score": "touch", "sum": "surname", "tone": "",
    "evidence": "logged", "next_stage": "evidence", "close": "day", "writer": "name",
    "city": "territory", "label": "said",
}  # fmt: skip
"""Facts that are told by another one: who works there has its address, who skips a stage lacks its
evidence. What the tone should be, the signal tells."""


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("signals", ["", "negative_sentiment+first_time+conflicting+ethical"])
def test_what_a_fault_changes_can_be_looked_up_beside_the_draft(kind: Kind, signals: str) -> None:
    """Else a trainee could only guess."""
    action = next(w for name, words in KIND_WORDS.items() if name == kind.name for w in words)
    found = set()
    for i in range(100):
        told = row(action, decision_id=f"d{i}", true_ok=False, signals=signals)
        draft, item = proposal(told), example_of(known_of(told))
        assert draft.kind == kind.name
        beside = "\n".join((*draft.context, *draft.account, *draft.history, *draft.signals))
        fault = item.fault
        found.add(fault.name)
        for name in (*fault.wrong, *fault.seen):
            source = name if name in fault.seen else TOLD_BY.get(name, name)
            fact = re.sub(r"\byour\b", "their", item.facts[source]) if source else ""
            assert fact in beside, (fault.name, name)
        if fault.signal:
            assert fault.signal.replace("_", " ") in beside
        assert draft.fault
    assert len(found) >= 2


@pytest.mark.parametrize("action", ACTIONS)
def test_title_and_account_are_the_same_whether_right_or_wrong(action: str) -> None:
    for i in range(100):
        right, wrong = (
            proposal(row(action, decision_id=f"d{i}", true_ok=ok)) for ok in (True, False)
        )
        assert (right.title, right.account, right.history, right.signals) == (
            wrong.title, wrong.account, wrong.history, wrong.signals,
        )  # fmt: skip
        assert "\n" not in right.title
        assert right.title[0].isupper()


def test_only_a_message_speaks_to_the_contact() -> None:
    drafts = [proposal(row("score_lead", decision_id=f"d{i}")) for i in range(50)]
    assert not any("your" in line for d in drafts for line in (*d.lines, *d.history))
    assert any("their" in line for d in drafts for line in d.lines)
    mails = [proposal(row("send_follow_up", decision_id=f"d{i}")) for i in range(50)]
    assert any("your" in line for d in mails for line in d.lines)
    assert not any(line.startswith("Last touch: your") for d in mails for line in d.history)


@pytest.mark.parametrize(
    ("action", "kind"),
    [("sort_message", "triage"), ("rank_accounts", "score"), ("hand_over", "route"),
     ("flag_health", "alert"), ("send_recap", "follow-up"), ("send_reminder", "follow-up")],
)  # fmt: skip
def test_actions_of_the_scenarios_that_ship_look_like_what_they_are(action: str, kind: str) -> None:
    assert proposal({"action": action, "channel": "email"}).kind == kind


def test_a_first_email_follows_nothing() -> None:
    draft = proposal(row("draft_email"))
    assert draft.history[0] == "Last touch: none from us yet"
    assert proposal(row("draft_reply")).history[0].startswith("Last touch: ")
