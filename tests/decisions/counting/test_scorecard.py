from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.metrics import METRICS
from hitlsim.decisions.counting.scorecard import Status
from hitlsim.decisions.counting.tally import tally, work

MakeLog = Callable[..., hs.DecisionLog]
WithHabits = Callable[[str], hs.DecisionLog]

# --- known answers -------------------------------------------------------------------------------


def test_rates_are_those_of_a_log_counted_by_hand(make_log: MakeLog) -> None:
    log = make_log(
        route=["auto"] * 85 + ["review"] * 10 + ["triage"] * 2 + ["gate"] * 3,
        verdict=[None] * 85 + ["approve"] * 6 + ["edit"] * 3 + ["reject"] + [None] * 2
        + ["approve"] * 3,
    )  # fmt: skip
    card = hs.scorecard(log)
    assert card.get("decisions").value == 100
    assert card.get("exception_rate").value == pytest.approx(12 / 97)
    assert card.get("exception_rate").n == 97
    assert card.get("human_touch_rate").value == pytest.approx(13 / 100)
    assert card.get("override_rate").value == pytest.approx(4 / 10)
    assert not card.get("fn_share").known


def test_waits_and_hours_are_those_counted_by_hand(make_log: MakeLog) -> None:
    monday = pd.Timestamp("2026-09-07 09:00", tz="UTC")
    queued = monday + pd.to_timedelta([0, 24, 48, 72, 400], unit="h")
    wait = np.array([60.0, 120.0, 25 * 60.0, np.nan, np.nan])
    log = make_log(
        record={"capacity_hours_per_week": {"desk": 10.0}},
        route=["review"] * 5,
        decided_at=queued,
        queued_at=queued,
        started_at=queued + pd.to_timedelta(wait, unit="m"),
        wait_minutes=wait,
        review_minutes=[30.0, 30.0, 60.0, np.nan, np.nan],
        verdict=["approve", "edit", "approve", None, None],
    )
    card = hs.scorecard(log)
    assert card.get("wait_minutes").value == pytest.approx((60 + 120 + 25 * 60) / 3)
    # the fourth has waited 328 h and is late; the fifth has only just arrived
    assert card.get("within_24h").value == pytest.approx(2 / 4)
    assert card.get("within_48h").value == pytest.approx(3 / 4)
    days = (queued[-1].floor("D") - monday.floor("D")).days + 1
    assert card.get("review_hours").value == pytest.approx(2.0 * 7 / days)
    assert card.get("utilisation").value == pytest.approx(0.2 * 7 / days)
    assert card.get("oldest_hours").value == pytest.approx(
        ((queued[-1].floor("D") + pd.Timedelta(days=1)) - queued[3]).total_seconds() / 3600
    )


@pytest.mark.parametrize(
    ("exceptions", "status", "words"),
    [
        (40, Status.BAD, "too loose"),
        (80, Status.WATCH, "rather loose"),
        (100, Status.GOOD, "inside"),
        (150, Status.GOOD, "inside"),
        (180, Status.WATCH, "more than needed"),
        (220, Status.BAD, "still in the loop"),
    ],
)
def test_exception_rate_is_read_as_the_playbook_reads_it(
    make_log: MakeLog, exceptions: int, status: Status, words: str
) -> None:
    log = make_log(route=["review"] * exceptions + ["auto"] * (1000 - exceptions))
    (judgement,) = [j for j in hs.scorecard(log).judge() if j.metric.name == "exception_rate"]
    assert judgement.status is status
    assert words in judgement.words


def test_a_verdict_that_chance_could_turn_is_marked_unsure(make_log: MakeLog) -> None:
    sure = hs.scorecard(make_log(route=["review"] * 1250 + ["auto"] * 8750)).judge()[0]
    unsure = hs.scorecard(make_log(route=["review"] * 11 + ["auto"] * 89)).judge()[0]
    assert sure.sure
    assert not unsure.sure


def test_manager_time_is_that_of_the_pools_that_answer_for_workflows(
    reference_run: hs.Run,
) -> None:
    f = reference_run.log.frame
    assert reference_run.record["manager_pools"] == ["leadership", "managers"]
    mine = f["pool"].isin(["leadership", "managers"])
    minutes = f.loc[mine, "review_minutes"].sum() + f.loc[mine, "look_minutes"].sum()
    card = reference_run.scorecard()
    assert card.get("manager_hours").value == pytest.approx(minutes / 60 / 12)
    assert card.get("manager_hours").value < card.get("review_hours").value


def test_in_shadow_what_the_observer_would_have_done_counts_as_override(make_log: MakeLog) -> None:
    log = make_log(
        route=["review"] * 4, look=["observe"] * 4, look_verdict=["edit", "approve", "reject", None]
    )
    assert hs.scorecard(log).get("override_rate").value == pytest.approx(2 / 3)


def test_real_calls_give_the_reference_figures(bank_calls: object, tmp_path: object) -> None:
    from pathlib import Path

    mapping = Path(str(tmp_path)) / "bank.map.yaml"
    mapping.write_text(
        "columns: {decision_id: call_id, decided_at: called_on, confidence: score}\n"
        'date_format: "%d/%m/%Y"\n'
        'ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}\n'
    )
    log = hs.read_log(str(bank_calls), mapping)
    c = hs.curve(log, [0.7, 0.8, 0.9, 0.95])
    assert c["exception_rate"].tolist() == pytest.approx([0.0037, 0.0113, 0.0773, 0.4537], abs=5e-4)
    assert c["fn_of_auto"].tolist() == pytest.approx([0.0725, 0.0716, 0.0656, 0.0546], abs=5e-4)
    card = hs.scorecard(hs.rerouted(log, auto=0.9))
    assert card.get("exception_rate").value == pytest.approx(0.0773, abs=5e-4)
    assert card.get("fn_of_auto").value == pytest.approx(0.0656, abs=5e-4)


