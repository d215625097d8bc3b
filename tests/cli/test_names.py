"""Names of a log, and names of files, as somebody may have chosen them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hitlsim as hs
from tests.cli.conftest import Run

NAMED = ("workflow", "pool", "reviewer", "looker", "reason", "agent")
ODD = "[/b2b] [red]x"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log whose every name looks like the terminal's own markup."""
    log = hs.simulate(hs.load("outbound"), seed=7).log
    frame = log.frame.copy()
    for name in NAMED:
        words = frame[name].astype("object")
        frame[name] = words.where(words.isna(), ODD + words.astype("str"))
    return hs.DecisionLog(frame, log.record).to_parquet(
        tmp_path_factory.mktemp("o") / "[x].parquet"
    )


@pytest.mark.parametrize(
    ("arguments", "shows"),
    [
        (("measure", "LOG", "--workflows"), True),
        (("silent", "LOG"), True),
        (("diagnose", "LOG"), True),
        (("staff", "LOG"), True),
        (("tune", "LOG"), False),
        (("watch", "LOG"), False),
    ],
)
def test_names_that_look_like_markup_are_shown_as_they_are(
    run: Run, odd: Path, arguments: tuple[str, ...], shows: bool
) -> None:
    code, out, err = run(*(str(odd) if a == "LOG" else a for a in arguments))
    assert code == 0, err
    assert (ODD.split(maxsplit=1)[0] in out) == shows


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[Path, Path]]:
    """A log and its mapping."""
    folder = tmp_path_factory.mktemp("mapped")
    log = folder / "calls.csv"
    log.write_text("when,sure\n2026-09-01,0.95\n2026-09-02,0.97\n")
    mapping = folder / "calls.yaml"
    mapping.write_text("columns: {decided_at: when, confidence: sure}\n")
    return lambda: (log, mapping)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit", "LOG", "--map", "MAP", "--out", "MAP"), "would overwrite what is read"),
        (("fit", "LOG", "--out", "a.yaml", "--csv", "LOG"), "would overwrite what is read"),
        (("recalibrate", "LOG.parquet", "--out", "LOG.parquet"), "would overwrite what is read"),
        (("score", "LOG", "--out", "a.csv", "--model", "a.csv"), "is also given to --out"),
        (("watch", "LOG", "--picture", "LOG"), "must end in .png"),
    ],
)
def test_what_is_read_is_never_overwritten(
    run: Run, mapped: Callable[[], tuple[Path, Path]], arguments: tuple[str, ...], said: str
) -> None:
    log, mapping = mapped()
    before = log.read_bytes(), mapping.read_bytes()
    full = [a.replace("LOG", str(log)).replace("MAP", str(mapping)) for a in arguments]
    code, _, err = run(*full)
    assert code == 2
    assert said in err
    assert (log.read_bytes(), mapping.read_bytes()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("simulate", "outbound", "--log", "file/log.parquet"),
        ("silent", "LOG", "--picture", "file/a.png"),
        ("recalibrate", "LOG", "--out", "file/a.parquet"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_message(
    run: Run, odd: Path, arguments: tuple[str, ...]
) -> None:
    Path("file").write_text("no folder")
    code, _, err = run(*(str(odd) if a == "LOG" else a for a in arguments))
    assert code == 2
    assert err.splitlines()[-1].startswith(f"hitlsim: {arguments[-1]}: cannot be read or written (")
    assert Path("file").read_text() == "no folder"
