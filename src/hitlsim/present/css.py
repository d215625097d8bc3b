"""How pages and notebooks look: one set of styles, light or dark, on a screen and on paper."""

from __future__ import annotations

COLOURS = """--ink: #1a1a1a; --grey: #5f6368; --line: #d5d9de; --mist: #f3f5f7; --blue: #0072b2;
  --good: #00704f; --watch: #a84300; --bad: #b3001b; --paper: #fff; --warm: #fff8f2;"""
# JupyterLab and VS Code say their own colours; what they do not say is as on a page
_AROUND = """--ink: var(--jp-content-font-color1, var(--vscode-editor-foreground, #1a1a1a));
  --grey: color-mix(in srgb, var(--ink) 70%, var(--paper));
  --line: var(--jp-border-color1, var(--vscode-panel-border, #d5d9de));
  --mist: var(--jp-layout-color2, rgba(127, 127, 127, .1));
  --paper: var(--jp-layout-color0, var(--vscode-editor-background, #fff));
  --blue: #0072b2; --good: #00704f; --watch: #a84300; --bad: #b3001b;
  --warm: rgba(213, 94, 0, .07);"""
_DARK = """--grey: #b8bdc4; --line: #5a6068; --mist: rgba(255, 255, 255, .08); --blue: #56b4e9;
  --good: #3ddc97; --watch: #ffab70; --bad: #ff8a93; --warm: rgba(255, 171, 112, .1);"""
_IS_DARK = ('[data-jp-theme-light="false"] .hitlsim', ".vscode-dark .hitlsim")

# the page itself
SHELL = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans",
  Arial, sans-serif; }
header, main, footer { max-width: 980px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
header p { margin: 0; color: var(--grey); }
header .kind { font-weight: 600; letter-spacing: .04em; text-transform: uppercase;
  font-size: .8rem; color: var(--blue); }
h1 { font-size: 2.1rem; line-height: 1.15; margin: .1em 0 .15em; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.4em 0 .7em; padding-top: .7em;
  border-top: 2px solid var(--ink); }
main > :first-child h2 { margin-top: 1.2em; }
footer { color: var(--grey); font-size: .82rem; padding-top: 28px; padding-bottom: 40px; }
"""
# words and tables: all that objects in a notebook need
_PLAIN = """
p, ul, dl { margin: 0 0 .8em; }
small { font-size: .9em; color: var(--grey); } .small { font-size: .82rem; color: var(--grey); }
.headline { font-size: 1.22rem; font-weight: 700; line-height: 1.35; margin: 0 0 .6em; }
.good { --tone: var(--good); } .watch { --tone: var(--watch); } .bad { --tone: var(--bad); }
.note { background: var(--mist); border-radius: 4px; padding: 12px 18px; }
details { margin: .5em 0 .8em; font-size: .92rem; }
summary { cursor: pointer; color: var(--blue); font-weight: 600; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--blue);
  outline-offset: 2px; }
.scroll { overflow-x: auto; margin: .5em 0 .8em; }
table { border-collapse: collapse; table-layout: auto; width: 100%; margin: 0; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .38em .7em; border-bottom: 1px solid var(--line); vertical-align: top;
  text-align: right; line-height: 1.45; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink); font-weight: 600; }
tbody th { font-weight: 500; }
table tbody tr:nth-child(n) { background: none; }
table.data { width: auto; min-width: 50%; font-size: .86rem; }
.data tbody th, .data td { white-space: nowrap; }
.flows td small { display: block; white-space: nowrap; }
.flows th small, .told small { display: block; font-weight: 400; }
.flows thead small { white-space: nowrap; }
.flows tbody th { min-width: 9em; }
.told td, .told th { text-align: left; }
.told td:not(:last-child), .told tbody th { min-width: 6em; }
.told td:last-child { min-width: 11em; } .reports td.state { min-width: 7.2em; }
.dim { color: var(--grey); white-space: nowrap; }
table.wide { width: 100%; }
.wide td, .wide thead th { text-align: left; white-space: normal; }
.wide td:nth-child(2):last-child { overflow-wrap: anywhere; min-width: 13em; }
.wide tbody th { white-space: nowrap; }
code { background: var(--mist); color: var(--ink); padding: .1em .3em; border-radius: 3px;
  font-size: .88em; }
.tone { color: var(--tone, var(--grey)); }
"""
# what else a report shows
_REPORT = """
.summary { background: var(--mist); border-left: 6px solid var(--blue); padding: 18px 22px 12px;
  border-radius: 4px; }
.summary dl { display: grid; grid-template-columns: 8.2em 1fr; gap: .45em 1em; margin: 0; }
.summary dt { font-weight: 700; }
.summary dt, .summary dd, .glossary dt, .glossary dd { float: none; width: auto; margin: 0; }
.careful { border: 1px solid var(--tone, var(--watch)); border-left-width: 6px; border-radius: 4px;
  background: var(--warm); padding: 12px 22px 4px; margin: 16px 0 0; }
.careful p { margin: 0 0 .3em; }
.careful ul, .advice ul { padding-left: 1.2em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr));
  gap: 14px; margin: 18px 0 0; }
