"""What stands in a report's ``results.json``: published as a JSON Schema, and held to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .failures import ReportError

_HOME = Path(__file__).parent / "schemas"
_ANY = "any"
"""What the results of every report have in common."""
_MOST = 3


def results_schema(name: str = "monthly") -> dict[str, Any]:
    """JSON Schema (2020-12) of a report's ``results.json``.

    Parameters
    ----------
    name : str
        Which report; one without a schema of its own has what all have in common.

    Examples
    --------
    >>> "headline" in results_schema("monthly")["required"]
    True
    """
    own = _HOME / f"{name}.schema.json"
    path = own if own.is_file() else _HOME / f"{_ANY}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def check_results(name: str, path: Path) -> None:
    """Hold a report's results against their schema.

    Raises
    ------
    ReportError
        With the first places that do not fit.
    """
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

    results = json.loads(path.read_text(encoding="utf-8"))
    wrong = sorted(
        Draft202012Validator(results_schema(name)).iter_errors(results), key=lambda e: e.json_path
    )
    if wrong:
        said = "; ".join(f"{e.json_path}: {_short(e.message)}" for e in wrong[:_MOST])
        more = f"; and {len(wrong) - _MOST} more" if len(wrong) > _MOST else ""
        raise ReportError(f"its results do not fit their schema: {said}{more}")


def _short(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:80]} ... {message[-70:]}"
