"""A recommendation as a change of the boundary spec: compared, written, and its confidence kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.proving.certificate import certify
from hitlsim.calibration.tuning.proving.guarantee import Guarantee
from hitlsim.calibration.tuning.proving.spending import Spending
from hitlsim.calibration.tuning.telling.writing import spending_of
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.decisions.estimating.intervals import Estimate
from hitlsim.scenario import boundary_file
from hitlsim.scenario.boundary import Boundary, Triggers
from hitlsim.scenario.boundary_file import Change, load_boundary, write_boundary

DAY = dt.date(2026, 9, 30)
PRESENT = Boundary(
    version=4, bands={"auto": 0.85, "review": 0.6}, audit={"share": 0.1},
    workflows={"legal": {"auto": 0.99}},
)  # fmt: skip


@pytest.fixture(scope="module")
def log() -> hs.DecisionLog:
    """Six weeks of two workflows; every outcome is known."""
    rng, n = np.random.default_rng(4), 3000
    score = rng.beta(6, 1.5, n)
    return hs.DecisionLog(
        pd.DataFrame({
            "decision_id": [f"d{i}" for i in range(n)],
            "workflow": rng.choice(["crm", "mail"], n),
            "decided_at": pd.Timestamp("2026-08-03", tz="UTC")
            + pd.to_timedelta(np.arange(n) * 42 // n, unit="D"),
            "deal_size": rng.lognormal(9, 1, n), "confidence": score,
            "route": np.where(score >= 0.85, "auto", np.where(score >= 0.6, "review", "triage")),
            "ok": pd.array(rng.random(n) < score, dtype="boolean"),
        })
    )  # fmt: skip


@pytest.fixture(scope="module")
def rec(log: hs.DecisionLog) -> hs.Recommendation:
    return hs.tune(log, exception_rate=(0.2, 0.3), boundary=PRESENT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "boundary.yaml"


def proved(rec: hs.Recommendation, spending: Spending | None = None) -> hs.Recommendation:
    """With a guarantee, asked for as one of the re-tunes of a plan or alone."""
    n = 2000
    proof = certify(
        np.ones((n, 1), bool), np.zeros(n, bool), at_most=0.02,
        confidence=rec.goals.confidence if spending is None else spending.each,
    )  # fmt: skip
    return replace(rec, guarantee=Guarantee(proof, (0.2,), 0, 0, 0, ()))


def other(rec: hs.Recommendation, auto: float) -> hs.Recommendation:
    """The same with another threshold."""
    return replace(rec, policy=rec.policy.with_auto("crm", auto))


# --- what is written -----------------------------------------------------------------------------


def test_the_file_holds_the_rules_and_all_that_they_do_not_say(
    rec: hs.Recommendation, file: Path
) -> None:
    assert rec.write(file) == file
    assert load_boundary(file).boundary == rec.boundary
    assert rec.boundary.version == 5
    assert rec.boundary.audit.share == 0.1
    assert rec.boundary.bands_of("legal").auto == 0.99


def test_thresholds_are_written_with_all_their_digits(
    rec: hs.Recommendation, log: hs.DecisionLog, file: Path
) -> None:
    rec.write(file)
    routed = hs.rerouted(log, boundary=load_boundary(file).boundary).frame
    assert routed["exception"].mean() == rec.rate.value


def test_the_entry_says_who_when_why_and_what_is_expected(
    rec: hs.Recommendation, file: Path
) -> None:
    rec.write(file, who="Ana", note="Agreed in the weekly call.", on=DAY)
    (entry,) = load_boundary(file).changes
    assert (entry.version, entry.date) == (5, DAY)
    assert entry.by.startswith("Ana (hitlsim ")
    assert entry.why == ("Agreed in the weekly call.", *rec.why())
    assert entry.expected["from"] == rec.source
    assert entry.expected["targets"] == {"exception_rate": (0.2, 0.3)}
    rate = entry.expected["exception_rate"]
    assert rate["value"] == pytest.approx(rec.rate.value, rel=1e-5)
    assert (rate["low"], rate["high"]) == pytest.approx((rec.rate.low, rec.rate.high), rel=1e-5)
    assert (rate["n"], rate["assumes"]) == (3000, rec.rate.assumes)
    assert entry.expected["fn_share"]["n"] == round(rec.silent.n)
    assert not entry.confidence_spent


def test_nothing_that_only_a_simulation_knows_is_expected(
    rec: hs.Recommendation, file: Path
) -> None:
    told = replace(rec, figures={**rec.figures, "true_fn_share": rec.rate})
    told.write(file)
    assert not [n for n in load_boundary(file).changes[0].expected if n.startswith("true_")]


def test_what_comes_from_a_scenario_names_it_and_its_runs(
    rec: hs.Recommendation, file: Path
) -> None:
    replace(rec, source="scenario outbound", runs=20).write(file)
    expected = load_boundary(file).changes[0].expected
    assert (expected["from"], expected["simulated_runs"]) == ("scenario outbound", 20)


def test_the_next_version_is_built_on_the_file_and_not_on_what_the_log_shows(
    rec: hs.Recommendation, file: Path
) -> None:
    before = Boundary(version=9, audit={"share": 0.2}, workflows={"visits": {"auto": 0.75}})
    first = Change(version=9, date=DAY, by="us", why=["As we began."])
    write_boundary(before, file, changes=[first])
    rec.write(file)
    spec = load_boundary(file)
    assert spec.boundary.version == 10
    assert spec.boundary.audit.share == 0.2
    assert spec.boundary.bands_of("visits").auto == 0.75
    assert [c.version for c in spec.changes] == [9, 10]
    assert spec.changes[0] == first
    assert Policy.of(spec.boundary, rec.policy.rules) == rec.policy


def test_what_happens_to_workflows_without_decisions_is_never_passed_over(
    rec: hs.Recommendation, file: Path
) -> None:
    """A deal limit that holds for all must stay for others, or the entry must say that it goes."""
    limited = Triggers(deal_size_above=9e5)
    write_boundary(PRESENT.model_copy(update={"triggers": limited}), file)
    rec.write(file)
    spec = load_boundary(file)
    said = " ".join(spec.changes[-1].why)
    assert spec.boundary.deal_limit_of("legal") == 9e5 or "900,000" in said


@settings(max_examples=25)
@given(
    autos=st.lists(st.floats(0, 1), min_size=2, max_size=2),
    limit=st.one_of(st.just(np.inf), st.floats(1, 1e9)),
)
def test_any_rules_come_back_as_they_were(
    rec: hs.Recommendation,
    tmp_path_factory: pytest.TempPathFactory,
    autos: list[float],
    limit: float,
) -> None:
    rules = {
        f: Rule(a, a / 2, limit, ("angry",)) for f, a in zip(["crm", "mail"], autos, strict=True)
    }
    path = tmp_path_factory.mktemp("any") / "boundary.yaml"
    replace(rec, policy=Policy(rules)).write(path)
    assert Policy.of(load_boundary(path).boundary, rules) == Policy(rules)


# --- what is not written -------------------------------------------------------------------------


def test_where_nothing_changes_a_test_made_anew_still_counts(
    rec: hs.Recommendation, file: Path
) -> None:
    plan = Spending(retunes=4)
    proved(rec, plan).write(file, spending=plan)
    before = load_boundary(file).boundary
    with pytest.raises(hs.LogError, match=r"nothing changes.*counts all the same.*2 of the period"):
        proved(rec, plan).write(file)
    assert spending_of(file).left == 2
    assert load_boundary(file).boundary.workflows == before.workflows


def test_written_twice_there_is_one_version_only(rec: hs.Recommendation, file: Path) -> None:
    rec.write(file)
    there = file.read_bytes()
    with pytest.raises(hs.LogError, match="nothing changes: version 5 says the same already"):
        rec.write(file, note="Once more.")
    assert file.read_bytes() == there


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("infeasible", hs.LogError),
        ("unattainable", hs.LogError),
        ("not enough evidence", hs.NotEnoughEvidence),
    ],
)
def test_rules_that_are_not_recommended_need_force_and_the_entry_says_so(
    rec: hs.Recommendation, file: Path, status: str, kind: type[Exception]
) -> None:
    doubtful = replace(rec, status=status)
    with pytest.raises(kind, match=rf"not recommended \({status}\).*force=True"):
        doubtful.write(file)
    assert not file.exists()
    doubtful.write(file, force=True)
    said = load_boundary(file).changes[0].why
    assert said[0] == f"Written although it is not recommended ({status})."


@pytest.mark.parametrize(
    "text", ["name: outbound\nboundary: {version: 1}\n", "hello\n", "", "a: [\n"]
)
def test_a_file_that_is_no_boundary_spec_is_never_overwritten(
    rec: hs.Recommendation, file: Path, text: str
) -> None:
    file.write_text(text)
    with pytest.raises(hs.ScenarioError, match="is no boundary spec, so it is not overwritten"):
        rec.write(file, force=True)
    assert file.read_text() == text


def test_a_write_that_fails_leaves_the_old_version(
    rec: hs.Recommendation, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rec.write(file)
    there = file.read_bytes()

    def full(_: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(boundary_file, "to_yaml", full)
    with pytest.raises(OSError, match="No space left"):
        other(rec, 0.5).write(file)
    assert file.read_bytes() == there
    assert list(file.parent.iterdir()) == [file]


# --- confidence spent ----------------------------------------------------------------------------


def months() -> Iterator[dt.date]:
    return (dt.date(2026, m, 1) for m in range(1, 13))


def test_the_file_tells_what_was_spent_and_tuning_goes_on_from_there(
    rec: hs.Recommendation, file: Path
) -> None:
    plan = Spending(confidence=0.9, retunes=3)
    assert spending_of(file, plan) == plan
    for i, day in zip(range(3), months(), strict=False):
        left = spending_of(file, plan)
        assert left.left == 3 - i
        other(proved(rec, left), 0.5 + i / 10).write(file, on=day, spending=left)
    told = spending_of(file)
    assert (told.confidence, told.retunes, told.left) == (0.9, 3, 0)
    assert [(e.on, e.rate, e.n) for e in told.entries] == [
        (dt.date(2026, m, 1), "fn_share", 2000) for m in (1, 2, 3)
    ]
    with pytest.raises(hs.NotEnoughEvidence, match=r"boundary.yaml: the confidence of this period"):
        other(proved(rec, told), 0.9).write(file)
    assert len(load_boundary(file).changes) == 3


def test_the_plan_of_the_file_goes_on_by_itself(rec: hs.Recommendation, file: Path) -> None:
    plan = Spending(retunes=4)
    proved(rec, plan).write(file, on=DAY, spending=plan)
    other(proved(rec, plan), 0.4).write(file)
    assert spending_of(file).left == 2


def test_a_used_up_period_gives_way_to_a_new_one(rec: hs.Recommendation, file: Path) -> None:
    plan = Spending(retunes=1)
    proved(rec, plan).write(file, on=DAY, spending=plan)
    assert spending_of(file).left == 0
    assert spending_of(file, plan) == plan, "a plan given begins the next period"
    other(proved(rec, plan), 0.4).write(file, on=DAY + dt.timedelta(30), spending=plan)
    assert [e.on for e in spending_of(file).entries] == [DAY + dt.timedelta(30)]


def test_a_period_is_not_begun_anew_by_forgetting_what_was_spent(
    rec: hs.Recommendation, file: Path
) -> None:
    plan = Spending(retunes=4)
    proved(rec, plan).write(file, on=DAY, spending=plan)
    again = other(proved(rec, plan), 0.4)
    with pytest.raises(hs.LogError, match=r"tells of 1 of 4 re-tunes.*does not go on from there"):
        again.write(file, spending=plan)
    again.write(file, spending=plan, force=True)
    assert len(spending_of(file).entries) == 1


def test_nobody_can_try_a_guarantee_for_free_until_it_passes(
    rec: hs.Recommendation, file: Path
) -> None:
    plan = Spending(retunes=3)
    doubtful = replace(proved(rec, plan), status="not enough evidence")
    with pytest.raises(hs.NotEnoughEvidence, match=r"counts all the same.*2 of the period"):
        doubtful.write(file, spending=plan)
    kept = load_boundary(file)
    assert kept.boundary == rec.present  # the rules that hold now, and none of those refused
    assert "its rules were not written" in kept.changes[-1].why[0]
    with pytest.raises(hs.NotEnoughEvidence, match="1 of the period"):
        doubtful.write(file)
    proved(rec, spending_of(file)).write(file)
    assert spending_of(file).left == 0
    with pytest.raises(hs.NotEnoughEvidence):
        proved(rec, plan).write(file)


def test_a_guarantee_under_no_plan_stands_for_itself(rec: hs.Recommendation, file: Path) -> None:
    proved(rec).write(file, on=DAY)
    spent = load_boundary(file).changes[0].confidence_spent
    assert list(spent) == ["certificates"]
    assert spent["certificates"][0]["confidence"] == 0.9
    assert spending_of(file) == Spending()


def test_a_guarantee_of_several_needs_its_plan(rec: hs.Recommendation, file: Path) -> None:
    with pytest.raises(hs.LogError, match="give write the same spending as tune"):
        proved(rec, Spending(retunes=12)).write(file)
    assert not file.exists()


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("began:", "since:", "was changed by hand"),
        ("retunes: 4", "retunes: 0", "confidence spent: retunes"),
    ],
)
def test_what_was_changed_by_hand_is_refused(
    rec: hs.Recommendation, file: Path, old: str, new: str, match: str
) -> None:
    plan = Spending(retunes=4)
    proved(rec, plan).write(file, spending=plan)
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(hs.LogError, match=match):
        spending_of(file)


def test_tuned_and_written_month_by_month_the_log_is_enough(
    log: hs.DecisionLog, file: Path
) -> None:
    """The whole way: the plan of the file, ``tune``, ``write``, and again."""
    for band in ((0.1, 0.4), (0.1, 0.35)):
        plan = spending_of(file, Spending(confidence=0.8, retunes=2))
        found = hs.tune(log, exception_rate=band, fn_share=0.17, spending=plan, rules="one")
        assert found.status == "recommended"
        found.write(file, spending=plan, on=DAY)
    assert spending_of(file).left == 0
    changes = load_boundary(file).changes
    assert [c.expected["targets"]["fn_share"] for c in changes] == [0.17, 0.17]


# --- compared ------------------------------------------------------------------------------------


def test_a_comparison_says_what_differs_and_what_it_brings(rec: hs.Recommendation) -> None:
    found = rec.diff()
    assert (found.old, found.new) == (PRESENT, rec.boundary)
    said = found.words()
    crm = rec.policy.rules["crm"].auto
    assert found.frame.query("workflow == 'crm' and setting == 'auto'")["after"].tolist() == [crm]
    assert any(s.startswith("Exceptions: ") and "instead of" in s for s in said)
    assert any(s.startswith("Silent errors: ") and "fewer a month" in s for s in said) or any(
        s.startswith("Silent errors: ") and "more a month" in s for s in said
    )
    assert "legal" not in set(found.frame["workflow"])
    html = found._repr_html_()
    assert "version 4 → 5" in html
    assert "Exceptions" in html


@pytest.mark.parametrize(
    ("less", "said"),
    [
        ((-17.0, -38.0, 3.0), "costs EUR 17 (-3 to 38) more, so it is not sure that it costs more"),
        ((-17.0, -38.0, -3.0), "costs EUR 17 (3 to 38) more"),
        ((17.0, -3.0, 38.0), "saves EUR 17 (-3 to 38), so it is not sure that it saves"),
        ((17.0, 3.0, 38.0), "saves EUR 17 (3 to 38)"),
    ],
)
def test_money_is_told_from_the_lower_end_up_and_as_unsure_where_it_is(
    rec: hs.Recommendation, less: tuple[float, float, float], said: str
) -> None:
    saving = Estimate(*less, 42, "")
    rec = replace(rec, saving=saving, currency="EUR")
    told, comma, unsure = said.partition(",")
    assert rec.diff().expected[-1] == (
        f"Looks, waiting and harm together, that {told} per 1,000 decisions{comma}{unsure}."
    )
    (why,) = [s for s in rec.why() if s.startswith("These rules ") and "1,000 decisions" in s]
    assert told.partition(" ")[2] in why
    assert ("not sure" in why) == ("not sure" in unsure)


def test_less_than_an_hour_is_told_in_minutes(rec: hs.Recommendation) -> None:
    now, then = Estimate(1.24, 1.1, 1.4, 6, ""), Estimate(0.03, 0.02, 0.04, 6, "")
    rec = replace(
        rec, today={**rec.today, "hours_per_week": now},
        figures={**rec.figures, "hours_per_week": then},
    )  # fmt: skip
    assert (
        "Hands-on time for exceptions a week: 1.8 (1.2-2.4) minutes instead of 1.2 (1.1-1.4) hours."
        in rec.diff().expected
    )


def test_counted_on_a_log_changes_tell_how_many_decisions_they_move(
    rec: hs.Recommendation, log: hs.DecisionLog
) -> None:
    found = rec.diff(log=log)
    scale = rec.next_month / len(log)
    score, flow = log.frame["confidence"], log.frame["workflow"]
    for row in found.frame[found.frame["setting"] == "auto"].itertuples():
        own = score[flow == row.workflow]
        low, high = sorted((row.before, row.after))
        between = ((own >= low) & (own < high)).sum() * scale
        moved = row.to_people_a_month if row.after > row.before else row.alone_a_month
        assert moved == round(between)
        assert row.to_people_a_month * row.alone_a_month == 0
    was = hs.rerouted(log, boundary=PRESENT).frame["exception"]
    is_ = hs.rerouted(log, boundary=rec.boundary).frame["exception"]
    more, fewer = (round(x.sum() * scale) for x in (is_ & ~was, was & ~is_))
    assert (
        f"about {more:,} that go alone would go to people, and {fewer:,} the other"
        in (found.words()[-len(found.expected)])
    )


def test_against_rules_that_say_the_same_nothing_differs(rec: hs.Recommendation) -> None:
    found = rec.diff(rec.boundary)
    assert len(found) == 0
    assert found.words() == ["Nothing differs."]
    assert found.frame.empty


def test_against_another_spec_no_figures_of_today_are_told(rec: hs.Recommendation) -> None:
    found = rec.diff(Boundary(bands={"auto": 0.5, "review": 0.5}))
    assert len(found)
    assert found.expected == ()


def test_a_log_of_gated_decisions_cannot_be_counted_on(
    rec: hs.Recommendation, make_log: Callable[..., hs.DecisionLog]
) -> None:
    with pytest.raises(hs.LogError, match="every decision of the log passes a gate"):
        rec.diff(log=make_log(confidence=[0.9], route=["gate"], workflow=["crm"]))
