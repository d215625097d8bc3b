"""Logs that several tests of the room fit, each fitted once."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.calibration.fitting.fit import Fitted, fit
from hitlsim.decisions.reading.work_log import WorkLog, read_work_log
from tests.conftest import SHARED_DATA


@pytest.fixture(scope="session")
def outbound() -> hs.Run:
    return hs.simulate(hs.load("outbound"), seed=7)


@pytest.fixture(scope="session")
def fitted(outbound: hs.Run) -> Fitted:
    """A fit to ten weeks of a small outbound team."""
    return fit(outbound.log)


@pytest.fixture(scope="session")
def loan_work() -> WorkLog:
    """Real work on loan applications, by a clock that is an hour behind."""
    path = SHARED_DATA / "bpic2012_work.csv.gz"
    if not path.is_file():
        pytest.skip("the real data of ../shared/data is not here")
    return read_work_log(path)
