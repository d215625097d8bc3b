"""One person's own debrief: what they caught, what got through, what they touched needlessly."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from ...decisions.diagnosing.diagnosis import Found
from ...decisions.estimating.intervals import as_row
from ...present.picture import Html, Note, table_html
from ...present.style import plain
from ..acts import Act
from ..debrief import Debrief, person
from ..scoring.naming import Habit
from ..scoring.score import FIGURES, Score
from ..words import kindly
from .tables import habits, written

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
        record = {k: v for k, v in d.answers.record.items() if k != "simulated_habits"}
        return {
            "headline": f"{kindly(s, to='you')}.",
            "trainee": self.trainee,
            **person(s),
            "cohort": {name: as_row(e) for name, e in d.cohort.items()},
            "record": record,
        }


def summary(d: Debrief, trainee: str) -> Html:
    """The debrief in one sentence and what it rests on."""
    s = d.of(trainee)
    f = s.marks
    bad = f[f["bad_asked"]]
    caught = int(len(bad) - bad["passed"].sum())
    needless = _needless(f)
    return Html(
        f'<section class="summary"><p class="headline">{escape(kindly(s, to="you"))}.</p><dl>'
        f"<dt>Caught</dt><dd>{caught} of {len(bad)} wrong items that you were asked to see.</dd>"
        f"<dt>Needless</dt><dd>{_things(len(needless))} touched though right, or though nothing "
        "asked you about it.</dd>"
        f"<dt>Sure?</dt><dd>{escape(_sure(s))}</dd></dl></section>"
    )


def _things(n: int) -> str:
    return f"{n} item{'' if n == 1 else 's'}"


def _sure(s: Score) -> str:
    open_ = [h for h in s.habits if h.status is Found.OPEN]
    if not open_:
        return f"{s.n} answers: enough to say so of both."
    told = [_more(h) for h in open_]
    return f"{s.n} answers are not enough for all of it: {'; '.join(told)}."


def _more(h: Habit) -> str:
    what = "whether you let too much through" if h.name == "abdication" else (
        "whether you open too much")  # fmt: skip
    of = "wrong items" if h.name == "abdication" else "routine items"
    n = f"{h.share.n:.0f}" if h.share.known else "no"
    if not h.settles:
        return f"{what}, {n} {of} leave open, and more would hardly help: you are at the line"
    return f"{what}, {n} {of} leave open; about {h.settles} would tell"


def tiles(d: Debrief, trainee: str) -> Html:
    """Four figures to look at first, each with its interval and the cohort's beside it."""
    s = d.of(trainee)
    known = {e.name: e for e in s.evidence}
    wanted = (
        ("missed", "Wrong items let through", _CSS[s.abdication.status]),
        ("opened", "Routine items opened", _CSS[s.hoarding.status]),
        ("fast", "Approvals faster than reading", ""),
        ("sensitivity", "Sensitivity d'", ""),
    )
    made = []
    for name, title, css in wanted:
        if name not in known:
            takes = next(x.takes for x in FIGURES if x.name == name)
            made.append(
                f'<div class="tile"><p class="name">{escape(title)}</p><p class="verdict">not '
                f"enough evidence; takes {escape(takes)}</p></div>"
            )
            continue
        figure, interval = written(known[name])
        mean = d.cohort[name]
        beside = ""
        if len(d.scores) > 1 and mean.known:
            share = name != "sensitivity"
            beside = f"cohort: {mean.value:.0%}" if share else f"cohort: {mean.value:z.2f}"
        made.append(
            f'<div class="tile {css}"><p class="name">{escape(title)}</p>'
            f'<p class="value">{escape(figure)}</p><p class="small">95%: {escape(interval)}; '
            f'n = {known[name].estimate.n:.0f}</p><p class="verdict">{escape(known[name].means)}'
            f'</p><p class="small">{escape(beside)}</p></div>'
        )
    columns = "grid-template-columns:repeat(auto-fit,minmax(200px,1fr))"
    return Html(f'<div class="tiles" style="{columns}">{"".join(made)}</div>')


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
    f = _needless(d.of(trainee).marks)
    why = (~f["right"] & f["flag"]).map({True: "routine, but it was wrong", False: ""})
    why = why.where(why != "", f["routine"].map({True: "routine: nothing asked for you",
                                                 False: "it was right"}))  # fmt: skip
    return _items(f.assign(why=why), "You touched nothing needlessly.", because=True)


def _needless(f: pd.DataFrame) -> pd.DataFrame:
    return f[(f["routine"] & f["up"]) | (f["judged"] & f["right"] & f["flag"])]


def _items(f: pd.DataFrame, none: str, *, because: bool = False) -> Html | Note:
    if not len(f):
        return Note(none)
    rows = []
    for r in f.to_dict("records"):
        fault = "" if pd.isna(r.get("fault")) else str(r.get("fault") or "")
        row = {"Item": r["item_id"], "Round": r["round"],
               "Workflow": plain(str(r.get("workflow", ""))),
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
        '<p class="small">Per hundred decisions of the inbox, wrong ones as rare as in the log. '
        "The interval says what you would cost on this deck again; it is wide, as few items carry "
        "most of the harm.</p>"
    )
