"""The explorer's picture: four small panels, drawn as SVG.

Not by matplotlib, whose figure of four panels takes several times as long as the run it shows; SVG
also takes the colours of a dark JupyterLab, and its marks can be asked about.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from ...decisions.counting.scorecard import Targets
from ...decisions.estimating.intervals import Estimate
from ..picture import Picture
from ..style import BLUE, GREEN, GREY, INK, MIST, PALE, count, duration, hours
from . import words
from .figures import Answer

if TYPE_CHECKING:
    from .session import Explorer

WIDTH = 1080
_PANEL_W, _ROW, _HEAD, _FOOT = 516, 42, 82, 36
_LEFT, _RIGHT = 112, 402
_LETTERS = 58
_APART = 48
_ROOM = 1.6
"""So many times the longest bar an axis may be; what reaches beyond ends in an arrow."""
_TICKS_MIN = (1, 10, 60, 8 * 60, 24 * 60, 72 * 60, 168 * 60, 672 * 60)

_ASK = (
    "var i=this.closest('.hitl-explorer').querySelector('.hitl-asked input');"
    "i.value=this.dataset.ask+'#'+Date.now();"
    "i.dispatchEvent(new Event('input',{bubbles:true}));"
    "i.dispatchEvent(new Event('change',{bubbles:true}))"
)
_KEY = "if(event.key==='Enter'||event.key===' '){event.preventDefault();this.onclick()}"

# in JupyterLab the page's own colours, perhaps dark; in a file or on paper ours
STYLE = f"""
.hitl-svg, .hitl-live {{ --hx-ink: var(--jp-content-font-color1, {INK});
  --hx-grey: var(--jp-content-font-color2, {GREY}); --hx-line: var(--jp-border-color2, {PALE});
  --hx-paper: var(--jp-layout-color0, #fff); --hx-mist: var(--jp-layout-color2, {MIST});
  font-family: "DejaVu Sans", system-ui, sans-serif; font-size: 12.5px; }}
.hitl-svg {{ display: block; width: 100%; max-width: {WIDTH}px; height: auto; }}
.hitl-svg text {{ fill: var(--hx-ink); }}
.hitl-svg .grey {{ fill: var(--hx-grey); font-size: 11.5px; }}
.hitl-svg .tick {{ fill: var(--hx-grey); font-size: 10.5px; }}
.hitl-svg .head {{ font-size: 19px; font-weight: 700; }}
.hitl-svg .title {{ font-size: 13.5px; font-weight: 700; }}
.hitl-svg .value {{ font-weight: 700; }}
.hitl-svg .band {{ fill: {GREEN}; fill-opacity: .2; stroke: {GREEN}; stroke-opacity: .6; }}
.hitl-svg .bandname {{ fill: var(--hx-ink); font-size: 10.5px; }}
.hitl-svg .bar {{ fill: {BLUE}; }}
.hitl-svg .pinned {{ fill: none; stroke: var(--hx-ink); stroke-width: 1.5; }}
.hitl-svg .line {{ stroke: {BLUE}; stroke-width: 3; }}
.hitl-svg .thin {{ stroke: var(--hx-ink); stroke-width: 1.2; }}
.hitl-svg .error {{ stroke: var(--hx-ink); stroke-width: 1.6; }}
.hitl-svg .beyond {{ fill: var(--hx-ink); }}
.hitl-svg .halo {{ stroke: var(--hx-paper); stroke-width: 4.4; }}
.hitl-svg .axis {{ stroke: var(--hx-line); stroke-width: 1; }}
.hitl-svg .grid {{ stroke: var(--hx-mist); stroke-width: 1; }}
.hitl-svg [role=button] {{ cursor: pointer; outline: none; }}
.hitl-svg .touch {{ fill: transparent; }}
.hitl-svg [role=button]:hover .touch, .hitl-svg [role=button]:focus-visible .touch {{
  fill: {BLUE}; fill-opacity: .1; stroke: {BLUE}; }}
"""


# two panels beside each other where there is room, else one above the other
_LIVE = f"""
.hitl-live {{ max-width: {WIDTH}px; color: var(--hx-ink); }}
.hitl-live p {{ margin: 0; font-size: 11.5px; line-height: 1.4; color: var(--hx-grey); }}
.hitl-live .head {{ font-size: 19px; line-height: 1.3; font-weight: 700; color: var(--hx-ink); }}
.hitl-live .panels {{ display: grid; gap: 14px 32px; margin: 14px 0 4px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 390px), 1fr)); }}
.hitl-live .hitl-svg {{ max-width: 620px; }}
"""


def picture(explorer: Explorer) -> Picture:
    """See :attr:`~hitlsim.present.exploring.session.Explorer.picture`."""
    a = explorer.answer
    table = pd.DataFrame(list(words.table_rows(a, explorer.base.currency)))
    caption = words.basis(explorer, a)
    return Picture(
        b"", words.headline(a), alt_of(explorer, a), caption, table, svg=drawn(explorer, a)
    )


def alt_of(explorer: Explorer, a: Answer) -> str:
    """What is to be seen."""
    titles = [words.exceptions_title(a), words.silent_title(a), words.waits_title(a),
              words.work_title(a, explorer.base.currency)]  # fmt: skip
    return f"{words.headline(a)}. {'. '.join(titles)}."


_Panels = list[tuple[str, str]]
"""Title and drawing of each."""


def _panels(a: Answer, money: str, *, live: bool) -> _Panels:
    drawers = (
        (words.exceptions_title(a), exceptions_panel),
        (words.silent_title(a), silent_panel),
        (words.waits_title(a), waits_panel),
        (words.work_title(a, money), partial(work_panel, money=money)),
    )
    return [(title, _titled(title) + "".join(panel(a, live))) for title, panel in drawers]


def _height(a: Answer) -> int:
    """Of a panel."""
    return _top(len(_rows(a))) + _FOOT


def _moved(explorer: Explorer) -> str:
    moves = words.moves_words(explorer)
    return f"Moved: {' · '.join(moves)}" if moves else "Nothing moved: this is the pinned policy."


def drawn(explorer: Explorer, a: Answer) -> str:
    """All of it as one SVG, as a file or a page without a kernel holds it."""
    high = _height(a)
    body = [
        f'<text class="head" x="0" y="24">{escape(words.headline(a))}</text>',
        *(f'<text class="grey" x="0" y="{45 + 15 * i}">{escape(line)}</text>'
          for i, line in enumerate(_lines(_moved(explorer), 150, 2))),
    ]  # fmt: skip
    for i, (_, panel) in enumerate(_panels(a, explorer.base.currency, live=False)):
        x, y = i % 2 * (WIDTH - _PANEL_W), _HEAD + i // 2 * (high + 20)
        body.append(f'<g transform="translate({x} {y})">{panel}</g>')
    size = WIDTH, _HEAD + 2 * high + 40
    return (
        f'{_opened(*size)} width="{size[0]}" height="{size[1]}" role="img" '
        f'aria-label="{escape(alt_of(explorer, a))}">'
        f"<style>{STYLE}</style>{''.join(body)}</svg>"
    )


def live_html(explorer: Explorer, a: Answer) -> str:
    """The same for a notebook: rows can be asked about, and panels find room where it is narrow."""
    panels = "".join(
        f'{_opened(_PANEL_W, _height(a))} role="group" aria-label="{escape(title)}">{panel}</svg>'
        for title, panel in _panels(a, explorer.base.currency, live=True)
    )
    return (
        f'<div class="hitl-live"><style>{STYLE}{_LIVE}</style>'
        f'<p class="head">{escape(words.headline(a))}</p><p>{escape(_moved(explorer))}</p>'
        f'<div class="panels">{panels}</div><p>{escape(words.basis(explorer, a))}</p></div>'
    )


def _opened(width: int, height: int) -> str:
    return (
        f'<svg class="hitl-svg" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    )


def _lines(text: str, letters: int, most: int) -> list[str]:
    lines = textwrap.wrap(text, letters)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-2]} …"]


def _titled(title: str) -> str:
    lines = _lines(title, _LETTERS, 2)
    return "".join(
        f'<text class="title" x="0" y="{12 + 17 * i}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )


def _rows(a: Answer) -> list[str]:
    return [p for p in a.phases if p != "all"]


def _top(i: int) -> int:
    return 52 + _ROW * i


def _row(phase: str, i: int, inside: str, ask: str, live: bool) -> str:
    """A phase's row: its name and what is drawn in it; in a notebook it can be asked about."""
    y = _top(i)
    name = f'<text x="0" y="{y + 16}">{escape(words.phase_words(phase))}</text>'
    if not (live and ask):
        return f"<g>{name}{inside}</g>"
    told = f"Why? Show a {ask} of {words.phase_words(phase).lower()}"
    return (
        f'<g role="button" tabindex="0" aria-label="{told}" data-ask="{ask}|{escape(phase)}" '
        f'onclick="{_ASK}" onkeydown="{_KEY}"><title>{told}</title>'
        f'<rect class="touch" x="-4" y="{y - 6}" width="{_PANEL_W + 4}" height="{_ROW - 4}" '
        f'rx="4"/>'
        f"{name}{inside}</g>"
    )


