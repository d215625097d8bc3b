"""Teams side by side: what their habits let out, and what their logs would tell."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.present.drawing.teams import Teams, diagnoses_told, draw_teams, teams, with_habits


@pytest.fixture(scope="module")
def found() -> Teams:
    team = hs.load("outbound")
    habits = {"ours": team, "hoarders": with_habits(team, "hoarder"),
              "stampers": with_habits(team, "rubber-stamper")}  # fmt: skip
    return teams({name: hs.simulate(s, seed=7) for name, s in habits.items()})


def test_only_habits_differ() -> None:
    team = hs.load("outbound")
    other = with_habits(team, "hoarder")
    assert other.workflows == team.workflows
    assert {p: list(o.reviewers) for p, o in other.pools.items()} == {
        p: list(o.reviewers) for p, o in team.pools.items()
    }


def test_errors_that_go_out_are_those_of_the_log(found: Teams) -> None:
    frame = hs.simulate(hs.load("outbound"), seed=7).log.frame
    out = found.let["ours"]
    assert out.out * len(frame) / 1000 == pytest.approx(frame["true_bad_out"].sum())
    wrong = frame[frame["verdict"].notna() & ~frame["by_hand"] & ~frame["true_ok"]]
    assert out.missed.n == len(wrong)
    assert out.missed.value == pytest.approx((wrong["verdict"] == "approve").mean())


def test_hoarders_take_more_time_and_those_who_wave_through_let_more_pass(found: Teams) -> None:
    hours = {name: found.get("review_hours", name).value for name in found.names}
    assert hours["stampers"] < hours["ours"] < hours["hoarders"]
    missed = {name: found.let[name].missed for name in found.names}
    assert missed["stampers"].low > missed["ours"].high


def test_the_title_tells_both_sides_of_each_habit(found: Teams) -> None:
    title = draw_teams(found).title
    assert title.startswith("Hoarders: ")
    assert "; stampers: " in title
    assert title.count("times the hours") == 2


def test_no_row_is_headed_by_the_name_of_a_column(found: Teams) -> None:
    rows = draw_teams(found).table[""].tolist()
    assert "Silent errors (truth)" in rows
    assert not [row for row in rows if "_" in row]


def test_diagnoses_escape_the_names_of_teams() -> None:
    run = hs.simulate(hs.load("outbound").with_(weeks=6), seed=1)
    told = diagnoses_told(teams({"<script>": run})).text
    assert "<script>" not in told
    assert "&lt;script&gt;" in told
