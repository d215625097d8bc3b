"""Reports from the command line: what is said, and the exit codes that schedulers act on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

import hitlsim as hs
from hitlsim.present.reporting import pdf, schema, template
from hitlsim.present.reporting import report as module
from hitlsim.present.reporting.template import notebook_of, report_names
from tests.cli.conftest import Run

SHORT = """\
import json
with open(results, "w") as file:
    json.dump({"headline": f"well in {month}", "record": {"source": "calls"},
               "band": [exception_low, exception_high]}, file)"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Calls of August, September and a part of October."""
    days = [(month, i) for month, n in ((8, 280), (9, 280), (10, 12)) for i in range(n)]
    rows = [
        f"C{n},{1 + i % 28}/{month}/2026,{0.5 + i % 50 / 100:.2f},{'yes' if i % 4 else 'no'}"
        for n, (month, i) in enumerate(days)
    ]
    (tmp_path / "calls.csv").write_text("id,on,score,right\n" + "\n".join(rows) + "\n")
    (tmp_path / "map.yaml").write_text(
        "columns: {decision_id: id, decided_at: on, confidence: score, ok: right}\n"
        'date_format: "%d/%m/%Y"\n'
    )
    return tmp_path / "calls.csv"


@pytest.fixture
def use_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Let the monthly report be a short one."""

    def use(code: str = SHORT) -> None:
        notebook = nbformat.read(notebook_of("monthly"), as_version=4)
        kept = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
        notebook.cells = [*kept, nbformat.v4.new_code_cell(code)]
        path = tmp_path / "report_monthly.ipynb"
        nbformat.write(notebook, path)
        real, found = schema.results_schema, module.code_sha256()
        monkeypatch.setattr(module, "code_sha256", lambda: found)
        monkeypatch.setattr(template, "notebook_of", lambda name: path)
        monkeypatch.setattr(schema, "results_schema", lambda name: real("any"))

    return use


ON_CALLS = ("report", "monthly", "--log", "calls.csv", "--map", "map.yaml")


def test_a_report_says_where_it_is_and_does_nothing_twice(
    run: Run, calls: Path, use_notebook: Callable[..., None]
) -> None:
    use_notebook()
    code, out, _ = run(*ON_CALLS, "--exception-rate", "5-20%", "--set", "exception_high=0.3")
    assert code == 0
    assert "✓ report: reports/monthly/2026-09/report.html" in out
    results = calls.parent / "reports" / "monthly" / "2026-09" / "results.json"
    assert json.loads(results.read_text())["band"] == [0.05, 0.2]
    code, out, _ = run(*ON_CALLS, "--exception-rate", "5-20%", "--set", "exception_high=0.3")
    assert code == 0
    assert "Nothing has changed" in out


def test_all_months_go_on_after_one_that_fails_and_exit_5(
    run: Run, calls: Path, use_notebook: Callable[..., None]
) -> None:
    use_notebook(f"assert month != '2026-08'\n{SHORT}")
    code, out, err = run(*ON_CALLS, "--all-months")
    assert code == 5
    assert "2026-08: failed: a cell failed with AssertionError" in err
    assert "hitlsim: no report for 2026-08; see above" in err
    assert "2026-09: made: reports/monthly/2026-09/report.html" in out
    assert "2026-10: left out: the log ends on 2026-10-12: no decision on 19 of 31 working" in out
    assert "; --month 2026-10 makes it" in out
    assert (calls.parent / "reports" / "index.html").is_file()
    use_notebook()
    assert run(*ON_CALLS, "--all-months")[0] == 0
    code, out, _ = run(*ON_CALLS, "--all-months")
    assert code == 0
    assert out.count(": unchanged: ") == 2


def test_a_page_without_its_pdf_is_exit_code_4(
    run: Run,
    calls: Path,
    use_notebook: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_notebook()
    monkeypatch.setattr(pdf, "chromium", lambda: None)
    code, out, err = run(*ON_CALLS, "--pdf")
    assert code == 4
    assert "report.html" in out
    assert err.endswith(
        "hitlsim: no PDF: no Chromium, Chrome, Edge or Brave was found; install one, or print "
        "report.html from any browser\n"
    )


def test_each_way_to_fail_has_its_exit_code_and_one_message(
    run: Run, calls: Path, use_notebook: Callable[..., None]
) -> None:
    use_notebook("1 / 0")
    code, _, err = run(*ON_CALLS)
    assert code == 1
    assert "hitlsim: a cell failed with ZeroDivisionError: division by zero; see reports" in err
    use_notebook("raise OSError(28, 'No space left on device')")
    code, _, err = run(*ON_CALLS)
    assert code == 6
    assert "the disk is full" in err
    with FileLock(calls.parent / "reports" / "monthly" / "2026-09" / ".lock"):
        code, _, err = run(*ON_CALLS)
    assert code == 3
    assert "another run is making this report" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*ON_CALLS, "--set", "exception_hihg=0.2"), "'exception_hihg' is unknown"),
        ((*ON_CALLS, "--set", "exception_high=a lot"), "'a lot' must be of type float"),
        ((*ON_CALLS, "--set", "exception_high"), "must be written like NAME=VALUE"),
        ((*ON_CALLS, "--set", "month=2026-09"), "'month' is set by the report itself"),
        ((*ON_CALLS, "--month", "2026-07"), "it has 2026-08, 2026-09, 2026-10"),
        ((*ON_CALLS, "--month", "2026-09", "--all-months"), "give one month, or"),
        ((*ON_CALLS, "--scenario", "outbound"), "not both"),
        (("report", "monthly"), "give either a decision log or a scenario"),
        (("report", "rollout", "--scenario", "outbound", "--month", "2026-09"), "no use for month"),
        (("report", "rollout"), "this report is on a scenario"),
        (("report", "rollout", "--scenario", "outbound", "--all-months"), "is not on months"),
        (("report", "rollout", "--scenario", "outbound", "--seed", "-1"), "seed -1 must be"),
        (("report", "index", "--force"), "takes nothing but --out"),
        (("report", "index", "--out", "nowhere"), "nowhere: no such folder"),
        (("report", "nonsense", "--schema"), "'nonsense' is unknown"),
    ],
    ids=lambda value: "-".join(value)[-30:] if isinstance(value, tuple) else None,
)
def test_what_cannot_be_used_is_refused_and_nothing_is_left(
    run: Run, calls: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, _, err = run(*arguments)
    assert code == 2, err
    assert words in " ".join(err.split())
    assert "Traceback" not in err
    assert not (calls.parent / "reports").exists()


def test_the_index_can_be_written_by_itself(run: Run, calls: Path) -> None:
    (calls.parent / "reports").mkdir()
    code, out, _ = run("report", "index")
    assert code == 0
    assert "index: reports/index.html" in out


@pytest.mark.parametrize("name", [*report_names(), "any"])
def test_the_schema_of_each_report_is_published_and_sound(run: Run, name: str) -> None:
    code, out, _ = run("report", name, "--schema")
    assert code == 0
    published = json.loads(out)
    Draft202012Validator.check_schema(published)
    assert {"headline", "record"} <= set(published["required"])


def test_the_schema_refuses_what_a_reader_could_not_use() -> None:
    wrong = Draft202012Validator(schema.results_schema("monthly"))
    sample = Path(__file__).resolve().parents[2] / "reports" / "sample" / "results.json"
    good = json.loads(sample.read_text(encoding="utf-8"))
    assert wrong.is_valid(good)
    figure = good["metrics"]["all"]["fn_share"]
    for damage in ({"value": "7%"}, {"n": None, "low": "0"}, {"few": None}):
        good["metrics"]["all"]["fn_share"] = {**figure, **damage}
        assert not wrong.is_valid(good), damage
    good["metrics"]["all"]["fn_share"] = figure
    assert wrong.is_valid(good)
    assert not wrong.is_valid({**good, "month": "2026-13"})
    assert not wrong.is_valid({**good, "unheard_of": 1})


def test_rejects_are_told_once_when_a_report_is_made(
    run: Run, calls: Path, use_notebook: Callable[..., None]
) -> None:
    use_notebook()
    with calls.open("a") as file:
        file.write("x,31/02/2026,0.9,yes\n")
    code, _, err = run(*ON_CALLS)
    assert code == 0
    assert err.count("1 of 573 rows could not be used, listed in calls.rejects.csv") == 1


def test_a_scenario_can_be_reported_by_name(
    run: Run, use_notebook: Callable[..., None], tmp_path: Path
) -> None:
    use_notebook()
    (tmp_path / "short.yaml").write_text("extends: outbound\nname: short\nweeks: 6\n")
    code, out, _ = run("report", "--scenario", "short.yaml", "--month", "2026-08")
    assert code == 0
    assert "simulating short, seed 7" in out
    log = tmp_path / "reports" / "monthly" / "2026-08" / "log.parquet"
    assert hs.read_log(log).record["scenario"] == "short"