def _text(x: float, y: float, value: str, beneath: str) -> str:
    return (
        f'<text class="value" x="{x:.1f}" y="{y + 10}">{escape(value)}</text>'
        f'<text class="grey" x="{x:.1f}" y="{y + 25}">{escape(beneath)}</text>'
    )


@dataclass(frozen=True)
class _Scale:
    """From figures to places."""

    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        return self.left + (self.right - self.left) * min(max(value / self.high, 0.0), 1.0)


def _bar(e: Estimate, pinned: Estimate | None, y: float, x: _Scale) -> str:
    """A bar with its interval, and the pinned policy's as an outline around it."""
    out = []
    if e.known:
        width = max(x(e.value) - x.left, 0.5)
        out.append(f'<rect class="bar" x="{x.left}" y="{y + 4}" width="{width:.1f}" height="14"/>')
        if not math.isnan(e.low):
            ends = f'x1="{x(e.low):.1f}" x2="{x(e.high):.1f}" y1="{y + 11}" y2="{y + 11}"'
            out.append(f'<line class="halo" {ends}/><line class="error" {ends}/>')
            if e.high > x.high:
                out.append(f'<path class="beyond" d="M{x.right} {y + 7} l7 4 l-7 4 z"/>')
    if pinned is not None and pinned.known:
        width = max(x(pinned.value) - x.left, 0.5)
        out.append(f'<rect class="pinned" x="{x.left}" y="{y}" width="{width:.1f}" height="22"/>')
    return "".join(out)


