"""Whether the random scenarios are worth comparing engines on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.scenario.governance import Rate
from hitlsim.scenario.hours import DAY_MS
from hitlsim.simulation.contract import (
    FIRST,
    LOOK,
    NEVER,
    REDRAFT,
    ROUNDS,
    SIGNAL_BITS,
    LookKind,
    Route,
    Verdict,
)
from hitlsim.simulation.governing.governor import Action, boundary_of
from hitlsim.simulation.table import table_of
from hitlsim.simulation.world.arriving import list_drops
from tests.simulation.random_scenarios import SCENARIOS, attempts_at, draws_of, scenario_of

Mask = NDArray[np.bool_]


def test_nearly_every_attempt_is_valid() -> None:
    attempts = [next(attempts_at(seed)) for seed in range(200)]
    wrong = [made for made in attempts if isinstance(made, str)]
    assert len(wrong) < 0.05 * len(attempts), "\n".join(wrong)


def test_the_same_seed_is_the_same_scenario() -> None:
    one, again, other = (scenario_of(seed) for seed in (3, 3, 4))
    assert one == again
    assert one != other


@settings(max_examples=30)
@given(SCENARIOS)
def test_a_random_scenario_can_be_written_down(scenario: hs.Scenario) -> None:
    """So that one on which engines differ can be looked at, cut down, and kept."""
    assert hs.Scenario.model_validate(scenario.to_dict()) == scenario


def tied(times: NDArray[np.int64]) -> int:
    """Moments at which it happens more than once."""
    _, counts = np.unique(times[times != NEVER], return_counts=True)
    return int((counts > 1).sum())


def of_visits(run: hs.Run) -> dict[str, Mask]:
    """What happened to visits: for each visit or decision whether it did."""
    out, table = run.outcome.every(), table_of(run.scenario, run.draws)
    first, redraft, look = (out[r::ROUNDS] for r in (FIRST, REDRAFT, LOOK))
    decisions, drafts = run.draws.world.decisions, run.draws.world.visits[FIRST]
    flow = table.workflows[decisions["workflow"]]
    bands = [run.scenario.boundary.bands_of(name) for name in run.scenario.workflows]
    auto, review = np.array([(b.auto, b.review) for b in bands])[decisions["workflow"]].T
    taken, confidence = first["drafted"] != NEVER, drafts["confidence"]
    asks = boundary_of(run.scenario)["triggers"][decisions["workflow"]]
    for_all = sum(1 << bit for bit, name in enumerate(run.scenario.signals)
                  if name in run.scenario.boundary.triggers.signals)  # fmt: skip
    by_signal = (first["reasons"] // SIGNAL_BITS) * (taken & (first["reasons"] >= SIGNAL_BITS))
    done, began = out["ended"] != NEVER, out["started"] != NEVER
    by_hand, manual = first["by_hand"] == 1, first["route"] == Route.MANUAL
    exception = np.isin(first["route"], (Route.REVIEW, Route.TRIAGE))
    escalated, audited = out["escalated"] != NEVER, look["look"] == LookKind.AUDIT
    queued_then = np.isin(out["started"], out["queued"]) & began
    return {
        **{f"route {r.name}": first["route"] == r for r in Route},
        **{f"look {k.name}": (look["look"] == k) & (look["ended"] != NEVER) for k in LookKind},
        **{f"verdict {v.name}": out["verdict"] == v for v in Verdict},
        **{f"phase {p}": first["phase"] == p for p in range(3)},
        "score at the auto band": taken & (confidence == auto),
        "score at the review band": taken & (confidence == review) & (review < auto),
        "signal that asks here only": by_signal & ~for_all != 0,
        "signal that asks elsewhere": taken & (decisions["signals"] & for_all & ~asks != 0),
        "held back by a list limit": table.ready == NEVER,
        "delayed by an approval": taken & (table.ready > decisions["arrival"]),
        "waits for a slot": first["drafting"] > table.ready,
        "exception that is only observed": exception & (look["look"] == LookKind.OBSERVE),
        "exception that waits": exception & (first["queued"] != NEVER),
        "escalated": escalated,
        "escalated and done": escalated & done,
        "escalated redraft": redraft["escalated"] != NEVER,
        "begun the moment something is queued": queued_then,
        "by hand for governance": manual & (first["ended"] != NEVER),
        "optional draft unused": by_hand & ~manual & (first["ended"] != NEVER),
        "optional draft used": flow["optional"] & (first["by_hand"] == 0) & (first["ended"] >= 0),
        "skipped when it goes alone": (first["route"] == Route.AUTO) & (first["skipped"] == 1),
        "skipped after a yes": (out["skipped"] == 1) & (out["verdict"] != NEVER),
        "skipped by hand": by_hand & (first["skipped"] == 1),
        "redraft": redraft["drafting"] != NEVER,
        "redraft rejected": redraft["verdict"] == Verdict.REJECT,
        "takes effect later": done & (out["executed"] > out["ended"]),
        "takes effect after the end": out["executed"] > table.horizon_ms,
        "bulk, read": (out["bulk"] == 1) & (out["inspected"] == 1),
        "bulk, not read": (out["bulk"] == 1) & (out["inspected"] == 0),
        "look not in bulk": look["bulk"] == 0,
        "waved through": (first["inspected"] == 0) & (first["verdict"] == Verdict.APPROVE),
        "audit of what went alone": audited & (first["route"] == Route.AUTO),
        "audit of a reviewed one": audited & (first["verdict"] != NEVER),
        "audit of a redraft": audited & (redraft["executed"] != NEVER),
        "look that finds fault": look["verdict"] > Verdict.APPROVE,
        "work across midnight": done & (out["started"] // DAY_MS < out["ended"] // DAY_MS),
        "begun as a shift begins": began & np.isin(out["started"], table.agenda["time"]),
        "ends as a shift ends": done & np.isin(out["ended"], table.agenda["time"]),
        "left waiting at the end": (out["queued"] != NEVER) & ~began,
        "at work at the end": began & ~done,
    }  # fmt: skip


def of_actions(actions: tuple[Action, ...]) -> Iterator[str]:
    """What governance did, without numbers and names."""
    for action in actions:
        setting, what = action.rule.split("."), action.what.split(" for ")[0]
        if setting[1] == "pauses":
            yield f"{what} for {action.because.split()[0]}" if what != "warned" else what
        else:
            yield f"{setting[-1] if setting[0] == 'phases' else setting[1]}: {what}"


def of_log(run: hs.Run) -> dict[str, Mask]:
    """What came of decisions, and when."""
    frame = run.log.frame
    yes = ("rolled_back", "bounced", "marked_spam", "opted_out", "replied", "meeting", "no_show")
    return {
        **{name: frame[name].fillna(value=False).astype(bool).to_numpy() for name in yes},
        **{f"gate {g}": (frame["gate"] == g).to_numpy() for g in frame["gate"].cat.categories},
        "complaint": (frame["surfaced_by"] == "complaint").to_numpy(),
        "costs by waiting": (frame["delay_cost"] > 0).to_numpy(),
    }  # fmt: skip


def of_team(s: hs.Scenario, run: hs.Run) -> dict[str, bool]:
    """What the scenario has, in ways that no decision tells."""
    rules, table = s.governance, table_of(s, run.draws)
    people = [r for _, _, r in s.reviewers()]
    flows, arrived = s.workflows.values(), run.log.frame["arrived_at"]
    local, utc = (arrived.dt.tz_convert(zone).dt.tz_localize(None) for zone in (s.zone, "UTC"))
    return {
        "no decision at all": not len(run.draws),
        "a list comes": any(list_drops(s, w) for w in flows),
        "a silent workflow": any(w.volume_per_week == 0 and not w.list_drop for w in flows),
        "skills": table.n_queues > len(s.pools),
        "own habits": any(r.habits in s.habits for r in people),
        "calls": bool(rules.calls), "incident": bool(s.incidents), "holidays": bool(s.holidays),
        "somebody away": any(r.holidays for r in people),
        "learnt": any(w.ai.learning.odds_reduction > 0 for w in flows)
        and bool((run.outcome.every()["verdict"] > Verdict.APPROVE).any()),
        "contacts that rot": run.stale[-1] > run.stale[0],
        "contacts that are mended": run.stale[-1] < run.stale[0],
        "the clocks change": (local - utc).nunique() > 1,
        "a month ends": local.dt.month.nunique() > 1,
        "not started": run.not_started > 0,
        "allow_unsafe": s.allow_unsafe,
    }  # fmt: skip


GOVERNANCE = {
    *(f"paused for {rate}" for rate in Rate), "warned",
    *(f"emergency: {what}" for what in ("people were told", "paused", "back one phase",
      "people were told: all are in the first phase already")),
    "kill_switches: killed", "kill_switches: back on", "rollout: started",
    "until: moved on to exception-only", "until: moved on to steady-state",
    "back_if: back to shadow", "back_if: back to exception-only",
}  # fmt: skip
"""Everything that governance can do."""
MOMENTS = ("drafted", "queued", "escalated", "started", "ended")


def test_random_scenarios_take_every_branch() -> None:
    """Else engines could agree on them without having done anything."""
    seen: Counter[str] = Counter(dict.fromkeys(GOVERNANCE, 0))
    for seed in range(150):
        scenario = scenario_of(seed)
        run = hs.simulate(scenario, seed=seed, draws=draws_of(scenario, seed))
        for masks in (of_visits(run), of_log(run)):
            seen.update({name: int(np.count_nonzero(mask)) for name, mask in masks.items()})
        done = list(of_actions(run.actions))
        assert GOVERNANCE.issuperset(done), "it has learnt something new"
        seen.update(done)
        seen.update({name: int(has) for name, has in of_team(scenario, run).items()})
        out = run.outcome.every()
        seen.update({f"several {name} at one moment": tied(out[name]) for name in MOMENTS})
    rare = {name: n for name, n in seen.items() if n < 3}
    assert not rare, f"hardly ever happens: {rare}"
