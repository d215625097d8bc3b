"""A session: what is moved, what comes of it, and what is taken away."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.present.exploring.controls import NAMES, moved, scenario_of
from hitlsim.present.exploring.figures import ENOUGH_RUNS
from hitlsim.present.exploring.session import Explorer, explore
from hitlsim.present.exploring.stories import KINDS, _ahead
from hitlsim.present.exploring.worlds import Drawn, Refiner, key_of
from hitlsim.simulation.runs.workers import Interrupted


def test_moves_make_the_scenario_that_the_file_would_say(explorer: Explorer) -> None:
    explorer.set(auto=0.9, review=0.5, deal_size_above=None, signals=["ethical"], audit_share=0.2)
    explorer.set(workflow="crm_update", auto=0.7, signals=[]).set(volume=1.5)
    s, base = explorer.scenario, explorer.base
    assert (s.boundary.bands.auto, s.boundary.bands.review) == (0.9, 0.5)
    assert s.boundary.bands_of("crm_update").auto == 0.7
    assert s.boundary.bands_of("follow_up_email").auto == 0.88  # sets its own
    assert s.boundary.triggers.deal_size_above is None
    assert s.boundary.signals_of("lead_scoring") == ("ethical",)
    assert s.boundary.signals_of("crm_update") == ()
    assert s.boundary.audit.share == 0.2
    assert s.boundary.audit.at == base.boundary.audit.at
    assert s.workflows["stage_change"].volume_per_week == pytest.approx(90)
    assert s.pools == base.pools


def test_people_come_and_go_with_the_shifts_that_there_are(explorer: Explorer) -> None:
    explorer.set(reviewers={"sdr-desk": 6, "managers": 1}, habits={"sdr-desk": "careful"})
    pools, base = explorer.scenario.pools, explorer.base.pools
    assert list(pools["sdr-desk"].reviewers) == ["ana", "ben", "chloe", "dev", "ana-2", "ben-2"]
    assert pools["sdr-desk"].reviewers["ana-2"].shifts == base["sdr-desk"].reviewers["ana"].shifts
    assert {r.habits for r in pools["sdr-desk"].reviewers.values()} == {"careful"}
    assert list(pools["managers"].reviewers) == ["grace"]
    assert pools["revops-desk"] == base["revops-desk"]
    explorer.set(reviewers={"managers": 8})  # a second round of names
    assert len(explorer.scenario.pools["managers"].reviewers) == 8


def test_what_stands_where_it_stood_is_no_move(explorer: Explorer) -> None:
    explorer.set(auto=0.9).set(auto=0.85)
    assert explorer.moves == {}
    assert explorer.scenario is explorer.base
    # a workflow's own band counts even where it is as for all: it stays when all others move
    explorer.set(workflow="lead_scoring", auto=0.85).set(auto=0.9)
    assert explorer.scenario.boundary.bands_of("lead_scoring").auto == 0.85


def test_every_control_says_what_it_can_be(explorer: Explorer) -> None:
    c = explorer.set(auto=0.8).controls
    assert set(c["control"]) == set(NAMES)
    assert c["meaning"].str.len().gt(5).all()
    auto = c[(c["control"] == "auto") & (c["of"] == "")].iloc[0]
    assert auto[["value", "low", "high", "step", "unit"]].tolist() == [
        0.8,
        0,
        1,
        0.01,
        "share of 1",
    ]
    assert c.loc[c["control"] == "habits", "choices"].str.contains("careful").all()
    for place, control in explorer.control().items():  # where it stands it may stand
        if control.value not in (None, "mixed"):
            assert control.checked(control.value) == control.value, place


MOVES: list[dict[str, Any]] = [
    {"auto": 0.91}, {"volume": 1.4}, {"workflow": "crm_update", "auto": 0.75},
    {"habits": "careful"}, {"reviewers": {"sdr-desk": 2}}, {"signals": ["ethical"]},
    {"workflow": "crm_update", "volume": 2},
]  # fmt: skip


@settings(max_examples=10)
@given(st.permutations(MOVES))
def test_the_order_of_moves_changes_nothing(order: list[dict[str, Any]]) -> None:
    base = hs.load("on-the-loop")
    there: dict[Any, Any] = {}
    for move in order:
        rest = {k: v for k, v in move.items() if k != "workflow"}
        there = moved(base, there, rest, move.get("workflow"))
    usual: dict[Any, Any] = {}
    for move in MOVES:
        rest = {k: v for k, v in move.items() if k != "workflow"}
        usual = moved(base, usual, rest, move.get("workflow"))
    assert key_of(there) == key_of(usual)
    assert scenario_of(base, there) == scenario_of(base, usual)


def test_the_same_seed_gives_the_same_figures_whatever_came_before(
    five_weeks: hs.Scenario,
) -> None:
    one, other = (explore(five_weeks, seed=3, runs=5) for _ in range(2))
    one.set(auto=0.9).refine()
    other.set(auto=0.7)
    other.figures  # noqa: B018 - a look on the way
    other.reset().set(volume=2.0).set(volume=1.0).set(auto=0.9).refine()
    pd.testing.assert_frame_equal(one.figures, other.figures, check_exact=True)


def test_a_habit_of_one_pool_stays_when_all_others_change(explorer: Explorer) -> None:
    explorer.set(habits="careful").set(habits={"managers": "typical"})
    kinds = {name: {r.habits for r in pool.reviewers.values()}
             for name, pool in explorer.scenario.pools.items()}  # fmt: skip
    assert kinds.pop("managers") == {"typical"}
    assert set(map(frozenset, kinds.values())) == {frozenset({"careful"})}


def test_a_policy_that_nobody_named_is_called_by_what_was_moved(explorer: Explorer) -> None:
    assert explorer.set(auto=0.9).pin().pinned_as == "on-the-loop with auto 0.9"
    explorer.set(review=0.5, volume=1.2, audit_share=0.3).pin()
    assert explorer.pinned_as.endswith(" and 1 more")
    assert explorer.reset().pin().pinned_as == "on-the-loop"


def test_the_pinned_policy_is_what_all_is_held_against(explorer: Explorer) -> None:
    tighter = explorer.set(auto=0.9).pin("tighter").answer
    assert tighter.same
    back = explorer.reset().answer
    at = "all", "exception_rate"
    assert back.apart[at].value < 0
    assert back.pinned[at] == tighter.now[at]
    assert explorer.pinned_as == "tighter"


def test_a_recommendation_or_a_spec_can_be_begun_with(
    five_weeks: hs.Scenario, tmp_path: Path
) -> None:
    spec = five_weeks.boundary.model_copy(update={"version": 4})
    file = hs.write_boundary(spec, tmp_path / "b.yaml")
    assert explore(five_weeks, boundary=file).base.boundary.version == 4
    assert explore(five_weeks, boundary=hs.load_boundary(file)).base.boundary == spec
    rec = hs.tune(hs.simulate(five_weeks, seed=1).log)
    begun = explore(five_weeks, boundary=rec)
    assert begun.base.boundary == rec.after(five_weeks.boundary)
    assert begun.moves == {}
    assert begun.pinned_as == f"on-the-loop with rules of version {rec.boundary.version}"
    # what a log that says nothing of audits advises takes none away
    bare = hs.routed(hs.simulate(five_weeks, seed=1).log)
    audited = explore(five_weeks, boundary=hs.tune(bare)).base.boundary.audit
    assert audited.share == five_weeks.boundary.audit.share > 0
    # advice can be taken as it is, though nothing was moved
    spec = hs.load_boundary(begun.export(tmp_path / "advised.yaml")).boundary
    assert spec.version == five_weeks.boundary.version + 1
    assert spec.bands == begun.base.boundary.bands
    assert spec.triggers == begun.base.boundary.triggers


# --- why -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
def test_examples_are_of_their_kind_and_can_be_told(kind: str, explorer: Explorer) -> None:
    found = explorer.set(auto=0.88).examples(kind, phase="exception-only", n=3)
    assert len(found) == 3
    assert set(found["phase"]) == {"exception-only"}
    why = explorer.why(found["decision_id"][0])
    text = str(why)
    assert why.because[-1].startswith("Under the policy pinned (on-the-loop)")
    for _, name, _ in explorer.base.reviewers():
        assert name not in text.replace("-", " ").split()
    assert why._repr_html_().startswith("<ul><li>")


def test_why_says_what_would_have_changed_it(explorer: Explorer) -> None:
    bad = explorer.examples("silent error", n=1).iloc[0]
    sure = f"{bad['confidence']:g}"
    assert f"A threshold above {sure} for " in explorer.why(bad["decision_id"]).because[0]
    # and so it would: just above, a person is asked about the same decision
    above = float(sure) + 0.001
    explorer.set(workflow=bad["workflow"], auto=above)
    asked = explorer.why(bad["decision_id"])
    assert "A person was asked" in asked.because[0]
    assert "it went alone; what went out was wrong" in asked.because[-1]


def test_a_long_wait_names_the_desk_and_its_hours(explorer: Explorer) -> None:
    frame = explorer._run.log.frame
    waited = frame[frame["escalated_at"].notna() & frame["started_at"].notna()]
    why = explorer.why(waited["decision_id"].iloc[0])
    said = " ".join(why.because)
    assert "It waited" in said
    assert "h, so it went to" in said
    assert "at the desk" in said


def test_what_was_passed_on_later_still_waited_ahead(explorer: Explorer) -> None:
    """Counted one by one, at the moment at which each of some decisions came."""
    frame = explorer._run.log.frame
    escalated = frame[frame["escalated_at"].notna()]
    flows = explorer.base.workflows
    own = {n: explorer.base.pool_of_role(f.raci.responsible[0]) for n, f in flows.items()}
    came = escalated["queued_at"].iloc[0] + pd.Timedelta(minutes=1)
    for pool in explorer.base.pools:
        ahead = 0
        for row in frame[frame["queued_at"] < came].itertuples():
            passed_on = row.escalated_at <= came  # False where there is none
            at = row.pool if passed_on else own[row.workflow]
            ahead += at == pool and not row.started_at <= came
        assert _ahead(pool, came, explorer.base, frame) == ahead
    mine = own[escalated["workflow"].iloc[0]]
    assert _ahead(mine, came, explorer.base, frame) >= 1


def test_a_decision_that_does_not_arise_under_the_pinned_policy_says_so(
    explorer: Explorer,
) -> None:
    explorer.set(volume=1.5)
    log = explorer._run.log.frame
    last = log["decision_id"].iloc[-1]
    pinned = set(hs.simulate(explorer.base, seed=3).log.frame["decision_id"])
    expected = "does not arise" if last not in pinned else "Under the policy pinned"
    assert expected in explorer.why(last).because[-1]


# --- to take away --------------------------------------------------------------------------------


def test_the_boundary_is_written_as_the_next_version(explorer: Explorer, tmp_path: Path) -> None:
    explorer.set(auto=0.9, reviewers={"sdr-desk": 5})
    day = dt.date(2026, 9, 30)
    file = explorer.export(tmp_path / "b.yaml", who="Ana", note="As agreed.", on=day)
    spec = hs.load_boundary(file)
    assert spec.boundary.version == explorer.base.boundary.version + 1
    assert spec.boundary.bands.auto == 0.9
    entry = spec.changes[-1]
    assert (entry.by, entry.date, entry.why[0]) == ("Ana, hitlsim explore", day, "As agreed.")
    assert any("0.9 instead of 0.85" in why for why in entry.why)
    assert any("seed 3" in why and explorer.scenario.fingerprint[:12] in why for why in entry.why)
    assert "reviewers 5 of sdr-desk" in entry.why[-1]
    assert entry.expected["exception_rate"][0] == pytest.approx(
        explorer.answer.now["all", "exception_rate"].value, abs=1e-6
    )
    explorer.set(auto=0.8).export(file)
    assert [c.version for c in hs.load_boundary(file).changes] == [2, 3]
    assert explorer.boundary.version == 2


def test_nothing_is_written_where_nothing_changes(explorer: Explorer, tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    with pytest.raises(hs.ScenarioError, match="the scenario on-the-loop says the same already"):
        explorer.set(volume=2.0).export(file)
    other = tmp_path / "notes.yaml"
    other.write_text("name: x\n")
    with pytest.raises(hs.ScenarioError, match="is no boundary spec, so it is not overwritten"):
        explorer.set(auto=0.9).export(other)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.yaml"]
    assert other.read_text() == "name: x\n"


@settings(max_examples=8)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "auto": st.sampled_from([0.7, 0.86, 0.95]),
            "review": st.sampled_from([0.1, 0.5, 0.69]),
            "deal_size_above": st.sampled_from([None, 100_000.0]),
            "signals": st.sampled_from([[], ["ethical"]]),
            "audit_share": st.sampled_from([0.0, 0.3]),
        },
    ).filter(bool)
)
def test_the_exported_rules_are_the_sessions_and_load_again(moves: dict[str, Any]) -> None:
    explorer = explore(hs.load("outbound").with_(weeks=3)).set(**moves)
    with tempfile.TemporaryDirectory() as folder:
        spec = hs.load_boundary(explorer.export(Path(folder, "b.yaml"))).boundary
    again = explore(explorer.base, boundary=spec)
    rules = explorer.scenario.boundary
    for flow in explorer.base.workflows:
        assert spec.bands_of(flow) == rules.bands_of(flow)
        assert spec.deal_limit_of(flow) == rules.deal_limit_of(flow)
        assert spec.signals_of(flow) == rules.signals_of(flow)
    assert spec.model_dump(exclude={"version"}) == rules.model_dump(exclude={"version"})
    pd.testing.assert_frame_equal(
        explorer.figures[["value", "low", "high"]], again.figures[["value", "low", "high"]]
    )


def test_code_needs_no_order_of_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The band of all others may stand above the one that a workflow had before."""
    explorer = explore("on-the-loop", runs=1).set(workflow="crm_update", auto=0.9)
    explorer.set(auto=0.95, review=0.85)
    names: dict[str, Any] = {}
    monkeypatch.setitem(vars(hs), "explore", explore)
    exec(explorer.code(), names)  # noqa: S102 - it is our own
    assert names["scenario"] == explorer.scenario