def _axis(n: int, x: _Scale, ticks: Sequence[tuple[float, str]]) -> str:
    """The grid behind the rows, and its figures beneath."""
    top, foot = _top(0) - 6, _top(n) - 8
    out = [f'<line class="axis" x1="{x.left}" x2="{x.left}" y1="{top}" y2="{foot}"/>']
    for value, name in ticks:
        at = f"{x(value):.1f}"
        if value:
            out.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{top}" y2="{foot}"/>')
        out.append(
            f'<text class="tick" x="{at}" y="{foot + 14}" text-anchor="middle">{name}</text>'
        )
    return "".join(out)


def _tick(at: str, foot: float, name: str) -> str:
    return f'<text class="tick" x="{at}" y="{foot + 14}" text-anchor="middle">{name}</text>'


def _ticks(high: float, write: Callable[[float], str]) -> list[tuple[float, str]]:
    """About four round figures from 0 on."""
    rough = high / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    return [(i * step, write(i * step)) for i in range(int(high / step + 1e-9) + 1)]


def _high(a: Answer, figure: str, least: float) -> float:
    """Where an axis ends, seldom moving: all bars fit, intervals unless they are far wider."""
    cells = [of[p, figure] for p in _rows(a) for of in (a.now, a.pinned)]
    longest = max((e.value for e in cells if e.known), default=0.0)
    widest = max((e.high for e in cells if not math.isnan(e.high)), default=0.0)
    need = max(least, longest, min(widest, _ROOM * longest)) * 1.04
    power = 10.0 ** math.floor(math.log10(need))
    return next(m * power for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= need)


def _most(a: Answer, figure: str, least: float) -> float:
    """Where the axis of a share ends: at all of it, if not before."""
    return min(1.0, _high(a, figure, least))


def _shares(a: Answer, figure: str, ask: str, least: float, live: bool) -> Iterator[str]:
    x = _Scale(_most(a, figure, least), _LEFT, _RIGHT)
    rows = _rows(a)
    yield _axis(len(rows), x, _ticks(x.high, lambda v: f"{100 * v:g}%"))
    for i, phase in enumerate(rows):
        e, held = a.now[phase, figure], None if a.same else a.pinned[phase, figure]
        value = f"{e.value:.1%}" if e.known else "none"
        inside = _bar(e, held, _top(i), x) + _text(
            _RIGHT + 14, _top(i), value, _beneath(a, phase, figure)
        )
        yield _row(phase, i, inside, ask, live)


def _beneath(a: Answer, phase: str, figure: str) -> str:
    """The difference; of the pinned policy itself the interval."""
    e = a.now[phase, figure]
    if not a.same:
        return words.signed(a.apart[phase, figure], figure)
    return "" if math.isnan(e.low) else f"{100 * e.low:.1f}-{100 * e.high:.1f}"


def exceptions_panel(a: Answer, live: bool) -> Iterator[str]:
    """Exception rate by phase, and the band in which it is to be."""
    low, high = Targets().exception_rate
    x = _Scale(_most(a, "exception_rate", 0.19), _LEFT, _RIGHT)
    foot = _top(len(_rows(a))) - 8
    yield (
        f'<rect class="band" x="{x(low):.1f}" y="{_top(0) - 6}" width="{x(high) - x(low):.1f}" '
        f'height="{foot - _top(0) + 6}"/>'
    )
    yield from _shares(a, "exception_rate", "needless exception", 0.19, live)


def silent_panel(a: Answer, live: bool) -> Iterator[str]:
    """Silent errors by phase: what only a simulation knows."""
    yield from _shares(a, "true_fn_share", "silent error", 0.05, live)


