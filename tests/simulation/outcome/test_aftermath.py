"""What the world answers: emails, complaints, harm, what waiting loses, and rotting contacts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy import stats

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS, HOUR_MS
from hitlsim.simulation.contract import DECISION, EMAIL, NEVER, WENT_OUT, Records, Verdict
from hitlsim.simulation.outcome.aftermath import (
    FOREVER,
    complaint_times,
    day_of,
    fate_of,
    harm_of,
    log_odds_lost,
    lost_by_waiting,
    stale_next,
    went_bad,
)
from hitlsim.simulation.outcome.fates import Fate
from tests.simulation.small_teams import SAFE_FLOW, reps_and_lead, small_team

SAFE: dict[str, Any] = {**SAFE_FLOW, "volume_per_week": 100}
OFTEN = {
    "bounce": 0.05, "spam": 0.02, "opt_out": 0.04, "reply": 0.3, "positive": 0.5, "meeting": 0.4,
    "no_show": 0.3, "reply_days": {"median": 0.001, "sigma": 0.0},
}  # fmt: skip
"""Settings that a few thousand emails can tell apart, and answers that come at once."""
CRM, MAIL = 0, 1


def team(
    *, crm_flow: dict[str, Any] | None = None, mail_flow: dict[str, Any] | None = None,
    email: dict[str, Any] | None = None, **changes: Any,
) -> hs.Scenario:  # fmt: skip
    """Two workflows that go out alone; nobody looks at them unless the phase says so."""
    mail = {"action": "send_email", "channel": "email", "email": {**OFTEN, **(email or {})}}
    plain: dict[str, Any] = {
        "weeks": 4,
        "agents": {"bot": {"may": ["write_crm", "send_email"], "slots": 50}},
        "workflows": {
            "crm": {**SAFE, "action": "write_crm", **(crm_flow or {})},
            "mail": {**SAFE, **mail, **(mail_flow or {})},
        },
        "boundary": {"bands": {"auto": 0.0, "review": 0.0}},
        "pools": reps_and_lead(["ann", "bob"], habits="steady"),
        "phases": {"steady-state": {"looks": {"share": 0.0}}},
    }
    return small_team(**{**plain, **changes})


def decisions_of(n: int, workflow: int = MAIL, **values: Any) -> Records:
    out = np.zeros(n, DECISION)
    out["workflow"] = workflow
    for name, value in values.items():
        out[name] = value
    return out


def draws_of(n: int, seed: int = 1) -> Records:
    rng = np.random.default_rng(seed)
    out = np.zeros(n, EMAIL)
    for name in EMAIL.names or ():
        out[name] = rng.random(n)
    return out


def fates(
    s: hs.Scenario, n: int, *, bad: ArrayLike = False, stale: float = 0.0, flow: int = MAIL
) -> Fate:
    bads = np.broadcast_to(np.asarray(bad, bool), n)
    return fate_of(s, decisions_of(n, flow), draws_of(n), bads, np.full(n, stale))


def as_stated(happened: NDArray[np.bool_] | pd.Series, share: float) -> bool:
    """Whether a share of so many is plausible; of right programs one in a thousand is not."""
    k, n = int(np.sum(happened)), len(happened)
    assert n > 100, "enough to tell"
    return bool(stats.binomtest(k, n, share).pvalue > 0.001)


def odds_times(p: float, factor: float) -> float:
    odds = p / (1 - p) * factor
    return odds / (1 + odds)


# --- emails --------------------------------------------------------------------------------------


def test_good_emails_fare_as_the_settings_say() -> None:
    """200,000 of them; of seven shares each is called wrong in .1% with a fresh seed."""
    email = {"bounce": 0.033, "spam": 0.0005, "opt_out": 0.004, "reply": 0.034, "positive": 0.41,
             "meeting": 0.36, "no_show": 0.30}  # fmt: skip
    fate = fates(team(email=email), 200_000)
    assert fate.sent.all()
    there = ~fate.bounced
    for name, happened, among in (
        ("bounce", fate.bounced, fate.sent),
        ("spam", fate.marked_spam, there),
        ("opt_out", fate.opted_out, there),
        ("reply", fate.replied, there),
        ("positive", fate.positive, fate.replied),
        ("meeting", fate.meeting, fate.positive),
        ("no_show", fate.no_show, fate.meeting),
    ):
        assert as_stated(happened[among], email[name]), name


def test_bad_emails_annoy_more_and_are_answered_less_by_the_odds_stated() -> None:
    """200,000 bad ones; of five shares each is called wrong in .1% with a fresh seed."""
    fate = fates(team(email={"bad_spam": 8.0, "bad_reply": 0.4}), 200_000, bad=True)
    there = ~fate.bounced
    assert as_stated(fate.bounced, 0.05), "an address does not know what the email says"
    assert as_stated(fate.marked_spam[there], odds_times(0.02, 8))
    assert as_stated(fate.opted_out[there], odds_times(0.04, 8))
    assert as_stated(fate.replied[there], odds_times(0.3, 0.4))
    assert as_stated(fate.positive[fate.replied], 0.5), "whoever answers is as interested"


def test_factors_of_one_make_bad_emails_as_good_as_others() -> None:
    alike = team(email={"bad_spam": 1.0, "bad_reply": 1.0})
    for with_good, with_bad in zip(fates(alike, 5000), fates(alike, 5000, bad=True), strict=True):
        np.testing.assert_array_equal(with_good, with_bad)
    worse = team(email={"bad_spam": 3.0, "bad_reply": 0.5})
    good, bad = fates(worse, 5000), fates(worse, 5000, bad=True)
    assert (bad.marked_spam >= good.marked_spam).all(), "the same people, and some more"
    assert (bad.opted_out >= good.opted_out).all()
    assert (bad.replied <= good.replied).all()


@pytest.mark.parametrize(
    ("email", "name", "good", "bad"),
    [
        ({"reply": 1.0, "bad_reply": 0.0, "bounce": 0.0}, "replied", True, False),
        ({"reply": 0.0, "bad_reply": 1000.0}, "replied", False, False),
        ({"spam": 1.0, "bad_spam": 0.0, "bounce": 0.0}, "marked_spam", True, False),
        ({"spam": 0.0, "opt_out": 0.0, "bad_spam": 1000.0}, "opted_out", False, False),
    ],
)
def test_certainties_stay_certain(email: dict[str, Any], name: str, good: bool, bad: bool) -> None:
    for is_bad, expected in ((False, good), (True, bad)):
        assert (getattr(fates(team(email=email), 500, bad=is_bad), name) == expected).all()


@given(
    seed=st.integers(0, 1000), stale=st.floats(0, 1),
    shares=st.lists(st.floats(0, 1), min_size=7, max_size=7),
)  # fmt: skip
def test_one_thing_leads_to_another_and_nothing_to_an_address_that_is_gone(
    seed: int, stale: float, shares: list[float]
) -> None:
    names = ("bounce", "spam", "opt_out", "reply", "positive", "meeting", "no_show")
    s = team(email=dict(zip(names, shares, strict=True)))
    n = 200
    bad = np.random.default_rng(seed).random(n) < 0.5
    fate = fate_of(s, decisions_of(n), draws_of(n, seed), bad, np.full(n, stale))
    assert (fate.positive <= fate.replied).all()
    assert (fate.meeting <= fate.positive).all()
    assert (fate.no_show <= fate.meeting).all()
    for name in ("marked_spam", "opted_out", "replied"):
        assert not (getattr(fate, name) & fate.bounced).any()


def test_what_sends_no_email_has_no_fate() -> None:
    for happened in fates(team(email={"bounce": 1.0}), 300, flow=CRM):
        assert not happened.any()


def test_stale_contacts_bounce_on_top() -> None:
    """200,000 emails: 1 - (1 - .05) (1 - .2) = .24; called wrong in .1% with a fresh seed."""
    assert as_stated(fates(team(), 200_000, stale=0.2).bounced, 0.24)
    assert fates(team(), 500, stale=1.0).bounced.all()


# --- emails in a whole run -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def many_emails() -> pd.DataFrame:
    """About 8,000 emails of an AI that is wrong in a quarter of them, all answered at once."""
    flow = {"volume_per_week": 2000, "ai": {"intercept": 1.1, "slope": 0.0}}
    frame = hs.simulate(team(mail_flow=flow), seed=3).log.frame
    return frame[frame["workflow"] == "mail"]


def test_the_log_of_a_run_shows_the_shares_of_good_and_of_bad_emails(
    many_emails: pd.DataFrame,
) -> None:
    """Of eleven shares each is called wrong in .1% with a fresh seed."""
    for bad, spam, reply in ((False, 1.0, 1.0), (True, 8.0, 0.4)):
        mine = many_emails[many_emails["true_bad_out"] == bad]
        there = mine[~mine["bounced"].astype(bool)]
        assert as_stated(mine["bounced"], 0.05)
        assert as_stated(there["marked_spam"], odds_times(0.02, spam))
        assert as_stated(there["opted_out"], odds_times(0.04, spam))
        assert as_stated(there["replied"], odds_times(0.3, reply))
        answered = there[there["replied"].astype(bool)]
        assert as_stated(answered["positive"], 0.5)
        if not bad:
            interested = answered[answered["positive"].astype(bool)]
            assert as_stated(interested["meeting"], 0.4)


@pytest.mark.parametrize(
    ("outcome", "more"), [("marked_spam", True), ("opted_out", True), ("replied", False)]
)
def test_what_becomes_of_an_email_depends_on_whether_it_was_right(
    many_emails: pd.DataFrame, outcome: str, more: bool
) -> None:
    """Fisher's exact test at .1%, one-sided: without any difference it passes in .1% of seeds."""
    table = pd.crosstab(many_emails["true_bad_out"], many_emails[outcome].astype(bool))
    side = "greater" if more else "less"
    assert stats.fisher_exact(table.to_numpy(), alternative=side).pvalue < 0.001


