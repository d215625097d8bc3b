"""What somebody sees at the end of a deck: kindly, item by item, and what it proves."""

from __future__ import annotations

from html import escape
from importlib.metadata import version

import pandas as pd

from ...errors import NotEnoughEvidence, ScenarioError
from ...present import css
from ...present.picture import Html, Note, Picture, boxed
from ...present.reporting.page import page
from ...present.showing.pieces import folded, listed, notes
from ...scenario.explain import listed as joined
from ...scenario.files import load
from ..acts import Round
from ..answers import answers_of
from ..debrief import Debrief, debrief
from ..keeping.classroom import Classroom
from ..playing.item import Cards, Item
from ..scoring.score import Score
from ..weeks.twelve import twelve_weeks
from . import again, own
from .change import draw_change
from .figures import draw_line
from .tables import assumptions

_CSS = f"""
.feedback > section {{ margin: 0 0 2.2em; }}
.feedback h2 {{ font-size: 1.25rem; font-weight: 700; line-height: 1.25; margin: 0 0 .6em;
  padding-top: .6em; border-top: 2px solid var(--line); }}
.feedback .summary {{ margin-bottom: .8em; }}
.feedback .tiles {{ margin-bottom: 1em; }}
{again.CSS}"""
_FEW = 10
"""Answers below which figures say next to nothing."""


def feedback_html(room: Classroom, trainee: str, deck: str, *, weeks: bool = True) -> str:
    """Make the page that somebody sees when they are through with a deck.

    Parameters
    ----------
    room : Classroom
        The class, whose answers so far are scored.
    trainee : str
        Pseudonym; nobody else is named or counted.
    deck : str
        Letter of the deck.
    weeks : bool
        Whether to add twelve weeks of the class's team with the trainee's habits, which takes
        seconds more.

    Returns
    -------
    str
        One piece of HTML that needs nothing from elsewhere and runs no script, light or dark as
        what is around it.

    Raises
    ------
    NotEnoughEvidence
        When nothing was answered yet.
    LogError
        When there is no such deck.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import hitlsim as hs
    >>> team = hs.load("on-the-loop")
    >>> deck = hs.draw_deck(hs.simulate(team, seed=7).log, costs=team)
    >>> room = Classroom.create(Path(tempfile.mkdtemp()) / "class.db", [deck])
    >>> who = room.join(room.code).trainee
    >>> session = room.session(who)
    >>> session.begin()
    >>> for _ in range(40):
    ...     _ = session.answer("leave alone")
    >>> "Three habits to practise next" in feedback_html(room, who, "A", weeks=False)
    True
    """
    cards = room.deck(deck)
    answers = answers_of(room.answer_rows(trainee), room.record)
    if deck not in answers.decks or not len(answers):
        raise NotEnoughEvidence(f"{trainee} has answered nothing of deck {deck} yet; play it first")
    d = debrief(answers, deck)
    parts = [
        _top(d, trainee, cards), _changed(d, trainee, deck), _practise(d, trainee),
        _missed(d, trainee, cards), _needless(d, trainee, cards), _caught(d, trainee, cards),
        _figures(d, trainee), _line(d, trainee), _costs(d, trainee),
        _weeks(d.of(trainee), room.settings.team) if weeks else "", _basis(d),
    ]  # fmt: skip
    style = f"<style>{css.IN_NOTEBOOK} .hitlsim {{ {_CSS} }}</style>"
    return boxed(f'{style}<div class="feedback">{"".join(parts)}</div>')


def feedback_page(room: Classroom, trainee: str, deck: str, *, weeks: bool = True) -> str:
    """The same as a page of its own, which opens offline and prints."""
    body = feedback_html(room, trainee, deck, weeks=weeks)
    return page(trainee, "Training feedback", f"{room.path.name}, deck {deck}", body,
                f"Made with hitlsim {version('hitlsim')}.")  # fmt: skip


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _piece(made: Html | Note | Picture) -> str:
    """A ready piece without its box."""
    return made.text if isinstance(made, Html) else made.html()


def _top(d: Debrief, me: str, cards: Cards) -> str:
    """One sentence, and what it rests on."""
    s = d.of(me)
    whole = len(s.marks) == len(cards)
    done = (
        f"All {len(cards)} items are done, {me}: thank you."
        if whole
        else f"{len(s.marks)} of {len(cards)} items are done so far, {me}; this is about those."
    )
    few = (
        f"{s.n} answer{'s' if s.n > 1 else ''}: too few for figures to mean much. What is below is "
        "for looking at items again."
    )
    return (
        f"<section>{notes([done])}{_piece(own.summary(d, me))}"
        f"{notes([few] if s.n < _FEW else [])}{notes([_proves(s)])}</section>"
    )


def _figures(d: Debrief, me: str) -> str:
    """What was done, and what was seen."""
    return _section("Your figures", _piece(own.tiles(d, me)))