.tile { border: 1px solid var(--line); border-top: 5px solid var(--tone, var(--line));
  border-radius: 4px; padding: 12px 16px 12px; display: flex; flex-direction: column; }
.tile p { margin: 0; }
.tile .name { font-weight: 600; color: var(--grey); }
.tile .value { font-size: 2rem; font-weight: 700; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.tile .verdict { margin: .55em 0 .35em; padding-top: .5em; border-top: 1px solid var(--line);
  font-size: .92rem; flex: 1; }
.verdict strong, .verdict span { color: var(--tone, inherit); }
td .watch, td .bad, .careful p { color: var(--tone, var(--watch)); }
.advice { border: 1px solid var(--line); border-left: 6px solid var(--tone, var(--good));
  border-radius: 4px; padding: 14px 22px 10px; margin: 26px 0 28px; }
.advice .headline { font-size: 1.05rem; }
figure { margin: 0 0 28px; }
figure img { display: block; width: 100%; height: auto; background: #fff; border-radius: 3px; }
figcaption { color: var(--grey); font-size: .85rem; margin-top: .4em; }
.glossary { display: grid; grid-template-columns: 10em 1fr; gap: .4em 1em; }
.glossary dt { font-weight: 600; }
@media screen and (max-width: 700px) {
  .tiles { grid-template-columns: 1fr; }
  .summary dl, .glossary { grid-template-columns: 1fr; gap: .1em; }
  .summary dd, .glossary dd { margin-bottom: .6em; }
  table.wide:has(td:nth-child(4)) { min-width: 40em; }
}
"""
# on paper a folded table is open, and only what is small stays in one piece
_PAPER = """
@media print {
  .tile, .summary, .careful, .note, tr, dd, li, figure img, figcaption { break-inside: avoid; }
  .headline, summary, figure img, h3, h4, p:has(+ :is(ul, ol)) { break-after: avoid; }
  figcaption { break-before: avoid; }
  thead { display: table-header-group; }
  table:not(:has(tbody tr:nth-child(8))) { break-inside: avoid; }
  tbody tr:nth-child(-n+2), tbody tr:nth-last-child(-n+3):not(:last-child) { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; color: var(--ink); }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 8px;
    margin-top: 10px; }
  .tile { padding: 8px 14px; } .tile .value { font-size: 1.6rem; }
  .careful { margin-top: 12px; } .scroll { overflow: visible; }
  figure img { width: auto; max-width: 100%; max-height: 120mm; }
  .scroll table { font-size: 8pt; }
  .scroll th, .scroll td, .scroll tbody th { white-space: normal; padding: .3em .45em;
    min-width: 0; overflow-wrap: normal; word-break: normal; }
  .scroll table:has(tbody tr:nth-child(40)) { font-size: 7pt; }
  .scroll table:has(tbody tr:nth-child(40)) :is(th, td) { padding: .15em .4em; }
  .scroll .many { font-size: 6pt; } .scroll .many th, .scroll .many td { padding: .3em .2em; }
  .scroll .many tbody th, .scroll .many td { white-space: nowrap; }
  .small, figcaption { font-size: 8pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
CONTENT = _PLAIN + _REPORT + _PAPER
PRINT = """
@page { size: A4; margin: 15mm 14mm; }
@media screen and (max-width: 700px) {
  header, main, footer { padding: 0 14px; } header { padding-top: 20px; }
  h1 { font-size: 1.7rem; } .summary, .careful, .advice { padding: 14px 14px 8px; }
}
@media print {
  html { font-size: 9.5pt; } body { font-size: 1rem; }
  header, main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; } h2 { break-after: avoid; margin-top: 1.5em; }
}
"""


def _inside(content: str) -> str:
    """Styles that hold inside our boxes only, in the colours of what is around them."""
    box = (
        f"{_AROUND} background: var(--paper); color: var(--ink); padding: 4px 14px; "
        'max-width: 980px; font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif;'
    )
    return f".hitlsim {{ {box} {content} }} {', '.join(_IS_DARK)} {{ {_DARK} }}"


# a cell that brings only styles shows nothing; a printed notebook: headings with what follows, a
# cell with what it shows, and no code cut
_PRINTED = """ .jp-OutputArea-child:has(.hitlsim > style:only-child) { display: none; }
@media print {
  html { font-size: 9.5pt; } .hitlsim { font-size: 1rem; padding: 4px; }
  .jp-MarkdownCell, .jp-Cell-inputWrapper { break-after: avoid; }
  .jp-MarkdownCell, .jp-InputArea { break-inside: avoid; }
  .jp-RenderedMarkdown :is(h1, h2, h3) { break-after: avoid; margin-top: .8em; }
  .jp-OutputArea-child { break-inside: auto; }
  .jp-OutputArea-child .jp-OutputArea-output { padding-right: 0; }
  .jp-InputArea pre { white-space: pre-wrap; }
  .jp-OutputArea .hitlsim .scroll .many :is(td, tbody th) { white-space: normal; }
  .jp-OutputArea .hitlsim .scroll .many:has(th:nth-child(13)) { font-size: 5pt; }
}"""
IN_NOTEBOOK = _inside(CONTENT) + _PRINTED
"""Of the pieces of a report."""
OF_OBJECTS = _inside(_PLAIN + _PAPER)
"""Of an object that a cell shows."""
