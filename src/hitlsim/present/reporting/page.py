"""A page of its own: one HTML file that opens offline, prints, and runs no script."""

from __future__ import annotations

import copy
import re
import warnings
from html import escape
from typing import Any

from ..picture import Html

NOTEBOOK_ONLY = "notebook-only"
"""Tag of cells that speak to those who run a notebook, not to those who read its report."""

_COLOURS = """--ink: #1a1a1a; --grey: #5f6368; --line: #d5d9de; --mist: #f3f5f7; --blue: #0072b2;
  --good: #00704f; --watch: #a84300; --bad: #b3001b;"""
# the page itself, what stands on it, and paper
_SHELL = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans",
  Arial, sans-serif; }
header, main, footer { max-width: 980px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
header p { margin: 0; color: var(--grey); }
header .kind { font-weight: 600; letter-spacing: .04em; text-transform: uppercase;
  font-size: .8rem; color: var(--blue); }
h1 { font-size: 2.1rem; line-height: 1.15; margin: .1em 0 .15em; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.4em 0 .7em; padding-top: .7em;
  border-top: 2px solid var(--ink); }
main > :first-child h2 { margin-top: 1.2em; }
footer { color: var(--grey); font-size: .82rem; padding-top: 28px; padding-bottom: 40px; }
"""
_CONTENT = """
p, ul, dl { margin: 0 0 .8em; }
small, .small { font-size: .82rem; color: var(--grey); }
.summary { background: var(--mist); border-left: 6px solid var(--blue); padding: 18px 22px 12px;
  border-radius: 4px; }
.headline { font-size: 1.22rem; font-weight: 700; line-height: 1.35; margin: 0 0 .6em; }
.summary dl { display: grid; grid-template-columns: 8.2em 1fr; gap: .45em 1em; margin: 0; }
.summary dt { font-weight: 700; }
.summary dd { margin: 0; }
.careful { border: 1px solid #e2b48e; border-left: 6px solid var(--watch); border-radius: 4px;
  background: #fff8f2; padding: 12px 22px 4px; margin: 16px 0 0; }
.careful p { margin: 0 0 .3em; }
.careful ul, .advice ul { padding-left: 1.2em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr));
  gap: 14px; margin: 18px 0 0; }
.tile { border: 1px solid var(--line); border-top: 5px solid var(--line); border-radius: 4px;
  padding: 12px 16px 12px; display: flex; flex-direction: column; }
.tile p { margin: 0; }
.tile .name { font-weight: 600; color: var(--grey); }
.tile .value { font-size: 2rem; font-weight: 700; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.tile .verdict { margin: .55em 0 .35em; padding-top: .5em; border-top: 1px solid var(--line);
  font-size: .92rem; flex: 1; }
.tile.good { border-top-color: var(--good); } .tile.watch { border-top-color: var(--watch); }
.tile.bad { border-top-color: var(--bad); }
.good .verdict strong, .good .verdict span { color: var(--good); }
.watch .verdict strong, .watch .verdict span, td .watch, .careful p { color: var(--watch); }
.bad .verdict strong, .bad .verdict span, td .bad { color: var(--bad); }
.advice { border: 1px solid var(--line); border-left: 6px solid var(--good); border-radius: 4px;
  padding: 14px 22px 10px; margin: 26px 0 0; }
.advice.watch { border-left-color: var(--watch); }
.advice .headline { font-size: 1.05rem; }
.note { background: var(--mist); border-radius: 4px; padding: 12px 18px; }
figure { margin: 0 0 28px; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; }
figcaption { color: var(--grey); font-size: .85rem; margin-top: .4em; }
details { margin: .5em 0 .8em; font-size: .92rem; }
summary { cursor: pointer; color: var(--blue); font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.scroll { overflow-x: auto; margin: .5em 0 .8em; }
table { border-collapse: collapse; width: 100%; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .38em .7em; border-bottom: 1px solid var(--line); vertical-align: top;
  text-align: right; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink); font-weight: 600; }
tbody th { font-weight: 500; }
table.data { width: auto; min-width: 50%; font-size: .86rem; }
.data tbody th, .data td { white-space: nowrap; }
.flows td small { display: block; white-space: nowrap; }
.dim { color: var(--grey); white-space: nowrap; }
table.wide { width: 100%; }
.wide td, .wide thead th { text-align: left; overflow-wrap: anywhere; white-space: normal; }
.wide tbody th { white-space: nowrap; }
.glossary { display: grid; grid-template-columns: 10em 1fr; gap: .4em 1em; }
.glossary dt { font-weight: 600; } .glossary dd { margin: 0; }
code { background: var(--mist); padding: .1em .3em; border-radius: 3px; font-size: .88em; }
@media (max-width: 700px) {
  .tiles { grid-template-columns: 1fr; }
  .summary dl, .glossary { grid-template-columns: 1fr; gap: .1em; }
  .summary dd, .glossary dd { margin-bottom: .6em; }
}
"""
_PRINT = """
@page { size: A4; margin: 15mm 14mm; }
@media print {
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; } h2 { break-after: avoid; margin-top: 1.5em; }
  .tile, .summary, .careful, .advice, tr, figure { break-inside: avoid; }
  thead { display: table-header-group; } details:not([open]) { display: none; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); }
  .tile .value { font-size: 1.6rem; } .scroll { overflow: visible; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
# JupyterLab has a page and colours of its own, perhaps dark: ours hold inside our boxes only
_IN_NOTEBOOK = (
    f".hitlsim {{ {_COLOURS} background: #fff; color: var(--ink); padding: 4px 14px; "
    'max-width: 980px; font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; '
    f"{_CONTENT} }}"
)


def notebook_style() -> Html:
    """What makes the pieces of a report look in a notebook as they look on its page."""
    return Html(f"<style>{_IN_NOTEBOOK}</style>")


def page(title: str, kind: str, subtitle: str, body: str, footer: str = "") -> str:
    """A whole HTML document; ``body`` is HTML, all else is text.

    >>> "<h1>A &lt;b&gt;</h1>" in page("A <b>", "Report", "", "")
    True
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(kind)}: {escape(title)}</title>\n"
        f"<style>:root {{ {_COLOURS} }}{_SHELL}{_CONTENT}{_PRINT}</style>\n</head>\n<body>\n"
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
