from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.trials import Trials
from hitlsim.calibration.tuning.weighing.policy import Policy
from tests.calibration.tuning.two_flows import team
from tests.simulation.small_teams import reps_and_lead


def keen_team() -> hs.Scenario:
    """People who look at most of what nobody asked them about: a question adds little."""
    return team(habits={"keen": {"like": "hoarder", "peek_share": 0.6}}).with_(
        pools=reps_and_lead(["ann", "bob"], habits="keen", hit_rate=0.9, false_alarm_rate=0.05)
    )


class Tuned(NamedTuple):
    """A recommendation, and the rules that were simulated on both sides of it."""

    rec: hs.Recommendation
    beside: dict[str, Policy]


@pytest.fixture(scope="module")
def keen() -> Tuned:
    beside: dict[str, Policy] = {}
    run = Trials.run

    def note(self: Trials, policies: dict[str, Policy], **given: Any) -> None:
        beside.update({k: p for k, p in policies.items() if k in ("fewer looks", "more looks")})
        run(self, policies, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trials, "run", note)
        rec = hs.tune(keen_team(), seed=3, workers=1)
    return Tuned(rec, beside)


def cost_and_exceptions(scenario: hs.Scenario, seed: int) -> tuple[float, float]:
    """What a run cost and how many exceptions it had, row by row from its log."""
    f = hs.simulate(scenario, seed=seed).log.frame
    paid = f.loc[f["route"] != "auto", "review_minutes"].fillna(0.0) / 60
    wages = {name: pool.cost_per_hour for name, pool in scenario.pools.items()}
    time = (paid * f["pool"].astype(str).map(wages)).sum()
    lost = f["true_harm"].sum() + f["delay_cost"].sum()
    return float(time + lost), float(f["route"].isin(["review", "triage"]).sum())


def test_the_price_of_a_look_is_what_worlds_that_nobody_saw_show(keen: Tuned) -> None:
    # both prices have errors of their own; 4 standard errors of their difference with 19 and 15
    # degrees of freedom: a false alarm in 1 of 2,000 cases
    price = keen.rec.met[0].price_seen
    fewer, more = (
        np.array([
            cost_and_exceptions(keen_team().with_(boundary=policy.boundary(team().boundary)), seed)
            for seed in range(90_000, 90_016)
        ])
        for policy in (keen.beside["fewer looks"], keen.beside["more looks"])
    )  # fmt: skip
    saved, looks = (fewer - more)[:, 0], (more - fewer)[:, 1]
    direct = saved.mean() / looks.mean()
    own = (saved - direct * looks).std(ddof=1) / 4 / looks.mean()
    theirs = (price.high - price.low) / 2 / 2.093
    assert abs(price.value - direct) < 4 * np.hypot(own, theirs)
    # so narrow that an answer twice or half as large would have been seen
    assert 4 * np.hypot(own, theirs) < 0.5 * price.value


def test_where_people_look_anyway_the_price_is_the_desks_and_not_papers(keen: Tuned) -> None:
    (band,) = keen.rec.met
    assert band.binds
    assert band.price_seen.n == keen.rec.runs == 20
    assert band.price_seen.low > 0
    assert band.price_seen.high < band.price / 1.5
    said = next(s for s in keen.rec.why() if s.startswith("More looks would pay"))
    assert f"EUR {band.price_seen.value:,.2f}" in said
    assert f"{band.price:,.2f}" not in said


def test_rules_beside_ask_less_and_more_by_the_same(keen: Tuned) -> None:
    rates = [
        float(np.mean([
            run.scorecard().get("exception_rate").value
            for run in hs.replicate(
                keen_team().with_(boundary=policy.boundary(team().boundary)), n=4, seed=70,
                workers=1,
            )
        ]))
        for policy in (keen.beside["fewer looks"], keen.beside["more looks"])
    ]  # fmt: skip
    # four runs of 4,000 decisions each: four standard errors of the difference are below .02
    assert rates[1] - rates[0] == pytest.approx(0.05, abs=0.02)
    assert sum(rates) / 2 == pytest.approx(keen.rec.rate.value, abs=0.02)
