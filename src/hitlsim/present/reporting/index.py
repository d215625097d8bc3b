"""One page for all reports of a folder: what each found, newest first, and month against month."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from ...atomic import replacing
from ...decisions.counting.metrics import BY_NAME, Unit
from ...decisions.counting.scorecard import ALL
from ...decisions.estimating.intervals import NOTHING, Estimate
from ...errors import LogError
from ..picture import SCROLL
from ..style import count, month_name, parted
from .failures import ReportLocked
from .manifest import FAILED, MANIFEST, PAGE, PDF, RESULTS, manifest_of
from .page import page
from .sparkline import sparkline

INDEX = "index.html"
_KEY_FIGURES = (
    ("exception_rate", "Exception rate", "of what the AI may take alone"),
    ("fn_share", "Silent errors", "of what the AI may take alone"),
    ("override_rate", "Override rate", "of the exceptions judged"),
    ("within_24h", "Begun within 24 h", "of what waited for a person"),
    ("review_hours", "Review hours", "a week"),
)
_MONTHLY = "monthly"
"""The report with these figures; one of another kind may call anything metrics."""
_WAIT_SECONDS = 60
_GOOD, _PART = "\N{CHECK MARK} ", "part of the month"
_STYLE = """<style>
.reports td:nth-child(n+2), .reports th:nth-child(n+2) { text-align: left; }
.reports .state { min-width: 15em; }
.months tbody small { display: block; color: var(--grey); white-space: nowrap; }
.months td, .months th { padding-right: .9em; }
.tile .spark { display: block; width: 100%; height: auto; margin: auto 0 0; padding-top: .6em; }
a { color: var(--blue); }
@media screen and (max-width: 700px) {
  .reports .state { min-width: 0; } .reports tbody th { white-space: normal; }
}
</style>"""


@dataclass(frozen=True)
class Row:
    """One report as the index lists it."""

    folder: Path
    report: str
    kind: str
    key: str
    title: str
    source: str
    headline: str
    state: str
    link: str
    pdf: str
    decisions: Estimate
    figures: dict[str, Estimate]
    part: bool
    """Whether it is on a part of its month only."""


def write_index(out: str | Path) -> Path:
    """Write ``index.html`` of all reports below a folder.

    Parameters
    ----------
    out : str or Path
        Where the reports lie, as :func:`hitlsim.report` was told.

    Returns
    -------
    Path
        The page; it is replaced whole, also when several runs end at the same time.

    Raises
    ------
    ReportLocked
        When another run does not come to an end with it.
    """
    from filelock import FileLock, Timeout

    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    target = out / INDEX
    try:
        with FileLock(out / ".index.lock", timeout=_WAIT_SECONDS):
            html = _page(sorted(_rows(out), key=lambda r: (r.report, _newest(r))))
            with replacing(target) as partial:
                partial.write_text(html, encoding="utf-8")
    except Timeout:
        raise ReportLocked(
            f"{target}: another run has been writing it for {_WAIT_SECONDS} seconds; once it is "
            "done, hitlsim report index writes it"
        ) from None
    return target


def _newest(row: Row) -> tuple[int, ...]:
    """Later months first, other names from A to Z."""
    return tuple(-ord(c) if c.isdigit() else ord(c) for c in row.key)


def _rows(out: Path) -> Iterator[Row]:
    for folder in sorted({p.parent for p in (*out.glob(f"*/*/{MANIFEST}"), *_failed(out))}):
        said = _json(folder / MANIFEST)
        whole = manifest_of(folder) is not None
        monthly = whole and folder.parent.name == _MONTHLY
        metrics = _json(folder / RESULTS).get("metrics", {}).get(ALL, {}) if monthly else {}
        at = quote(folder.relative_to(out).as_posix())
        yield Row(
            folder=folder,
            report=folder.parent.name,
            kind=str(said.get("kind") or ""),
            key=folder.name,
            title=str(said.get("title") or _title(folder.name)),
            source=str(said.get("source", "")),
            headline=str(said.get("headline", "")),
            state=_state(folder, said, whole=whole),
            link=f"{at}/{PAGE}" if whole else "",
            pdf=f"{at}/{PDF}" if whole and PDF in said["outputs"] else "",
            decisions=_estimate(metrics.get("decisions")),
            figures={name: _estimate(metrics.get(name)) for name, *_ in _KEY_FIGURES},
            part=not (said.get("covers") or {}).get("whole", True),
        )


def _title(key: str) -> str:
    """A month in words; any other name as it is."""
    try:
        return month_name(key)
    except LogError:
        return key


def _failed(out: Path) -> Iterator[Path]:
    return out.glob(f"*/*/{FAILED}")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _estimate(figure: dict[str, Any] | None) -> Estimate:
    if not figure or figure["value"] is None:
        return NOTHING
    value, low, high = (
        float("nan") if figure[k] is None else float(figure[k]) for k in ("value", "low", "high")
    )
    return Estimate(value, low, high, figure["n"], figure["assumes"], few=figure["few"])


def _state(folder: Path, said: dict[str, Any], *, whole: bool) -> str:
    """How a report stands, as HTML."""
    failed = (folder / FAILED).is_file()
    if not said:
        return '<span class="bad">\N{MULTIPLICATION X} failed</span>; none made yet'
    if not whole:
        return '<span class="bad">\N{MULTIPLICATION X} its files do not fit</span>; run it again'
    made = f"made {escape(str(said.get('made_at', ''))[:10])}"
    covers = said.get("covers") or {}
    careful = [
        f'<span class="watch">\N{BLACK UP-POINTING TRIANGLE} {words}</span>'
        for words, so in (("the last try failed", failed), (_PART, not covers.get("whole", True)))
        if so
    ]
    gaps = f"<br><small>{escape(covers['told'])}</small>" if covers.get("told") else ""
    return f"{'; '.join([made, *careful]) if careful else _GOOD + made}{gaps}"


def _page(rows: list[Row]) -> str:
    if not rows:
        body = (
            '<p class="note">There is no report here yet. <code>hitlsim report monthly</code> '
            "makes one.</p>"
        )
    else:
        groups = [(name, list(group)) for name, group in groupby(rows, key=lambda r: r.report)]
        body = "".join(_group(name, group) for name, group in groups)
    there = sum(bool(row.link) for row in rows)
    number = f"{there} report{'' if there == 1 else 's'}, the newest first"
    return page(
        "Reports", "hitlsim", number, f"{_STYLE}{body}",
        "Made anew after each report. Each opens offline; its folder also has results.json, every "
        "figure as data.",
    )  # fmt: skip


def _group(name: str, rows: list[Row]) -> str:
    kind = next((row.kind for row in rows if row.kind), name.capitalize())
    listed = "".join(_listed(row) for row in rows)
    return (
        f"<section><h2>{escape(kind)}</h2>"
        f'{SCROLL}<table class="data wide reports"><thead><tr><th scope="col">About</th>'
        '<th scope="col">What it found</th><th scope="col">State</th></tr></thead>'
        f"<tbody>{listed}</tbody></table></div>{_months(rows)}</section>"
    )


def _listed(row: Row) -> str:
    title = escape(row.title)
    link = f'<a href="{escape(row.link)}">{title}</a>' if row.link else title
    pdf = f' (<a href="{escape(row.pdf)}">PDF</a>)' if row.pdf else ""
    source = f'<br><small class="dim">{escape(row.source)}</small>' if row.source else ""
    return (
        f'<tr><th scope="row">{link}{pdf}</th><td>{escape(row.headline)}{source}</td>'
        f'<td class="state">{row.state}</td></tr>'
    )


def _months(rows: list[Row]) -> str:
    """Month against month: the key figures of the months that have them."""
    known = [row for row in rows if row.link and row.decisions.known]
    if not known:
        return ""
    shown = [f for f in _KEY_FIGURES if any(row.figures[f[0]].known for row in known)]
    head = "".join(
        f'<th scope="col">{escape(name)}<br><small>{escape(of)}</small></th>'
        for _, name, of in shown
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}{_part(row)}</th>'
        f"<td>{count(row.decisions.value)}</td>"
        + "".join(f"<td>{_cell(name, row.figures[name])}</td>" for name, *_ in shown)
        + "</tr>"
        for row in known
    )
    return (
        f"<h3>Month against month</h3>{_tiles(known, shown)}"
        f'{SCROLL}<table class="data months"><thead><tr><th scope="col">Month</th>'
        f'<th scope="col">Decisions</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        '<p class="small">Below each figure its 95% interval; a range alone means that too few '
        "were found for a point. What each assumes stands in its report.</p>"
    )


def _part(row: Row) -> str:
    return f"<small>{_PART}</small>" if row.part else ""


def _cell(metric: str, e: Estimate) -> str:
    point, interval = parted(e, BY_NAME[metric].unit)
    return f"{escape(point)}<small>{escape(interval)}</small>"


def _tiles(rows: list[Row], shown: list[tuple[str, str, str]]) -> str:
    """How the key figures went, one small chart each, of the log that the newest is about."""
    newest = rows[0]
    same = [row for row in reversed(rows) if row.source == newest.source]
    if len(same) < 2:
        return ""
    tiles = "".join(
        f'<div class="tile"><p class="name">{escape(title)}</p>'
        f'<p class="value">{escape(_point(name, newest.figures[name]))}</p>'
        f'<p class="small">{escape(newest.title)}, {escape(of)}<br>'
        f"{escape(_interval(name, newest.figures[name]))}</p>"
        f"{sparkline(title, _month_by_month(same, name), name)}</div>"
        for name, title, of in shown
    )
    left = len(rows) - len(same)
    note = (
        f'<p class="small">The charts show {escape(newest.source)} only; {left} of the months are '
        "of other logs.</p>"
        if left
        else ""
    )
    return f'<div class="tiles">{tiles}</div>{note}'


def _month_by_month(rows: list[Row], metric: str) -> list[tuple[str, Estimate]]:
    """A figure of every month from the first row's to the last's; unknown where none reports it."""
    by_month = {row.key: row.figures[metric] for row in rows}
    months = [str(m) for m in pd.period_range(rows[0].key, rows[-1].key, freq="M")]
    return [(month_name(m), by_month.get(m, NOTHING)) for m in months]


def _point(metric: str, e: Estimate) -> str:
    return parted(e, BY_NAME[metric].unit)[0]


def _interval(metric: str, e: Estimate) -> str:
    interval = parted(e, BY_NAME[metric].unit)[1]
    said = interval if e.few or not interval else f"95%: {interval}"
    of = " days" if math.isnan(e.low) else " weeks"  # days where there are too few weeks
    of = of if BY_NAME[metric].unit == Unit.HOURS_PER_WEEK else ""
    return "; ".join(part for part in (said, f"n = {count(e.n)}{of}") if part)
