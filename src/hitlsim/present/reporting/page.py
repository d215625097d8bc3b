"""A page of its own: one HTML file that opens offline, prints, and runs no script."""

from __future__ import annotations

import copy
import re
import warnings
from html import escape
from typing import Any

from .. import css
from ..picture import Html

NOTEBOOK_ONLY = "notebook-only"
"""Tag of cells that speak to those who run a notebook, not to those who read its report."""


def notebook_style() -> Html:
    """What makes the pieces of a report look in a notebook as they look on its page."""
    return Html(f"<style>{css.IN_NOTEBOOK}</style>")


def page(title: str, kind: str, subtitle: str, body: str, footer: str = "") -> str:
    """A whole HTML document; ``body`` is HTML, all else is text.

    >>> "<h1>A &lt;b&gt;</h1>" in page("A <b>", "Report", "", "")
    True
    """
    style = f":root {{ {css.COLOURS} }}{css.SHELL}{css.CONTENT}{css.PRINT}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(kind)}: {escape(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
        f'<header><p class="kind">{escape(kind)}</p><h1>{escape(title)}</h1>'
        f"<p>{escape(subtitle)}</p></header>\n<main>\n{body}\n</main>\n"
        f"<footer>{escape(footer)}</footer>\n</body>\n</html>\n"
    )


def notebook_body(notebook: Any) -> str:
    """What a notebook says, without its code, as the body of a page.

    Printed text and warnings are left out too: they speak to whoever runs it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbconvert's own dependencies
        from nbconvert import HTMLExporter

        exporter = HTMLExporter(
            template_name="basic",
            exclude_input=True,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
            exclude_anchor_links=True,
        )
        body, _ = exporter.from_notebook_node(_for_readers(notebook))
    return re.sub(r' id="cell-id=[^"]*"', "", str(body)).strip()


def _for_readers(notebook: Any) -> Any:
    readers = copy.deepcopy(notebook)
    kept = []
    for cell in readers.cells:
        if NOTEBOOK_ONLY in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.output_type != "stream"]
            if not cell.outputs:
                continue
        kept.append(cell)
    readers.cells = kept
    return readers
