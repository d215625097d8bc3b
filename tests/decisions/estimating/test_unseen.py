from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.tally import tally
from hitlsim.decisions.estimating import unseen
from hitlsim.decisions.estimating.intervals import clopper_pearson, korn_graubard

MakeLog = Callable[..., hs.DecisionLog]


def _counts(**columns: Sequence[float]) -> pd.DataFrame:
    """Counts by workflow; all looks of a workflow had the same chance."""
    c = {name: np.array(values, float) for name, values in columns.items()}
    w = c["auto"] / np.maximum(c["auto_sampled"], 1)
    seen, bad = c["auto_sampled"] * w, c["auto_bad"] * w
    weighted = {"auto_w": seen, "auto_w_bad": bad, "auto_ww": seen * w, "auto_ww_bad": bad * w}
    return pd.DataFrame({"workflow": list("abcdefgh")[: len(w)], **c, **weighted})


def _rows(make_log: MakeLog, **columns: object) -> pd.DataFrame:
    return tally(make_log(**columns))


# --- known answers -------------------------------------------------------------------------------


def test_with_every_outcome_known_the_three_rates_are_plain_shares(make_log: MakeLog) -> None:
    # 10 alone of which 2 bad, 5 exceptions of which 3 bad
    ok = [False] * 2 + [True] * 8 + [False] * 3 + [True] * 2
    rows = _rows(make_log, route=["auto"] * 10 + ["review"] * 5, ok=ok)
    for estimate, k, n in (
        (unseen.fn_of_auto(rows), 2, 10),
        (unseen.fn_share(rows), 2, 15),
        (unseen.fn_of_bad(rows), 2, 5),
    ):
        exact = clopper_pearson(k, n)
        assert estimate.value == pytest.approx(exact.value)
        assert (estimate.low, estimate.high) == pytest.approx((exact.low, exact.high))


def test_the_audit_demo_gives_57_percent_caught_where_the_naive_figure_says_93(
    make_log: MakeLog,
) -> None:
    # 1,000 drafts: 120 flagged (40 bad), 880 alone, 88 of them audited (3 bad)
    audited = [False] * 3 + [True] * 85 + [None] * 792
    rows = _rows(
        make_log,
        route=["review"] * 120 + ["auto"] * 880,
        ok=[False] * 40 + [True] * 80 + audited,
        ok_source=["review"] * 120 + ["audit"] * 88 + [None] * 792,
        inclusion=[1.0] * 120 + [0.1] * 880,
    )
    caught = 1 - unseen.fn_of_bad(rows).value
    assert caught == pytest.approx(40 / 70)
    assert pytest.approx(0.93, abs=0.005) == 40 / 43  # what counting the seen ones would say
    assert unseen.fn_of_bad(rows).few


def test_complaints_are_not_taken_for_a_sample(make_log: MakeLog) -> None:
    rows = _rows(
        make_log,
        route=["auto"] * 100,
        ok=[False] * 10 + [True] * 10 + [None] * 80,
        ok_source=["complaint"] * 10 + ["audit"] * 10 + [None] * 80,
        inclusion=[0.1] * 100,
    )
    e = unseen.fn_of_auto(rows)
    assert e.value == 0
    assert e.n == 10


def test_workflows_without_a_look_are_said_not_to_be_covered(make_log: MakeLog) -> None:
    rows = _rows(
        make_log,
        workflow=["seen"] * 30 + ["unseen"] * 70,
        route=["auto"] * 100,
        ok=[False] * 3 + [True] * 27 + [None] * 70,
    )
    e = unseen.fn_of_auto(rows)
    assert e.value == pytest.approx(0.1)
    assert "30% of what went alone" in e.assumes


def test_a_workflow_without_a_look_counts_on_neither_side() -> None:
    # all is known of a: 50 of 1,000 alone and 50 of 200 asked about were bad; nothing went right
    # where nobody looked, of which 10,000 were asked about and 2,000 of these were bad
    rows = _counts(
        safe=[1200, 12_000], auto=[1000, 2000], auto_sampled=[1000, 0], auto_bad=[50, 0],
        asked_sampled=[200, 10_000], asked_bad=[50, 2000],
    )  # fmt: skip
    for estimate, share in (
        (unseen.fn_of_bad, 1 / 2), (unseen.fn_share, 50 / 1200), (unseen.bad_share, 100 / 1200),
    ):  # fmt: skip
        e, of_a = estimate(rows), estimate(rows[:1])
        assert (e.value, e.low, e.high) == pytest.approx((share, of_a.low, of_a.high))
        assert "33% of what went alone" in e.assumes


