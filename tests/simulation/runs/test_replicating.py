from __future__ import annotations

import gc
import threading
from typing import Any

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.simulation.runs.replication import Replication
from hitlsim.simulation.runs.workers import in_order
from tests.simulation.one_flow import FLOW, one_flow


def same(a: Replication, b: Replication) -> None:
    assert (a.number, a.seed) == (b.number, b.seed)
    for name in ("rows", "work"):
        pd.testing.assert_frame_equal(
            getattr(a.counts, name), getattr(b.counts, name), check_exact=True
        )
    pd.testing.assert_series_equal(a.counts.oldest_minutes, b.counts.oldest_minutes)
    assert a.counts.days.equals(b.counts.days)
    assert (a.counts.columns, a.counts.record) == (b.counts.columns, b.counts.record)
    pd.testing.assert_frame_equal(a.governance, b.governance)
    pd.testing.assert_frame_equal(a.log.frame, b.log.frame, check_exact=True)
    assert a.log.record == b.log.record


@pytest.fixture(scope="module")
def one_after_the_other() -> list[Replication]:
    return list(hs.replicate(one_flow(), n=5, seed=3, workers=1, logs=True))


# --- known answers -------------------------------------------------------------------------------


def test_run_i_is_the_one_that_its_seed_gives_alone(one_after_the_other: list[Replication]) -> None:
    assert [(r.number, r.seed) for r in one_after_the_other] == [(i, 3 + i) for i in range(5)]
    for kept in one_after_the_other[:2]:
        alone = hs.simulate(one_flow(), seed=kept.seed)
        same(kept, Replication(kept.number, kept.seed, alone.counts, alone.governance, alone))


def test_the_number_of_runs_changes_none_of_them(one_after_the_other: list[Replication]) -> None:
    for few, many in zip(hs.replicate(one_flow(), n=2, seed=3, logs=True), one_after_the_other,
                         strict=False):  # fmt: skip
        same(few, many)


@pytest.mark.usefixtures("processes_take_part")
@pytest.mark.parametrize(
    ("workers", "threads", "n"),
    # the last of each kind have nothing to do for some; a process takes a second to begin
    [(1, True, 5), (2, True, 5), (7, True, 5), (1, False, 5), (2, False, 5), (3, False, 2)],
)
def test_who_does_the_work_changes_nothing(
    one_after_the_other: list[Replication], workers: int, threads: bool, n: int
) -> None:
    runs = hs.replicate(one_flow(), n=n, seed=3, workers=workers, threads=threads, logs=True)
    for mine, other in zip(runs, one_after_the_other[:n], strict=True):
        same(mine, other)


def test_twenty_runs_unless_said_otherwise() -> None:
    assert hs.replicate(one_flow()).plan.n == 20


def test_the_warm_up_is_simulated_and_not_counted() -> None:
    s = one_flow(weeks=4)
    (whole,) = hs.replicate(s, n=1, logs=True)
    (late,) = hs.replicate(s, n=1, warm_up_weeks=3, logs=True)
    assert late.counts.days[0] == pd.Timestamp(s.start) + pd.Timedelta(weeks=3)
    frame = whole.log.frame
    at = frame["decided_at"].dt.tz_localize(None)
    assert late.counts.rows["n"].sum() == (at >= late.counts.days[0]).sum() < len(frame)
    pd.testing.assert_frame_equal(late.log.frame, frame)


def test_logs_are_kept_only_when_asked_for() -> None:
    (run,) = hs.replicate(one_flow(), n=1, seed=9)
    assert run.run is None
    with pytest.raises(hs.ScenarioError, match=r"logs=True, .* hs.simulate\(scenario, seed=9\)"):
        run.log  # noqa: B018


def test_what_governance_did_is_kept() -> None:
    killed = one_flow(governance={"kill_switches": {FLOW: {"from_week": 2}}})
    (run,) = hs.replicate(killed, n=1)
    assert run.governance["what"].tolist() == ["killed"]


def test_progress_counts_in_the_callers_thread() -> None:
    told: list[tuple[int, int | None]] = []
    threads = set()

    def progress(done: int, total: int | None) -> None:
        told.append((done, total))
        threads.add(threading.current_thread())

    list(hs.replicate(one_flow(), n=4, workers=2, progress=progress))
    assert told == [(i, 4) for i in (1, 2, 3, 4)]
    assert threads == {threading.main_thread()}


# --- as many runs as it takes --------------------------------------------------------------------


