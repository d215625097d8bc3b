"""What changed from one deck to the next, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..decisions.estimating.intervals import about
from ..scenario.explain import listed
from .scoring.change import BY_FIGURE, COMPARED, Changes, Moved, Verdict

if TYPE_CHECKING:
    from .debrief import Debrief

_DID = {
    ("missed", -1): "let fewer wrong items through", ("missed", 1): "let more wrong items through",
    ("opened", -1): "open fewer routine items", ("opened", 1): "open more routine items",
    ("begun", -1): "take up less of what they are asked",
    ("begun", 1): "take up more of what they are asked",
    ("fast", -1): "approve less in haste", ("fast", 1): "approve more in haste",
    ("forgone", -1): "save more of what looking can save",
    ("forgone", 1): "save less of what looking can save",
    ("sensitivity", -1): "tell wrong from right less well",
    ("sensitivity", 1): "tell wrong from right better",
    ("criterion", -1): "step in sooner", ("criterion", 1): "let through sooner",
    ("distance", -1): "draw the line closer to the ideal",
    ("distance", 1): "draw the line further from the ideal",
    ("brier", -1): "know better how sure to be", ("brier", 1): "know less well how sure to be",
}  # fmt: skip
"""What somebody does whose figure went down, or up."""
_FIRST = ("missed", "opened")


def did(name: str, value: float) -> str:
    """What people do whose figure went this way.

    >>> did("opened", -0.4)
    'open fewer routine items'
    """
    return _DID[name, 1 if value > 0 else -1]


def figure(name: str, value: float) -> str:
    """A figure as it is written beside another one.

    >>> figure("missed", 0.583), figure("sensitivity", 1.204)
    ('58%', '1.20')
    """
    return f"{value:.0%}" if BY_FIGURE[name].percent else f"{value:z.2f}"


def by_how_much(m: Moved) -> str:
    """A change with its interval; what chance can explain is not called one.

    >>> from hitlsim.decisions.estimating.intervals import Estimate
    >>> e = Estimate(-0.27, -0.45, -0.05, 14, "")
    >>> by_how_much(Moved("missed", e, e, e, Verdict.BETTER, 0))
    'down 27 points (5 to 45)'
    >>> e = Estimate(-0.08, -0.3, 0.13, 14, "")
    >>> by_how_much(Moved("missed", e, e, e, Verdict.OPEN, 90))
    'no clear change (-30 to 13 points)'
    """
    low, high = (_size(m.name, x) for x in (m.by.low, m.by.high))
    unit = " points" if BY_FIGURE[m.name].percent else ""
    if m.verdict is Verdict.OPEN:
        if m.by.low != m.by.low:  # the same for everybody: no interval
            return "no change in anybody" if not m.by.value else "the same in everybody"
        return f"no clear change ({low} to {high}{unit})"
    size = _size(m.name, abs(m.by.value))
    ends = (low, high) if m.by.value > 0 else (_size(m.name, -m.by.high), _size(m.name, -m.by.low))
    return f"{'up' if m.by.value > 0 else 'down'} {size}{unit} ({ends[0]} to {ends[1]})"


def _size(name: str, value: float) -> str:
    return f"{100 * value:z.0f}" if BY_FIGURE[name].percent else f"{value:z.2f}"


def more(m: Moved) -> str:
    """How many items would tell whether there was a change; empty where no number would.

    >>> from hitlsim.decisions.estimating.intervals import Estimate
    >>> e = Estimate(-0.08, -0.3, 0.13, 14, "")
    >>> more(Moved("missed", e, e, e, Verdict.OPEN, 143))
    'about 143 wrong items in each deck would tell'
    """
    if not m.settles:
        return ""
    return f"about {about(m.settles)} {BY_FIGURE[m.name].items} in each deck would tell"


def on_the_whole(d: Debrief) -> str:
    """The change of a cohort in a sentence or two; empty without a second deck."""
    c = d.changes
    if c is None:
        return ""
    n = len(c.people)
    told = [part for name in _FIRST for part in _counted(c, name)]
    both = f"Of {n} people who played decks {c.first} and {c.then}," if n > 1 else (
        f"One person played decks {c.first} and {c.then}:")  # fmt: skip
    said = f"{both} {listed(told)}" if told else (
        f"{both} nobody lets clearly more or less through, or opens more or less" if n > 1 else
        f"{both} no clear change in what is let through or opened")  # fmt: skip
    m = c.cohort.get("missed")
    if m is None or n < 2:
        return f"{said}."
    return (
        f"{said}. Wrong items let through: {figure('missed', m.before.value)}, then "
        f"{figure('missed', m.after.value)}; {by_how_much(m)}, over {m.by.n:.0f} people."
    )


def _counted(c: Changes, name: str) -> Iterator[str]:
    for verdict in (Verdict.BETTER, Verdict.WORSE):
        who = c.told(name, verdict)
        if who:
            words = did(name, c.people[who[0]][name].by.value)
            yield f"{len(who)} {_one(words) if len(who) == 1 else words}"


def _one(words: str) -> str:
    """Said of one person: the first word is the verb.

    >>> _one("open fewer routine items")
    'opens fewer routine items'
    """
    verb, rest = words.split(" ", 1)
    return f"{verb}s {rest}"


def yours(by: dict[str, Moved], then: str) -> str:
    """The change of one person, said to them."""
    clear = [did(c.name, by[c.name].by.value).replace("they are", "you are") for c in COMPARED
             if c.name in by and by[c.name].verdict in (Verdict.BETTER, Verdict.WORSE)]  # fmt: skip
    if not clear:
        return f"Whether deck {then} went otherwise, two decks of this size cannot say"
    return f"On deck {then} you {listed(clear)}"


def theirs(by: dict[str, Moved]) -> str:
    """The same, said of somebody in a table."""
    clear = [f"{did(c.name, by[c.name].by.value)}" for c in COMPARED
             if c.name in by and by[c.name].verdict in (Verdict.BETTER, Verdict.WORSE)]  # fmt: skip
    return listed([_one(words) for words in clear]) if clear else "no clear change"
