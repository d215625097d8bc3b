"""``hitlsim backtest``, and that its page says what it does."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

import hitlsim as hs
from hitlsim.calibration.tuning.backtesting.backtest import Backtest
from hitlsim.cli import show_backtest
from hitlsim.cli.show_backtest import shown, window
from tests.calibration.tuning.backtest_logs import even, monthly_log
from tests.cli.conftest import Run

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "backtest.md").read_text("utf-8")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "small.parquet"
    return monthly_log([even(600)] * 2 + [even(13)]).to_parquet(path)


def test_the_verdict_comes_first_and_months_are_marked_in_words(run: Run, small: Path) -> None:
    code, out, err = run("backtest", str(small), "--rules", "one", "--costs", "harm=5")
    assert code == 0, err
    said = words(out)
    assert said.startswith("✓ The advice held: exceptions lay inside 10-15% in 1 of 1 month,")
    row = next(line for line in out.splitlines() if line.strip().startswith("2026-02"))
    assert words(row).endswith("12.5% inside 80.0% outside 15.0% inside") or re.search(
        r"1[0-5]\.\d% inside 80\.0% outside 1[0-5]\.\d% inside", words(row)
    )
    assert re.search(r"2026-03 13 .*not judged", said)
    assert "harm of an error 5" in said


def test_months_that_tune_would_not_recommend_are_shown_as_best_guesses(
    run: Run, tmp_path: Path
) -> None:
    few, many = even(60, 0.6, 1.0), even(1000)
    path = monthly_log([few, many, few, many]).to_parquet(tmp_path / "few.parquet")
    code, out, err = run("backtest", str(path), "--rules", "one", "--learn", "1")
    assert code == 0, err
    assert words(out).startswith("! Too seldom recommended to judge the advice: in 1 of 3 months")
    assert re.search(r"2026-02 1,000 best guess 33% 30\.\d% outside 80\.0% outside", words(out))
    assert re.search(r"2026-03 60 recommended", words(out))


@pytest.fixture(scope="module")
def five_by_week() -> Backtest:
    """As many policies as there are, and the longest names of periods."""
    b = hs.backtest(hs.simulate(hs.load("operator"), seed=7).log, by="week", fn_share=0.05)
    assert len(b.policies) == 5
    return b


@pytest.mark.parametrize(("width", "inside"), [(80, "in"), (100, "in"), (120, "inside")])
def test_tables_of_five_policies_fit_the_terminal(
    five_by_week: Backtest, monkeypatch: pytest.MonkeyPatch, width: int, inside: str
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(show_backtest, "console", lambda: Console(file=out, width=width))
    shown(five_by_week)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    rates = lines[lines.index("Exception rate (asked for: 10-15%)") :]
    last = five_by_week.frame["month"].iloc[-1]
    row = next(line for line in rates if line.startswith(last))
    assert len(re.findall(rf"%\s(?:{inside}|{inside.replace('in', 'out', 1)})\b", row)) == 5
    # nothing is cut in two: each interval is whole, one for each policy and week with outcomes
    name = "fn_share"
    told = five_by_week.frame[name].notna().sum() + five_by_week.totals[name].notna().sum()
    said = "\n".join(lines).split("\n  - ")[0].split("\n - ")[0]
    assert len(re.findall(r"\(\d+\.\d-\d+\.\d\)", said)) == told
    assert "hindsight" in said
    # of 15 outcomes known none was of what goes alone if nothing is done
    assert "under the advice, not known with doing nothing, of 74" in words(out.getvalue())
    assert "nan" not in out.getvalue()


def test_the_table_and_the_picture_are_written(run: Run, small: Path) -> None:
    code, _, err = run("backtest", str(small), "--rules", "one", "--csv", "b.csv", "--picture",
                       "b.png", "--fn-share", "30%", "--together")  # fmt: skip
    assert code == 0, err
    written = pd.read_csv("b.csv")
    assert len(written) == 2 * 3
    assert {"month", "policy", "inside", "chance_stated", "guarantee_held"} <= set(written)
    assert Path("b.png").read_bytes().startswith(b"\x89PNG")


def test_the_answer_on_the_page_is_the_one_given(
    run: Run, bank_calls: Path, tmp_path: Path
) -> None:
    own = (DOCS / "your-own-log.md").read_text("utf-8")
    mapping = tmp_path / "bank.map.yaml"
    mapping.write_text(re.findall(r"```yaml\n(.*?)```", own, flags=re.DOTALL)[-1])
    (command,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    given = [
        {"bank_calls.csv.gz": str(bank_calls), "bank_calls.map.yaml": str(mapping)}.get(word, word)
        for word in shlex.split(command)[1:]
    ]
    code, out, err = run(*given)
    assert code == 0, err
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
    assert words(shown) in words(out)


def test_the_python_of_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code, "backtest.md", "exec"), {})  # noqa: S102 - our own page
    assert "exceptions lay inside 10-15% in" in capsys.readouterr().out.splitlines()[0]


def test_the_window_is_all_or_a_number() -> None:
    assert window("all") == "all"
    assert window("12") == 12
    for text in ("0", "-1", "1.5", "some"):
        with pytest.raises(hs.LogError, match=r"--learn .* must be all, or a number of months"):
            window(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--learn", "none"], "--learn 'none' must be all, or a number of months"),
        (["--fn-share", "high"], "--fn-share 'high' must lie between 0 and 1"),
        (["--fn-share", "2%", "--fn-of-auto", "2%"], "one rate of silent errors can be"),
        (["--together"], "together: no rate of silent errors is asked for"),
        (["--picture", "b.pdf"], "--picture b.pdf: must end in .png"),
        (["--costs", "harm"], "harm"),
        (["--exception-rate", "0.2-0.1"], "is no band"),
    ],
)
def test_bad_input_gives_one_message_and_exit_code_2(
    run: Run, small: Path, given: list[str], message: str
) -> None:
    code, _, err = run("backtest", str(small), *given)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_log_of_one_month_is_refused_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    path = monthly_log([even(100)]).to_parquet(tmp_path / "one.parquet")
    code, _, err = run("backtest", str(path), "--csv", "b.csv")
    assert code == 2
    assert "the log has decisions of one only (2026-01)" in err
    assert not Path("b.csv").exists()
