"""What happened: logs, runs, scorecards, stories, and many runs together."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from ...decisions.counting.metrics import BY_NAME
from ...decisions.counting.scorecard import ALL, Scorecard, Status
from ...decisions.telling.example import NOTE
from ...decisions.telling.trail import step_details
from ...simulation.runs.telling import KEY_METRICS
from ..style import count, parted, plain
from .pieces import box, cell, folded, frame, head, listed, notes, table

if TYPE_CHECKING:
    from ...decisions.log import DecisionLog
    from ...decisions.telling.trail import Story
    from ...simulation.run import Run
    from ...simulation.runs.comparison import Comparison
    from ...simulation.runs.summaries import Summary

_MOST_ROWS = 5
_TONES = {Status.GOOD: "good", Status.WATCH: "watch", Status.BAD: "bad", Status.UNKNOWN: ""}
_NOT_SEEN = "\N{EN DASH}"


def log(it: DecisionLog) -> str:
    """How many decisions of when, and its first rows."""
    source = str(it.record.get("source") or it.record.get("scenario") or "decision log")
    if not len(it):
        return box(head(f"{source}: no decisions"))
    days = it.frame["decided_at"]
    rejects = f"; {count(len(it.rejects))} rows could not be read" if len(it.rejects) else ""
    return box(
        head(
            f"{source}: {count(len(it))} decisions",
            f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}, {it.frame.shape[1]} columns{rejects}",
        ),
        folded(f"The first {_MOST_ROWS} rows", frame(it.frame.head(_MOST_ROWS))),
    )


def run(it: Run) -> str:
    """The scorecard of the whole run, and what governance did."""
    s = it.scenario
    card = it.scorecard()
    done = it.governance
    return box(
        head(
            f"{s.name}, seed {it.seed}: {count(card.get('decisions').value)} decisions in "
            f"{s.weeks} weeks",
            f"engine {it.engine}, boundary spec version {s.boundary.version}, scenario "
            f"{s.fingerprint[:12]}",
        ),
        *_card(card, KEY_METRICS),
        folded("The whole scorecard", "".join(_card(card, tuple(BY_NAME)))),
        folded(f"What governance did ({len(done)})", frame(done, css="data wide"))
        if len(done)
        else notes(["Beyond the calendar governance did nothing."]),
    )


def scorecard(card: Scorecard) -> str:
    """Every figure with interval, n and verdict; or period by period."""
    periods = card.periods
    flows = [f for f in card.frame["workflow"].unique() if f != ALL]
    parts = list(_card(card, tuple(BY_NAME), periods[0])) if len(periods) == 1 else [
        _by_period(card, periods)]  # fmt: skip
    for flow in flows:
        period = periods[-1]
        inner = "".join(_card(card, tuple(BY_NAME), period, flow))
        parts.append(folded(plain(flow) + ("" if len(periods) == 1 else f", {period}"), inner))
    of = "the whole log" if periods == [ALL] else f"{periods[0]} to {periods[-1]}"
    return box(head("Scorecard", of if len(periods) > 1 else ""), *parts)


def _card(
    card: Scorecard, metrics: tuple[str, ...], period: str = ALL, flow: str = ALL
) -> Iterator[str]:
    judged = {j.metric.name: j for j in card.judge(period=period, workflow=flow)}
    there = set(card.frame["metric"])
    rows = []
    for name in metrics:
        e = card.get(name, period=period, workflow=flow) if name in there else None
        if e is None or not e.known:
            continue
        point, interval = parted(e, BY_NAME[name].unit)
        verdict = ""
        if name in judged:
            j = judged[name]
            tone = _TONES[j.status]
            sure = "" if j.sure else ", not sure"
            verdict = f'<span class="{tone}"><strong class="tone">{escape(str(j.status))}</strong>'
            verdict += f"{escape(sure)}</span><small>{escape(j.words)}</small>"
        rows.append((
            cell(BY_NAME[name].title, BY_NAME[name].formula), cell(point), cell(interval),
            count(e.n), verdict,
        ))  # fmt: skip
    columns = ("Figure", "Value", "95% interval", "n", "Against its target")
    yield table(columns, rows, css="flows figures")
    assumed = dict.fromkeys(card.frame.loc[card.frame["metric"].isin(metrics), "assumes"])
    yield folded("What the intervals take for granted", listed(a for a in assumed if a))


def _by_period(card: Scorecard, periods: list[str]) -> str:
    rows = []
    for name in dict.fromkeys(card.frame["metric"]):
        cells = []
        for period in periods:
            e = card.get(name, period=period)
            cells.append(cell(*parted(e, BY_NAME[name].unit)) if e.known else _NOT_SEEN)
        if any(c != _NOT_SEEN for c in cells):
            rows.append((cell(BY_NAME[name].title), *cells))
    small = notes([f"In grey: 95% intervals, each for itself. {_NOT_SEEN}: not enough evidence."])
    return table(("Figure", *periods), rows, css="flows figures") + small


_MARKS = {" ": "", "-": "- taken out", "+": "+ put in"}
_TAGS = {" ": "span", "-": "del", "+": "ins"}


def story(it: Story) -> str:
    """One decision: what it saw, concluded and did, what came of it, and what was changed."""
    told = [(escape(str(group)), escape(text)) for group, text in it.sentences]
    parts = [head(f"Decision {it.decision_id}"), _rows("", told)]
    if it.gate:
        steps = [(escape(s.name), escape(f"{s.state} {step_details(s)}".strip())) for s in it.gate]
        parts.append(_rows("Steps of its gate", steps))
    if it.diff:
        changed = [(_MARKS[m], f"<{_TAGS[m]}>{escape(line)}</{_TAGS[m]}>") for m, line in it.diff]
        parts.append(_rows(f"What was changed: {NOTE}", changed))
    known = [(escape(name), escape(value)) for _, name, value in it.facts]
    return box(*parts, folded("Everything known", _rows("", known)))


def _rows(caption: str, rows: list[tuple[str, str]]) -> str:
    """Names beside ready cells."""
    top = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(
        f'<tr>{f"""<th scope="row">{name}</th>""" if name else "<td></td>"}<td>{text}</td></tr>'
        for name, text in rows
    )
    return f'<table class="told">{top}<tbody>{body}</tbody></table>'


def summary(it: Summary) -> str:
    """What many runs say: means, their intervals, and the range of single runs."""
    return box(head(it.title), frame(it.readable()), notes(it.notes))


def comparison(it: Comparison) -> str:
    """Each policy beside the first, in the same worlds."""
    tables = "".join(frame(it.readable(policy)) for policy in it.policies[1:])
    return box(head(it.title), tables, notes(it.remarks()))
