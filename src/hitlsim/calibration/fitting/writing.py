"""A fitted scenario as a file: beside each number where it comes from."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

from ...scenario.files import dump, read_yaml
from ...scenario.scenario import Scenario
from .learnt import NOT_IN_LOG, Book, Path_, get

_HEAD = """\
# yaml-language-server: $schema=scenario.schema.json
#
# Learnt from a log by hitlsim. (B) beside a number: it comes from the log, with its 95% interval
# and the number of observations behind it. (?): the log does not tell; replace it with your own
# figure. What is not written down is as scenarios have it by default.
"""
_COLUMN = 60


def written(scenario: Scenario, book: Book) -> str:
    """The file: what was learnt and what had to be said, each number with mark and comment."""
    text = dump(scenario)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fitted.yaml"
        file.write_text(text, encoding="utf-8")
        positions = read_yaml(file).positions
    at = {line: path for path, (_, line) in positions.items() if path}
    lines, shown = [], False
    owner: Path_ = ("",)
    for number, line in enumerate(text.splitlines(), 1):
        if number in at:
            owner = at[number]
            shown = get(book.parts, owner) is not None or owner[-1] == "class"
        if shown:
            lines.append(_with_comment(line, owner, book) if number in at else line)
    return _HEAD + "\n".join(lines) + "\n"


def _with_comment(line: str, path: Path_, book: Book) -> str:
    value = get(book.parts, path)
    comment = comment_of(path, value, book)
    return f"{line:<{_COLUMN}}  # {comment}" if comment else line


def comment_of(path: Path_, value: Any, book: Book) -> str:
    """What stands beside a line; nothing beside words and headings."""
    parameter = book.learnt.get(path)
    if parameter is not None:
        e = parameter.estimate
        between = "" if math.isnan(e.low) else f"{_number(e.low)} to {_number(e.high)}, "
        return f"(B) {between}n = {e.n:,.0f}; {parameter.how}"
    why = book.assumed.get(path)
    if why is not None:
        return f"(?) {why}"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and path not in (("weeks",), ("boundary", "version")):
        return f"(?) {NOT_IN_LOG}"
    return "(B) as long as the log" if path == ("weeks",) else (
        "(B) the newest in the log" if path == ("boundary", "version") else "")  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
