"""Habits: presets, the team's own, and what is written down of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.scenario.habits import PRESETS, Habits, spelled_out


@pytest.fixture
def novices() -> hs.Scenario:
    """The reference with a reviewer of the team's own habits."""
    base = hs.load("on-the-loop")
    pools = base.to_dict()["pools"]
    ana = pools["sdr-desk"]["reviewers"]["ana"]
    pools["sdr-desk"]["reviewers"]["ana"] = {"shifts": ana["shifts"], "habits": "green"}
    return base.with_(habits={"green": {"like": "novice", "lapse": 0.1}}, pools=pools)


def habits_of(scenario: hs.Scenario, person: str) -> Habits:
    reviewer = next(r for _, name, r in scenario.reviewers() if name == person)
    return scenario.habits_of(reviewer)


def test_own_habits_are_those_they_are_like_but_for_what_they_say(novices: hs.Scenario) -> None:
    ana = habits_of(novices, "ana")
    novice = PRESETS["novice"]
    assert (ana.lapse, ana.follows_ai, ana.hit_rate) == (0.1, 3.3, novice.hit_rate)


def test_a_change_elsewhere_leaves_habits_as_they_are(novices: hs.Scenario) -> None:
    assert habits_of(novices.with_(weeks=9), "ana") == habits_of(novices, "ana")


def test_habits_survive_being_written_to_a_file(novices: hs.Scenario, tmp_path: Path) -> None:
    file = tmp_path / "copy.yaml"
    file.write_text(hs.dump(novices), encoding="utf-8")
    again = hs.load(file)
    assert habits_of(again, "ana") == habits_of(novices, "ana")
    assert again.fingerprint == novices.fingerprint


def test_a_persons_own_rates_win_over_their_habits() -> None:
    base = hs.load("on-the-loop")
    pools = base.to_dict()["pools"]
    pools["sdr-desk"]["reviewers"]["ana"].update(hit_rate=0.9, false_alarm_rate=0.1)
    ana = habits_of(base.with_(pools=pools), "ana")
    assert (ana.hit_rate, ana.false_alarm_rate) == (0.9, 0.1)
    assert ana.follows_ai == PRESETS["typical"].follows_ai


def test_typical_is_what_is_not_said_otherwise() -> None:
    assert spelled_out("ours", {"ours": Habits(lapse=0.5)}) == Habits(lapse=0.5)
    assert PRESETS["typical"] == Habits()