def test_answers_that_come_after_the_end_are_not_in_the_log() -> None:
    def answers(days: float) -> int:
        email = {"reply_days": {"median": days, "sigma": 0.0}, "bounce": 0.0, "reply": 1.0}
        frame = hs.simulate(team(email=email, weeks=2), seed=5).log.frame
        mail = frame[frame["workflow"] == "mail"]
        replied = mail["replied"].astype(bool)
        end = pd.Timestamp("2026-08-17", tz="UTC")
        in_time = mail["executed_at"] + pd.Timedelta(days, "D") < end
        good = ~mail["true_bad_out"]
        assert (replied == in_time)[good].all()
        return int(replied.sum())

    assert answers(0.01) > answers(5.0) > answers(20.0) == 0


# --- right or wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visit", "u_hand", "bad"),
    [
        ({"ok": 1, "verdict": NEVER}, 0.0, False),
        ({"ok": 0, "verdict": NEVER}, 0.9, True),
        ({"ok": 0, "verdict": Verdict.APPROVE}, 0.9, True),
        ({"ok": 0, "verdict": Verdict.EDIT}, 0.9, False),
        ({"ok": 0, "verdict": NEVER, "by_hand": 1}, 0.19, True),
        ({"ok": 0, "verdict": NEVER, "by_hand": 1}, 0.21, False),
        ({"ok": 1, "verdict": NEVER, "by_hand": 1}, 0.19, True),
    ],
)
def test_an_edit_mends_and_work_by_hand_goes_wrong_by_itself(
    visit: dict[str, int], u_hand: float, bad: bool
) -> None:
    s = team(mail_flow={"by_hand": {"error_share": 0.2}})
    out = np.zeros(1, WENT_OUT)
    for name, value in visit.items():
        out[name] = value
    assert went_bad(s, decisions_of(1, u_hand=u_hand), out).tolist() == [bad]