def waits_panel(a: Answer, live: bool) -> Iterator[str]:
    """From the median to nine in ten, on a scale of factors."""
    rows = _rows(a)
    longest = [of[p, "wait_p90"].value for p in rows for of in (a.now, a.pinned)]
    most = max([480.0, *(v for v in longest if not math.isnan(v))])
    last = next((t for t in _TICKS_MIN if t >= most), _TICKS_MIN[-1])
    flat = _Scale(math.log(last), _LEFT, _RIGHT)

    def x(minutes: float) -> float:
        return flat(math.log(max(minutes, 1.0)))

    foot = _top(len(rows)) - 8
    yield f'<line class="axis" x1="{_LEFT}" x2="{_LEFT}" y1="{_top(0) - 6}" y2="{foot}"/>'
    key = "dot: half begun; square: nine in ten"
    yield f'<text class="tick" x="{_LEFT}" y="{foot + 30}">{key}</text>'
    free = math.inf
    for tick in sorted((t for t in _TICKS_MIN if t <= last), reverse=True):
        if x(tick) > free:
            continue
        at, free = f"{x(tick):.1f}", x(tick) - _APART
        yield (
            f'<line class="grid" x1="{at}" x2="{at}" y1="{_top(0) - 6}" y2="{foot}"/>'
            f"{_tick(at, foot, _short(tick))}"
        )
    for i, phase in enumerate(rows):
        y = _top(i)
        inside = _dumbbell(a.now[phase, "wait_median"], a.now[phase, "wait_p90"], y + 9, x, "bar")
        if not a.same:
            held = a.pinned[phase, "wait_median"], a.pinned[phase, "wait_p90"]
            inside = _dumbbell(*held, y + 19, x, "pinned") + inside
        half, day = a.now[phase, "wait_median"], a.now[phase, "within_24h"]
        within = f"{day.value:.0%} in a day" if day.known else ""
        value = duration(half.value) if half.known else "nothing waited"
        inside += _text(_RIGHT + 14, y, value, within)
        yield _row(phase, i, inside, "long wait", live)


def _dumbbell(
    half: Estimate, most: Estimate, y: float, x: Callable[[float], float], css: str
) -> str:
    """A dot at the median, a square where nine in ten were begun."""
    if not half.known:
        return ""
    a, b = x(half.value), x(most.value)
    line = "line" if css == "bar" else "thin"
    r = 5.5 if css == "bar" else 3.8
    out = [
        f'<line class="{line}" x1="{a:.1f}" x2="{b:.1f}" y1="{y}" y2="{y}"/>',
        f'<circle class="{css}" cx="{a:.1f}" cy="{y}" r="{r}"/>',
        f'<rect class="{css}" x="{b - r:.1f}" y="{y - r}" width="{2 * r}" height="{2 * r}"/>',
    ]
    if css == "bar" and not math.isnan(half.low):
        for e in (half, most):
            if not math.isnan(e.low):
                ends = f'x1="{x(e.low):.1f}" x2="{x(e.high):.1f}" y1="{y}" y2="{y}"'
                out.append(f'<line class="error" {ends}/>')
    return "".join(out)


def _short(minutes: float) -> str:
    """A tick: 10 min, 8 h, 3 days."""
    if minutes < 60:
        return f"{minutes:g} min"
    if minutes < 24 * 60:
        return f"{minutes / 60:g} h"
    days = minutes / 60 / 24
    return "1 day" if days == 1 else f"{days:g} days"


def work_panel(a: Answer, live: bool, money: str = "") -> Iterator[str]:
    """Hours a week, and what 1,000 decisions cost, beside each other."""
    rows = _rows(a)
    left = _Scale(_high(a, "review_hours", 1.0), _LEFT, 208)
    right = _Scale(_high(a, "true_cost", 1.0), 318, 414)
    yield _axis(len(rows), left, [(0.0, "0"), (left.high, f"{left.high:g} h a week")])
    yield _axis(len(rows), right, [(0.0, "0"), (right.high, f"{count(right.high)} {money}")])
    for i, phase in enumerate(rows):
        y, parts = _top(i), []
        for figure, x in (("review_hours", left), ("true_cost", right)):
            held = None if a.same else a.pinned[phase, figure]
            parts.append(_bar(a.now[phase, figure], held, y, x))
        spent, cost = a.now[phase, "review_hours"], a.now[phase, "true_cost"]
        busy = f"{a.now[phase, 'utilisation'].value:.0%} of desk"
        parts.append(_text(220, y, hours(spent.value), busy))
        beneath = "" if a.same else words.signed(a.apart[phase, "true_cost"], "true_cost")
        parts.append(_text(426, y, count(cost.value), beneath))
        yield _row(phase, i, "".join(parts), "", live)
