"""The parts of a cohort's debrief that are words and tables.

Whatever comes from answers is escaped. People stand under their pseudonyms only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from ...decisions.diagnosing.diagnosis import Found
from ...decisions.diagnosing.evidence import Evidence, Kind
from ...present.monthly import basis
from ...present.picture import SCROLL, Html, Note, table_html
from ...present.style import count, percent, plain
from ..acts import Round
from ..debrief import Debrief
from ..scoring.advice import Practice
from ..scoring.score import FIGURES, Score, Side, evidence_of
from ..words import kindly, n_of
from .figures import estimates

_ROUNDS = {"shadow": "Shadow", "exception": "Exceptions only", "steady": "Steady state"}
_FIGURES = {
    "missed": "Wrong items let through", "hit_rate": "Wrong ones called wrong",
    "false_alarm_rate": "Right ones called wrong", "opened": "Routine items opened",
}  # fmt: skip
_SYMBOLS = {
    Found.NAMED: ("bad", "\N{MULTIPLICATION X}"),
    Found.NOT: ("good", "\N{CHECK MARK}"),
    Found.OPEN: ("grey", "?"),
}
_STATISTICAL = """\
Items are taken as independent of each other, and one person's answers as independent of \
another's. Intervals of the cohort are about how people differ; another deck would move \
everybody alike.
Wrong ones are taken to be alike to see, and right ones; d' and c are those of signal detection, \
with half a case added to each cell (Hautus 1995).
The ideal looks at what the boundary spec sends to a person and at nothing else. Whether the spec \
asks about the right things is another question: ask it of the decision log.
What a way of working costs is of this deck: its interval says what the same person would cost on \
the same items again.
A second deck has other items: an interval of a change is made from the intervals of both, and \
some of a change may be the items'.
Intervals are 95%, each for itself. Hoarding and abdication are named by whole intervals only: of \
forty people just at the line, chance names at most one.
What looks, harm and needless changes cost is assumed where nobody said it; the line that costs \
least moves with it.
A session is not the desk: people know that they are watched, and that errors were \
put in.""".splitlines()
_DOES = "whether the right items are taken up, and what goes out"
_SEES = "whether wrong is told from right, of what was judged, and where the line is drawn"
SIDES = {Side.DOES: ("What {who} do", _DOES), Side.SEES: ("What {who} see", _SEES)}
"""Action and detection are scored apart."""
_WORDS = {
    "Deck": "The items of a session. A second deck (B) shares none with the first (A).",
    "Item": "One decision of the AI, as a reviewer would see it.",
    "Shadow, exceptions only, steady state": "The three rounds: mark where you would step in; work "
    "what the boundary spec sends you; work the whole inbox, of which most may go alone.",
    "Routine item": "An item that the boundary spec lets go alone. Opening it costs a look.",
    "Let through": "A wrong item that a person was asked to see, left alone or approved.",
    "Hoarding": "Looking at what needs no look: more than a fifth of the routine items opened.",
    "Abdication": "Letting through what needs a look: more than half of the wrong items.",
    "Sensitivity d'": "How far apart wrong and right look to somebody, in standard deviations. 0 "
    "is guessing; the model's typical reviewer has 1.6 when rested.",
    "Criterion c": "Where somebody draws the line between wrong and right. Above 0 they let "
    "through when in doubt, below 0 they step in. It is a habit: it can be moved.",
    "Ideal criterion c*": "The line that costs least for somebody with the same eyes, when a miss "
    "and a needless change cost what they cost here: ln(beta*) / d'.",
    "Savings forgone": "Of what the ideal observer saves over nobody looking, the share that was "
    "not saved: 0% is the ideal, 100% is as if nobody had looked.",
    "Brier score": "Mean squared error of how sure somebody was; 0 is perfect.",
    "Ideal observer": "Looks where the boundary spec asks, sees as the model's typical reviewer "
    "does when rested, and draws the line that costs least.",
    "Interval": "The range that holds the true figure in 95 of 100 such sessions, if what it "
    "assumes is so.",
}


def people(d: Debrief) -> Html:
    """One line for each person: what they did, what they saw, what to practise first."""
    rows = "".join(_person(d, s) for s in d.scores)
    return Html(
        f'{SCROLL}<table class="flows"><thead><tr><th rowspan="2" scope="col">Who</th>'
        f'<th rowspan="2" scope="col"{_LEFT}>What it shows</th>'
        f'<th colspan="3" scope="colgroup"{_MIDDLE}>What they do</th>'
        f'<th scope="colgroup">What they see</th>'
        f'<th rowspan="2" scope="col"{_LEFT}>Practise first</th></tr>'
        '<tr><th scope="col">Let through</th><th scope="col">Opened</th>'
        '<th scope="col">Too fast</th><th scope="col">Sensitivity d\'</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        '<p class="small">Under pseudonyms. In grey: 95% intervals, each for itself. '
        "<em>Let through</em>: of the wrong items a person was asked to see. <em>Opened</em>: of "
        "the routine items of the steady round. <em>Too fast</em>: approvals in less time than the "
        "text takes to read. <em>Sensitivity</em>: how well wrong is told from right, whatever is "
        "done about it; 0 is guessing.</p>"
    )


_LEFT = ' style="text-align:left"'
_MIDDLE = ' style="text-align:center"'


def _person(d: Debrief, s: Score) -> str:
    css, symbol = _SYMBOLS[_worst(s)]
    mark = f'<span aria-hidden="true" style="color:var(--{css})">{symbol}</span>&ensp;'
    known = {e.name: e for e in s.evidence}
    shown = ("missed", "opened", "sensitivity", "fast")
    cells = "".join(_cell(known.get(x.name), x.takes) for x in FIGURES if x.name in shown)
    first = d.practice(s.who)[0].title
    return (
        f'<tr><th scope="row" style="white-space:nowrap">{escape(s.who)}</th>'
        f'<td style="text-align:left;min-width:10em">{mark}{escape(kindly(s))}</td>{cells}'
        f'<td style="text-align:left;min-width:8em">{escape(first)}</td></tr>'
    )


def _worst(s: Score) -> Found:
    found = {h.status for h in s.habits}
    return next(f for f in (Found.NAMED, Found.OPEN, Found.NOT) if f in found)


def _cell(e: Evidence | None, takes: str = "") -> str:
    if e is None:
        return f'<td class="dim">not enough evidence<small>takes {escape(takes)}</small></td>'
    figure, interval = written(e)
    return f'<td style="white-space:nowrap">{figure}<small>{interval}</small></td>'


def written(e: Evidence) -> tuple[str, str]:
    """Figure and interval; of numbers that may be below 0 the interval in words.

    >>> from hitlsim.decisions.estimating.intervals import Estimate
    >>> near = Estimate(-0.001, -0.4, 0.39, 40, "")
    >>> written(Evidence("leaning", "Above the ideal", Kind.NUMBER, near, ""))
    ('0.00', '-0.40 to 0.39')
    """
    figure, interval = e.written()
    if e.kind is Kind.NUMBER and not e.estimate.few:
        form = "z,.0f" if e.name == "above_ideal" else "z.2f"
        figure = f"{e.estimate.value:{form}}"
        interval = interval and f"{e.estimate.low:{form}} to {e.estimate.high:{form}}"
    return figure, interval


def practise(d: Debrief) -> Html:
    """Three habits for each person, folded away under their pseudonym."""
    folded = "".join(
        f"<details><summary>{escape(s.who)}: {escape(kindly(s))}</summary>"
        f"{habits(d.practice(s.who))}</details>"
        for s in d.scores
    )
    return Html(folded)


def habits(found: tuple[Practice, ...]) -> str:
    """Habits to practise as a numbered list."""
    told = []
    for p in found:
        why = f" {escape(p.why)}" if p.why else ""
        look = f' <span class="small">Look again at {escape(", ".join(p.items))}.</span>' if (
            p.items) else ""  # fmt: skip
        told.append(
            f'<li style="margin-bottom:.5em"><strong>{escape(p.title)}.</strong>{why} '
            f"{escape(p.how)}{look}</li>"
        )
    return f'<ol style="padding-left:1.3em">{"".join(told)}</ol>'


def by_round(d: Debrief) -> Html | Note:
    """The cohort round by round."""
    if not len(d.rounds):
        return Note("No round has wrong and right items that were judged.")
    told = dict(zip(zip(d.rounds["round"], d.rounds["figure"], strict=True),
                    estimates(d.rounds), strict=True))  # fmt: skip
    there = [r for r in _ROUNDS if r in set(d.rounds["round"])]
    rows = [
        [title, *(percent(told[r, name]) if (r, name) in told else "" for r in there)]
        for name, title in _FIGURES.items()
        if any((r, name) in told for r in there)
    ]
    table = pd.DataFrame(rows, columns=["Share", *(_ROUNDS[r] for r in there)])
    return Html(
        f"{table_html(table)}<p class='small'>Of all answers of the round, 95% intervals over "
        "people. Rounds have different items: a difference between them may be the items'.</p>"
    )


def cohort(d: Debrief) -> Html:
    """All figures of the cohort, action apart from detection, each with how to read it."""
    known = {e.name: e for e in evidence_of(d.cohort)}
    parts = []
    for side, (title, means) in SIDES.items():
        here = [known[x.name] for x in FIGURES if x.side is side and x.name in known]
        named = f"<strong>{title.format(who='people')}</strong>"
        rows = "".join(_figure(d, e) for e in here)
        if here:
            parts.append(
                f'<tbody><tr><th scope="rowgroup" colspan="3" style="padding-top:1.2em">'
                f'{named} <span class="small">{means}</span></th></tr>'
                f"{rows}</tbody>"
            )
    mean = "Mean of the cohort" if len(d.scores) > 1 else "Figure"
    return Html(
        f'{SCROLL}<table class="flows"><thead><tr><th scope="col">Figure</th>'
        f'<th scope="col">{mean}</th><th scope="col">n</th></tr></thead>'
        f"{''.join(parts)}</table></div>"
    )


def _figure(d: Debrief, e: Evidence) -> str:
    return (
        f'<tr><th scope="row" style="min-width:15em">{escape(e.title)}'
        f'<small style="display:block">{escape(e.means)}</small></th>{_cell(e)}'
        f'<td style="white-space:nowrap">{n_of(d, e.estimate)}</td></tr>'
    )


def key(d: Debrief) -> Html:
    """The facilitator's key, round by round: every item, its truth, and what people did with it."""
    folded = []
    for name, items in d.items.groupby(d.items["round"].map(list(_ROUNDS).index)):
        rows = [_of_key(r) for r in items.to_dict("records")]
        wrong = int((~items["right"]).sum())
        folded.append(
            f"<details><summary>{list(_ROUNDS.values())[int(name)]}: {len(rows)} items, {wrong} of "
            f"them wrong</summary>{table_html(pd.DataFrame(rows), css='data wide')}</details>"
        )
    return Html("".join(folded))


