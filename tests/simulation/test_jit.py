"""Compiled code is kept, and never outlives what it was made from."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

import hitlsim
import hitlsim as hs
from hitlsim.simulation import jit
from hitlsim.simulation.jit import SOURCES, folder_in, sources_hash

PACKAGE = Path(hitlsim.__file__).parent
COMPILED = sorted({path for pattern in SOURCES for path in PACKAGE.glob(pattern)})


def test_every_file_that_compiles_something_counts_in_the_hash() -> None:
    asks = {
        path
        for path in PACKAGE.rglob("*.py")
        if any(f"import {what}" in path.read_text() for what in ("part", "whole", "index, part"))
        and "jit import" in path.read_text()
    }
    assert asks >= {PACKAGE / "simulation" / "governing" / "watching.py"}
    assert asks <= set(COMPILED)
    for pattern in SOURCES:
        assert list(PACKAGE.glob(pattern)), f"{pattern} names nothing"


def test_every_rule_that_compiled_code_takes_in_counts_in_the_hash() -> None:
    taken_in = {getattr(jit, name) for name in ("rules", "reviewing", "fates")}
    assert {Path(str(module.__file__)) for module in taken_in} <= set(COMPILED)


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_a_change_in_any_of_them_makes_old_code_useless(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "package"
    for each in COMPILED:
        target = copy / each.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(each, target)
    assert sources_hash(copy) == sources_hash()
    changed = copy / path.relative_to(PACKAGE)
    changed.write_text(changed.read_text() + "\n")
    assert sources_hash(copy) != sources_hash()


def test_where_nothing_can_be_kept_it_is_compiled_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folder_in(tmp_path / "file") is None


def test_code_of_versions_nobody_runs_is_forgotten_and_other_code_is_not(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, days in ((old, 61), (new, 1)):
        folder.mkdir()
        (folder / "used").touch()
        then = time.time() - days * 86_400
        os.utime(folder / "used", (then, then))
    kept = folder_in(tmp_path)
    assert kept is not None
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["new", kept.name])


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (None, "anew in each process"),
        ([], "once for this version"),
        (["ids._fold-9.py311.1.nbc"], "once for this version"),  # a draw comes before the engine
        (["ids._fold-9.py311.1.nbc", "desk._run_until-9.py311.1.nbc"], ""),
    ],
)
def test_whoever_waits_for_the_compiler_is_told_why(
    kept: list[str] | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in kept or []:
        (tmp_path / name).touch()
    monkeypatch.setattr(jit, "_folder", lambda: None if kept is None else tmp_path)
    jit.tell_if_it_takes_long.__wrapped__()
    err = capsys.readouterr().err
    assert (said in err) if said else not err


def test_the_code_of_the_engine_is_where_it_is_looked_for() -> None:
    hs.simulate(hs.load("outbound").with_(weeks=1), seed=7)
    folder = jit._folder()
    assert folder is None or any(folder.rglob(jit.ENGINE_CODE))
