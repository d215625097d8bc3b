"""A debrief in half a minute: the headline, a few plain sentences, and what to be careful about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from ..decisions.diagnosing.diagnosis import ABDICATION, HOARDING, MOST, Found
from ..decisions.estimating.enough import looks_for
from ..decisions.estimating.intervals import Estimate
from ..present.style import count, percent
from ..scenario.explain import listed
from .acts import Round
from .changed import on_the_whole
from .dealing.warned import on_weights
from .scoring.marking import stakes
from .scoring.naming import Habit
from .scoring.score import Score

if TYPE_CHECKING:
    from .answers import Answers
    from .debrief import Debrief

_BY_CHANCE = 0.025
"""How often a 95% interval lies wholly above a line at which somebody is, at most."""
_WITHIN = 0.10
"""To within how much one would like to know a person's share."""
KINDLY = {
    HOARDING: ("looks at much that needs no look", "look at much that needs no look"),
    ABDICATION: ("lets most wrong items through", "let most wrong items through"),
}
"""What is said of one person, and of several or to somebody, in place of the word."""
_SOUND = {
    HOARDING: ("opens what asks for a look", "open what asks for a look"),
    ABDICATION: ("sees most of what is wrong", "see most of what is wrong"),
}
"""The same where whole intervals say that it is not so."""


_COSTS = {
    "harm": "what mending a wrong one costs", "harm_deal_share": "what share of a deal it loses",
    "hour": "what an hour of review costs", "override_spoils": "how often a needless change spoils "
    "what was right",
}  # fmt: skip


class Sentence(NamedTuple):
    """One sentence or two of the summary."""

    topic: str
    text: str


def kindly(s: Score, to: str = "") -> str:
    """What one person's answers show, as one would say it of them, or ``to`` them.

    Whoever reads and does not see is told apart from whoever does not read.
    """
    many = bool(to)
    told = [_told(s, h, many=many) for h in s.habits if h.status is Found.NAMED]
    if not told:
        told = [_SOUND[h.name][many] for h in s.habits if h.status is Found.NOT]
        if not told:
            return (
                f"This deck is too small to say how {to} review" if to else "too few items to say"
            )
    said = f"{to.capitalize()} {listed(told)}" if to else listed(told)
    return f"{said}; too few items to say more" if s.kind == "not enough items" else said


def _told(s: Score, h: Habit, *, many: bool) -> str:
    said, fast = KINDLY[h.name][many], s.figures["fast"]
    if h.name == HOARDING or not fast.known:
        return said
    if fast.low > MOST:
        return f"{said}, approving faster than one can read"
    return f"{said}, though the texts were read" if fast.high < MOST else said


def headline(d: Debrief) -> str:
    """The one thing to take away."""
    n, named = len(d.scores), d.named
    said = [
        f"{len(who)} {KINDLY[name][len(who) > 1]}"
        for name, who in named.items() if who
    ]  # fmt: skip
    open_ = sum(s.kind == "not enough items" for s in d.scores)
    people = f"Of {n} people," if n > 1 else "One person:"
    rest = f"; of {open_} this deck cannot say" if open_ and open_ < n else ""
    if said:
        return f"{people} {listed(said)}{rest}."
    if open_ == n:
        return f"{people} this deck is too small to say who looks too much, or too little."
    return f"{people} {n - open_} look where asked and see most of what is wrong{rest}."


def sentences(d: Debrief) -> list[Sentence]:
    """The debrief in a few sentences."""
    return [Sentence(*s) for s in _sentences(d)]


def _sentences(d: Debrief) -> Iterator[tuple[str, str]]:
    c = d.cohort
    marks = pd.concat([s.marks for s in d.scores])
    if c["missed"].known:
        text = f"{_of(d, 'missed')} of the wrong items that people were asked to see got through."
        yield "Let through", f"{text}{_hardest(d)}"
    if c["opened"].known:
        yield (
            "Opened",
            (
                f"{_of(d, 'opened')} of the items that may go alone were opened in the steady "
                f"round{_by_whom(d)}."
            ),
        )
    if c["leaning"].known:
        yield "The line", _line(d, stakes(marks))
    if c["fast"].known:
        yield (
            "Pace",
            f"{_of(d, 'fast')} of the approvals were faster than the text can be read.",
        )
    if c["above_ideal"].known:
        yield "Cost", _cost(d)
    if changed := on_the_whole(d):
        yield "Changed", changed
    yield "Proves", _proves(d)


def n_of(d: Debrief, e: Estimate) -> str:
    """What a figure of the cohort rests on: answers, or people where it is a mean over them."""
    return f"{count(e.n)} {'people' if 1 < len(d.scores) >= e.n else 'answers'}"


def _of(d: Debrief, name: str) -> str:
    """A share with its interval, and of how many answers it is."""
    e = d.cohort[name]
    said = percent(e)
    return f"{said[:-1]}; {n_of(d, e)})" if said.endswith(")") else f"{said} ({n_of(d, e)})"


def _hardest(d: Debrief) -> str:
    if not len(d.faults):
        return ""
    return f' Hardest to see: "{d.hardest["fault"]}" ({d.hardest["value"]:.0%} got through).'


def _by_whom(d: Debrief) -> str:
    opened = {s.who: len(s.hoarding.items) for s in d.scores}
    who = [s.who for s in d.named[HOARDING]]
    most = 2 * sum(opened[w] for w in who) > sum(opened.values())
    return f", most of them by {listed(who)}" if most else ""


