"""Plain Python, DuckDB and Spark count the same, to the last count."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.stored import StoredLog, open_log
from hitlsim.decisions.counting.tally import reviews, reviews_of
from tests.decisions.counting import plain
from tests.decisions.counting.random_logs import random_log
from tests.simulation.telling_team import telling_team

pytestmark = pytest.mark.filterwarnings("ignore")  # what Spark's own modules warn of is not ours


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark of this machine, with Ibis before it; nobody else can reach it."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java (17), which is not here")
    pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    import ibis
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        # it runs for a minute: what Java compiles thoroughly it would never gain from
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        # small tables are counted sooner than code for them is compiled
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    # Spark takes Ctrl-C for itself and does not give it back, not even when it is stopped: the
    # tests of this process that press it would get an AttributeError
    signal.signal(signal.SIGINT, on_ctrl_c)
    yield ibis.pyspark.connect(session)
    session.stop()


def test_spark_leaves_ctrl_c_to_whoever_runs_next_in_this_process(spark: Any) -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _same(one: StoredLog, other: StoredLog) -> None:
    a, b = one.counts(), other.counts()
    pd.testing.assert_frame_equal(a.rows, b.rows, check_exact=True)
    pd.testing.assert_frame_equal(a.work, b.work, check_exact=True)
    pd.testing.assert_series_equal(a.oldest_minutes, b.oldest_minutes, check_exact=True)
    assert a.columns == b.columns
    cards = (hs.scorecard(each, by="month").frame for each in (one, other))
    pd.testing.assert_frame_equal(*cards, check_exact=True)


def test_spark_counts_what_duckdb_and_plain_python_count(spark: Any, tmp_path: Path) -> None:
    """Anything may be in the log, and its clock changes at midnight."""
    log = random_log(5, 400, "America/Havana")
    file = log.to_parquet(tmp_path / "log.parquet")
    mapping = tmp_path / "map.yaml"
    mapping.write_text("timezone: America/Havana\n")
    ours, theirs = (
        open_log(source, mapping=mapping) for source in (file, spark.read_parquet(file))
    )
    _same(ours, theirs)
    # what nobody wrote into the mapping, a file does not say of itself
    log = hs.DecisionLog(log.frame, {})
    row_by_row, counts = plain.tally(log), theirs.counts()
    exact = [name for name in counts.rows if name not in plain.WEIGHTS]
    pd.testing.assert_frame_equal(counts.rows[exact], row_by_row[exact], check_exact=True)
    pd.testing.assert_frame_equal(counts.work, plain.work(log), check_exact=True)
    assert counts.oldest_minutes.tolist() == plain.oldest(log)
    there = reviews_of(theirs.source, "reviewer")
    pd.testing.assert_frame_equal(there, reviews(log, "reviewer"), check_exact=True)


def test_spark_gives_the_scorecard_of_a_simulated_log(spark: Any, tmp_path: Path) -> None:
    run = hs.simulate(telling_team().with_(weeks=2), seed=7)
    file = run.log.to_parquet(tmp_path / "log.parquet")
    mapping = tmp_path / "map.yaml"
    mapping.write_text(f"timezone: {run.scenario.timezone}\n")
    there = open_log(spark.read_parquet(file), mapping=mapping)
    pd.testing.assert_frame_equal(
        there.scorecard().frame,
        hs.scorecard(hs.DecisionLog(run.log.frame, there.record)).frame,
        check_exact=True,
    )