def _proves(s: Score) -> str:
    """What a deck of this size can show of one person."""
    asked, routine = s.abdication.share, s.hoarding.share
    known = [
        f"the share let through to within {_points(e.low, e.high)} points ({e.n:.0f} wrong items)"
        if e is asked else
        f"the share opened to within {_points(e.low, e.high)} ({e.n:.0f} routine items)"
        for e in (asked, routine) if e.known
    ]  # fmt: skip
    if not known:
        return "This deck says nothing yet of what you let through or open: play on."
    return (
        f"What it proves: of how you work it tells {joined(known)}. That is enough to see a strong "
        "habit, and too little to see a small one; it says nothing of how good you are at your job."
    )


def _points(low: float, high: float) -> str:
    return f"{100 * (high - low) / 2:.0f}"


def _missed(d: Debrief, me: str, cards: Cards) -> str:
    f = d.of(me).marks
    gone = f[f["passed"]].sort_values("harm", ascending=False, kind="stable")
    asked, n = int(f["bad_asked"].sum()), len(gone)
    if not asked:
        told = "No wrong item was put before you, so none could get through."
    elif not n:
        told = f"Nothing: you stopped all {asked} wrong items that you were asked to see."
    else:
        told = (
            f"{n} of the {asked} wrong items that you were asked to see, the costliest first. What "
            "would have given each away?"
        )
    return _section("What got through", f"<p>{escape(told)}</p>",
                    again.cards(_by_id(cards), gone, tone="bad"), _alone(f, cards))  # fmt: skip


def _alone(f: pd.DataFrame, cards: Cards) -> str:
    """Wrong ones that nobody was asked about: not theirs to stop, and they should know it."""
    out = f[(f["round"].astype(str) != Round.SHADOW) & ~f["right"] & ~f["needs_look"] & ~f["up"]]
    if not len(out):
        return ""
    items = _by_id(cards)
    n = len(out)
    told = (
        f"{n} more wrong item{'s' if n > 1 else ''} went out with nobody asked. Leaving "
        f"{'them' if n > 1 else 'it'} alone was what the boundary spec wants of you: such errors "
        "are for audits to find."
    )
    return f"<p>{escape(told)}</p>" + folded(
        "Which they were" if n > 1 else "Which it was",
        again.unasked(items[i] for i in out["item_id"]),
    )


def _needless(d: Debrief, me: str, cards: Cards) -> str:
    f = own.touched(d.of(me).marks)
    if not len(f):
        told = "Nothing: you left alone what may go alone, and changed nothing that was right."
        return _section("What you touched needlessly", f"<p>{told}</p>")
    some = "Each look at what may go alone is a look that something else waits for; each change of "
    some += "what is right delays it, and can spoil it."
    return _section("What you touched needlessly", f"<p>{some}</p>",
                    again.touched(_by_id(cards), f))  # fmt: skip


def _caught(d: Debrief, me: str, cards: Cards) -> str:
    f = d.of(me).marks
    found = f[~f["right"] & f["flag"]]
    n = len(found)
    if not n:
        return _section("What you caught", "<p>None of the wrong items, this time.</p>")
    told = f"{n} wrong item{'s' if n > 1 else ''}. What gave {'them' if n > 1 else 'it'} away is "
    told += "worth telling a colleague."
    shown = again.cards(_by_id(cards), found, tone="good", most=0)
    return _section("What you caught", f"<p>{told}</p>", shown)


def _by_id(cards: Cards) -> dict[str, Item]:
    return {item.item_id: item for item in cards.items}


def _practise(d: Debrief, me: str) -> str:
    return _section("Three habits to practise next", _piece(own.practise(d, me)))


def _line(d: Debrief, me: str) -> str:
    return _section("Where you draw the line", _piece(draw_line(d, me)))


def _costs(d: Debrief, me: str) -> str:
    return _section("What your way of working costs", _piece(own.beside_ideal(d, me)))


def _changed(d: Debrief, me: str, deck: str) -> str:
    """Of a second deck: what is otherwise than on the first."""
    c = d.changes
    if c is None or deck != c.then or me not in c.people:
        return ""
    return _section(f"What has changed since deck {c.first}", _piece(draw_change(d, me)))


def _weeks(s: Score, team: str) -> str:
    """The team with these habits; where that cannot be, why."""
    try:
        found = twelve_weeks(s, load(team))
    except (NotEnoughEvidence, ScenarioError) as e:
        # whatever is wrong with the team's file, the rest of the page stands
        return _section("Twelve weeks of you", Note(f"Not shown: {e}").html())
    return _section(
        "Twelve weeks of you",
        f"<p>Everybody of the team {escape(found.scenario.name)} gets your habits, and the same "
        "weeks are gone through again.</p>",
        _piece(found.picture), listed(found.sentences),
        folded("What this takes for granted", listed(found.assumed)),
    )  # fmt: skip


def _basis(d: Debrief) -> str:
    said = notes(d.warnings)
    return folded("What these figures take for granted", _piece(assumptions(d)) + said)