def _line(d: Debrief, times: float) -> str:
    lean = d.cohort["leaning"]
    price = f"A miss costs about {times:.0f} times a needless change"
    at = (
        f"{abs(lean.value):.1f} {'above' if lean.value > 0 else 'below'} the ideal one "
        f"(c - c*, 95%: {lean.low:z.1f} to {lean.high:z.1f}; {n_of(d, lean)})"
    )
    if lean.low > 0:
        return (
            f"{price}, and people's line lies {at}: in doubt they let through what was worth "
            "stopping."
        )
    if lean.high < 0:
        return f"{price}, and people's line lies {at}: in doubt they change what is right."
    return f"{price}; whether people's line suits that, the answers cannot tell: it lies {at}."


def _cost(d: Debrief) -> str:
    e = d.cohort["above_ideal"]
    money = f" {d.currency}".rstrip()
    more = "more" if e.value > 0 else "less"
    said = f"{count(abs(e.value))}{money} {more} per hundred decisions of this deck than the ideal"
    rests = f"({count(e.low)} to {count(e.high)}; {n_of(d, e)})"
    if e.low <= 0 <= e.high:
        return f"As worked, {said}, which may be chance {rests}."
    return f"As worked, {said} {rests}."


def _proves(d: Debrief) -> str:
    """What a deck of this size can show of one person."""
    bad = sorted(int(s.marks["bad_asked"].sum()) for s in d.scores)
    n, middle = len(d.scores[0].marks), bad[len(bad) // 2]
    shares = sorted((s.abdication.share for s in d.scores if s.abdication.share.known),
                    key=lambda e: e.high - e.low)  # fmt: skip
    if not shares:
        return "No wrong item was put before anybody, so nothing is known of what gets through."
    half = (shares[len(shares) // 2].high - shares[len(shares) // 2].low) / 2
    enough = looks_for(0.3, _WITHIN)
    return (
        f"Each answered about {n} items, {middle} of them wrong ones to be seen. That tells one "
        f"person's share let through to within {100 * half:.0f} points; to within "
        f"{100 * _WITHIN:.0f} it would take about {enough} wrong ones."
    )


def warned(d: Debrief) -> list[str]:
    """What to be careful about."""
    return list(_warnings(d))


def _warnings(d: Debrief) -> Iterator[str]:
    a = d.answers
    habits = a.record.get("simulated_habits")
    if habits:
        yield "These people are simulated, by the habits of the model; nobody real answered."
    yield from _on_decks(d)
    missing = [r.value for r in Round if r.value not in a.rounds]
    if missing:
        yield f"Rounds that nobody played: {listed(missing)}. What they show is not known."
    yield from _on_costs(a)
    prevalence, real = a.record.get("prevalence"), a.record.get("prevalence_in_log")
    if prevalence and real:
        yield (
            f"{prevalence:.0%} of the deck's items are wrong, and {real:.1%} of the log's: people "
            "see rare errors less often than these (Wolfe 2005)."
        )
    if planted := a.record.get("planted"):
        yield (
            f"{planted} of the deck's mistakes were put into right decisions, as the log has too "
            "few wrong ones of their kind; the AI was as sure of them as of right ones."
        )
    if len(d.scores) > 1 and any(d.named.values()):
        once = 1 - (1 - 2 * _BY_CHANCE) ** len(d.scores)
        yield (
            "Whoever is right at a line is named by chance in up to 1 of 40 sessions for each of "
            f"the two; in a class of {len(d.scores)} who all are, somebody in up to {once:.0%}. "
            "Whoever is well below a line hardly ever is."
        )
    sizes = {len(s.marks) for s in d.scores}
    if len(sizes) > 1:
        yield f"Not everybody answered as much: from {min(sizes)} to {max(sizes)} items."
    if a.record.get("rows_rejected"):
        yield f"{count(a.record['rows_rejected'])} rows of the answers could not be used."
    if a.record.get("names_replaced"):
        yield "What looked like names was replaced by numbers: reports name nobody."


def _on_decks(d: Debrief) -> Iterator[str]:
    """Which deck this is of, and what a second one can be blamed for."""
    others = [x for x in d.decks if x != d.deck]
    if others:
        yield (
            f"But for what changed, these figures are of deck {d.deck}. For deck {others[0]}: "
            f"hitlsim train debrief --deck {others[0]}, or debrief(answers, '{others[0]}')."
        )
    if d.changes is not None:
        yield (
            "The second deck has other items, which may be harder or easier: if half the class "
            "had played it first, that would show."
        )
        yield (
            "Nine figures are compared. Of five people whose habits stay the same, about one has "
            "a figure that chance calls better or worse: believe what a third deck shows again."
        )


def _on_costs(a: Answers) -> Iterator[str]:
    """What costs were taken, and from where."""
    if not a.has("harm"):
        yield (
            "The answers do not say what errors cost: a miss is taken to cost ten needless changes."
        )
    yield from on_weights(a.record)
    if assumed := a.record.get("costs_assumed"):
        names = listed([_COSTS[name] for name in assumed if name in _COSTS])
        yield f"Nobody said {names}: usual figures are assumed, and the ideal moves with them."
    if name := a.record.get("costs_of"):
        yield (
            f"What errors and looks cost is taken from the scenario {name}; put your own figures "
            "there before you act on it."
        )
    if not a.has("weight"):
        yield (
            "The answers do not say how many decisions each item stands for: costs are of the "
            "deck, in which wrong items are more frequent than at the desk."
        )
