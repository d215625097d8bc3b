"""The parts of a monthly report that are words and tables. Whatever comes from a log is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Protocol

from ...decisions.counting.metrics import BY_NAME
from ...decisions.counting.scorecard import Judgement, Status
from ...decisions.diagnosing.diagnosis import HOARDING, Found
from ...decisions.diagnosing.evidence import ORDER, Evidence
from ...decisions.estimating.intervals import about
from ...decisions.watching.words import Status as Said
from ..change import change_words
from ..picture import SCROLL, Html
from ..style import count, hours, month_name, parted, plain
from .month import MonthReport
from .words import Sentence

SYMBOLS = {
    Status.GOOD: ("good", "\N{CHECK MARK}"),
    Status.WATCH: ("watch", "\N{BLACK UP-POINTING TRIANGLE}"),
    Status.BAD: ("bad", "\N{MULTIPLICATION X}"),
    Status.UNKNOWN: ("unknown", "?"),
}
_TILES = (
    ("exception_rate", "Exception rate", "of what the AI may take alone"),
    ("fn_share", "Silent errors", "of what the AI may take alone"),
    ("override_rate", "Override rate", "of the exceptions judged"),
    ("human_touch_rate", "Human touch", "of all decisions"),
    ("within_24h", "Begun within 24 h", "of what waited for a person"),
    ("utilisation", "Desk utilisation", "of the hours set aside"),
)


class Told(Protocol):
    """A report in half a minute."""

    @property
    def headline(self) -> str: ...
    @property
    def sentences(self) -> Sequence[Sentence]: ...
    @property
    def warnings(self) -> Sequence[str]: ...


def summary(r: Told) -> Html:
    """A report in half a minute: headline, sentences, and what to be careful about."""
    said = "".join(f"<dt>{escape(s.topic)}</dt><dd>{escape(s.text)}</dd>" for s in r.sentences)
    careful = "".join(f"<li>{escape(w)}</li>" for w in r.warnings)
    box = (
        '<div class="careful" role="note"><p><span aria-hidden="true">'
        "\N{BLACK UP-POINTING TRIANGLE}</span> "
        f"<strong>Before you rely on it</strong></p><ul>{careful}</ul></div>"
        if careful
        else ""
    )
    return Html(
        f'<section class="summary"><p class="headline">{escape(r.headline)}</p>'
        f"<dl>{said}</dl></section>{box}"
    )


def tiles(r: MonthReport) -> Html:
    """The figures to look at first, each with interval, n, target, verdict and change."""
    judged = {j.metric.name: j for j in r.judgements}
    made = [
        _tile(r, metric, title, of, judged.get(metric))
        for metric, title, of in _TILES
        if r.get(metric).known and not (metric == "human_touch_rate" and _says_nothing_new(r))
    ]
    return Html(f'<div class="tiles">{"".join(made)}</div>')


def _says_nothing_new(r: MonthReport) -> bool:
    """Without gates and looks, people touch the exceptions and nothing else."""
    return r.get("human_touch_rate").value == r.get("exception_rate").value


def _tile(r: MonthReport, metric: str, title: str, of: str, judged: Judgement | None) -> str:
    e = r.get(metric)
    point, interval = parted(e, BY_NAME[metric].unit)
    css, verdict = _verdict(judged)
    of_hours = " days" if math.isnan(e.low) else " weeks"  # days where there are too few weeks
    n = f"n = {count(e.n)}{of_hours if metric == 'utilisation' else ''}"
    lines = [f"95%: {interval}" if interval and not e.few else interval, n]
    return (
        f'<div class="tile {css}"><p class="name">{escape(title)}</p>'
        f'<p class="value">{escape(point)}</p>'
        f'<p class="small">{escape(of)}<br>{escape("; ".join(line for line in lines if line))}</p>'
        f'<p class="verdict">{verdict}</p>'
        f'<p class="small">{escape(_beside(r, metric))}</p></div>'
    )


def _verdict(judged: Judgement | None) -> tuple[str, str]:
    """A class for the page, and symbol, word and reason."""
    if judged is None:
        return "none", "no target set"
    css, symbol = SYMBOLS[judged.status]
    sure = "" if judged.sure else ", not sure"
    return css, (
        f'<span aria-hidden="true">{symbol}</span> <strong>{judged.status}{sure}</strong>: '
        f"{escape(judged.words)}"
    )


def _beside(r: MonthReport, metric: str) -> str:
    """The change since last month, and the truth where a simulation knows it."""
    said = []
    truth = r.get(f"true_{metric}") if metric == "fn_share" else None
    if truth is not None and truth.known:
        said.append(f"true: {truth.value:.1%} (simulation only)")
    if r.previous is None:
        empty = r.facts.empty_before
        none = f"no decision in {month_name(empty)}" if empty else "no earlier month"
        said.append(f"{none} to compare with")
    elif words := change_words(
        r.change(metric), BY_NAME[metric].unit, month_name(r.previous).split()[0]
    ):
        said.append(words)
    return "; ".join(said)


def by_workflow(r: MonthReport) -> Html:
    """One line for each workflow, the busiest first."""
    columns = [
        ("exception_rate", "Exception rate"),
        ("fn_share", "Silent errors"),
        ("override_rate", "Overrides"),
        ("wait_minutes", "Mean wait"),
        ("review_hours", "Hours a week"),
    ]
    columns = [(m, name) for m, name in columns if r.get(m).known]
    head = ["Workflow", "Decisions", *(name for _, name in columns)]
    if r.facts.unseen.known:
        head.insert(4, "Bad, unseen")
    rows = "".join(_workflow_row(r, flow, [m for m, _ in columns]) for flow in r.workflows)
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    return Html(
        f'{SCROLL}<table class="flows"><thead>'
        f"<tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">{escape(r.title)}. In grey: 95% intervals, each for itself; among many '
        "workflows one in twenty misses by chance. <em>Bad, unseen</em>: about how many bad "
        "decisions went out with nobody asked.</p>"
    )


def _workflow_row(r: MonthReport, flow: str, metrics: list[str]) -> str:
    judged = {j.metric.name: j for j in r.card.judge(period=r.month, workflow=flow)}
    cells = [f"<td>{count(r.get('decisions', flow).value)}</td>"]
    gated = not r.get("exception_rate", flow).known
    for metric in metrics:
        e = r.get(metric, flow)
        if gated and metric in ("exception_rate", "fn_share", "override_rate"):
            cells.append('<td class="dim">always asked</td>' if metric == "exception_rate" else
                         "<td></td>")  # fmt: skip
        elif not e.known:
            cells.append('<td class="dim">not known</td>')
        elif metric == "review_hours":
            cells.append(f"<td>{hours(e.value)}</td>")
        else:
            point, interval = parted(e, BY_NAME[metric].unit)
            css, symbol = SYMBOLS[judged[metric].status] if metric in judged else ("", "")
            flag = (
                f'<span class="{css}" title="{judged[metric].status}">{symbol}</span> '
                if css and css != "good"
                else ""
            )
            said = f"<small>{'too few found' if e.few else escape(interval)}</small>"
            cells.append(f"<td>{flag}{escape(point)}{said}</td>")
        if metric == "fn_share":
            cells.append(f"<td>{_unseen(r, flow)}</td>")
    return f'<tr><th scope="row">{escape(plain(flow))}</th>{"".join(cells)}</tr>'


def _unseen(r: MonthReport, flow: str) -> str:
    share, asked = r.get("fn_of_auto", flow), r.get("exception_rate", flow)
    if not share.known or not asked.known:
        return ""
    bad = share.scaled(asked.n * (1 - asked.value))
    interval = f"{about(bad.low)}-{about(bad.high)}"
    return interval if share.few else f"{about(bad.value)}<small>{interval}</small>"


def unsafe(r: MonthReport) -> Html | None:
    """A red box where the AI acts alone although a human must always decide; else nothing."""
    return unsafe_box(r.unsafe)


def unsafe_box(workflows: Sequence[str]) -> Html | None:
    """The same of these workflows."""
    if not workflows:
        return None
    which = "".join(f"<li>{escape(plain(name))}</li>" for name in workflows)
    return Html(
        '<div class="careful bad" role="note">'
        '<p style="color:var(--bad)"><span aria-hidden="true">\N{MULTIPLICATION X}</span> '
        "<strong>Unsafe: the AI acts alone where a human must always decide</strong></p>"
        f"<ul>{which}</ul>"
        '<p style="color:var(--ink)">The scenario allows it (allow_unsafe); no figure below makes '
        "it safe.</p></div>"
    )


_FOUND = {Found.NAMED: Status.BAD, Found.OPEN: Status.UNKNOWN, Found.NOT: Status.GOOD}


def how_people_review(r: MonthReport) -> Html:
    """Hoarding and abdication by pool: what is named, what is not, and the evidence."""
    told = []
    for found, sentence in r.diagnosis.statements():
        css, symbol = SYMBOLS[_FOUND[found]]
        mark = f'<span aria-hidden="true" style="color:var(--{css},var(--grey))">{symbol}</span>'
        told.append(f'<p style="padding-left:1.4em;text-indent:-1.4em">{mark}&ensp;'
                    f"{_first_bold(sentence)}</p>")  # fmt: skip
    return Html(f"{''.join(told)}{_evidence(r)}")


def _first_bold(sentence: str) -> str:
    """What a sentence is about, up to its colon, in bold."""
    about_, colon, rest = sentence.partition(": ")
    if not colon:
        return escape(sentence)
    return f"<strong>{escape(about_)}:</strong> {escape(rest)}"


def _evidence(r: MonthReport) -> str:
    known = {
        f.who: {e.name: e for e in f.evidence} for f in r.diagnosis.findings if f.name == HOARDING
    }
    one = {name: e for mine in known.values() for name, e in mine.items()}
    if not one:
        return ""
    head = "".join(
        f'<th scope="col" style="white-space:nowrap">'
        f"{escape('everybody' if who == 'all' else plain(who))}</th>"
        for who in known
    )
    rows = "".join(
        f'<tr><th scope="row" style="min-width:13em">{escape(one[name].title)}'
        '<small style="display:block">'
        f"{escape(one[name].means)}</small></th>"
        f"{''.join(_evidence_cell(mine.get(name)) for mine in known.values())}</tr>"
        for name in ORDER
        if name in one
    )
    return (
        f'{SCROLL}<table class="flows"><thead><tr><th scope="col">Evidence</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">{escape(r.title)}, by pool. In grey: 95% intervals, each for itself. '
        "Hoarding or abdication is named only where whole intervals say so. Empty: not known, or "
        "it does not concern them.</p>"
    )


def _evidence_cell(e: Evidence | None) -> str:
    if e is None:
        return "<td></td>"
    figure, interval = e.written()
    return f'<td style="white-space:nowrap">{figure}<small>{interval}</small></td>'


_CHANGED = {
    Said.ALARM: Status.BAD, Said.OVER: Status.WATCH, Said.QUIET: Status.GOOD,
    Said.OPEN: Status.UNKNOWN,
}  # fmt: skip


def what_changed(r: MonthReport) -> Html | None:
    """Every chart in words, with how often chance alone would say so."""
    w = r.watch
    if w is None:
        return None
    told = []
    for f in w.findings:
        css, symbol = SYMBOLS[_CHANGED[f.status]]
        told.append(
            f'<li style="list-style:none;text-indent:-1.4em"><span aria-hidden="true" '
            f'style="color:var(--{css},var(--grey))">{symbol}</span>&ensp;{_first_bold(f.words)}'
            "</li>"
        )
    return Html(
        f'<ul style="padding-left:1.4em">{"".join(told)}</ul>'
        f'<p class="small">Weeks up to the end of {escape(r.title)}, beside the first '
        f"{w.calendar.baseline} ({escape(w.calendar.because)}). Chance alone raises an alarm on "
        f"any of the {len(w.charts)} charts once in {w.once_in:.0f} weeks, or more seldom. Taken "
        f"for granted: {escape(w.assumes)}.</p>"
    )


def governance(r: MonthReport) -> Html | None:
    """What governance did in the month; nothing where it did nothing."""
    if not r.governance:
        return None
    head = ("Date", "Workflow", "What", "Because")
    short = ' style="white-space:nowrap;text-align:left"'
    cells = "".join(f'<th scope="col"{short}>{name}</th>' for name in head)
    rows = "".join(
        f"<tr><td{short}>{escape(row['date'])}</td><td{short}>{escape(plain(row['workflow']))}</td>"
        f"<td{short}>{escape(row['what'])}</td>"
        f'<td style="text-align:left">{escape(row["because"])}</td></tr>'
        for row in r.governance
    )
    return Html(
        f"<h2>What governance did</h2>{SCROLL}<table><thead>"
        f"<tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


_EMAILS = (
    "bounce_rate", "spam_rate", "opt_out_rate", "reply_rate", "positive_rate", "meeting_rate",
    "no_show_rate",
)  # fmt: skip


def emails(r: MonthReport) -> Html | None:
    """What came of the month's emails; nothing where none were sent."""
    known = [name for name in _EMAILS if r.get(name).known]
    if not known:
        return None
    judged = {j.metric.name: j for j in r.judgements}
    rows = "".join(_email_row(r, name, judged.get(name)) for name in known)
    head = "".join(f'<th scope="col">{h}</th>' for h in ("Outcome", "Share", "n", "Verdict"))
    return Html(
        f'<h2>What came of the emails</h2>{SCROLL}<table class="flows"><thead>'
        f"<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        '<p class="small">Of the emails sent; no-shows of the meetings agreed. In grey: 95% '
        "intervals, which take emails as independent of each other. What had not come by the end "
        "of the log counts as not coming.</p>"
    )


def _email_row(r: MonthReport, metric: str, judged: Judgement | None) -> str:
    e = r.get(metric)
    point, interval = parted(e, BY_NAME[metric].unit)
    css, verdict = _verdict(judged) if judged else ("", "")
    since = "" if r.previous is None else change_words(
        r.change(metric), BY_NAME[metric].unit, month_name(r.previous).split()[0]
    )  # fmt: skip
    said = f'<span class="{css}"><span class="verdict">{verdict}</span></span>' if verdict else ""
    return (
        f'<tr><th scope="row">{escape(BY_NAME[metric].title)}</th><td>{escape(point)}'
        f"<small>{escape(interval)}</small></td><td>{count(e.n)}</td>"
        f"<td>{said}<small>{escape(since)}</small></td></tr>"
    )
