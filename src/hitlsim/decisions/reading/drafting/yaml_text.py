"""Values as a YAML file writes them, on one line; comments not too wide."""

from __future__ import annotations

import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_\u00c0-\u024f][\w .()/&\u00c0-\u024f-]*(?<! )")
_WORDS_OF_YAML = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}
_WIDEST = 100


def scalar(value: Any) -> str:
    """A value as YAML writes it.

    >>> scalar("Record ID"), scalar("yes"), scalar("a: b"), scalar("%d/%m/%Y"), scalar(100.0)
    ('Record ID', '"yes"', '"a: b"', '"%d/%m/%Y"', '100')
    """
    if isinstance(value, (int, float)):
        return f"{value:g}"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS_OF_YAML:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    """Python and YAML escape what cannot be printed alike."""
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def flow(value: Any) -> str:
    """A value, list or mapping on one line.

    >>> flow({"Accepted": "approve", "n/a": ""}), flow(["iso", "%d/%m/%Y"])
    ('{Accepted: approve, n/a: ""}', '[iso, "%d/%m/%Y"]')
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def one_line(text: str) -> str:
    r"""A text for a comment: names and values of a file may hold line breaks.

    >>> one_line("a\nb")
    'a b'
    """
    return "".join(c if c.isprintable() else " " for c in text)


def folded(text: str) -> list[str]:
    """Comment lines, not too wide; what is indented stays on a line of its own."""
    text = one_line(text)
    if text.startswith(" "):
        return [f"# {text}"]
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 3 > _WIDEST and lines[-1]:
            lines.append("  ")
        lines[-1] += word if not lines[-1].strip() else f" {word}"
    return [f"# {line}" for line in lines]
