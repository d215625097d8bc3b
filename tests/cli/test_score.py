"""``hitlsim score``, and that its page says what it does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from hitlsim.calibration.scoring.learnable import short
from hitlsim.decisions.log import from_parquet
from tests.calibration.scoring.small_logs import seen, truth, with_ok
from tests.cli.conftest import Run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "score.md").read_text("utf-8")
MAPPING = "columns: {decision_id: decision_id, decided_at: decided_at, channel: channel, ok: ok}\n"


@pytest.fixture
def score(run: Run) -> Run:
    """Run ``hitlsim score`` beside two exports, ``calls.csv`` and ``next.csv``."""
    for name, seed in (("calls", 1), ("next", 2)):
        frame = seen(700, seed)
        log = with_ok(frame, truth(frame), seed)
        exported = log.frame.rename(columns=short)
        if name == "next":
            exported["decided_at"] += exported["decided_at"].max() - exported["decided_at"].min()
            exported = exported.drop(columns="ok").assign(ok="")
        exported.to_csv(f"{name}.csv", index=False)
    Path("calls.map.yaml").write_text(MAPPING)
    return lambda *arguments: run("score", *arguments)


def words(text: str) -> str:
    return " ".join(text.split())


def test_findings_come_first_and_files_are_written(score: Run) -> None:
    code, out, err = score("calls.csv", "--map", "calls.map.yaml", "--out", "scored.parquet",
                           "--model", "team.score", "--picture", "score.png")  # fmt: skip
    assert code == 0, err
    assert out.startswith("✓ There is a signal")
    assert re.search(r"AUROC \(.5 is a coin, 1 perfect\) +\.\d{3} +\.\d{3} to \.\d{3} +\d+", out)
    assert out.index("job") < out.index("age"), "what matters most comes first"
    assert from_parquet(Path("scored.parquet")).has("confidence")
    assert Path("score.png").read_bytes().startswith(b"\x89PNG")


def test_the_commands_of_the_page_run_in_order(score: Run, run: Run) -> None:
    commands = [
        line
        for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(commands) >= 4
    for line in commands:
        code, _, err = run(*shlex.split(line)[1:])
        assert code == 0, (line, err)
    late = from_parquet(Path("next.parquet"))
    assert late.record["learnt_score"]["decided_before_it_was_learnt"] < 10
    assert late.frame["confidence"].notna().all()


def test_scoring_what_was_learnt_from_is_told(score: Run) -> None:
    score("calls.csv", "--map", "calls.map.yaml", "--model", "team.score")
    code, out, _ = score("calls.csv", "--map", "calls.map.yaml", "--with", "team.score",
                         "--out", "again.parquet")  # fmt: skip
    assert code == 0
    assert "All 700 decisions were taken before the score was learnt" in words(out)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--out", "scored.xlsx"], "--out scored.xlsx: must end in .parquet, .csv or .csv.gz"),
        (["--picture", "score.jpg"], "--picture score.jpg: must end in .png"),
        (
            ["--out", "calls.csv"],
            "--out calls.csv: would overwrite what is read; give another name",
        ),
        (["--with", "team.score"], "--with FILE scores decisions and needs --out FILE"),
        (["--with", "no.score", "--out", "x.csv"], "no.score: there is no such file"),
        (["--leave-out", "jb"], "leave_out 'jb': the log has no such column to learn from; did"),
        (["--keep", "jb"], "keep 'jb': the log has no such column"),
    ],
)
def test_bad_input_gives_one_message_and_exit_code_2(
    score: Run, given: list[str], message: str
) -> None:
    before = sorted(Path().iterdir())
    code, _, err = score("calls.csv", "--map", "calls.map.yaml", *given)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert sorted(Path().iterdir()) == before, "nothing is left behind"
