"""Each scenario that ships tells what its header promises: with figures, and their intervals.

Seeds are fixed, so nothing here fails by chance; that a story is no accident of one seed is tested
where it says so, on three. ``above`` and ``below`` mean that the 95% intervals do not overlap.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.decisions.diagnosis import ABDICATION, HOARDING, diagnose
from hitlsim.decisions.intervals import Estimate, clopper_pearson
from hitlsim.scenario.files import read_yaml
from hitlsim.scenario.framework import looser_choices
from hitlsim.scenario.governs import beyond_the_end

VARIATIONS = ("abdication", "drift", "hoarding", "understaffed")
SHIPPED = ("enterprise-follow-up", "inbox", "on-the-loop", "operator", "outbound", *VARIATIONS)
AUGUST, SEPTEMBER, OCTOBER = "2026-08", "2026-09", "2026-10"
OTHER_SEEDS = (8, 9)
BAND = (0.10, 0.15)
_MARK = re.compile(r"#\s*\([ABCS?]\)")


class Told(NamedTuple):
    """A run, its log with the month of each decision, and its scorecard by month."""

    run: hs.Run
    log: pd.DataFrame
    card: hs.Scorecard

    def __call__(self, metric: str, month: str, workflow: str = "all") -> Estimate:
        return self.card.get(metric, period=month, workflow=workflow)


Tell = Callable[..., Told]


@pytest.fixture(scope="session")
def tell(reference_run: hs.Run) -> Tell:
    """A shipped scenario, simulated once with seed 7."""

    @cache
    def told(name: str) -> Told:
        reference = name == "on-the-loop"
        run = reference_run if reference else hs.simulate(hs.load(name), seed=7)
        return Told(run, _with_month(run), run.scorecard(by="month"))

    return told


@pytest.fixture(scope="session")
def log_of() -> Callable[[str, int, int], pd.DataFrame]:
    """The log of a shipped scenario with another seed and as many weeks."""

    @cache
    def log(name: str, seed: int, weeks: int) -> pd.DataFrame:
        return _with_month(hs.simulate(hs.load(name).with_(weeks=weeks), seed=seed))

    return log


def _with_month(run: hs.Run) -> pd.DataFrame:
    frame = run.log.frame
    return frame.assign(month=frame["decided_at"].dt.strftime("%Y-%m"))


def _share(these: pd.Series, among: pd.Series) -> Estimate:
    return clopper_pearson(int((these & among).sum()), int(among.sum()))


def _in(log: pd.DataFrame, month: str) -> pd.DataFrame:
    return log[log["month"] == month]


def _bad_alone(log: pd.DataFrame) -> Estimate:
    """True silent errors among what went alone."""
    return _share(~log["true_ok"], log["route"] == "auto")


def _bad_out(log: pd.DataFrame) -> Estimate:
    """Of all that went out, the share that was wrong."""
    return _share(log["true_bad_out"], log["executed_at"].notna())


def _let_out(log: pd.DataFrame) -> Estimate:
    """Of the AI's mistakes, the share that went out, approved or alone."""
    return _share(log["true_bad_out"], ~log["true_ok"])


def _passed(log: pd.DataFrame) -> Estimate:
    """Of the wrong drafts that somebody judged before they went out, the share approved."""
    return _share(log["verdict"] == "approve", log["verdict"].notna() & ~log["true_ok"])


def _read(log: pd.DataFrame) -> Estimate:
    """Of what was judged before it went out, the share really read."""
    return _share(log["true_inspected"].fillna(value=False), log["verdict"].notna())


def _overridden(log: pd.DataFrame) -> Estimate:
    verdict = log["verdict"].astype("object").fillna(log["look_verdict"].astype("object"))
    return _share(verdict != "approve", log["exception"] & verdict.notna())


def _found(log: pd.DataFrame) -> Estimate:
    """Of the silent errors that somebody looked at, the share found."""
    looked = (log["route"] == "auto") & log["look_verdict"].notna() & ~log["true_ok"]
    return _share(log["look_verdict"] != "approve", looked)


