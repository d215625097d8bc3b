"""The evidence that the settings of people rest on, reproduced by the engine's own rules.

Somebody reviews one draft after another, as in a laboratory, and is told each time whether it was
right: what they come to expect and to trust is not put in by hand, it emerges. The shares of wrong
drafts are exact and the draws that decide what is seen are spread evenly over the unit interval,
so that hardly any sampling error is left on our side. A tolerance is therefore about the
*published* figure: its rounding, or its sampling error where the study was small. With the fixed
seed a test that passes cannot fail by chance; with another seed, the chance is stated where it is
not negligible (below 1 in 1,000).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import clopper_pearson
from hitlsim.scenario.habits import PRESETS, Habits
from hitlsim.simulation import reviewing
from hitlsim.simulation.contract import AGENDA, WORKFLOW, Table
from hitlsim.simulation.reference.people import People
from hitlsim.simulation.table import people_of

MINUTE = 60_000
DRAFT = MINUTE // 2
"""Time of one review at normal pace, in ms."""
OVERNIGHT = 16 * 60 * MINUTE


# --- the laboratory ------------------------------------------------------------------------------


def desk(habits: Habits, *, dwell_seconds: float = 0.0) -> Table:
    """A desk of one person with these habits and two kinds of work."""
    crm = {
        "agent": "bot", "action": "write_crm", "class": "execution", "access": "automation-safe",
        "raci": {"accountable": "boss", "responsible": ["boss"]}, "volume_per_week": 1.0,
    }  # fmt: skip
    shifts = {"shifts": ["mon-fri 09:00-17:00"], "habits": "subject"}
    scenario = hs.Scenario.model_validate(
        {
            "name": "laboratory",
            "teaches": "How people review.",
            "start": "2026-08-03",
            "weeks": 1,
            "hours": {"office": ["mon-fri 09:00-17:00"]},
            "agents": {"bot": {"may": ["write_crm"]}},
            "workflows": {"crm": crm, "other": crm},
            "habits": {"subject": habits.model_dump(exclude_none=True)},
            "pools": {
                "desk": {
                    "role": "boss",
                    "minimum_dwell_seconds": dwell_seconds,
                    "reviewers": {"ana": shifts},
                }
            },
            "phases": {"steady-state": {"looks": {"share": 0.0}}},
        }
    )
    return Table(
        workflows=np.zeros(2, WORKFLOW),
        slots=np.ones(1, np.int64),
        people=people_of(scenario),
        queues=((0,),),
        n_queues=1,
        agenda=np.zeros(0, AGENDA),
        ready=np.zeros(0, np.int64),
        horizon_ms=2**40,
    )


def somebody(table: Table) -> People:
    """The person at that desk, on the first day."""
    people = People(table)
    people.comes(0)
    return people


def who(preset: str = "steady", **changes: Any) -> Habits:
    """A set of habits that ships, changed. ``steady`` has every effect turned off."""
    return PRESETS[preset].model_copy(update=changes)


class Reviews(NamedTuple):
    """What was reviewed, what came of it, and who did it last."""

    bad: NDArray[np.bool_]
    read: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    person: People

    @property
    def misses(self) -> float:
        """Share of wrong drafts approved."""
        return 1 - float(self.flagged[self.bad].mean())

    @property
    def hits(self) -> float:
        return float(self.flagged[self.bad].mean())

    @property
    def unread(self) -> float:
        return 1 - float(self.read.mean())

    @property
    def trust(self) -> float:
        """In the end."""
        return self.person.trust(0)

    def part(self, chosen: NDArray[np.bool_]) -> Reviews:
        return Reviews(self.bad[chosen], self.read[chosen], self.flagged[chosen], self.person)


def spread(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Numbers spread evenly over the unit interval, in random order."""
    return np.asarray((rng.permutation(n) + 0.5) / max(n, 1))


