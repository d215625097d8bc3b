"""What scores a decision is chosen by what was known by then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hitlsim.calibration.scoring import learnable, parts
from hitlsim.calibration.scoring.crossfit import cross_fit
from hitlsim.decisions.log import DecisionLog
from tests.calibration.scoring.small_logs import seen, with_ok


def test_outcomes_that_came_after_all_choose_no_learner() -> None:
    for seed in range(2):
        frame = seen(700, seed)
        # so clear that the learner that trusts its rows does best, unless late ones are turned
        clear = 1 / (1 + np.exp(-0.8 - 0.2 * (frame["context_age"] - 45)))
        late = np.random.default_rng(seed).random(700) < 0.5
        after_all = pd.Timestamp("2027-01-01", tz="UTC")
        at = (frame["decided_at"] + pd.Timedelta("1D")).where(~late, after_all)
        log = with_ok(frame, clear.to_numpy(), seed, ok_at=at)
        turned = log.frame.assign(ok=log.frame["ok"] ^ late)
        before, after = (
            cross_fit(parts.lesson(one, learnable.ask(one)), 7).p
            for one in (log, DecisionLog(turned))
        )
        np.testing.assert_array_equal(before, after)
