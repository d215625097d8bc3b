"""Notebooks as files; their library is imported when it is needed, and quickly."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

_GRAMMARS = "rfc3987_syntax"


def read_notebook(path: Path) -> Any:
    """The notebook in a file."""
    _without_grammars()
    import nbformat

    return nbformat.read(path, as_version=4)


def write_notebook(notebook: Any, path: Path) -> None:
    """Write a notebook; the same one gives the same bytes."""
    _without_grammars()
    import nbformat

    path.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8")


def _without_grammars() -> None:
    """Import jsonschema, which nbformat needs, without what it needs only for IRIs.

    For those it compiles 38 grammars, which takes 1.7 seconds and is of no use to a notebook.
    Here they are compiled when the first IRI is checked.
    """
    if {"jsonschema", _GRAMMARS} & sys.modules.keys() or find_spec(_GRAMMARS) is None:
        return
    later = ModuleType(_GRAMMARS)
    later.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]  # made by hand
    sys.modules[_GRAMMARS] = later
    try:
        import jsonschema  # type: ignore[import-untyped]  # noqa: F401 - it has no types
    finally:
        del sys.modules[_GRAMMARS]


def _is_valid_syntax(term: str, value: str) -> bool:
    from rfc3987_syntax import is_valid_syntax  # type: ignore[import-untyped]

    return bool(is_valid_syntax(term, value))