@pytest.mark.parametrize("given", [False, True])
def test_the_code_makes_the_same_scenario(given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = {"bands": {"auto": 0.82, "review": 0.5}} if given else None
    start = None if spec is None else hs.Boundary(**spec)
    explorer = explore("on-the-loop", boundary=start, seed=5, runs=1)
    explorer.set(auto=0.9, habits="careful", deal_size_above=None)
    explorer.set(workflow="crm_update", auto=0.7, volume=1.2, signals=["ethical"])
    explorer.set(reviewers={"sdr-desk": 5}, habits={"managers": "typical"})
    names: dict[str, Any] = {}
    monkeypatch.setitem(vars(hs), "explore", explore)
    exec(explorer.code(), names)  # noqa: S102 - it is our own
    assert names["scenario"] == explorer.scenario
    assert names["base"] == explorer.base
    pd.testing.assert_frame_equal(names["figures"], explorer.figures, check_exact=True)


def test_the_code_of_a_scenario_made_in_python_says_so(five_weeks: hs.Scenario) -> None:
    code = explore(five_weeks).code()
    assert "hs.dump()" in code
    assert five_weeks.fingerprint[:12] in code


# --- in the background ---------------------------------------------------------------------------


def test_the_latest_move_wins(explorer: Explorer) -> None:
    told: list[float] = []

    def tell() -> None:
        told.append(explorer.answer.now["all", "exception_rate"].value)

    explorer.look_on(lambda: None, tell, lambda error: None)
    for auto in (0.86, 0.87, 0.88, 0.9):
        explorer.set(auto=auto).refine(wait=False)
    explorer.refine()
    assert explorer.answer.runs == 6
    alone = explore(explorer.base, seed=3, runs=6).set(auto=0.9).refine()
    assert told[-1] == alone.answer.now["all", "exception_rate"].value


def test_background_work_stops_when_told() -> None:
    began, ended = threading.Event(), threading.Event()

    def work(stopped: Any) -> None:
        began.set()
        while not stopped():
            time.sleep(0.001)
        ended.set()
        raise Interrupted

    refiner = Refiner(work)
    refiner.again()
    assert began.wait(5)
    refiner.stop()
    refiner.wait()
    assert ended.is_set()


def test_a_move_that_cannot_be_shown_is_taken_back(explorer: Explorer) -> None:
    def broken() -> None:
        raise KeyboardInterrupt

    explorer.set(auto=0.9).look_on(broken, lambda: None, lambda error: None)
    moves: list[Callable[[], Any]] = [lambda: explorer.set(auto=0.8), explorer.reset, explorer.pin]
    for move in moves:
        with pytest.raises(KeyboardInterrupt):
            move()
        assert explorer.moves == {("auto", ""): 0.9}
        assert explorer.pinned_as == "on-the-loop"


def test_whoever_looks_on_is_told_what_went_wrong(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Exception] = []
    explorer.look_on(lambda: None, lambda: None, told.append)
    explorer.figures  # noqa: B018 - the first run
    error = MemoryError("no room")
    monkeypatch.setattr(explorer._worlds, "sums", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(MemoryError):
        explorer.refine()
    assert told == [error]


def test_too_few_runs_for_a_mean_are_not_made(explorer: Explorer) -> None:
    explorer.refine(ENOUGH_RUNS - 1)
    assert explorer.needed_runs == 1
    assert not explorer._worlds.has((), 1)


def test_sessions_share_their_draws_and_keep_no_more_than_so_many_bytes() -> None:
    """A cell that is run again makes a new session, and the old one is not freed."""
    base = hs.load("outbound").with_(weeks=2)
    drawn = Drawn(10**9)
    one = drawn.of(base, 1)
    assert drawn.of(base.with_(boundary=hs.Boundary()), 1) is one
    each = drawn.kept_bytes
    drawn.most_bytes = 3 * each + each // 2
    other = base.with_(name="other")
    drawn.of(other, 1)
    kept = {seed: drawn.of(base, seed) for seed in (2, 3, 4, 5)}
    assert drawn.kept_bytes <= drawn.most_bytes
    # those of another world went first; then the last seeds, not the first ones
    assert drawn.of(base, 1) is one
    assert drawn.of(base, 2) is kept[2]
    assert drawn.of(base, 4) is not kept[4]


def test_what_goes_wrong_in_the_background_is_told_to_whoever_waits() -> None:
    def work(stopped: Any) -> None:
        raise hs.ScenarioError("no such world")

    refiner = Refiner(work)
    refiner.again()
    with pytest.raises(hs.ScenarioError, match="no such world"):
        refiner.wait()
    refiner.wait()  # told once


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ({}, "nothing to move; what can be moved: auto, review"),
        ({"aut": 0.9}, "'aut' cannot be moved; did you mean 'auto'"),
        ({"auto": 1.4}, "auto: 1.4 is out of range; give a number from 0 to 1"),
        ({"auto": "high"}, "auto: 'high' must be a number from 0 to 1"),
        ({"auto": True}, "auto: True must be a number"),
        ({"auto": float("nan")}, "auto: nan must be a number"),
        ({"auto": 0.3}, "review 0.6 is above auto 0.3; lower review or raise auto"),
        ({"auto": 0.5, "workflow": "crm_update"}, "crm_update: review band 0.6 is above the auto"),
        ({"auto": 0.9, "workflow": "crm"}, "auto: 'crm' is no workflow; "),
        ({"auto": 0.9, "workflow": "stage_change"}, "a person decides about all of it"),
        ({"audit_share": 0.2, "workflow": "crm_update"}, "audit_share: is for all"),
        ({"deal_size_above": None, "workflow": "crm_update"}, "must be a number from 1 to"),
        ({"deal_size_above": -5}, r"-5 is out of range; .*\(EUR\), or None for never"),
        ({"signals": "ethical"}, r"must be a list of signals, such as \['negative_sentiment'\]"),
        ({"signals": ["ethicl"]}, "'ethicl' is no signal; did you mean 'ethical'"),
        ({"reviewers": 3}, r"say of which pool: reviewers=\{'sdr-desk'"),
        ({"reviewers": {"sdr": 3}}, "'sdr' is no pool; known: sdr-desk, revops"),
        ({"reviewers": {"crm_update": 3}}, "'crm_update' is a workflow; pools: sdr-desk"),
        ({"reviewers": {"sdr-desk": 0}}, "0 is out of range; give a number from 1 to 40"),
        ({"reviewers": {"sdr-desk": 2.5}}, "2.5 must be a whole number from 1 to 40"),
        ({"reviewers": {"sdr-desk": 2}, "workflow": "crm_update"}, "does not go with it"),
        ({"habits": "hurried"}, "'hurried' is not there; known: typical, careful"),
        ({"signals": [7]}, "signals: 7 is no signal; known: "),
        ({"reviewers": {"sdr-desk": float("inf")}}, "inf is out of range"),
        ({"auto": 10**400}, "is out of range"),
        ({"auto": {}}, "auto: {} moves nothing"),
        ({"auto": {1: 0.9}}, "auto: 1 is no workflow"),
        ({"volume": 9}, "9 is out of range; give a number from 0.1 to 5"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_nothing_moves(
    move: dict[str, Any], why: str, explorer: Explorer
) -> None:
    explorer.set(volume=1.1)
    with pytest.raises(hs.ScenarioError, match=why) as told:
        explorer.set(**move)
    assert "\n" not in str(told.value)
    assert explorer.moves == {("volume", ""): 1.1}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"runs": 0}, "runs=0 must be a whole number from 1 to 200"),
        ({"seed": -1}, "seed -1 must be a whole number"),
        ({"boundary": 7}, "boundary=7 must be a boundary spec, its file, or what hs.tune"),
        ({"boundary": "nowhere.yaml"}, "nowhere.yaml: no such file"),
        ({"boundary": hs.Boundary(workflows={"crm": {"auto": 0.8}})}, "is no workflow"),
    ],
)
def test_what_cannot_be_explored_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(hs.ScenarioError, match=why):
        explore("on-the-loop", **given)


def test_a_scenario_that_is_not_there_is_refused() -> None:
    with pytest.raises(hs.ScenarioError, match="on-the-lop: no such scenario file; did you mean"):
        explore("on-the-lop")


def test_questions_about_nothing_are_refused(explorer: Explorer) -> None:
    with pytest.raises(hs.ScenarioError, match="kind 'silent' is unknown; did you mean"):
        explorer.examples("silent")
    with pytest.raises(hs.ScenarioError, match="phase 'steady' is unknown; did you mean"):
        explorer.examples("long wait", phase="steady")
    with pytest.raises(hs.ScenarioError, match="n=0 must be a whole number"):
        explorer.examples("long wait", n=0)
    with pytest.raises(hs.LogError, match="decision 'x' is not in the log"):
        explorer.why("x")
    with pytest.raises(hs.ScenarioError, match="runs=500 must be"):
        explorer.refine(500)
