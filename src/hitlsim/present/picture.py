"""A figure as a report holds it: the image, what it shows in words, and the numbers behind it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html import escape

import pandas as pd

SCROLL = '<div class="scroll" role="group" aria-label="Table" tabindex="0">'
"""Opens the box of a table that scrolls by itself where the page is narrow, by keyboard too."""


_RANGE = re.compile(r"(?<![\w-])\(?(?!\d{4}-\d\d\b)\d[\d.,]*%?-\d[\d.,]*%?\)?(?![\w-])")
_UNIT = re.compile(
    r"(?<=\d) (?=(?:h|min|days|points)\b)|(?<=\d h) (?=\d+ min\b)|(?<=\d days) (?=\d+ h\b)"
)

_MANY = 8
"""Columns from which a table is set in small type on paper."""


@dataclass(frozen=True)
class Picture:
    """An image with its finding, its method, and its table.

    Attributes
    ----------
    png : bytes
        The image; the same data give the same bytes. Empty where there is an ``svg``.
    title : str
        The finding, in words computed from the data.
    alt : str
        What the image shows, for those who do not see it.
    caption : str
        Method, number of observations, what bands and intervals are and assume.
    table : DataFrame
        The figures behind it, as they are to be read.
    svg : str
        The image, where it was drawn as SVG.
    """

    png: bytes = field(repr=False)
    title: str
    alt: str
    caption: str
    table: pd.DataFrame
    svg: str = field(default="", repr=False)

    def html(self) -> str:
        """The figure as HTML: it keeps its alt text, prints, and survives JupyterLab."""
        kind, image = ("svg+xml", self.svg.encode()) if self.svg else ("png", self.png)
        data = base64.b64encode(image).decode("ascii")
        size = ' style="max-width:100%;height:auto;background:#fff"' if self.svg else ""
        return (
            f'<figure><img alt="{escape(self.alt)}" src="data:image/{kind};base64,{data}"{size}>'
            f"<figcaption>{escape(self.caption)}</figcaption>"
            "<details><summary>The figures behind it</summary>"
            f"{table_html(self.table)}</details></figure>"
        )

    def _repr_html_(self) -> str:
        return boxed(self.html())


@dataclass(frozen=True)
class Note:
    """A sentence in place of a figure that the log cannot support."""

    text: str

    def html(self) -> str:
        return f'<p class="note">{escape(self.text)}</p>'

    def _repr_html_(self) -> str:
        return boxed(self.html())


@dataclass(frozen=True)
class Html:
    """A ready piece of a page."""

    text: str

    def _repr_html_(self) -> str:
        return boxed(self.text)


def boxed(html: str) -> str:
    """A piece of a report in the box inside which our styles hold."""
    return f'<div class="hitlsim">{html}</div>'


def unbroken(html: str) -> str:
    """Escaped words in which no line ends inside a range, or between a number and its unit.

    >>> unbroken("5.0% (3.2-8.8)"), unbroken("4 h 2 min")
    ('5.0% <span style="white-space:nowrap">(3.2-8.8)</span>', '4&nbsp;h&nbsp;2&nbsp;min')
    """
    ranges = _RANGE.sub(r'<span style="white-space:nowrap">\g<0></span>', html)
    return _UNIT.sub("&nbsp;", ranges)


def table_html(frame: pd.DataFrame, *, css: str = "data") -> str:
    """A table with everything escaped; all but the first column are set as figures.

    >>> table_html(pd.DataFrame({"week": ["<1>"], "n": [1200]}))
    '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table class="data"><thead>\
<tr><th scope="col">week</th><th scope="col">n</th></tr></thead><tbody><tr><th scope="row">\
&lt;1&gt;</th><td>1,200</td></tr></tbody></table></div>'
    """
    css += " many" if len(frame.columns) >= _MANY else ""
    head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in frame.columns)
    rows = []
    for row in frame.itertuples(index=False):
        first, *rest = (f"{v:,}" if isinstance(v, int) else str(v) for v in row)
        cells = "".join(f"<td>{unbroken(escape(v))}</td>" for v in rest)
        rows.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return (
        f'{SCROLL}<table class="{css}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
