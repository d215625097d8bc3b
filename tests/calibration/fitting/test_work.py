"""Work logs: the real one, and the clock that may be wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.fitting.clock import clock_of, minutes_of
from hitlsim.calibration.fitting.fit import Fitted, fit
from hitlsim.decisions.reading.work_log import WorkLog

AN_HOUR = 60


@pytest.fixture(scope="module")
def loans(loan_work: WorkLog) -> Fitted:
    """A desk learnt from real work, by somebody who knows that it opens at nine."""
    return fit(work=loan_work, opens="09:00")


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def desk_log(reference: pd.DataFrame, *, ahead: int = 0) -> WorkLog:
    """The reviews of a simulated log as a work log whose clock is so many minutes ahead."""
    done = reference[reference["ended_at"].notna()]
    by = pd.Timedelta(minutes=ahead)
    frame = pd.DataFrame({
        "start": done["started_at"] + by, "end": done["ended_at"] + by,
        "person": done["reviewer"].astype(str), "case": done["decision_id"],
        "activity": done["workflow"].astype(str),
    })  # fmt: skip
    return WorkLog(frame.reset_index(drop=True), {"timezone": "Europe/Berlin"})


# --- the real one --------------------------------------------------------------------------------


def test_times_of_work_are_those_of_the_reference(loans: Fitted, loan_work: WorkLog) -> None:
    minutes = loan_work.minutes
    assert minutes.median() == pytest.approx(2.49, rel=0.05)
    assert minutes.quantile([0.9, 0.95]).tolist() == pytest.approx([16.4, 26.2], rel=0.05)
    assert minutes.mean() == pytest.approx(12.05, abs=0.01)
    assert (minutes > 480).sum() == 232
    (said,) = [n for n in loans.notes if n.startswith("A piece of work takes")]
    assert "6.65 on average" in said
    assert "with them 12.05" in said


def test_the_fitted_times_have_the_median_and_the_mean_of_all_work(
    loans: Fitted, loan_work: WorkLog
) -> None:
    flows = loans.scenario.workflows
    counts = loan_work.frame["activity"].str.lower().str.replace(" ", "-").value_counts()
    means = {n: w.review_seconds.mean / 60 for n, w in flows.items()}
    assert np.average([means[n] for n in counts.index], weights=counts) == pytest.approx(
        6.65, rel=0.05
    )


def test_the_clock_an_hour_behind_is_found_and_put_right(loans: Fitted) -> None:
    said = " ".join(loans.notes)
    assert "The clock of the work log seems an hour behind" in said
    assert "95% of the work on weekdays begins 09:02-20:39" in said
    assert "95% of the work on Saturdays begins 10:13-16:46" in said
    assert "did not move by an hour when clocks changed" in said
    assert "the minutes of the work log's clock are right" in said


def test_without_the_opening_time_the_hour_is_left_open(loan_work: WorkLog) -> None:
    clock = clock_of(loan_work, rng=rng())
    assert clock.shift_minutes == 0
    assert "cannot be told from it alone" in clock.notes[-1]
    assert "If your desk opens at 09:00, as most do, it is an hour behind" in clock.notes[-1]


def test_about_twenty_people_work_on_a_weekday_and_six_on_a_saturday(loans: Fitted) -> None:
    reviewers = [r for _, _, r in loans.scenario.reviewers()]
    on = [sum(any(d in w.days for w in r.shifts) for r in reviewers) for d in (2, 5, 6)]
    assert on == [pytest.approx(20, abs=2), pytest.approx(6, abs=2), 0]


def test_weeks_of_work_look_like_the_fitted_desks(loans: Fitted) -> None:
    """46 figures of 23 weeks, which hang together: bands made for 90%."""
    found = loans.check(19)
    assert 0.75 <= found.inside.value <= 1.0
    assert found.fits == ["decisions", "review_hours"]


def test_all_about_the_ai_is_an_assumption(loans: Fitted) -> None:
    assert not any(".ai." in p for p in loans.table["parameter"])
    assert any("are assumptions" in n for n in loans.notes)


# --- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-60, 0, 90])
def test_cases_that_stand_in_both_logs_tell_the_clocks_apart(
    reference_run: hs.Run, ahead: int
) -> None:
    work = desk_log(reference_run.log.frame, ahead=ahead)
    assert clock_of(work, reference_run.log, rng=rng()).shift_minutes == -ahead


def test_a_desk_that_opens_when_its_work_begins_has_a_clock_that_is_right(
    reference_run: hs.Run,
) -> None:
    clock = clock_of(desk_log(reference_run.log.frame), opens="08:30", rng=rng())
    assert clock.shift_minutes == 0
    assert clock.notes[-1].endswith("its clock is right.")


def test_times_in_utc_are_found_by_the_change_of_clocks() -> None:
    days = pd.date_range("2026-10-05", "2026-11-15", tz="Europe/Berlin")
    at = [d + pd.Timedelta(hours=9, minutes=int(m)) for d in days if d.weekday() < 5
          for m in rng().uniform(0, 480, 60)]  # fmt: skip
    start = pd.Series(pd.DatetimeIndex(at).tz_convert("UTC"))
    frame = pd.DataFrame({"start": start, "end": start + pd.Timedelta(minutes=5), "person": "p",
                          "case": "", "activity": "call"})  # fmt: skip
    first = clock_of(WorkLog(frame, {}), rng=rng()).notes[0]
    assert "Europe's clocks changed on 2026-10-25, the hours of work moved by +60 min" in first


@pytest.mark.parametrize(
    ("asked", "said"),
    [(0.0, "are left as they are, as asked."), (30.0, "are moved by +30 minutes, as asked.")],
)
def test_what_was_asked_of_the_clock_is_all_that_is_said_of_moving_it(
    reference_run: hs.Run, asked: float, said: str
) -> None:
    work = desk_log(reference_run.log.frame, ahead=-AN_HOUR)
    found = fit(work=work, opens="08:30", clock_shift=asked)
    assert any(n.endswith(said) for n in found.notes)
    assert not any("moved by that" in n for n in found.notes)
    begun = work.frame["start"].dt.tz_localize(None).min() + pd.Timedelta(minutes=asked)
    assert found.seen.arrived.min() == begun


@pytest.mark.parametrize("opens", [None, "09:00"])
def test_three_weeks_of_work_are_too_few_to_check_the_clock_and_enough_to_fit(
    reference_run: hs.Run, opens: str | None
) -> None:
    work = desk_log(reference_run.log.frame)
    first = work.frame["start"] < work.frame["start"].min() + pd.Timedelta(weeks=3)
    found = fit(work=WorkLog(work.frame[first], work.record), opens=opens)
    assert any("15 weekdays, too few to check; that takes 20" in n for n in found.notes)
    assert not any("moved" in n for n in found.notes)


def test_a_desk_that_works_on_saturdays_only_has_a_clock_that_cannot_be_checked() -> None:
    start = pd.Series(pd.date_range("2026-08-01 09:00", periods=10, freq="7D", tz="UTC"))
    frame = pd.DataFrame({"start": start, "end": start + pd.Timedelta(minutes=5), "person": "p",
                          "case": "", "activity": "call"})  # fmt: skip
    clock = clock_of(WorkLog(frame, {}), opens="09:00", rng=rng())
    assert clock.shift_minutes == 0
    assert "it has 0 weekdays, too few to check" in clock.notes[-1]


def test_an_opening_time_that_is_none_is_told_even_where_it_is_not_needed(
    reference_run: hs.Run,
) -> None:
    with pytest.raises(hs.LogError, match="--opens 'at nine' must be a time of day"):
        clock_of(desk_log(reference_run.log.frame), opens="at nine", asked=0.0, rng=rng())


def test_a_shift_is_written_with_its_unit() -> None:
    assert minutes_of("-1.5h") == -90
    for wrong in ("1", "an hour", "30h"):
        with pytest.raises(hs.LogError, match="must be a time such as 1h"):
            minutes_of(wrong)


# --- beside a decision log -----------------------------------------------------------------------


def test_a_work_log_beside_decisions_is_put_right_and_tells_the_shifts(outbound: hs.Run) -> None:
    work = desk_log(outbound.log.frame, ahead=-60)
    found = fit(outbound.log, work=work)
    assert "is an hour behind that of the decision log" in " ".join(found.notes)
    shifts = {n: [str(w) for w in r.shifts] for _, n, r in found.scenario.reviewers()}
    assert shifts["leads-1"] == ["mon-fri 16:00-17:00"]


@pytest.mark.parametrize("read_as", ["instants in UTC", "times on the wall, taken for UTC"])
def test_a_work_log_on_another_clock_than_the_decisions_tells_the_same_shifts(
    outbound: hs.Run, read_as: str
) -> None:
    work = desk_log(outbound.log.frame)
    times = {c: work.frame[c].dt.tz_convert("UTC") if read_as == "instants in UTC"
             else work.frame[c].dt.tz_localize(None).dt.tz_localize("UTC")
             for c in ("start", "end")}  # fmt: skip
    found = fit(outbound.log, work=WorkLog(work.frame.assign(**times), {"timezone": "UTC"}))
    shifts = {n: [str(w) for w in r.shifts] for _, n, r in found.scenario.reviewers()}
    assert shifts["leads-1"] == ["mon-fri 16:00-17:00"]
    assert shifts["reps-2"] == ["mon-fri 13:00-14:00"]
    assert any("of the work on weekdays begins 09:15-16:44" in n for n in found.notes)


def test_work_of_people_whom_the_decisions_do_not_name_is_refused(outbound: hs.Run) -> None:
    work = desk_log(outbound.log.frame)
    strangers = WorkLog(work.frame.assign(person="x" + work.frame["person"]), work.record)
    with pytest.raises(hs.LogError, match="by people it does not name as reviewers"):
        fit(outbound.log, work=strangers)
