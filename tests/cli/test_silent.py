"""``hitlsim silent`` and ``hitlsim recalibrate``."""

from __future__ import annotations

from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.decisions.log import from_parquet
from tests.cli.conftest import Run


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def outbound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = hs.simulate(hs.load("outbound"), seed=7).log
    return log.to_parquet(tmp_path_factory.mktemp("logs") / "outbound.parquet")


# --- what people see -----------------------------------------------------------------------------


def test_silent_says_first_what_to_believe_then_shows_every_way(run: Run, outbound: Path) -> None:
    code, out, err = run("silent", str(outbound))
    assert code == 0, err
    assert out.startswith("✓ Of the ")
    said = words(out)
    for title in ("complaints only", "looked at by chance, weighted", "the truth"):
        assert title in said
    assert "To know more" in said
    assert "What asking finds, by reason" in said


def test_nobody_is_named(run: Run, outbound: Path) -> None:
    people = from_parquet(outbound).frame["looker"].dropna().unique()
    _, out, _ = run("silent", str(outbound))
    assert len(people)
    assert not any(f" {name} " in out for name in people)


def test_a_picture_is_drawn_where_asked(run: Run, outbound: Path) -> None:
    code, out, err = run("silent", str(outbound), "--picture", "silent.png")
    assert code == 0, err
    assert "picture: silent.png" in out
    assert Path("silent.png").read_bytes().startswith(b"\x89PNG")


def test_a_plan_to_look_can_be_tried_where_all_is_known(run: Run, tmp_path: Path) -> None:
    rows = [f"2026-09-0{1 + i % 9},0.95,{'no' if i % 11 == 0 else 'yes'}" for i in range(3000)]
    (tmp_path / "known.csv").write_text("\n".join(["decided_at,confidence,ok", *rows]) + "\n")
    code, out, err = run("silent", "known.csv", "--audit", "20%")
    assert code == 0, err
    assert "looked at by chance, weighted" in out
    assert "the truth" in out


def test_recalibrate_says_what_it_did_and_writes_the_log(run: Run, outbound: Path) -> None:
    code, out, err = run("recalibrate", str(outbound), "--out", "mended.parquet")
    assert code == 0, err
    mended = from_parquet(Path("mended.parquet"))
    adopted = mended.record["recalibration"]["adopted"]
    assert words(out)[2:].startswith("The scores were mended" if adopted else "The scores stay")
    assert "The scores as they were" in out
    assert len(mended) == len(from_parquet(outbound))
    assert run("tune", "mended.parquet")[0] == 0


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("silent", "LOG", "--within", "2"), "--within '2' must lie between 0 and 1"),
        (("silent", "LOG", "--picture", "silent.svg"), "--picture silent.svg: must end in .png"),
        (("recalibrate", "LOG", "--out", "mended.csv"), "--out mended.csv: must end in .parquet"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    run: Run, outbound: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, _, err = run(*(str(outbound) if a == "LOG" else a for a in arguments))
    assert code == 2
    assert message in err
    assert list(Path().iterdir()) == []


def test_a_log_without_outcomes_is_told_how_many_looks_would_do(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "plain.csv"
    log.write_text("decided_at,confidence\n2026-09-01,0.95\n2026-09-02,0.97\n")
    code, _, err = run("silent", str(log))
    assert code == 2
    assert "299 for 1%, 149 for 2%, 99 for 3%, 59 for 5%" in err
