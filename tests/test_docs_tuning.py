"""What docs/tuning.md shows runs, and says what hitlsim says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.recommendation import Recommendation

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "tuning.md").read_text("utf-8")
SHOWN = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, flags=re.DOTALL)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each example of the page prints, run one after the other as by a reader."""
    out, there = [], {"hs": hs}
    with contextlib.chdir(tmp_path_factory.mktemp("reader")):
        for code, _ in SHOWN:
            with contextlib.redirect_stdout(io.StringIO()) as said:
                exec(compile(code, "tuning.md", "exec"), there)  # noqa: S102 - our own page
            out.append(said.getvalue())
    return out


def test_every_output_on_the_page_belongs_to_an_example() -> None:
    assert PAGE.count("```text") == sum(bool(text) for _, text in SHOWN) == 6


@pytest.mark.parametrize("at", [i for i, (_, text) in enumerate(SHOWN) if text])
def test_the_page_shows_what_comes(printed: list[str], at: int) -> None:
    parts = [re.escape(words(part)) for part in SHOWN[at][1].split("...")]
    assert re.search(".*".join(parts), words(printed[at])), printed[at]


def test_the_written_spec_is_the_one_told_of(printed: list[str]) -> None:
    (said,) = [p for (code, _), p in zip(SHOWN, printed, strict=True) if "rec.write(" in code]
    assert said == "2 As agreed in the weekly call.\n"


def test_the_estimator_of_the_page_keeps_its_band(printed: list[str]) -> None:
    rate, status = printed[-1].split()
    assert 0.10 < float(rate) < 0.15
    assert status == "recommended"


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    part = PAGE.split(heading, 1)[1].split("\n#", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_every_target_and_its_option_are_there() -> None:
    named = {name for row in rows("## Targets") for name in re.findall(r"`(\w+)[=`]", row[0])}
    assert named == set(Goals.model_fields)
    source = (ROOT / "src" / "hitlsim" / "cli" / "verbs" / "tune.py").read_text("utf-8")
    for option in set(re.findall(r"(?<!-)--[a-z][a-z0-9-]+", PAGE)):
        name = option[2:].replace("-", "_")
        assert f'"{option}"' in source or f"    {name}: Annotated" in source, option


def test_every_cost_is_there_with_its_default() -> None:
    costs = {row[0].strip("`"): row[2] for row in rows("### Costs")}
    assert set(costs) == set(Costs.model_fields) - {"workflows"}
    for name, text in costs.items():
        default = Costs.model_fields[name].default
        assert text.endswith("0.9") if default is None else float(text) == default


def test_what_a_recommendation_holds_is_there() -> None:
    for name in re.findall(r"^\| `(.+?)` \| ", PAGE.split("## Targets")[0], re.M):
        for one in re.findall(r"\w+", name):
            assert one in Recommendation.__dataclass_fields__ or hasattr(Recommendation, one), one
    statuses = {row[0].strip("`") for row in rows("## What cannot be had")}
    assert statuses == {"infeasible", "unattainable", "not enough evidence"}