def test_work_by_hand_goes_out_wrong_as_often_as_stated() -> None:
    """A killed workflow of 1,600 decisions; called wrong in .1% with a fresh seed."""
    by_hand = {"minutes": {"median": 0.5, "sigma": 0.0}, "error_share": 0.2}
    s = team(
        crm_flow={"volume_per_week": 400, "by_hand": by_hand, "ai": {"intercept": 9.0}},
        governance={"kill_switches": {"crm": {"from_week": 1}}},
    )
    frame = hs.simulate(s, seed=2).log.frame
    done = frame[(frame["workflow"] == "crm") & frame["executed_at"].notna()]
    assert done["by_hand"].all()
    assert as_stated(done["true_bad_out"], 0.2)


# --- complaints ----------------------------------------------------------------------------------


def surfacing(share: float) -> hs.Scenario:
    return team(mail_flow={"surfacing": {"share": share, "days": {"median": 5.0, "sigma": 1.0}}})


def test_a_wrong_one_surfaces_after_its_delay_and_a_right_one_never() -> None:
    decisions = decisions_of(3, u_surface=[0.24, 0.26, 0.1], surface_after=[500, 500, 500])
    times = complaint_times(
        surfacing(0.25), decisions, np.full(3, 1000), np.array([True, True, False]), 10_000
    )
    assert times.tolist() == [1500, FOREVER, FOREVER]


