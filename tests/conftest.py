"""What several rooms' tests share."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

# several test processes share the cores: threads of linear algebra would only wait for each other,
# and so would the processes that help with many runs; tests of these say how many they want
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import hitlsim as hs
from hitlsim.present.reporting import notebooks
from tests.told import Tell, Told, with_month

# How long an example takes says nothing on a busy machine. The gate tries the same examples each
# time, so that it judges the change and not the day's luck; at a desk every run tries new ones.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# as every report does it; whichever test imports nbformat first would have to wait for grammars
notebooks._without_grammars()

# Whoever starts the tests in the background lets them inherit that Ctrl-C is ignored; then those
# that press it would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).resolve().parent
FIRST = (
    "tests/test_readme.py",
    "tests/calibration/tuning/test_on_scenario.py",
    "tests/decisions/counting/test_tally_spark.py",
    "tests/notebooks/test_notebooks.py",
    "tests/present/reporting/test_killed.py",
    "tests/present/reporting/test_report.py",
    "tests/calibration/tuning/weighing/test_worlds.py",
    "tests/calibration/scoring/test_score.py",
    "tests/present/exploring/test_browser.py",
    "tests/training/desk/test_browser.py",
    "tests/training/serving/test_at_once.py",
    "tests/training/serving/test_browser.py",
    "tests/present/monthly/test_month.py",
    "tests/test_scheduling.py",
    "tests/simulation/test_engines_agree.py",
    "tests/simulation/test_queueing_answers.py",
)
"""What takes longest begins first, lest one process works on it while the others are done."""
SPREAD = (
    "tests/simulation/test_engines_agree.py",
    "tests/simulation/test_queueing_answers.py",
)
"""Files whose tests share nothing, so that every process may take some of them."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What holds neither tests nor examples need not be imported to see that it holds none."""
    if collection_path.suffix != ".py" or HERE not in collection_path.parents:
        return None
    patterns = [*config.getini("python_files"), "conftest.py"]
    if any(fnmatch(collection_path.name, pattern) for pattern in patterns):
        return None
    return True if ">>>" not in collection_path.read_text(encoding="utf-8") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves all others in the order, mostly a shuffled one, in which they are."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(_file_of(item.nodeid), len(FIRST)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not look at it again."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Else DuckDB's binding tells at exit of all that was not cleared away."""
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file go to one process: what its fixtures have made is made only once."""
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class ByFile(LoadFileScheduling):  # type: ignore[misc]  # its library is untyped
        def _split_scope(self, nodeid: str) -> str:
            file = _file_of(nodeid)
            return nodeid if file in SPREAD else file

    config.option.loadscopereorder = False  # the order is that of FIRST
    return ByFile(config, log)


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def reference_run() -> hs.Run:
    """Twelve weeks of the reference rollout, seed 7."""
    return hs.simulate(hs.load("on-the-loop"), seed=7)


@pytest.fixture(scope="session")
def bank_calls() -> Path:
    """Real sales calls with every outcome known."""
    path = SHARED_DATA / "bank_calls.csv.gz"
    if not path.is_file():
        pytest.skip("the real data of ../shared/data is not here")
    return path


@pytest.fixture
def make_log() -> Callable[..., hs.DecisionLog]:
    """A small log from columns; ids and times are filled in."""

    def make(record: dict[str, Any] | None = None, **columns: Any) -> hs.DecisionLog:
        n = len(next(iter(columns.values())))
        frame = pd.DataFrame(columns)
        if "decision_id" not in frame:
            frame["decision_id"] = [f"d{i}" for i in range(n)]
        if "decided_at" not in frame:
            start = pd.Timestamp("2026-09-01", tz="UTC")
            frame["decided_at"] = start + pd.to_timedelta(np.arange(n) % 28, unit="D")
        if "confidence" not in frame:
            frame["confidence"] = 0.95
        if "ok" in frame:
            frame["ok"] = pd.array(frame["ok"], dtype="boolean")
        return hs.DecisionLog(frame, record or {})

    return make


@pytest.fixture(scope="session")
def tell(reference_run: hs.Run) -> Tell:
    """A shipped scenario, simulated once with seed 7."""

    @cache
    def told(name: str) -> Told:
        reference = name == "on-the-loop"
        run = reference_run if reference else hs.simulate(hs.load(name), seed=7)
        return Told(run, with_month(run), run.scorecard(by="month"))

    return told


@pytest.fixture(scope="session")
def log_of() -> Callable[[str, int, int], pd.DataFrame]:
    """The log of a shipped scenario with another seed and as many weeks."""

    @cache
    def log(name: str, seed: int, weeks: int) -> pd.DataFrame:
        return with_month(hs.simulate(hs.load(name).with_(weeks=weeks), seed=seed))

    return log


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium as this machine has it, driven by Playwright; without either, a skip."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as p:
        driven = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield driven
        driven.close()
