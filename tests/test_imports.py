"""Imports run one way: from the front rooms to the back, never the other way round."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "hitlsim"
ROOMS = ("cellar", "scenario", "decisions", "simulation", "calibration", "present", "training",
         "cli")  # fmt: skip
CELLAR = ("errors", "atomic", "bundled", "shown")
DOORS = (("__init__",), ("pictures",))
ENGINES = ("simulation.reference", "simulation.compiled")
ENGINES_IN = tuple(f"{engine}." for engine in ENGINES)
THEY_KNOW = (*ENGINES, "simulation.contract", "simulation.rules", "simulation.reviewing",
             "simulation.jit", "errors")  # fmt: skip


class Import(NamedTuple):
    """``module`` imports ``target`` (of ours: without ``hitlsim.``) in this line."""

    module: str
    target: str
    line: int
    ours: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def room_of(module: str) -> str:
    top = module.split(".")[0]
    return "cellar" if top in CELLAR else top


def imports_of(module: str, tree: ast.AST, *, is_package: bool) -> Iterator[Import]:
    """All imports, also those inside functions."""
    parents = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            targets = [[*(node.module or "").split("."), alias.name] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ["hitlsim", *parents][: 1 + len(parents) - (node.level - 1)]
            base += node.module.split(".") if node.module else []
            targets = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for target in targets:
            ours = target[0] == "hitlsim"
            yield Import(module, ".".join(target[ours:]), node.lineno, ours)


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        # a door opens every room; in a wheel the folder bundled/ holds notebooks
        if parts not in DOORS and parts[:-1] != ("bundled",):
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@cache
def all_imports() -> list[Import]:
    """Read when the first test asks: every process collects this file, one runs it."""
    return [
        found
        for module, path in modules()
        for found in imports_of(
            module, ast.parse(path.read_text("utf-8")), is_package=path.name == "__init__.py"
        )
    ]


def test_every_module_belongs_to_a_room() -> None:
    homeless = {module for module, _ in modules() if room_of(module) not in ROOMS}
    assert homeless == set()


def test_imports_run_one_way() -> None:
    wrong = [
        str(i)
        for i in all_imports()
        if i.ours and room_of(i.target) in ROOMS
        and ROOMS.index(room_of(i.target)) > ROOMS.index(room_of(i.module))
    ]  # fmt: skip
    assert wrong == []


def test_only_the_front_rooms_use_the_door() -> None:
    """``import hitlsim`` opens every room, so that nobody sees which way an import runs."""
    back = ROOMS[: ROOMS.index("present")]
    through_the_door = [i for i in all_imports() if i.ours and room_of(i.target) not in ROOMS]
    assert [str(i) for i in through_the_door if room_of(i.module) in back] == []


def test_only_what_people_look_at_draws_and_prints_pages() -> None:
    heavy = ("matplotlib", "papermill", "nbconvert", "nbformat", "jinja2")
    below = ROOMS[: ROOMS.index("present")]
    wrong = [
        str(i)
        for i in all_imports()
        if not i.ours and i.target.split(".")[0] in heavy and room_of(i.module) in below
    ]
    assert wrong == []


def test_engines_know_contract_rules_and_arrays_only() -> None:
    seen = [i for i in all_imports() if f"{i.module}.".startswith(ENGINES_IN) and i.ours]
    assert {i.module.rpartition(".")[0] for i in seen} >= set(ENGINES), "have the engines moved?"
    allowed = tuple(f"{module}." for module in THEY_KNOW)
    assert [str(i) for i in seen if not f"{i.target}.".startswith(allowed)] == []


def test_the_engines_do_not_know_each_other() -> None:
    one, other = ENGINES_IN
    assert not [
        str(i)
        for i in all_imports()
        for mine, theirs in ((one, other), (other, one))
        if i.ours and f"{i.module}.".startswith(mine) and f"{i.target}.".startswith(theirs)
    ]


def test_only_one_file_knows_yaml() -> None:
    knows = {
        i.module
        for i in all_imports()
        if not i.ours and i.target.split(".")[0] in ("ruamel", "yaml")
    }
    assert knows == {"scenario.files"}


@pytest.mark.parametrize(
    ("source", "module", "is_package", "expected"),
    [
        ("import hitlsim.cli.show", "scenario.base", False, "cli.show"),
        ("from hitlsim.cli import show", "scenario.base", False, "cli.show"),
        ("from ..cli.show import table", "scenario.base", False, "cli.show.table"),
        ("from .. import cli", "scenario.base", False, "cli"),
        ("from . import files", "scenario.base", False, "scenario.files"),
        ("from .files import load", "scenario", True, "scenario.files.load"),
        ("from ..cli import show", "scenario", True, "cli.show"),
        ("from .errors import LogError", "atomic", False, "errors.LogError"),
        ("def f():\n  if x:\n    from ..cli import show", "scenario.base", False, "cli.show"),
    ],
)
def test_this_test_sees_every_way_to_import(
    source: str, module: str, is_package: bool, expected: str
) -> None:
    found = list(imports_of(module, ast.parse(source), is_package=is_package))
    assert [(i.target, i.ours) for i in found] == [(expected, True)]