@pytest.mark.parametrize(("after", "known"), [(998, 9_998), (999, 9_999), (1000, FOREVER)])
def test_what_surfaces_after_the_end_is_not_known(after: int, known: int) -> None:
    decisions = decisions_of(1, u_surface=0.0, surface_after=after)
    sent, bad = np.array([9000]), np.array([True])
    assert complaint_times(surfacing(1.0), decisions, sent, bad, 10_000).tolist() == [known]


def test_as_many_surface_as_stated_and_half_of_them_within_the_median() -> None:
    """About 1,500 wrong ones in five weeks; two shares, each called wrong in .1%."""
    flow = {
        "volume_per_week": 600, "ai": {"intercept": 0.0, "slope": 0.0},
        "surfacing": {"share": 0.4, "days": {"median": 5.0, "sigma": 0.5}},
    }  # fmt: skip
    frame = hs.simulate(team(crm_flow=flow, weeks=14), seed=4).log.frame
    wrong = frame[(frame["workflow"] == "crm") & frame["true_bad_out"]]
    # nine weeks before the end everything that ever surfaces has done so
    ripe = wrong[wrong["executed_at"] < pd.Timestamp("2026-09-07", tz="UTC")]
    assert as_stated(ripe["surfaced_at"].notna(), 0.4)
    took = (ripe["surfaced_at"] - ripe["executed_at"]).dropna() / pd.Timedelta(1, "D")
    assert as_stated(took < 5, 0.5)
    assert set(ripe["surfaced_by"].dropna()) == {"complaint"}
    assert frame["surfaced_at"].isna()[~frame["true_bad_out"]].all(), "nobody complains of nothing"
    late = wrong[wrong["executed_at"] > pd.Timestamp("2026-11-06", tz="UTC")]
    assert late["surfaced_at"].notna().mean() < 0.3, "most of it comes after the end"
    quiet = {**flow, "surfacing": {"share": 0.0}}
    silent = hs.simulate(team(crm_flow=quiet), seed=4).log.frame
    assert silent["surfaced_at"][silent["workflow"] == "crm"].isna().all()


# --- harm ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "rolled_back", "cost"),
    [(True, False, 20 + 500), (True, True, 0.2 * 520), (False, False, 0), (False, True, 0)],
)
def test_harm_is_a_fixed_part_and_a_share_of_the_deal_less_what_is_rolled_back(
    bad: bool, rolled_back: bool, cost: float
) -> None:
    s = team(mail_flow={"harm": {"fixed": 20.0, "deal_share": 0.01, "after_rollback": 0.2}})
    decisions = decisions_of(1, deal_size=50_000.0)
    harm = harm_of(s, decisions, np.array([bad]), np.array([rolled_back]))
    assert harm.tolist() == pytest.approx([cost])


