"""One person's own debrief: what they caught, what got through, what they touched needlessly."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from ...decisions.diagnosing.diagnosis import Found
from ...decisions.diagnosing.evidence import Kind
from ...decisions.estimating.intervals import as_row
from ...present.picture import Html, Note, table_html
from ...present.style import plain
from ..acts import Act
from ..changed import yours
from ..debrief import Debrief, person
from ..scoring.change import Moved
from ..scoring.costing import on_the_spec
from ..scoring.naming import Habit
from ..scoring.score import FIGURES, Figure, Score
from ..words import kindly
from .tables import SIDES, habits, written

_DID = {
    "leave alone": "left alone", "approve": "approved", "edit": "changed", "reject": "sent back",
}  # fmt: skip
_CSS = {Found.NAMED: "bad", Found.NOT: "good", Found.OPEN: "unknown"}


@dataclass(frozen=True)
class Own:
    """One person's part of a debrief: what they may take with them."""

    debrief: Debrief
    trainee: str

    def to_dict(self) -> dict[str, Any]:
        """Their own figures, and the means of the cohort; of the others not even a pseudonym."""
        s, d = self.debrief.of(self.trainee), self.debrief
        record = {k: v for k, v in d.answers.record.items() if not k.startswith("simulated_habits")}
        return {
            "headline": f"{kindly(s, to='you')}.",
            "trainee": self.trainee,
            **person(s),
            "deck": d.deck,
            "changes": {name: m.to_dict() for name, m in self._changes.items()},
            "cohort": {name: as_row(e) for name, e in d.cohort.items()},
            "record": record,
        }

    @property
    def _changes(self) -> dict[str, Moved]:
        c = self.debrief.changes
        return {} if c is None else c.people.get(self.trainee, {})


def summary(d: Debrief, trainee: str) -> Html:
    """The debrief in one sentence and what it rests on."""
    s = d.of(trainee)
    f = s.marks
    bad = f[f["bad_asked"]]
    spare = int(f["needless"].sum())
    caught = int(len(bad) - bad["passed"].sum())
    return Html(
        f'<section class="summary"><p class="headline">{escape(kindly(s, to="you"))}.</p><dl>'
        f"<dt>Caught</dt><dd>{caught} of {len(bad)} wrong items that you were asked to see.</dd>"
        f"<dt>Needless</dt><dd>{_things(spare)} touched though right, or though nothing "
        "asked you about it.</dd>"
        f"{_changed(d, trainee)}<dt>Sure?</dt><dd>{escape(_sure(s))}</dd></dl></section>"
    )


def _changed(d: Debrief, trainee: str) -> str:
    c = d.changes
    if c is None or trainee not in c.people:
        return ""
    return f"<dt>Changed</dt><dd>{escape(yours(c.people[trainee], c.then))}.</dd>"


def _things(n: int) -> str:
    return f"{n} item{'' if n == 1 else 's'}"


def _sure(s: Score) -> str:
    open_ = [h for h in s.habits if h.status is Found.OPEN]
    if not open_:
        return f"{s.n} answers are enough to say whether you let much through, or open too much."
    told = [_more(h) for h in open_]
    return f"Not of all of it. {' '.join(told)}"


def _more(h: Habit) -> str:
    what, of = ("let too much through", "wrong items") if h.name == "abdication" else (
        "open too much", "routine items")  # fmt: skip
    n = f"{h.share.n:.0f}" if h.share.known else "no"
    said = f"Whether you {what} cannot be told from {n} {of}"
    if not h.settles:
        return f"{said}, and hardly from more: you are at the line."
    return f"{said}; it would take about {h.settles}."


def tiles(d: Debrief, trainee: str) -> Html:
    """The figures to look at first, action apart from detection, beside the cohort's."""
    s = d.of(trainee)
    css = {"missed": _CSS[s.abdication.status], "opened": _CSS[s.hoarding.status]}
    parts = []
    for side, (title, means) in SIDES.items():
        made = "".join(_tile(d, s, x, css.get(x.name, "")) for x in FIGURES
                       if x.side is side and x.name in _TILES)  # fmt: skip
        parts.append(
            f'<h3 style="margin-bottom:.2em">{title.format(who="you")}</h3><p class="small">{means}'
            f'</p><div class="tiles" style="{_COLUMNS}">{made}</div>'
        )
    return Html("".join(parts))


_TILES = ("missed", "opened", "fast", "hit_rate", "false_alarm_rate", "sensitivity")
_COLUMNS = "grid-template-columns:repeat(auto-fit,minmax(220px,1fr))"