# --- properties ----------------------------------------------------------------------------------


def test_periods_and_workflows_add_up_to_the_whole(reference_run: hs.Run) -> None:
    log = reference_run.log
    whole = hs.scorecard(log).get("decisions").value
    for by in ("week", "month"):
        card = hs.scorecard(log, by=by, per_workflow=True)
        n = card.frame[card.frame["metric"] == "decisions"]
        assert n.loc[n["workflow"] == "all", "value"].sum() == whole
        assert n.loc[n["workflow"] != "all", "value"].sum() == whole


def test_counts_agree_with_pandas(reference_run: hs.Run) -> None:
    f = reference_run.log.frame
    counts, minutes = tally(reference_run.log), work(reference_run.log)
    assert counts["exceptions"].sum() == f["exception"].sum()
    assert counts["safe"].sum() == (f["route"] != "gate").sum()
    assert counts["true_auto_bad"].sum() == ((f["route"] == "auto") & ~f["true_ok"]).sum()
    touched = f["verdict"].notna() | f["look_verdict"].notna()
    assert counts["touched"].sum() == touched.sum()
    by_day = f.groupby(f["decided_at"].dt.tz_localize(None).dt.floor("D")).size()
    assert counts.groupby("day")["n"].sum().tolist() == by_day.tolist()
    total = f["review_minutes"].sum() + f["look_minutes"].sum()
    assert minutes["minutes"].sum() == pytest.approx(total)


def test_the_weighted_silent_error_rate_agrees_with_what_lookers_would_say_of_all(
    with_habits: WithHabits,
) -> None:
    # Later on lookers see a sample; had such lookers looked at all, they would have flagged each
    # bad decision with chance .84 and each good one with .27. The 95% interval misses what they
    # would have said with probability .05; a wider one, by half of its width, with < .01.
    card = hs.scorecard(with_habits("steady"), by="month")
    seen = card.get("fn_of_auto", period="2026-09")
    truth = card.get("true_fn_of_auto", period="2026-09").value
    said = 0.84 * truth + 0.27 * (1 - truth)
    assert abs(seen.value - said) < 1.5 * (seen.high - seen.low) / 2


def test_every_metric_says_how_it_is_computed() -> None:
    assert all(m.formula and m.title for m in METRICS)
    assert len({m.name for m in METRICS}) == len(METRICS)


def test_a_figure_without_sampling_error_has_no_interval(reference_run: hs.Run) -> None:
    e = reference_run.scorecard().get("decisions")
    assert math.isnan(e.low)
    assert e.assumes == "counted in full"


# --- errors --------------------------------------------------------------------------------------


def test_a_log_without_routes_is_refused_with_the_remedy(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match=r"no column 'route'.*--auto 0.9 --review 0.7"):
        hs.scorecard(make_log(confidence=[0.5, 0.9]))


def test_a_log_whose_mapping_has_bands_is_told_how_they_route_it(make_log: MakeLog) -> None:
    log = make_log({"bands": {"auto": 0.8, "review": 0.6}}, confidence=[0.5, 0.9])
    with pytest.raises(hs.LogError, match=r"\(0.8 and 0.6\): hs.routed\(log\)"):
        hs.scorecard(log)
    assert hs.scorecard(hs.routed(log)).get("exception_rate").value == 0.5


def test_a_workflow_called_all_is_refused_instead_of_mixed_with_the_total(
    make_log: MakeLog,
) -> None:
    log = make_log(route=["auto", "auto"], workflow=["all", "other"])
    with pytest.raises(hs.LogError, match="a workflow is called 'all'"):
        hs.scorecard(log, per_workflow=True)


def test_unknown_words_are_refused_and_the_known_ones_listed(reference_run: hs.Run) -> None:
    card = reference_run.scorecard()
    with pytest.raises(hs.LogError, match=r"by='day' must be"):
        reference_run.scorecard(by="day")
    with pytest.raises(hs.LogError, match=r"metric 'exceptions' is unknown; known: decisions"):
        card.get("exceptions")
    with pytest.raises(hs.LogError, match=r"period '2026-09' is not in the scorecard"):
        card.get("exception_rate", period="2026-09")


def test_decisions_put_in_to_test_reviewers_are_not_counted_as_the_teams(
    make_log: Callable[..., hs.DecisionLog],
) -> None:
    columns: dict[str, list[Any]] = {
        "route": ["auto", "review", "review"],
        "ok": [True, False, None],
        "verdict": [None, "edit", "approve"],
    }
    gold = pd.array([None, None, False], dtype="boolean")
    with_test = hs.scorecard(make_log(**columns, gold_ok=gold))
    without = hs.scorecard(make_log(**{name: values[:2] for name, values in columns.items()}))
    pd.testing.assert_frame_equal(with_test.frame, without.frame)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_by_fork_counts_as_its_parent_does() -> None:
    """The parent's database is of no use to it; joblib and servers fork."""
    code = """
import os, hitlsim as hs
log = hs.simulate(hs.load("outbound"), seed=7).log
print(hs.scorecard(log).get("exception_rate"), flush=True)
if not (child := os.fork()):
    print(hs.scorecard(log).get("exception_rate"), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""
    run = [sys.executable, "-W", "ignore", "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, timeout=120, check=True).stdout
    parent, child = said.splitlines()
    assert parent == child