def test_a_rollback_in_time_saves_its_share_of_the_harm() -> None:
    """Complaints after two days or so; 48 hours to undo it, or never."""
    flow = {
        "ai": {"intercept": 0.0, "slope": 0.0}, "rollback_hours": 48.0,
        "harm": {"fixed": 10.0, "deal_share": 0.001, "after_rollback": 0.25},
        "surfacing": {"share": 0.8, "days": {"median": 2.0, "sigma": 1.0}},
    }  # fmt: skip
    frame = hs.simulate(team(crm_flow=flow), seed=4).log.frame
    wrong = frame[(frame["workflow"] == "crm") & frame["true_bad_out"]]
    in_time = wrong["surfaced_at"] - wrong["executed_at"] <= pd.Timedelta(48, "h")
    assert (wrong["rolled_back"] == in_time).all()
    assert 20 < in_time.sum() < len(wrong) - 20
    whole = 10 + 0.001 * wrong["deal_size"]
    np.testing.assert_allclose(wrong["true_harm"], whole.where(~in_time, whole / 4), atol=0.006)
    assert frame["true_harm"].isna()[~frame["true_bad_out"]].all()
    final = hs.simulate(team(crm_flow={**flow, "reversible": False}), seed=4).log.frame
    assert not final["rolled_back"][final["workflow"] == "crm"].any()
    assert final["true_harm"].sum() > frame["true_harm"].sum()


# --- waiting -------------------------------------------------------------------------------------


def waits(share: float = 0.1, value: float = 200.0) -> hs.Scenario:
    return team(mail_flow={"waiting": {"share_if_prompt": share, "value": value}})


@pytest.mark.parametrize(
    ("hours", "odds_fall_by"),
    [
        (0.0, 1), (0.5, 1), (1.0, 1), (1.5, math.sqrt(7)), (2.0, 7),
        (13.5, math.sqrt(7 * 60)), (25.0, 60), (200.0, 60),
    ],
)  # fmt: skip
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_odds_fall_to_a_seventh_after_an_hour_more_and_to_a_sixtieth_after_a_day(
    hours: float, odds_fall_by: float, share: float
) -> None:
    executed = np.array([1000 + round(hours * HOUR_MS)])
    lost = lost_by_waiting(waits(share), decisions_of(1, arrival=1000), executed)
    left = share - lost[0] / 200
    odds = left / (1 - left)
    assert odds * odds_fall_by == pytest.approx(share / (1 - share), rel=1e-6)


@given(st.lists(st.floats(0, 300), min_size=2, max_size=2), st.floats(0, 1))
def test_whoever_waits_longer_never_loses_less_nor_more_than_all(
    hours: list[float], share: float
) -> None:
    soon, late = lost_by_waiting(
        waits(share), decisions_of(2), np.array([round(h * HOUR_MS) for h in sorted(hours)])
    )
    assert -1e-9 <= soon <= late + 1e-9
    assert late <= 200 * share + 1e-9
    assert (np.diff(log_odds_lost(np.array(sorted(hours)))) >= 0).all()


def test_where_waiting_costs_nothing_nothing_is_said() -> None:
    s, executed = waits(), np.array([HOUR_MS, 9 * HOUR_MS, NEVER])
    assert np.isnan(lost_by_waiting(s, decisions_of(3, CRM), executed)).all()
    at_once, late, not_yet = lost_by_waiting(s, decisions_of(3, MAIL), executed)
    assert at_once == 0
    assert late > 0
    assert math.isnan(not_yet), "what has not gone out has lost nothing yet"


def test_a_run_prices_the_wait_of_every_decision() -> None:
    gated = {
        "access": "manager-approved", "gate": "send", "volume_per_week": 100,
        "waiting": {"share_if_prompt": 0.2, "value": 500.0},
    }  # fmt: skip
    frame = hs.simulate(team(mail_flow=gated), seed=6).log.frame
    assert frame["delay_cost"].isna()[frame["workflow"] == "crm"].all()
    mail = frame[(frame["workflow"] == "mail")]
    assert (mail["delay_cost"].isna() == mail["executed_at"].isna()).all()
    done = mail.dropna(subset=["executed_at"])
    hours = ((done["executed_at"] - done["arrived_at"]) / pd.Timedelta(1, "h")).to_numpy()
    fall = np.exp(np.interp(hours, [1, 2, 25], np.log([1, 7, 60])))
    odds = 0.25 / fall
    np.testing.assert_allclose(done["delay_cost"], 500 * (0.2 - odds / (1 + odds)), atol=0.006)
    assert (done["delay_cost"] > 50).any(), "some waited overnight"
    prompt = {**gated, "access": "automation-safe"}
    del prompt["gate"]
    alone = hs.simulate(team(mail_flow=prompt), seed=6).log.frame
    assert alone["delay_cost"].sum() == 0, "what goes alone does not wait"


