"""What docs/evidence.md shows runs and says what hitlsim says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hitlsim.decisions.log import from_parquet
from tests.cli.conftest import Run
from tests.cli.conftest import run as run

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "evidence.md").read_text("utf-8")
MAP = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs" / "your-own-log.md").read_text("utf-8"), flags=re.DOTALL
)[-1]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def bank_map(tmp_path: Path) -> Path:
    path = tmp_path / "bank.map.yaml"
    path.write_text(MAP)
    return path


def test_the_answer_on_the_page_is_the_one_given(
    run: Run, bank_calls: Path, bank_map: Path
) -> None:
    code, out, err = run("silent", str(bank_calls), "--map", str(bank_map), "--audit", "10%")
    assert code == 0, err
    (shown,) = blocks("text")
    assert words(shown) in words(out)


def test_the_table_says_by_how_much_each_way_is_wrong(
    run: Run, bank_calls: Path, bank_map: Path
) -> None:
    _, out, _ = run("silent", str(bank_calls), "--map", str(bank_map), "--audit", "10%")
    true = float(re.findall(r"= the truth +([\d.]+)%", out)[0])
    rows = re.findall(r"\| \**([\w ,]+?)\** \| \**([\d.]+)%\** \| \**([+-][\d.]+)", PAGE)
    assert len(rows) == 5
    for way, says, off in rows:
        (given,) = re.findall(rf"[✗✓] {re.escape(way)} +([\d.]+)%", out)
        assert round(float(given), 1) == float(says)
        # both figures are rounded
        assert float(off) == pytest.approx(float(given) - true, abs=0.11)


def test_scores_of_a_world_that_changed_are_left_alone_as_the_page_says(
    run: Run, bank_calls: Path, bank_map: Path
) -> None:
    code, out, err = run(
        "recalibrate", str(bank_calls), "--map", str(bank_map), "--out", "l.parquet"
    )
    assert code == 0, err
    assert "The scores stay as they are." in out
    assert not from_parquet(Path("l.parquet")).record["recalibration"]["adopted"]


def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "evidence.md", "exec"), {})  # noqa: S102 - our own page
    out = capsys.readouterr().out
    assert out.startswith("0.075413 (95%: 0.067005 to 0.084516")


def test_every_option_of_the_page_exists(run: Run) -> None:
    source = (ROOT / "src" / "hitlsim" / "cli" / "verbs" / "silent.py").read_text("utf-8")
    for option in set(re.findall(r"(?<!-)--[a-z]+", PAGE)) - {"--map"}:
        assert f"    {option[2:]}: " in source, option