def wrong(n: int, share: float) -> NDArray[np.bool_]:
    """Exactly this share of wrong drafts, in random order."""
    return np.random.default_rng(7).permutation(n) < round(n * share)


def review(
    table: Table,
    bad: NDArray[np.bool_],
    *,
    waiting: int = 0,
    workflows: int = 1,
    home_after: int = 0,
    newcomer_after: int = 0,
) -> Reviews:
    """One draft after another.

    ``workflows`` take turns; after ``home_after`` drafts the person goes home for the night, and
    after ``newcomer_after`` somebody else begins to review.
    """
    rng = np.random.default_rng(1)
    n, now, person = len(bad), 0, somebody(table)
    u_flag = np.empty(n)
    for kind in (bad, ~bad):
        u_flag[kind] = spread(int(kind.sum()), rng)
    draws = zip(bad.tolist(), u_flag, spread(n, rng), rng.random(n), strict=True)
    read, flagged = np.zeros(n, bool), np.zeros(n, bool)
    for i, (is_bad, u, u_inspect, u_know) in enumerate(draws):
        if newcomer_after and i and i % newcomer_after == 0:
            person, now = somebody(table), 0
        if home_after and i and i % home_after == 0:
            person.leaves(0)
            person.comes(0)
            now += OVERNIGHT
        read[i], took = person.reviews(
            0, i % workflows, DRAFT, 1.0, 1.0, 1.0, False, not is_bad, waiting, now, u_inspect, u
        )  # fmt: skip
        now += took
        flagged[i] = person.flags[0]
        person.learns(0, not is_bad, person.flags[0], u_know)
        person.done(0, took, now)
    return Reviews(bad, read, flagged, person)