def test_runs_are_added_until_the_interval_is_narrow() -> None:
    def wanted(workers: int) -> hs.Replications:
        return hs.replicate(
            one_flow(), precision={"exception_rate": 0.05}, at_least=3, workers=workers
        )

    summary = hs.summarise(wanted(1))
    assert summary.seeds == tuple(run.seed for run in wanted(3))
    assert len(summary.seeds) > 3
    assert summary.get("exception_rate").half_width <= 0.05
    assert "reached after" in summary.notes[0]


def test_it_says_what_became_of_the_precision() -> None:
    totals: list[int | None] = []
    runs = hs.replicate(
        one_flow(), precision={"exception_rate": 0.001}, at_least=3, at_most=6,
        progress=lambda _, total: totals.append(total),
    )  # fmt: skip
    summary = hs.summarise(runs)
    assert totals == [None, None, 6, 6, 6, 6]
    (note,) = summary.notes
    assert "exception_rate, ±0.001: not reached within 6 runs (at_most), which give ±0.0" in note
    assert note in str(summary)


# --- stopping early ------------------------------------------------------------------------------


def test_leaving_the_loop_early_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    for run in hs.replicate(one_flow(), n=1000, workers=2, threads=True):
        if run.number == 2:
            break
    gc.collect()
    assert set(threading.enumerate()) <= before


def test_an_error_in_a_run_ends_all_of_them() -> None:
    def job(number: int, _stopped: Any) -> int:
        if number == 3:
            raise hs.ScenarioError("run 3 cannot be")
        return number

    before = set(threading.enumerate())
    seen: list[int] = []
    with pytest.raises(hs.ScenarioError, match="run 3 cannot be"):
        seen += in_order(job, lambda: 100, workers=2, threads=True)
    assert set(threading.enumerate()) <= before


def test_jobs_at_work_are_told_to_stop() -> None:
    begun, told = threading.Event(), threading.Event()

    def job(number: int, stopped: Any) -> int:
        if number != 1:
            return number
        begun.set()
        while not stopped():
            pass
        told.set()
        return number

    answers = in_order(job, lambda: 10, workers=2, threads=True)
    assert next(answers) == 0
    assert begun.wait(5)
    answers.close()
    assert told.is_set()


def test_no_run_is_begun_long_before_it_is_wanted() -> None:
    begun: list[int] = []
    answers = in_order(
        lambda number, _: begun.append(number), lambda: 1000, workers=2, threads=True
    )
    next(answers)
    answers.close()
    assert len(begun) <= 4 + 1


def test_a_with_block_closes() -> None:
    with hs.replicate(one_flow(), n=100, workers=2) as runs:
        assert next(runs).number == 0
    assert list(runs) == []


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"n": 0}, "n=0 must be a whole number, 1 or more"),
        ({"n": 2.5}, "n=2.5 must be a whole number"),
        ({"n": True}, "n=True must be a whole number"),
        ({"n": 5, "precision": {"exception_rate": 0.1}}, "not both"),
        ({"precision": {"fn": 0.1}}, "'fn' is unknown; .*known: decisions, right, exception_rate"),
        ({"precision": {"exception_rate": 0}}, "0 must be above 0"),
        ({"precision": {"exception_rate": 0.1}, "at_least": 1}, "one run has no interval"),
        ({"precision": {"exception_rate": 0.1}, "at_most": 5}, "20 or more, which is at_least"),
        ({"workers": 0}, "workers=0 must be a whole number, 1 or more; or None for all cores"),
        ({"warm_up_weeks": 2}, "warm_up_weeks=2 leaves nothing of the 2 weeks of one-flow"),
        ({"warm_up_weeks": -1}, "warm_up_weeks=-1 must be a whole number, 0 or more"),
        ({"confidence": 95}, "confidence=95 must lie between 0 and 1, for example 0.95"),
        ({"engine": "warp"}, "engine 'warp' is unknown; known: .*reference"),
        ({"seed": -1}, "seed -1 must be a whole number from 0"),
        ({"seed": 2**63 - 3, "n": 5}, r"seed .* is too large: run i has the seed .* \+ i"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_runs(
    asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(hs.ScenarioError, match=says):
        hs.replicate(one_flow(), **asked)


def test_precision_of_what_never_happens_is_refused_after_the_first_look() -> None:
    runs = hs.replicate(one_flow(), precision={"bounce_rate": 0.01}, at_least=2)
    with pytest.raises(hs.NotEnoughEvidence, match="bounce_rate: none of the first 2 runs"):
        list(runs)