def _touched(log: pd.DataFrame) -> Estimate:
    seen = log["verdict"].notna() | log["look_verdict"].notna()
    return _share(seen, pd.Series(data=True, index=log.index))


def _late(log: pd.DataFrame, hours: int = 24) -> Estimate:
    """Of what was begun, the share begun later than so many hours."""
    return _share(log["wait_minutes"] > 60 * hours, log["wait_minutes"].notna())


def _exceptions(log: pd.DataFrame) -> Estimate:
    return _share(log["exception"], log["route"].isin(["auto", "review", "triage", "peek"]))


def _above(a: Estimate, b: Estimate) -> bool:
    return a.low > b.high


def _inside_the_band(e: Estimate) -> bool:
    return BAND[0] < e.low and e.high < BAND[1]


# --- the files -----------------------------------------------------------------------------------


def test_all_that_the_model_names_ship() -> None:
    assert sorted(SHIPPED) == sorted(p.stem for p in bundled("scenarios").glob("*.yaml"))
    assert all(hs.load(name).name == name for name in SHIPPED)


def _numbers(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _numbers(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _numbers(value, (*path, i))
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_says_what_it_rests_on(name: str) -> None:
    document = read_yaml(Path(bundled("scenarios") / f"{name}.yaml"))
    places = [(path, document.position(path)[1]) for path in _numbers(document.values)]
    unmarked = [
        f"line {line}: {'.'.join(map(str, path))}"
        for path, line in places
        if not _MARK.search(document.lines[line - 1])
    ]
    assert not unmarked
    known = {e.path for e in hs.load(name).evidence}
    assert {".".join(map(str, path)) for path, _ in places} <= known


@pytest.mark.parametrize("name", SHIPPED)
def test_a_header_teaches_in_two_lines(name: str) -> None:
    text = (bundled("scenarios") / f"{name}.yaml").read_text(encoding="utf-8")
    lines = text.split("teaches: >-\n", 1)[1].splitlines()
    assert lines[0].startswith("  ")
    assert lines[1].startswith("  ")
    assert not lines[2].startswith("  ")
    assert len(hs.load(name).teaches) <= 220


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_set_for_after_the_end_and_nothing_is_unsafe(name: str) -> None:
    scenario = hs.load(name)
    assert not list(beyond_the_end(scenario))
    assert not scenario.allow_unsafe


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_chosen_looser_than_the_framework_faces_customers(name: str) -> None:
    scenario = hs.load(name)
    for choice in looser_choices(scenario):
        assert scenario.workflows[choice.workflow].customer_facing, choice


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_is_the_reference_but_for_what_it_says(name: str) -> None:
    parts, reference = hs.load(name).to_dict(), hs.load("on-the-loop").to_dict()
    document = read_yaml(Path(bundled("scenarios") / f"{name}.yaml"))
    said = set(document.values) - {"extends"}
    assert {key for key in parts if parts[key] != reference.get(key)} == said


# --- on-the-loop ---------------------------------------------------------------------------------


def test_on_the_loop_settles_inside_the_band_while_errors_go_out_unseen(tell: Tell) -> None:
    reference = tell("on-the-loop")
    for month in (SEPTEMBER, OCTOBER):
        assert _inside_the_band(reference("exception_rate", month))
        assert reference("true_fn_of_auto", month).low > 0.04
        assert reference("true_fn_of_bad", month).low > 0.50  # most mistakes went alone
    assert _above(reference("human_touch_rate", AUGUST), reference("human_touch_rate", OCTOBER))


# --- outbound ------------------------------------------------------------------------------------


def test_outbound_is_small_and_in_steady_state_in_september(tell: Tell) -> None:
    outbound = tell("outbound")
    assert 9_000 < len(outbound.log) < 11_000
    assert set(_in(outbound.log, SEPTEMBER)["phase"]) == {"steady-state"}
    assert _inside_the_band(outbound("exception_rate", SEPTEMBER))


def test_outbounds_audit_finds_one_mistake_in_ten_at_most(tell: Tell) -> None:
    outbound = tell("outbound")
    log, audit = outbound.log, outbound.run.scenario.boundary.audit
    audited = (log["route"] == "auto") & log["workflow"].isin(audit.workflows)
    # what the shadow phase looked at anyway is left out
    later = audited & (log["phase"] != "shadow")
    chosen = _share(log["look"] == "audit", later)
    assert chosen.low < audit.share < chosen.high
    wrong = later & ~log["true_ok"]
    assert wrong.sum() > 100
    found = _share((log["look"] == "audit") & log["look_verdict"].isin(["edit", "reject"]), wrong)
    assert found.low > 0.01
    assert found.high < 0.15
    # yet it is enough to say, roughly, how many there are
    seen, true = (outbound(m, SEPTEMBER) for m in ("fn_of_auto", "true_fn_of_auto"))
    assert seen.low < 2 * true.value
    assert seen.high > true.value
    assert seen.high - seen.low > 3 * (true.high - true.low)


def test_outbounds_rules_hold_the_team_back(tell: Tell) -> None:
    outbound = tell("outbound")
    log, scenario = outbound.log, outbound.run.scenario
    drop = scenario.workflows["list_sourcing"].list_drop
    assert drop is not None
    over = drop.contacts - scenario.governance.list_limits["list_sourcing"]
    assert outbound.run.held_back == 3 * over  # August, September, October
    waited = (log["decided_at"] - log["arrived_at"]).dt.total_seconds() / 3600
    for name in ("first_touch_email", "follow_up_email", "sequence_enrolment"):
        assert waited[log["workflow"] == name].max() > 2, name  # for a template, or a sign-off
    assert outbound("hours_calls", SEPTEMBER).value == 1
    assert outbound("hours_approvals", SEPTEMBER).value > 0


def test_outbounds_discipline_can_be_measured(tell: Tell) -> None:
    outbound = tell("outbound")
    log = outbound.log
    steps = log[log["workflow"] == "follow_up_email"]
    kept = _share(~steps["skipped"], steps["executed_at"].notna() | steps["skipped"])
    assert kept.low > 0.96
    assert kept.high < 1  # some steps came too late, after a weekend
    assert outbound("same_day", SEPTEMBER).low > 0.90
    dossiers = log[log["workflow"] == "meeting_dossier"]
    in_time = _share(dossiers["started_at"] <= dossiers["due_at"], dossiers["started_at"].notna())
    assert in_time.low > 0.85


def test_outbounds_records_rot_until_bounces_stop_it(tell: Tell) -> None:
    outbound = tell("outbound")
    stale = outbound.run.stale
    assert stale[-1] > 2 * stale[0]
    assert outbound("bounce_rate", SEPTEMBER).low > 0.02
    assert outbound("bounce_rate", AUGUST).value < outbound("bounce_rate", OCTOBER).value
    acts = outbound.run.governance
    acts = acts[acts["rule"] == "governance.pauses.bounces"]
    assert (acts["what"] == "warned").sum() >= 3
    assert acts["what"].str.startswith("paused").any()
    assert acts["because"].str.contains(r"bounce \d+ of \d+").all()


# --- operator ------------------------------------------------------------------------------------


def test_operator_puts_nearly_everything_before_a_person(tell: Tell) -> None:
    operator = tell("operator")
    alone = [w for w in operator.run.scenario.workflows.values() if w.automation_safe]
    assert len(alone) == 1
    for month in (AUGUST, SEPTEMBER):
        assert operator("human_touch_rate", month).low > 0.95


def test_operator_costs_hours_and_waiting_and_is_no_safer(tell: Tell) -> None:
    operator, reference = tell("operator"), tell("on-the-loop")

    def per_decision(told: Told) -> float:
        hours = told("review_hours", SEPTEMBER)
        return hours.value / told("decisions", SEPTEMBER).value

    assert per_decision(operator) > 1.7 * per_decision(reference)
    assert _above(operator("review_cost", SEPTEMBER), reference("review_cost", SEPTEMBER))
    assert operator("wait_minutes", AUGUST).low > 4 * 60
    # it touches three to four times as much, and stops hardly more of the AI's mistakes
    out = [_let_out(told.log) for told in (operator, reference)]
    assert out[0].low > 0.55
    assert out[1].value - out[0].value < 0.10


def test_operators_approving_decays_into_waving_through(tell: Tell) -> None:
    operator = tell("operator")
    months = [_in(operator.log, m) for m in (AUGUST, SEPTEMBER, OCTOBER)]
    read = [_read(m) for m in months]
    assert _above(read[0], read[1])
    assert _above(read[1], read[2])
    assert _above(_passed(months[2]), _passed(months[0]))
    assert _above(_let_out(months[2]), _let_out(months[0]))
    # the work grows, the hours do not: ever less time for each
    a_week = operator.log.resample("W", on="decided_at").size()
    assert a_week.iloc[-1] > 1.25 * a_week.iloc[0]
    assert operator("review_hours", OCTOBER).value < operator("review_hours", AUGUST).value


# --- inbox ---------------------------------------------------------------------------------------


def test_inbox_score_is_near_chance_and_lets_most_mistakes_through(tell: Tell) -> None:
    inbox = tell("inbox")
    safe = inbox.log[inbox.log["route"].isin(["auto", "review", "triage"])]
    assert 0.55 < roc_auc_score(safe["true_ok"], safe["confidence"]) < 0.65
    assert _inside_the_band(_exceptions(_in(inbox.log, SEPTEMBER)))
    assert inbox("true_fn_of_bad", SEPTEMBER).low > 0.75


def test_triggers_see_what_inbox_bands_cannot(tell: Tell) -> None:
    inbox = tell("inbox")
    spec = inbox.run.scenario.boundary.model_dump()

    def also(**changes: Any) -> tuple[float, float]:
        changed = inbox.run.scenario.with_(boundary={**spec, **changes})
        log = hs.simulate(changed, seed=7, draws=inbox.run.draws).log.frame
        alone = _share(log["route"] == "auto", log["route"].ne("manual") & ~log["true_ok"])
        return _exceptions(log).value, 1 - alone.value

    asked, stopped = also()
    more_by_band, stopped_by_band = also(bands={"auto": 0.93, "review": 0.70})
    signals = list(inbox.run.scenario.signals)
    more_by_triggers, stopped_by_triggers = also(triggers={"signals": signals})
    # for each question more, triggers stop more mistakes than a stricter band does
    by_band = (stopped_by_band - stopped) / (more_by_band - asked)
    assert (stopped_by_triggers - stopped) / (more_by_triggers - asked) > 1.2 * by_band


def test_inbox_kill_switch_costs_hours_and_leads_for_two_weeks(tell: Tell) -> None:
    inbox = tell("inbox")
    leads = inbox.log[inbox.log["workflow"] == "lead_routing"]
    off = leads["decided_at"].dt.strftime("%Y-%m-%d").between("2026-09-14", "2026-09-27")
    assert leads["by_hand"][off].all()
    assert not leads["by_hand"][~off].any()
    lost = leads["delay_cost"].groupby(off).mean()
    assert lost[True] > 5 * lost[False]
    hours = leads["review_minutes"].groupby(off).sum() / 60
    assert hours[True] / 2 > 10  # a week
    assert hours[False] / 6 < 1
    # by hand less goes wrong
    assert _bad_out(leads[off]).value < _bad_out(leads[~off]).value
    # and the others wait too: one desk does it all
    others = inbox.log[inbox.log["workflow"] != "lead_routing"]
    slow = others["decided_at"].dt.strftime("%Y-%m-%d").between("2026-09-14", "2026-09-27")
    assert others["wait_minutes"][slow].mean() > 1.3 * others["wait_minutes"][~slow].mean()


def test_inbox_leaves_an_audit_trail(tell: Tell) -> None:
    inbox = tell("inbox")
    acts = inbox.run.governance
    did = list(zip(acts["workflow"], acts["what"], strict=True))
    assert ("lead_routing", "killed") in did
    assert ("lead_routing", "back on") in did
    assert ("hand_over", "paused for 3 days") in did
    assert acts["because"].str.len().gt(0).all()
    started = acts[acts["rule"] == "governance.rollout"]
    assert set(started["workflow"]) == set(inbox.run.scenario.workflows) - {"sorting"}
    assert inbox.run.log.record["governance"]
    assert inbox.run.not_started > 0
    paused = acts.loc[acts["what"].str.startswith("paused"), "date"].min()
    after = inbox.log[inbox.log["workflow"] == "hand_over"]
    days = after["decided_at"].dt.tz_localize(None) - paused
    in_pause = (days >= pd.Timedelta(0)) & (days < pd.Timedelta(days=3))
    assert in_pause.any()
    assert after["by_hand"][in_pause].all()


# --- enterprise-follow-up ------------------------------------------------------------------------

_MOMENTS = ("objection_reply", "contract_reply", "executive_note")


def test_enterprise_has_every_access_class_and_the_human_moments(tell: Tell) -> None:
    enterprise = tell("enterprise-follow-up")
    flows = enterprise.run.scenario.workflows
    assert {str(w.access) for w in flows.values()} == {
        "read-only", "draft-only", "manager-approved", "automation-safe",
    }  # fmt: skip
    assert {str(w.topic) for w in flows.values() if w.topic} == {
        "objection-after-demo", "contract", "executive",
    }  # fmt: skip
    moments = enterprise.log[enterprise.log["workflow"].isin(_MOMENTS)]
    assert (moments["route"] == "gate").all()
    assert moments.loc[moments["executed_at"].notna(), "reviewer"].notna().all()
    assert BAND[0] < enterprise("exception_rate", SEPTEMBER).value < BAND[1]


def test_enterprise_hours_go_to_drafts_that_nobody_takes_up(tell: Tell) -> None:
    enterprise = tell("enterprise-follow-up")
    flows = enterprise.run.scenario.workflows
    optional = [name for name, w in flows.items() if w.draft_is_optional]
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        log = _in(enterprise.log, month)
        begun = log["workflow"].isin(optional) & log["started_at"].notna()
        taken_up = _share(~log["by_hand"], begun)
        assert taken_up.low > 0.10
        assert taken_up.high < 0.27
    by_hand = enterprise("hours_by_hand", SEPTEMBER).value
    assert by_hand > 0.75 * enterprise("review_hours", SEPTEMBER).value
    assert enterprise("by_hand_share", SEPTEMBER).high < 0.10  # of all decisions


def test_enterprise_mistakes_cost_by_the_deal_and_waiting_costs_as_much(tell: Tell) -> None:
    log = tell("enterprise-follow-up").log
    moments = log["workflow"].isin(_MOMENTS)
    assert moments.mean() < 0.06
    assert log.loc[moments, "true_harm"].sum() > 0.25 * log["true_harm"].sum()
    requests = log[log["workflow"] == "demo_request"]
    assert requests["delay_cost"].sum() > 0.7 * requests["true_harm"].sum()
    # only what waits for a person loses anything
    kept = requests.loc[~requests["exception"], "delay_cost"].sum()
    assert kept < 0.05 * requests["delay_cost"].sum()
    large = log["reason"] == "deal_size"
    assert large.sum() > 200
    assert log.loc[large, "deal_size"].min() > 400_000
    assert log["escalated_at"].notna().sum() > 20


# --- hoarding ------------------------------------------------------------------------------------


def test_hoarding_fills_the_desk_and_most_mistakes_still_go_out(tell: Tell) -> None:
    hoarding, reference = tell("hoarding"), tell("on-the-loop")
    for month in (SEPTEMBER, OCTOBER):
        assert hoarding("human_touch_rate", month).low > 0.60
        assert hoarding("peek_rate", month).low > 0.45
        assert hoarding("override_rate", month).high < 0.30
        more = hoarding("review_hours", month).value / reference("review_hours", month).value
        assert more > 2
        assert _above(hoarding("delay_cost", month), reference("delay_cost", month))
        assert hoarding("delay_cost", month).value > 3 * reference("delay_cost", month).value
        assert _above(hoarding("escalation_rate", month), reference("escalation_rate", month))
        assert hoarding("wait_minutes", month).value > 1.2 * reference("wait_minutes", month).value
    assert hoarding("utilisation", SEPTEMBER).value > 0.80
    assert hoarding("utilisation", SEPTEMBER).low > reference("utilisation", SEPTEMBER).high
    out = [_bad_out(_in(told.log, SEPTEMBER)) for told in (hoarding, reference)]
    assert _above(out[1], out[0])
    assert out[0].value > 0.5 * out[1].value  # most of them still go out


def test_hoarding_is_named_from_what_is_seen(tell: Tell) -> None:
    desks = {"sdr-desk", "revops-desk"}
    assert desks <= {f.who for f in diagnose(tell("hoarding").run.log).named if f.name == HOARDING}
    assert not [f for f in diagnose(tell("on-the-loop").run.log).named if f.name == HOARDING]


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_hoarding_is_no_accident(log_of: Any, seed: int) -> None:
    hoarding, reference = (
        _in(log_of(name, seed, 9), SEPTEMBER) for name in ("hoarding", "on-the-loop")
    )
    assert _touched(hoarding).low > 0.60
    assert _touched(reference).high < 0.30
    assert _overridden(hoarding).high < 0.30
    assert _above(_late(hoarding, 12), _late(reference, 12))
    assert _above(_bad_out(reference), _bad_out(hoarding))


# --- abdication ----------------------------------------------------------------------------------


def test_abdication_looks_calm(tell: Tell) -> None:
    abdication, reference = tell("abdication"), tell("on-the-loop")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        assert _inside_the_band(abdication("exception_rate", month))
        assert abdication("override_rate", month).high < 0.15
    for month in (SEPTEMBER, OCTOBER):
        assert abdication("utilisation", month).value < reference("utilisation", month).value
        assert _above(reference("override_rate", month), abdication("override_rate", month))
        # what looks find says that the AI is fine, finer than in the reference
        assert abdication("fn_of_auto", month).value < 0.7 * reference("fn_of_auto", month).value


def test_abdication_lets_ever_more_errors_pass(tell: Tell) -> None:
    abdication, reference = tell("abdication"), tell("on-the-loop")
    august, september, october = (
        _in(abdication.log, m) for m in (AUGUST, SEPTEMBER, OCTOBER)
    )  # fmt: skip
    assert _above(_read(august), _read(september))
    assert _above(_read(september), _read(october))
    assert _passed(september).value > _passed(august).value
    assert _above(_passed(october), _passed(august))
    assert _above(_passed(october), _passed(_in(reference.log, OCTOBER)))
    # the AI is better in September and much worse in October: nobody sees either
    alone = [_bad_alone(m) for m in (august, september, october)]
    assert _above(alone[0], alone[1])
    assert alone[2].low > 1.5 * alone[0].high
    assert abdication("fn_of_auto", OCTOBER).high < abdication("true_fn_of_auto", OCTOBER).low
    assert _found(october).value < 0.25


def test_abdication_is_in_the_people_not_in_the_ai(tell: Tell) -> None:
    """The same AI, with the people of the reference: they see it, and override it."""
    run = tell("abdication").run
    pools = hs.load("on-the-loop").pools
    attentive = hs.simulate(run.scenario.with_(pools=pools), seed=7, draws=run.draws)
    log = _with_month(attentive)
    september, october = (_in(log, m) for m in (SEPTEMBER, OCTOBER))
    assert _overridden(october).low > 1.5 * _overridden(september).high
    theirs = _in(tell("abdication").log, OCTOBER)
    assert _overridden(october).low > 2 * _overridden(theirs).high
    assert _above(_found(october), _found(theirs))
    assert _above(_passed(theirs), _passed(october))


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_abdication_is_no_accident(log_of: Any, seed: int) -> None:
    log = log_of("abdication", seed, 12)
    august, september, october = (_in(log, m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert all(_inside_the_band(_exceptions(m)) for m in (august, september, october))
    assert _overridden(october).high < 0.15
    assert _above(_read(august), _read(october))
    assert _above(_passed(october), _passed(august))
    assert _bad_alone(october).low > 1.5 * _bad_alone(august).high
    assert _found(october).value < 0.25


# --- drift ---------------------------------------------------------------------------------------


def test_drift_is_invisible_to_the_exception_rate(tell: Tell) -> None:
    drift = tell("drift")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        assert _inside_the_band(drift("exception_rate", month))
    # and what ought to be high rises: it looks ever better
    assert drift("override_rate", AUGUST).high < 0.30
    assert drift("override_rate", OCTOBER).low > 0.30


def test_drift_shows_in_looks_and_audits(tell: Tell) -> None:
    drift, reference = tell("drift"), tell("on-the-loop")
    august, september, october = (
        drift("true_fn_of_auto", m) for m in (AUGUST, SEPTEMBER, OCTOBER)
    )  # fmt: skip
    assert _above(september, august)
    assert _above(october, september)
    august, september, october = (drift("fn_of_auto", m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert _above(september, august)
    assert october.value > september.value
    assert _above(october, august)
    assert drift("true_fn_of_auto", OCTOBER).value > 2.5 * drift("true_fn_of_auto", AUGUST).value
    same = [reference("true_fn_of_auto", m) for m in (AUGUST, OCTOBER)]
    assert not _above(same[0], same[1])
    assert not _above(same[1], same[0])


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_drift_is_no_accident(log_of: Any, seed: int) -> None:
    log = log_of("drift", seed, 10)
    august, september, october = (_in(log, m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert all(_inside_the_band(_exceptions(m)) for m in (august, september))
    assert _above(_bad_alone(september), _bad_alone(august))
    assert _above(_bad_alone(october), _bad_alone(september))


# --- understaffed --------------------------------------------------------------------------------


def test_understaffed_work_waits_goes_up_and_comes_late(tell: Tell) -> None:
    short, reference = tell("understaffed"), tell("on-the-loop")
    capacity = short.run.scenario.capacity_hours_per_week
    assert capacity < reference.run.scenario.capacity_hours_per_week / 3
    for month in (SEPTEMBER, OCTOBER):
        assert short("utilisation", month).value > 0.85
        assert _above(short("wait_minutes", month), reference("wait_minutes", month))
        assert short("within_24h", month).high < 0.80
        assert short("within_48h", month).high < 0.95
        assert short("escalation_rate", month).low > 0.20
        assert short("breach_rate", month).low > 3 * reference("breach_rate", month).high
        # what goes up is the managers' work then
        assert short("manager_hours", month).value > 1.3 * reference("manager_hours", month).value
        assert short("delay_cost", month).value > 1.3 * reference("delay_cost", month).value
    assert short.log["skipped"].sum() > 100
    assert not reference.log["skipped"].any()


def test_understaffed_gives_up_looks_and_knowledge_first(tell: Tell) -> None:
    short = tell("understaffed")
    for month in (SEPTEMBER, OCTOBER):
        assert short("hours_looks", month).value < 0.1
        assert not short("fn_of_auto", month).known  # nobody knows any more
        assert short("true_fn_of_auto", month).low > 0.04  # it goes on all the same
    decisions = short("decisions", AUGUST).value
    assert math.isclose(decisions, tell("on-the-loop")("decisions", AUGUST).value, rel_tol=0.001)


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_understaffed_is_no_accident(log_of: Any, seed: int) -> None:
    short, reference = (
        _in(log_of(name, seed, 9), SEPTEMBER) for name in ("understaffed", "on-the-loop")
    )
    assert _late(short).low > 0.20
    assert _late(reference).high < 0.06
    up = _share(short["escalated_at"].notna(), short["queued_at"].notna())
    assert up.low > 0.20
    looked = short["look_verdict"].notna()
    assert looked.mean() < 0.01
    assert short["skipped"].any()


def test_abdication_is_named_where_it_is(tell: Tell) -> None:
    """The desk's own log gives it away, to who asks about second looks and reading time."""
    found = diagnose(tell("abdication").run.log).findings
    said = {(f.who, f.name): str(f.status) for f in found}
    assert said["sdr-desk", ABDICATION] != "not seen"
    assert said["revops-desk", ABDICATION] != "not seen"