def session(habits: Habits, share: float, n: int, *, dwell_seconds: float = 0.0) -> Reviews:
    """Somebody reviews n drafts; the first fifth, in which impressions form, is left out."""
    seen = review(desk(habits, dwell_seconds=dwell_seconds), wrong(n, share))
    return seen.part(np.arange(n) >= n // 5)


def eyes(d_prime: float, criterion: float) -> dict[str, Any]:
    """Sensitivity and criterion as habits say them, of somebody told the truth each time.

    A long memory: an impression that rests on few drafts makes the criterion waver, and a share of
    misses averaged over it is another question.
    """
    return {
        "hit_rate": reviewing.normal_cdf(0.5 * d_prime - criterion),
        "false_alarm_rate": reviewing.normal_cdf(-0.5 * d_prime - criterion),
        "prevalence_weight": 0.55,
        "memory_reviews": 2000.0,
        "feedback_share": 1.0,
    }


# --- what is seen when one looks -----------------------------------------------------------------

SEARCHER = who(**eyes(2.6, -0.18))


@pytest.mark.parametrize(
    ("share", "n", "published"), [(0.5, 20_000, 0.07), (0.1, 20_000, 0.16), (0.01, 80_000, 0.30)]
)
def test_rare_errors_are_missed_as_wolfe_found(share: float, n: int, published: float) -> None:
    # Wolfe, Horowitz & Kenner 2005. Tolerance .025: the figures are rounded to .01, and the model's
    # are .07, .15 and .31. With another seed the last one fails with probability .003. (Later
    # studies give 30-40% at 1-2% targets: Kunar, Rich & Wolfe 2010.)
    assert session(SEARCHER, share, n).misses == pytest.approx(published, abs=0.025)


def test_rare_errors_are_missed_because_none_are_expected_and_not_by_themselves() -> None:
    unmoved = SEARCHER.model_copy(update={"prevalence_weight": 0.0})
    for share in (0.5, 0.01):
        assert session(unmoved, share, 20_000).misses == pytest.approx(0.07, abs=0.025)


@pytest.mark.parametrize(("hurry", "published"), [(1.0, 6), (2.0, 16)])
def test_twice_the_pace_misses_as_much_more_as_sokolovskaya_found(
    hurry: float, published: int
) -> None:
    # Sokolovskaya et al. 2015: major misses in 6 of 60 cases at normal pace, in 16 of 60 at twice
    # the pace. Tolerance .02; their own 95% intervals are far wider (.04-.21 and .16-.40).
    reader = who(**eyes(3.4, -0.21), speed_accuracy=True, hurry=hurry)
    misses = session(reader, 0.02, 50_000).misses
    assert misses == pytest.approx(published / 60, abs=0.02)
    study = clopper_pearson(published, 60)
    assert study.low < misses < study.high


def test_pace_does_no_harm_where_speed_is_said_not_to_matter() -> None:
    reader = who(**eyes(3.4, -0.21), speed_accuracy=False, hurry=2.0)
    assert session(reader, 0.02, 50_000).misses == pytest.approx(0.10, abs=0.02)


@pytest.mark.parametrize(
    ("floor", "share", "published"),
    [(False, 0.02, 0.14), (True, 0.02, 0.05), (False, 0.5, 0.025), (True, 0.5, 0.02)],
)
def test_a_floor_under_the_review_time_brings_misses_down_as_rich_found(
    floor: bool, share: float, published: float
) -> None:
    # Rich et al. 2008, search for one feature: misses of 14% at 2% targets fall to 5% when nobody
    # may answer before a minimum time; with targets in half of the trials 2.5% and 2%. The
    # searcher's d' is 4.0 at normal pace and 3.16 when hurried 1.74 times, and the floor is the
    # normal time, which undoes the hurry. Tolerance .02, at least three times our own sampling
    # error; the model's are .14, .05, .04 and .015.
    # NOT reproduced, since the model has one kind of search only: in a search for combinations of
    # features the same floor did not help.
    searcher = who(**eyes(4.0, -0.18), speed_accuracy=True, hurry=1.74)
    seconds = DRAFT / 1000 if floor else 0.0
    seen = session(searcher, share, 50_000, dwell_seconds=seconds)
    assert seen.misses == pytest.approx(published, abs=0.02)


# --- a whole desk job ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clinicians() -> Reviews:
    """Two thousand clinicians with the drafts of the study: 18 for each, of which 4 are wrong."""
    return review(desk(PRESETS["clinical"]), wrong(36_000, 4 / 18), newcomer_after=18)


def test_wrong_drafts_slip_past_clinicians_as_biro_found(clinicians: Reviews) -> None:
    # Biro et al. 2025: each of four wrong drafts was insufficiently mended by 13-15 of 20
    assert 13 / 20 <= clinicians.misses <= 15 / 20


def test_as_many_drafts_are_waved_through_unread_as_biro_found_sent_unedited(
    clinicians: Reviews,
) -> None:
    # 35-45% of the wrong drafts were sent entirely unedited; the model reads this as not read
    assert 0.35 <= clinicians.part(clinicians.bad).unread <= 0.45


def test_clinicians_told_the_truth_go_on_as_in_the_study() -> None:
    told = PRESETS["clinical"].model_copy(update={"feedback_share": 1.0})
    assert 0.65 <= session(told, 4 / 18, 20_000).misses <= 0.75


def test_clinicians_not_told_come_to_miss_more_than_in_the_study() -> None:
    # outside of the evidence, which ends after 18 drafts: whoever misses errors and is not told
    # comes to believe that there are few
    assert 0.75 < session(PRESETS["clinical"], 4 / 18, 20_000).misses < 0.85


# --- tiredness -----------------------------------------------------------------------------------


def test_sensitivity_falls_by_the_published_share_of_its_loss_within_half_an_hour() -> None:
    tired = reviewing.sensitivity(1.6, 1.0, 30.0, 0.12, 30.0)
    assert tired == pytest.approx(1.6 * (1 - 0.12 * (1 - math.exp(-1))))


HOUR = 120
"""Drafts reviewed in one hour."""


def hits_by_the_hour(share: float, **changes: Any) -> dict[str, float]:
    """Hits on arriving, after half an hour of work, and after an hour, over many days."""
    habits = who(**eyes(1.6, -0.18), **changes)
    n = 600 * HOUR
    seen = review(desk(habits), wrong(n, share), home_after=HOUR)
    minute = np.arange(n) % HOUR * DRAFT / MINUTE
    windows = {"fresh": (0, 2), "half an hour": (27, 33), "an hour": (54, 60)}
    return {
        name: seen.part((start <= minute) & (minute < end)).hits
        for name, (start, end) in windows.items()
    }


def test_hits_fall_by_about_an_eighth_after_half_an_hour_and_come_back_overnight() -> None:
    # (C) 12% fewer hits after half an hour of work, an order of magnitude. At one wrong draft in
    # twenty, with the typical reviewer's eyes. Against somebody who never tires, with the same
    # draws: the model's loss is .12 with a sampling error of .02, hence .12 +- .06.
    tires, never = (hits_by_the_hour(0.05, fatigue=f) for f in (0.12, 0.0))
    lost = {when: 1 - tires[when] / never[when] for when in tires}
    assert lost["half an hour"] == pytest.approx(0.12, abs=0.06)
    assert lost["an hour"] > lost["half an hour"] / 2
    assert lost["fresh"] == pytest.approx(0, abs=0.05)


def test_where_half_of_the_drafts_are_wrong_tiredness_hardly_shows() -> None:
    # what the model does NOT reproduce: 12% fewer hits whatever the share of wrong drafts. A loss
    # in d' alone costs 2% of the hits here, and more only where few errors are expected.
    tires, never = (hits_by_the_hour(0.5, fatigue=f) for f in (0.12, 0.0))
    assert 0 < 1 - tires["half an hour"] / never["half an hour"] < 0.05


# --- whether one looks ---------------------------------------------------------------------------

SHIFT = 60


def read_by_place(seen: Reviews) -> NDArray[np.float64]:
    """Share read by place within the shift, in four parts."""
    return np.asarray(seen.read.reshape(-1, 4, SHIFT // 4).mean(axis=(0, 2)))


def at_work(habits: Habits, **how: int) -> Reviews:
    return review(desk(habits), wrong(200 * SHIFT, 0.1), home_after=SHIFT, **how)


def test_repeats_wear_out_and_the_queue_does_not_where_ancker_is_believed() -> None:
    # Ancker et al. 2017: acceptance fell with the share of repeats, and not with the amount of
    # work. Only the direction is reproduced: theirs were repeats for the same patient in a year,
    # ours are of the same workflow in a shift. Spread draws: the error of a share is below .01.
    ancker = who(inspect_share=0.9, alert_weight=0.5)
    quiet, busy = at_work(ancker), at_work(ancker, waiting=50)
    quarters = read_by_place(quiet)
    assert quarters[0] > 0.6
    assert (np.diff(quarters) < -0.02).all()
    assert (quiet.read == busy.read).all()
    # the same amount of work, but of two kinds: fewer repeats of each
    assert at_work(ancker, workflows=2).read.mean() > quiet.read.mean() + 0.03


def test_the_queue_wears_out_and_repeats_do_not_where_workload_is_believed() -> None:
    loaded = who(inspect_share=0.9, queue_weight=0.5)
    quiet, busy = at_work(loaded), at_work(loaded, waiting=50)
    assert quiet.read.mean() == pytest.approx(0.9, abs=0.005)
    assert busy.read.mean() < 0.6
    assert read_by_place(busy) == pytest.approx([busy.read.mean()] * 4, abs=0.04)
    assert (at_work(loaded, waiting=50, workflows=2).read == busy.read).all()


def test_a_night_makes_repeats_forgotten() -> None:
    ancker = who(inspect_share=0.9, alert_weight=0.5)
    seen = review(desk(ancker), wrong(4000, 0.1), home_after=1)
    assert seen.read.mean() == pytest.approx(0.9, abs=0.005)


def test_novices_follow_a_wrong_ai_as_much_more_often_as_dratsch_found() -> None:
    # Dratsch et al. 2023: degree of bias 4.0 / 2.4 / 1.2 of inexperienced, moderately and very
    # experienced readers, hence 3.3 / 2 / 1; the model takes these as ratios of odds. Tolerance
    # 2%: odds from evenly spread draws.
    odds = [
        seen.misses / seen.hits
        for follows in (3.3, 2.0, 1.0)
        for seen in [review(desk(who(follows_ai=follows)), wrong(10_000, 0.5))]
    ]
    assert np.array(odds) / odds[-1] == pytest.approx([3.3, 2.0, 1.0], rel=0.02)


# --- trust ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def beside() -> dict[str, Reviews]:
    """Typical people who are told the truth, beside a good AI and a poor one."""
    habits = who("typical", feedback_share=1.0, peek_share=0.1)
    return {
        name: review(desk(habits), wrong(4000, share))
        for name, share in (("good", 0.02), ("poor", 0.30))
    }


def test_a_better_ai_is_trusted_more(beside: dict[str, Reviews]) -> None:
    # beta trust: .98 / (.98 + 3 * .02) = .94 and .7 / (.7 + 3 * .3) = .44 in the long run
    assert beside["good"].trust == pytest.approx(0.94, abs=0.02)
    assert beside["poor"].trust == pytest.approx(0.44, abs=0.02)


def test_a_better_ai_is_read_less(beside: dict[str, Reviews]) -> None:
    # and not by the draws, which are the same
    assert beside["good"].read.mean() < beside["poor"].read.mean() - 0.1


def test_a_better_ai_is_pulled_for_a_look_less(beside: dict[str, Reviews]) -> None:
    good, poor = (beside[name].person.peeking[0] for name in ("good", "poor"))
    assert good < 0.1 < poor


def test_a_better_ais_wrong_drafts_slip_more_often(beside: dict[str, Reviews]) -> None:
    assert beside["good"].misses > beside["poor"].misses + 0.1


def test_one_failure_outweighs_one_success() -> None:
    table = desk(who("typical", feedback_share=1.0))
    after = {bad: abs(review(table, np.array([bad])).trust - 0.5) for bad in (False, True)}
    assert after[True] > 2 * after[False]


def test_a_hoarder_pulls_more_the_less_they_trust() -> None:
    habits = PRESETS["hoarder"]
    hoarder = somebody(desk(habits))
    assert somebody(desk(PRESETS["typical"])).peeking[0] == 0
    assert hoarder.trust(0) < 0.5
    assert hoarder.peeking[0] > habits.peek_share
    before = hoarder.peeking[0]
    hoarder.learns(0, False, True, 0.0)
    assert hoarder.peeking[0] > before


# --- uptake and reading --------------------------------------------------------------------------


def test_a_fifth_of_optional_drafts_is_used_at_neutral_trust() -> None:
    assert somebody(desk(PRESETS["typical"])).uptake(0) == pytest.approx(0.20)


def test_uptake_grows_with_trust_within_what_pilots_found() -> None:
    # .19 to .58 in New York, Penn and Groningen; the upper end is out of reach at these weights
    used = [
        somebody(desk(who("typical", trust_start=trust))).uptake(0)
        for trust in (0.5, 0.6, 0.75, 0.9, 0.999)
    ]
    assert used == sorted(used)
    assert used[0] >= 0.19
    assert 0.35 < used[-1] <= 0.58


@pytest.mark.parametrize(("words", "seconds"), [(60, 15), (100, 25), (170, 43)])
def test_nobody_reads_faster_than_brysbaert_found(words: int, seconds: int) -> None:
    # 238 words a minute (Brysbaert 2019); tolerance: rounding to a second
    email = next(iter(hs.load("outbound").workflows.values()))
    assert email.model_copy(update={"words": words}).reading_floor_seconds == pytest.approx(
        seconds, abs=0.5
    )
