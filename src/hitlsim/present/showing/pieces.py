"""The pieces that everything shown in a notebook is made of. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import pandas as pd

from ..css import OF_OBJECTS
from ..picture import SCROLL, boxed, table_html

_DIGITS = 4
# a figure stays on one line and its table scrolls; names beside words take no more room than theirs
_ON_SCREEN = """@media screen {
  .hitlsim :is(.figures td, .figures thead th) { white-space: nowrap; }
  .hitlsim .worded td:last-child small { white-space: normal; }
  .hitlsim .told :is(td, th):first-child { width: 1%; white-space: nowrap; }
}
.hitlsim caption { text-align: left; font-weight: 600; padding: .8em 0 .4em; }"""


def box(*parts: str) -> str:
    """Pieces in one box, with the styles that hold inside it."""
    return boxed(f"<style>{OF_OBJECTS}{_ON_SCREEN}</style>{''.join(parts)}")


def head(text: str, small: str = "") -> str:
    """The finding, or what this is, and a line below it."""
    below = f'<p class="small">{escape(small)}</p>' if small else ""
    return f'<p class="headline">{escape(text)}</p>{below}'


def listed(sentences: Iterable[str]) -> str:
    """Sentences, one point each; nothing where there is none."""
    said = "".join(f"<li>{escape(s)}</li>" for s in sentences)
    return f"<ul>{said}</ul>" if said else ""


def said(sentences: Sequence[str]) -> str:
    """The first sentence as the finding, the others below."""
    return head(sentences[0]) + listed(sentences[1:]) if sentences else ""


def notes(sentences: Iterable[str]) -> str:
    """What must be known besides."""
    return "".join(f'<p class="small">{escape(s)}</p>' for s in sentences)


def folded(summary: str, html: str) -> str:
    """Ready pieces, folded away."""
    return f"<details><summary>{escape(summary)}</summary>{html}</details>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, css: str = "flows") -> str:
    """A table of ready cells (see :func:`cell`); the first of each row names it.

    In one of ``flows figures`` no cell is broken into lines; in one of ``flows figures worded``
    only the words below the last.
    """
    top = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{c}</td>" for c in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'{SCROLL}<table class="{css}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def cell(text: str, small: str = "") -> str:
    """A cell with something in grey below it."""
    return escape(text) + (f"<small>{escape(small)}</small>" if small else "")


def frame(data: pd.DataFrame, *, css: str = "data") -> str:
    """A table of data: days as days, numbers in four digits, what is missing left empty.

    >>> "<td>0.1235</td><td></td>" in frame(pd.DataFrame({"a": ["<"], "b": [0.12345], "c": [None]}))
    True
    """
    return table_html(data.map(_text), css=css)


def _text(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (tuple, list)):
        return ", ".join(_text(v) for v in value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        whole = bool(np.isfinite(value)) and (abs(value) >= 1000 or value == int(value))
        said = f"{value:,.0f}" if whole else f"{value:.{_DIGITS}g}"
        return "" if np.isnan(value) else said
    return "" if value is None or value is pd.NaT or value is pd.NA else str(value)
