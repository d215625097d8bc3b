"""What was said of a month, for as many decisions as came."""

from __future__ import annotations

import numpy as np
import pytest

from hitlsim.calibration.tuning.backtesting.judged import Advice
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.policy import Policy


def test_months_that_differ_do_so_as_much_with_few_decisions() -> None:
    """True rates of months as of a Beta; the variance of counts of 5,000 is then 40 times chance.

    With 40,000 months drawn a false alarm has a chance below 1 in 1,000.
    """
    advice = Advice(
        Policy({}), "recommended", Band(0.10, 0.15, 5000, 40.0), 125_000, None, 1_000_000
    )
    assert advice.chance() == advice.chance(5000)
    size = (5000 - 40) / (40 - 1)
    rng = np.random.default_rng(3)
    true = rng.beta(0.125 * size, 0.875 * size, 40_000)
    for month in (200, 1000, 5000):
        rate = rng.binomial(month, true) / month
        came = np.mean((rate >= 0.10) & (rate <= 0.15))
        # counts as if of fewer decisions are whole numbers, which is coarse
        assert advice.chance(month) == pytest.approx(came, abs=0.06), month
    assert advice.chance(80) > 0.2