def _tile(d: Debrief, s: Score, x: Figure, css: str) -> str:
    known = {e.name: e for e in s.evidence}
    name = f'<p class="name">{escape(x.title)}</p>'
    if x.name not in known:
        return (
            f'<div class="tile">{name}<p class="verdict">not enough evidence; takes '
            f"{escape(x.takes)}</p></div>"
        )
    figure, interval = written(known[x.name])
    mean, beside = d.cohort[x.name], ""
    if len(d.scores) > 1 and mean.known:
        share = x.kind is Kind.SHARE
        beside = f"cohort: {mean.value:.0%}" if share else f"cohort: {mean.value:z.2f}"
    return (
        f'<div class="tile {css}">{name}<p class="value">{escape(figure)}</p><p class="small">95%: '
        f'{escape(interval)}; n = {known[x.name].estimate.n:.0f}</p><p class="verdict">'
        f'{escape(known[x.name].means)}</p><p class="small">{escape(beside)}</p></div>'
    )


def caught(d: Debrief, trainee: str) -> Html | Note:
    """The wrong items they found."""
    f = d.of(trainee).marks
    return _items(f[~f["right"] & f["flag"]], "You found none of the wrong items.")


def got_through(d: Debrief, trainee: str) -> Html | Note:
    """The wrong items they were asked to see and let through, the costliest first."""
    f = d.of(trainee).marks
    passed = f[f["passed"]].sort_values("harm", ascending=False, kind="stable")
    return _items(passed, "Nothing wrong got through.")


def needless(d: Debrief, trainee: str) -> Html | Note:
    """What they changed though it was right, and opened though nothing asked for it."""
    f = touched(d.of(trainee).marks)
    return _items(f, "You touched nothing needlessly.", because=True)


def touched(f: pd.DataFrame) -> pd.DataFrame:
    """Opened though nothing asked, or changed though right; each with why that was needless."""
    spare = f["routine"] & f["up"]
    why = pd.Series("it was right", f.index).mask(spare, "nothing asked for you, and it was right")
    why = why.mask(spare & ~f["right"], "nothing asked for you; it was wrong, which was luck")
    return f.assign(why=why)[f["needless"]]


def _items(f: pd.DataFrame, none: str, *, because: bool = False) -> Html | Note:
    if not len(f):
        return Note(none)
    rows = []
    for r in f.to_dict("records"):
        fault = "" if pd.isna(r.get("fault")) else str(r.get("fault") or "")
        told = r.get("title")
        row = {"Item": r["item_id"], "Round": r["round"],
               "What it is": told if isinstance(told, str) and told else
               plain(str(r.get("workflow", ""))),
               "You": _DID[Act(str(r["action"]))]}  # fmt: skip
        if because:
            row["Why needless"] = r["why"]
        else:
            row["What was wrong"] = fault or "not named"
        seconds = r.get("dwell_seconds")
        row["Seconds"] = "" if seconds is None or pd.isna(seconds) else f"{seconds:.0f}"
        rows.append(row)
    return Html(table_html(pd.DataFrame(rows), css="data wide"))


def practise(d: Debrief, trainee: str) -> Html:
    """Three habits to practise next, with the items that show why."""
    return Html(f'<section class="advice">{habits(d.practice(trainee))}</section>')


def beside_ideal(d: Debrief, trainee: str) -> Html | Note:
    """What their way of working costs, beside nobody looking, all looked at, and the ideal."""
    s = d.of(trainee)
    if not s.costs:
        return Note("What your way of working costs takes a steady round; you played none.")
    money = f", {d.currency}" if d.currency else ""
    rows = []
    for c in s.costs:
        interval = "" if c.name != "own" else f" ({c.cost.low:,.0f} to {c.cost.high:,.0f})"
        rows.append(("As you worked" if c.name == "own" else c.title, f"{c.looks.value:.0f}",
                     f"{c.cost.value:,.0f}{interval}"))  # fmt: skip
    head = ["Way of working", "Looks per hundred", f"Cost per hundred{money}"]
    return Html(
        f"{table_html(pd.DataFrame(rows, columns=head))}"
        f'<p class="small">{escape(on_the_spec(s.costs))}'
        "Per hundred decisions of the inbox, wrong ones as rare as in the log. "
        "The interval says what you would cost on this deck again; it is wide, as few items carry "
        "most of the harm.</p>"
    )