def test_exceptions_of_which_nothing_is_known_are_not_taken_for_good() -> None:
    one = {"auto": [1000], "auto_sampled": [200], "auto_bad": [10], "asked_bad": [0]}
    nothing = _counts(safe=[1200], asked_sampled=[0], **one)
    assert not unseen.fn_of_bad(nothing).known
    assert not unseen.bad_share(nothing).known
    assert unseen.fn_share(nothing).value == pytest.approx(50 / 1200)
    # of 200 one is known and good: up to 97.5% may be bad, 195 beside the 50 that went alone
    little = unseen.fn_of_bad(_counts(safe=[1200], asked_sampled=[1], **one))
    assert little.low == pytest.approx(50 / (50 + 0.975 * 200))
    none_asked = unseen.fn_of_bad(_counts(safe=[1000], asked_sampled=[0], **one))
    assert (none_asked.value, none_asked.high) == (1, 1)


def test_no_bad_look_leaves_the_share_of_all_bad_ones_open() -> None:
    # none of 30 looks at 900 was bad, 10 of 20 asked about: not 0.5 to 2.0%, as were all known
    rows = _counts(
        safe=[920], auto=[900], auto_sampled=[30], auto_bad=[0], asked_sampled=[20], asked_bad=[10]
    )
    assert unseen.bad_share(rows).high > 0.06


def test_the_effective_number_is_never_above_the_number_of_looks() -> None:
    # 100 of 500 bad, but none of the 100 looks that stand for 20,000
    rows = _counts(
        safe=[1000, 20_000], auto=[1000, 20_000], auto_sampled=[500, 100], auto_bad=[100, 0],
        asked_sampled=[0, 0], asked_bad=[0, 0],
    )  # fmt: skip
    share, effective = unseen.effective_of_auto(rows)
    assert share == pytest.approx(200 / 21_000)
    # half a bad one among the 100: 20,000 of squared weights, and 400 of those found
    assert effective == pytest.approx(208, abs=3)
    assert unseen.fn_of_auto(rows).high > 0.03
    assert korn_graubard(0.01, 1e-9, 300, seen=600, failures=9).n == 600


def test_many_workflows_without_a_bad_look_do_not_drown_the_one_found() -> None:
    # 8 workflows alike, 1 bad of 400 looks: the exact interval, not 3.5 more that nobody saw
    rows = _counts(
        safe=[500] * 8, auto=[500] * 8, auto_sampled=[50] * 8, auto_bad=[1] + [0] * 7,
        asked_sampled=[0] * 8, asked_bad=[0] * 8,
    )  # fmt: skip
    e, exact = unseen.fn_of_auto(rows), clopper_pearson(1, 400)
    assert (e.low, e.high) == pytest.approx((exact.low, exact.high))


def test_no_bad_one_found_does_not_mean_that_none_was_missed(make_log: MakeLog) -> None:
    # none of 30 looks at 900 was bad, so up to 11.6% may be: 104 beside the 10 found by asking
    rows = _rows(
        make_log,
        route=["auto"] * 900 + ["review"] * 20,
        ok=[True] * 30 + [None] * 870 + [False] * 10 + [True] * 10,
    )
    e = unseen.fn_of_bad(rows)
    most = clopper_pearson(0, 30).high * 900
    assert (e.low, e.few) == (0, True)
    assert e.high == pytest.approx(most / (most + 10))


def test_all_bad_ones_are_those_on_either_side_of_the_boundary(make_log: MakeLog) -> None:
    # 80 alone, a tenth looked at (1 of 8 bad); 20 asked about, 5 bad
    rows = _rows(
        make_log,
        route=["auto"] * 80 + ["review"] * 20,
        ok=[False] + [True] * 7 + [None] * 72 + [False] * 5 + [True] * 15,
        inclusion=[0.1] * 80 + [1.0] * 20,
    )
    assert unseen.bad_share(rows).value == pytest.approx((10 + 5) / 100)


