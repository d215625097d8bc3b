"""What a team is told day by day is what the log says in the end, and nothing of the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.decisions.columns import SAFE_ROUTES
from hitlsim.simulation import run as running
from hitlsim.simulation.contract import SEEN, Journal
from hitlsim.simulation.governing.watching import Watch
from tests.simulation.small_teams import SAFE_FLOW, START, reps_and_lead, small_team

SAFE: dict[str, Any] = {
    **SAFE_FLOW,
    "by_hand": {"minutes": {"median": 3.0, "sigma": 0.4}},
    "ai": {"confidence_mean": 0.85, "intercept": -0.5, "slope": 1.0},
}
# so that a few hundred emails show everything
OFTEN = {
    "bounce": 0.05, "spam": 0.03, "opt_out": 0.05, "reply": 0.3, "positive": 0.6, "meeting": 0.6,
}  # fmt: skip
EMAILED = {"channel": "email", "email": OFTEN}


def team(**changes: Any) -> hs.Scenario:
    """Six weeks in which everything happens that can be seen."""
    plain: dict[str, Any] = {
        "weeks": 6,
        "signals": {"angry": {"share": 0.1, "odds_of_ok": 0.3}},
        "agents": {"bot": {"may": ["clean_list", "send_email", "send_letter"], "slots": 5}},
        "workflows": {
            "clean": {**SAFE, "action": "clean_list", "volume_per_week": 120},
            "mail": {**SAFE, **EMAILED, "action": "send_email", "volume_per_week": 200},
            # a letter takes three days on its way
            "letter": {**SAFE, **EMAILED, "access": "manager-approved", "gate": "send",
                       "action": "send_letter", "volume_per_week": 80, "execute_seconds": 260_000},
        },
        "boundary": {
            "bands": {"auto": 0.8, "review": 0.6},
            "triggers": {"signals": ["angry"]},
            "audit": {"share": 0.2},
        },
        "pools": reps_and_lead(["ann", "bob"], edit_share=0.5),
        "phases": {
            "shadow": {"weeks": 1, "exceptions": "observe", "looks": {"share": 1.0}},
            "exception-only": {"weeks": 2, "looks": {"share": 0.3, "cadence": "weekly"}},
            "steady-state": {"looks": {"share": 0.1, "cadence": "monthly", "at": "tue 09:00"}},
        },
        "governance": {
            "pauses": {"bounces": {"rate": "bounce", "pause": 0.08, "exact_test": False}},
            "kill_switches": {"clean": {"from_week": 5, "weeks": 1}},
            "rollout": {"first": ["mail", "letter"], "next_after_weeks": 1},
        },
        "crm": {"contacts": 800.0, "decay_per_month": 0.3, "refreshed_by": ["clean"]},
    }  # fmt: skip
    return small_team(**{**plain, **changes})


def lied(journal: Journal) -> Journal:
    """The same journal, but of everything right it says that it was wrong, and the other way."""
    went_out = journal.went_out.copy()
    went_out["ok"] = np.where(went_out["ok"] < 0, went_out["ok"], 1 - went_out["ok"])
    return journal._replace(went_out=went_out)


class TwinWatch(Watch):
    """Keeps itself, and a twin that is lied to about the truth."""

    kept: TwinWatch
    twin: Watch

    def __init__(self, scenario: hs.Scenario, draws: Any) -> None:
        super().__init__(scenario, draws)
        self.twin = Watch(scenario, draws)
        TwinWatch.kept = self

    def note(self, day: int, journal: Journal) -> None:
        super().note(day, journal)
        self.twin.note(day, lied(journal))


Watched = tuple[hs.Run, TwinWatch]


@pytest.fixture
def simulate() -> Iterator[Callable[[hs.Scenario], Watched]]:
    """A run, and what the team saw of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "Watch", TwinWatch)
        yield lambda s: (hs.simulate(s, seed=7), TwinWatch.kept)


@pytest.fixture(scope="module")
def watched() -> Watched:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "Watch", TwinWatch)
        return hs.simulate(team(), seed=7), TwinWatch.kept


def by_day(run: hs.Run, times: pd.Series, which: pd.Series) -> NDArray[np.int64]:
    """How many rows of each workflow on each day, going by one of the row's times."""
    day = (times[which].dt.tz_localize(None) - pd.Timestamp(START)) // pd.Timedelta(1, "D")
    flow = run.log.frame["workflow"].cat.codes[which]
    out = np.zeros((run.scenario.weeks * 7, len(run.scenario.workflows)), np.int64)
    np.add.at(out, (day.to_numpy(), flow.to_numpy()), 1)
    return out


def yes(column: pd.Series) -> pd.Series:
    return column.fillna(value=False).astype(bool)


# --- exactness -----------------------------------------------------------------------------------


def test_what_is_seen_of_decisions_is_what_the_log_says_day_by_day(watched: Watched) -> None:
    run, watch = watched
    f, seen = run.log.frame, watch.seen
    alone = (f["route"] == "auto") & f["look_verdict"].notna()
    expected = {
        "decided": by_day(run, f["decided_at"], f["decided_at"].notna()),
        "safe": by_day(run, f["decided_at"], f["route"].isin(SAFE_ROUTES)),
        "exceptions": by_day(run, f["decided_at"], f["exception"]),
        "looked": by_day(run, f["looked_at"], alone),
        "looked_bad": by_day(run, f["looked_at"], alone & (f["look_verdict"] != "approve")),
    }
    # exceptions that waited have a verdict; those of the shadow weeks were observed
    waited = f["exception"] & f["verdict"].notna()
    observed = f["exception"] & (f["look"] == "observe") & f["look_verdict"].notna()
    for name, waits, observes in (
        ("exceptions_judged", waited, observed),
        ("overridden", waited & (f["verdict"] != "approve"),
         observed & (f["look_verdict"] != "approve")),
    ):  # fmt: skip
        expected[name] = by_day(run, f["ended_at"], waits) + by_day(run, f["looked_at"], observes)
    for name, counts in expected.items():
        assert counts.sum() > 10, name
        np.testing.assert_array_equal(seen[name], counts, name)


