"""What a monthly report says should change: the rules, what they bring, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.telling.amounts import cash
from ..monthly.month import MonthReport
from ..monthly.tables import SYMBOLS
from ..monthly.words import advice
from ..picture import SCROLL, Html, table_html, unbroken
from ..style import count, plain
from . import texts as text

_MOST_RULES = 30


def what_to_change(r: MonthReport) -> Html:
    """The rules as they are and as advised, what they bring, why, and what moves the answer."""
    rec = r.recommendation
    if rec is None:
        return Html(
            '<p class="note">Every decision passes a gate: there is no threshold to set.</p>'
        )
    status, what = advice(r.facts, rec)
    css, symbol = SYMBOLS[status]
    groups = rec.reasons()
    why = _list(groups.pop("Why", []))
    more = "".join(
        f"<details><summary>{escape(heading)}</summary>{body}</details>"
        for heading, body in _details(rec, groups)
    )
    return Html(
        f'<section class="advice {css}"><p class="headline">'
        f'<span aria-hidden="true">{symbol}</span> {escape(what)}</p>'
        f"{rules_table(rec)}{figures_table(rec)}"
        f"<p>From all {count(rec.rate.n)} decisions the AI was allowed to take alone, up to the "
        f"end of {escape(r.title)}:</p>{why}{more}"
        f'<p class="small">{escape(text.taken_for_granted(rec))}</p></section>'
    )


def _list(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(s)}</li>' for s in sentences)}</ul>"


def _details(rec: Recommendation, groups: dict[str, list[str]]) -> Iterable[tuple[str, str]]:
    for heading, sentences in groups.items():
        table = _moves(rec) if heading == "What moves it" else ""
        yield heading, f"{_list(sentences)}{table}"
    if text.ladder_differs(rec):
        yield "Simpler and finer rules", _ladder(rec)
    if rec.tied or rec.status == "unattainable":
        yield "Thresholds that can be had around it", _attainable(rec)
    if assumed := list(text.assumptions(rec)):
        yield "What is assumed", _list(assumed)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of ready cells, the first of each row naming it."""
    cells = "".join(f'<th scope="col">{h}</th>' for h in head)
    body = ""
    for first, *rest in rows:
        told = "".join(f"<td>{unbroken(c)}</td>" for c in rest)
        body += f'<tr><th scope="row">{first}</th>{told}</tr>'
    return (
        f'{SCROLL}<table class="flows"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def rules_table(rec: Recommendation) -> str:
    """Rules as they are and as advised, workflow by workflow."""
    rows = text.rule_rows(rec)
    columns = text.columns(rows)
    head = [escape(text.rules_title(rec)), *(f"{h[0].upper()}{h[1:]}" for h in columns)]
    shown = [
        [escape(plain(row.workflow)), *(_pair(pairs[i]) for pairs in columns.values())]
        for i, row in enumerate(rows[:_MOST_RULES])
    ]
    if len(rows) > _MOST_RULES:
        shown.append([f"and {len(rows) - _MOST_RULES} more", *("" for _ in columns)])
    said = text.always(rows)
    note = f'<p class="small">As now, always asked: {escape(said)}.</p>' if said else ""
    return _table(head, shown) + note


def _pair(pair: text.Before) -> str:
    if not pair.changes:
        return f'<span class="dim">{escape(pair.now)}</span>'
    before = f"{escape(pair.now)} &rarr; " if pair.now else ""
    return f"{before}<strong>{escape(pair.advised)}</strong>"


def figures_table(rec: Recommendation) -> str:
    """What the rules, today's and the usual bands would have given."""
    rows = text.figure_rows(rec)
    today = any(row.today for row in rows)
    head = ["", "With these rules", *(["Today"] if today else []), "90/70 for all"]
    cells = [
        (escape(_named(row.name, rec)), row.advised, *([row.today] if today else []), row.usual)
        for row in rows
    ]
    return _table(head, cells)


def _named(name: str, rec: Recommendation) -> str:
    money = f", {rec.currency}" if rec.currency and name == text.TITLES["cost_per_1000"] else ""
    return f"{name[0].upper()}{name[1:]}{money}"


def _ladder(rec: Recommendation) -> str:
    head = ("Rules", "To remember", "Exceptions", f"{cash(rec.currency)}per 1,000")
    return _table(head, [
        (
            escape(str(row["rules"])) + (" (recommended)" if row["recommended"] else ""),
            text.remember(row["rules"], row["conditions"]), f"{row['exception_rate']:.1%}",
            f"{row['cost_per_1000']:,.0f}",
        )
        for row in rec.ladder.to_dict("records")
    ])  # fmt: skip


def _moves(rec: Recommendation) -> str:
    head = ("At half and at twice its value", "Measured", "Looks pay up to", "Routed otherwise")
    rows = []
    for row in rec.sensitivity.to_dict("records"):
        low, high = sorted((row["wanted_low"], row["wanted_high"]))
        name = text.MOVERS.get(row["assumption"], row["assumption"])
        rows.append((
            escape(name), "yes" if row["measured"] else "no",
            f"{low:.0%} to {high:.0%} exceptions", f"{row['routed_otherwise']:.1%}",
        ))  # fmt: skip
    return _table(head, rows)


def _attainable(rec: Recommendation) -> str:
    table = rec.attainable.copy()
    table["workflow"] = [plain(str(f)) for f in table["workflow"]]
    table["threshold"] = [f"{t:.6g}" for t in rec.attainable["threshold"]]
    table["exception_rate"] = [f"{x:.2%}" for x in rec.attainable["exception_rate"]]
    table.columns = ["Workflow", "Threshold", "Exception rate"]
    return f"<p>Scores come tied, so no rate between two lines can be had.</p>{table_html(table)}"