def test_a_log_in_memory_is_counted_as_the_tally_counts_it(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame
    known = unseen.sampled(frame)
    mine = unseen.sums(frame, known, known & ~frame["ok"].fillna(value=True).to_numpy(bool))
    mine = mine.set_index("workflow")
    theirs = tally(reference_run.log).groupby("workflow").sum(numeric_only=True)[mine.columns]
    pd.testing.assert_frame_equal(mine, theirs.loc[mine.index], check_exact=False, rtol=1e-12,
                                  check_dtype=False)  # fmt: skip


def test_no_label_at_all_is_not_enough_evidence(make_log: MakeLog) -> None:
    rows = _rows(make_log, route=["auto"] * 10, ok=[None] * 10)
    assert not unseen.fn_share(rows).known


# --- properties ----------------------------------------------------------------------------------


def test_weighted_estimate_is_unbiased_and_its_interval_covers(make_log: MakeLog) -> None:
    # 300 worlds, two workflows of different quality looked at with different chances.
    # Coverage .95 gives fewer than 273 of 300 (.91) with probability < .003;
    # the mean's standard error is about .0006, so .002 is more than 3 of them.
    rng = np.random.default_rng(11)
    errors, covered = [], 0
    n = 3000
    flow = np.array(["a", "b"])[(np.arange(n) >= 1000).astype(int)]
    inclusion = np.where(flow == "a", 0.5, 0.1)
    for _ in range(300):
        bad = rng.random(n) < np.where(flow == "a", 0.02, 0.08)
        seen = rng.random(n) < inclusion
        rows = pd.DataFrame({"workflow": flow, "auto": 1.0, "w": seen / inclusion, "bad": bad})
        rows["auto_sampled"] = seen.astype(float)
        rows["auto_bad"] = (seen & bad).astype(float)
        rows["auto_w"], rows["auto_w_bad"] = rows["w"], rows["w"] * bad
        rows["auto_ww"], rows["auto_ww_bad"] = rows["w"] ** 2, rows["w"] ** 2 * bad
        for name in ("asked_sampled", "asked_bad"):
            rows[name] = 0.0
        rows["safe"] = rows["auto"]
        e = unseen.fn_of_auto(rows)
        truth = (1000 * 0.02 + 2000 * 0.08) / 3000
        errors.append(e.value - truth)
        covered += e.low <= truth <= e.high
    assert abs(np.mean(errors)) < 0.002
    assert covered >= 273


@pytest.mark.parametrize("chat_bad", [0.002, 0.005, 0.02])
def test_a_large_workflow_rarely_looked_at_does_not_narrow_the_interval(chat_bad: float) -> None:
    # 300 worlds: 1,000 refunds, 20% bad, every second looked at; 20,000 chats, few bad, one in 200
    # looked at, so that often no bad one is found among them. Coverage .95 gives fewer than 273
    # with probability < .003.
    rng = np.random.default_rng(13)
    bad, asked_bad = 200 + 20_000 * chat_bad, 100
    truth = {
        unseen.fn_of_auto: bad / 21_000,
        unseen.fn_share: bad / 21_600,
        unseen.bad_share: (bad + asked_bad) / 21_600,
        unseen.fn_of_bad: bad / (bad + asked_bad),
    }
    hits = dict.fromkeys(truth, 0)
    for _ in range(300):
        rows = _counts(
            safe=[1200, 20_400], auto=[1000, 20_000], auto_sampled=[500, 100],
            auto_bad=[rng.binomial(500, 0.2), rng.binomial(100, chat_bad)],
            asked_sampled=[200, 400], asked_bad=[rng.binomial(200, 0.4), rng.binomial(400, 0.05)],
        )  # fmt: skip
        for estimate, value in truth.items():
            e = estimate(rows)
            hits[estimate] += e.low <= value <= e.high
    assert min(hits.values()) >= 273, hits


def test_observed_figures_do_not_change_when_the_truth_is_taken_away(
    reference_run: hs.Run,
) -> None:
    log = reference_run.log
    blind = hs.DecisionLog(log.frame.loc[:, ~log.frame.columns.str.startswith("true_")], log.record)
    seen, unsighted = hs.scorecard(log).frame, hs.scorecard(blind).frame
    observed = seen[~seen["metric"].str.startswith("true_")].reset_index(drop=True)
    pd.testing.assert_frame_equal(observed, unsighted)


@pytest.mark.parametrize("dtype", ["float64", "Float64"])
def test_each_outcome_stands_for_as_many_as_its_chance_says_and_never_for_infinitely_many(
    dtype: str,
) -> None:
    frame = pd.DataFrame({"inclusion": pd.array([0.02, 1.0, None, 0.0], dtype=dtype)})
    assert unseen.weights(frame, np.ones(4, bool)).tolist() == [50.0, 1.0, 1.0, 1.0]
    assert unseen.chances(pd.DataFrame({"ok": [True, False]})).tolist() == [1.0, 1.0]