def _of_key(r: Mapping[str, Any]) -> dict[str, str]:
    flow = plain(str(r.get("workflow") or ""))
    routine = r["round"] == Round.STEADY and not r["needs_look"]
    did = f"{r['called_wrong']} of {r['answers']}"
    if routine:
        did = f"{r['opened_needlessly']} of {r['answers']} opened it"
    return {
        "Item": r["item_id"],
        "What it is": r.get("title") or flow or "not kept",
        "Truth": "right" if r["right"] else f"wrong: {r.get('fault') or 'not named'}",
        "The spec": "asks" if r["needs_look"] else "lets go",
        "Stepped in": did,
    }


def assumptions(_: Debrief) -> Html:
    """What the figures take for granted."""
    return Html(f"<ul>{''.join(f'<li>{escape(s)}</li>' for s in _STATISTICAL)}</ul>")


def glossary() -> Html:
    """What the words mean."""
    return basis.glossary(_WORDS)


def the_record(d: Debrief) -> Html:
    """Where the answers come from, and what made the report."""
    r = d.answers.record
    more = [("Answers", count(len(d.answers))), ("People", count(len(d.scores)))]
    more += [
        (name, str(r[key]))
        for key, name in (("log", "Deck drawn from"), ("deck_seed", "Seed of the deck"),
                          ("items_per_round", "Items in each round"),
                          ("cohort_seed", "Seed of the simulated people"))
        if r.get(key) is not None
    ]  # fmt: skip
    return basis.record_table(r, more)
