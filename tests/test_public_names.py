"""The public names are what they say, and importing the package costs nothing."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import hitlsim as hs


def names_for_type_checkers() -> dict[str, str]:
    """Public name to home, from the imports under ``if TYPE_CHECKING``."""
    tree = ast.parse(Path(hs.__file__).read_text("utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n))
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_three_lists_of_names_agree() -> None:
    assert list(hs._HOME) == hs.__all__
    assert names_for_type_checkers() == hs._HOME


def test_names_are_sorted_and_named_once() -> None:
    assert hs.__all__ == sorted(set(hs.__all__))
    assert dir(hs) == hs.__all__


@pytest.mark.parametrize("name", hs.__all__)
def test_a_public_name_is_there_explained_and_at_home(name: str) -> None:
    value = getattr(hs, name)
    home = importlib.import_module(f"hitlsim.{hs._HOME[name]}")
    assert value is getattr(home, name)
    assert value.__module__ == home.__name__, "made there, not passed on"
    assert inspect.getdoc(value)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'hitlsim' has no attribute 'simulat'"):
        hs.simulat  # noqa: B018


def in_a_fresh_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'pydantic', 'ruamel', 'simpy', 'duckdb', 'matplotlib', 'scipy'}"
    code = f"import sys, hitlsim; print(sorted({heavy} & set(sys.modules)))"
    assert in_a_fresh_interpreter(code) == "[]"


def test_loading_a_scenario_needs_no_tables() -> None:
    code = (
        "import sys, hitlsim; hitlsim.load('outbound'); "
        "print(sorted({'pandas', 'duckdb', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    assert in_a_fresh_interpreter(code) == "[]"