def test_what_is_seen_of_emails_is_what_the_log_says(watched: Watched) -> None:
    run, watch = watched
    f, seen = run.log.frame, watch.seen
    sent = f["executed_at"].notna() & (f["channel"] == "email")
    assert f["bounced"].notna().equals(sent)
    for name, counts in (
        ("emails", by_day(run, f["executed_at"], sent)),
        ("bounced", by_day(run, f["executed_at"], yes(f["bounced"]))),
    ):
        assert counts.sum() > 20
        np.testing.assert_array_equal(seen[name], counts, name)
    # on which day an answer came does not stand in the log, but in the draws
    after = pd.Series(run.draws.email["after"], pd.Index(run.draws.ids))
    came = f["executed_at"] + pd.to_timedelta(f["decision_id"].map(after), "ms")
    for name, column in (
        ("spam", "marked_spam"), ("opted_out", "opted_out"), ("replied", "replied"),
        ("meetings", "meeting"),
    ):  # fmt: skip
        counts = by_day(run, came, yes(f[column]))
        assert counts.sum() > 5, name
        np.testing.assert_array_equal(seen[name], counts, name)


def test_corrections_are_all_edits_and_rejections(watched: Watched) -> None:
    run, watch = watched
    f = run.log.frame
    changed = f["verdict"].isin(["edit", "reject"]).astype(int)
    changed += (f["redrafted"] & f["final_verdict"].isin(["edit", "reject"])).astype(int)
    changed += f["look_verdict"].isin(["edit", "reject"]).astype(int)
    assert (f["redrafted"] & f["final_verdict"].isin(["edit", "reject"])).any()
    in_log = changed.groupby(f["workflow"], observed=False).sum()
    assert watch.seen["corrections"].sum(axis=0).tolist() == in_log.tolist()


def test_records_are_refreshed_by_what_went_out_right(watched: Watched) -> None:
    run, watch = watched
    f = run.log.frame
    right = f["executed_at"].notna() & ~f["true_bad_out"] & (f["workflow"] == "clean")
    np.testing.assert_array_equal(watch.seen["refreshed"], by_day(run, f["executed_at"], right))
    assert right.sum() > 100


def test_what_takes_effect_later_is_counted_then_among_the_contacts_of_that_day(
    watched: Watched,
) -> None:
    """Letters are three days on their way, some beyond the end.

    A third of the contacts rot each month, so that bounces are those of the log (see above) only if
    they are asked for on the day the letter arrives.
    """
    run, watch = watched
    f = run.log.frame
    letters = f[(f["workflow"] == "letter") & ~f["by_hand"]]
    gone = letters.dropna(subset=["executed_at"])
    way = gone["executed_at"] - gone["ended_at"].where(~gone["redrafted"])
    assert (way.dropna() == pd.Timedelta(260_000, "s")).all()
    end = pd.Timestamp(START, tz="UTC") + pd.Timedelta(6, "W")
    assert gone["executed_at"].max() < end
    on_the_way = letters["executed_at"].isna() & (letters["final_verdict"] == "approve")
    assert on_the_way.any(), "approved on the last days"
    assert not letters["true_bad_out"][on_the_way].any()
    assert letters["bounced"][on_the_way].isna().all()
    assert letters["delay_cost"][on_the_way].isna().all()
    assert (np.diff(watch.stale[:14]) > 0).all(), "more rot than are mended"


def test_a_team_without_emails_sees_none(simulate: Callable[[hs.Scenario], Watched]) -> None:
    flows = {"clean": {**SAFE, "action": "clean_list", "volume_per_week": 120}}
    _, watch = simulate(team(workflows=flows, governance={}, crm=None, weeks=4))
    for name in ("emails", "bounced", "spam", "opted_out", "replied", "meetings", "refreshed"):
        assert not watch.seen[name].any(), name
    assert watch.seen["decided"].any()
    assert not watch.stale.any()


# --- nothing of the truth ------------------------------------------------------------------------


def test_whether_something_was_wrong_is_only_seen_by_what_came_of_it(watched: Watched) -> None:
    _, watch = watched
    # records refreshed wrongly stay stale, and emails to them bounce
    answers = {"bounced", "spam", "opted_out", "replied", "meetings", "refreshed"}
    for name in SEEN.names or ():
        same = np.array_equal(watch.seen[name], watch.twin.seen[name])
        assert same == (name not in answers), name


def test_where_nobody_answers_otherwise_the_truth_is_not_seen(
    simulate: Callable[[hs.Scenario], Watched],
) -> None:
    alike = {**EMAILED, "email": {**OFTEN, "bad_spam": 1.0, "bad_reply": 1.0}}
    flows = {"mail": {**SAFE, **alike, "action": "send_email", "volume_per_week": 200}}
    _, watch = simulate(team(workflows=flows, governance={}, crm=None, weeks=4))
    np.testing.assert_array_equal(watch.seen, watch.twin.seen)
    assert watch.seen["replied"].sum() > 50