# --- contacts ------------------------------------------------------------------------------------


def rotting(**crm: Any) -> hs.Scenario:
    return team(
        weeks=26, crm_flow={"volume_per_week": 300}, mail_flow={"volume_per_week": 200},
        crm={"contacts": 3000.0, "decay_per_month": 0.1, "stale_at_start": 0.05, **crm},
    )  # fmt: skip


def test_contacts_rot_by_the_month_and_are_mended_by_chance() -> None:
    s = rotting(duplicates=0.2)
    month = 365.25 / 12
    assert stale_next(s, 0.2, 0) == pytest.approx(0.2 + 0.8 * 0.1 / month)
    # 100 records, of which 20 are duplicates and a fifth of the others were stale
    mended = 100 * 0.8 * 0.2 / 3000
    assert stale_next(s, 0.2, 100) == pytest.approx(0.2 + 0.8 * 0.1 / month - mended)
    assert stale_next(s, 0.2, 10**9) == 0.0
    assert stale_next(s, 1.0, 0) == 1.0
    assert stale_next(team(), 0.4, 0) == 0.0, "without contact data nothing rots"
    assert stale_next(rotting(decay_per_month=0.0), 0.3, 0) == 0.3


@pytest.fixture(scope="module")
def rotten() -> hs.Run:
    return hs.simulate(rotting(), seed=9)


def bounced(run: hs.Run, first_week: int, last_week: int) -> pd.Series:
    frame = run.log.frame[run.log.frame["bounced"].notna()]
    week = (frame["executed_at"] - pd.Timestamp("2026-08-03", tz="UTC")) // pd.Timedelta(7, "D")
    return frame["bounced"].astype(bool)[week.between(first_week, last_week)]


def test_bounces_rise_as_contacts_rot(rotten: hs.Run) -> None:
    """Fisher's exact test at .1%: without any rot it passes in .1% of seeds."""
    days = np.arange(len(rotten.stale))
    kept = (1 - 0.1 / (365.25 / 12)) ** days
    np.testing.assert_allclose(rotten.stale, 1 - 0.95 * kept, rtol=1e-9)
    early, late = bounced(rotten, 0, 4), bounced(rotten, 21, 25)
    table = [[b.sum(), len(b) - b.sum()] for b in (late, early)]
    assert stats.fisher_exact(table, alternative="greater").pvalue < 0.001
    # 1 - (1 - .05) (1 - stale), about in the middle of these weeks
    assert as_stated(early, 1 - 0.95 * 0.95 * kept[17])
    assert as_stated(late, 1 - 0.95 * 0.95 * kept[164])
    steady = hs.simulate(rotting(decay_per_month=0.0), seed=9)
    assert set(steady.stale) == {0.05}


def test_refreshing_records_keeps_them_fresh_and_bounces_rare(rotten: hs.Run) -> None:
    """On the same draws: each email that bounces in spite of it bounces without it too."""
    fresh = hs.simulate(rotting(refreshed_by=["crm"]), seed=9, draws=rotten.draws)
    assert (fresh.stale[2:] < rotten.stale[2:]).all()
    a, b = bounced(fresh, 0, 25), bounced(rotten, 0, 25)
    assert (a <= b).all()
    assert a.sum() < 0.8 * b.sum()
    twice = {"refreshed_by": ["crm"], "duplicates": 1.0}
    in_vain = hs.simulate(rotting(**twice), seed=9, draws=rotten.draws)
    np.testing.assert_array_equal(in_vain.stale, rotten.stale)


def test_what_happens_at_midnight_belongs_to_the_next_day() -> None:
    assert day_of(np.array([0, DAY_MS - 1, DAY_MS])).tolist() == [0, 0, 1]
