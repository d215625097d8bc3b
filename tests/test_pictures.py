"""The second door: what notebooks show, under names that can be copied."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from hitlsim import pictures as pic
from hitlsim.bundled import bundled
from tests.test_public_names import in_a_fresh_interpreter


def names_for_type_checkers() -> dict[str, str]:
    """Public name to module and name there, from the imports under ``if TYPE_CHECKING``."""
    tree = ast.parse(Path(str(pic.__file__)).read_text("utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n))
    return {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_three_lists_of_names_agree_and_are_sorted() -> None:
    assert list(pic._HOME) == pic.__all__ == sorted(set(pic.__all__)) == dir(pic)
    assert names_for_type_checkers() == pic._HOME


@pytest.mark.parametrize("name", pic.__all__)
def test_a_name_is_there_and_explained(name: str) -> None:
    value = getattr(pic, name)
    home, _, there = pic._HOME[name].partition(":")
    assert (value.__module__, value.__name__) == (f"hitlsim.{home}", there)
    assert inspect.getdoc(value)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match=r"module 'hitlsim\.pictures' has no attribute 'pie'"):
        pic.pie  # noqa: B018


def test_opening_the_door_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'matplotlib', 'papermill', 'nbconvert', 'pydantic'}"
    code = f"import sys; from hitlsim import pictures; print(sorted({heavy} & set(sys.modules)))"
    assert in_a_fresh_interpreter(code) == "[]"


def test_every_name_is_used_by_a_notebook_or_is_what_one_shows() -> None:
    cells = "".join(p.read_text("utf-8") for p in bundled("notebooks").glob("*.ipynb"))
    used = set(re.findall(r"\bpic\.(\w+)", cells))
    assert set(pic.__all__) - used == {"Html", "Picture"}
    assert used <= set(pic.__all__)
