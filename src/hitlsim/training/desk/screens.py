"""What the desk shows, as plain values: a view draws them and knows nothing else.

Before an item is answered nothing here says whether it is right.
"""

from __future__ import annotations

from typing import Any

from ..acts import FLAGS, Round
from ..playing.item import Item
from ..playing.session import Session
from ..playing.settings import Settings
from ..playing.standing import Stage
from .words import ACT_WORDS, ASKS, NO_LOOK, ROUND_WORDS, minutes, sure_steps

Screen = dict[str, Any]
_SIDE = ("context", "account", "history", "signals")


def join_screen(*, served: bool) -> Screen:
    """Before anybody has taken a seat."""
    return {"stage": "join", "served": served}


def screen(
    session: Session,
    *,
    way_back: str = "",
    served: bool = False,
    told: Item | None = None,
    timed: bool = True,
) -> Screen:
    """What is shown of a session as it stands.

    Parameters
    ----------
    session : Session
    way_back : str
        What lets the trainee in again; empty where there is none.
    served : bool
        Whether a server shows it to a class.
    told : Item, optional
        The item just answered, whose mistake is told at once.
    timed : bool
        Whether the clock of the item runs; False asks the view to show it once more.

    Returns
    -------
    dict
        ``stage`` is ``briefing``, ``item``, ``told`` or ``done``.
    """
    stage = "told" if told is not None else str(session.stage)
    shown: Screen = {
        "stage": stage, "served": served, "trainee": session.trainee, "way_back": way_back,
        "deck": session.cards.letter, "progress": _progress(session, told),
        "clock_seconds": round(session.worked_seconds, 1),
    }  # fmt: skip
    if told is not None:
        answered = session.answer_to(told.item_id)
        stopped = answered is not None and answered.told["action"] in FLAGS
        return shown | {"told": _told(told) | {"stopped": stopped}}
    if session.stage is Stage.BRIEFING and session.round is not None:
        return shown | {"briefing": _briefing(session, session.round), "waits": session.waits}
    item = session.item
    if item is None:
        return shown
    return shown | {
        "item": seen(item, session.settings, opened=session.opened),
        "acts": [_act(act) for act in session.acts], "can_open": not session.opened,
        "ask_sure": sure_steps() if session.settings.ask_sure and session.opened else [],
        "timed": timed,
    }  # fmt: skip


def seen(item: Item, settings: Settings, *, opened: bool) -> Screen:
    """What is to be seen of an item; of one that is closed a line, as in an inbox."""
    # in the shadow round whether the rules would ask is what the trainee is to say
    asks = item.needs_look and item.round is not Round.SHADOW
    line: Screen = {
        "item_id": item.item_id, "round": str(item.round), "title": item.title,
        "workflow": item.workflow.replace("_", " "), "kind": item.kind, "opened": opened,
        "asks": asks, "asked": list(item.asked_because) if asks else [],
        "standing": _standing(item),
        "confidence": item.confidence if settings.show_confidence else None,
    }  # fmt: skip
    if not opened:
        return line
    return line | {"lines": list(item.lines), **{name: list(getattr(item, name))
                                                 for name in _SIDE}}  # fmt: skip


def _standing(item: Item) -> str:
    if item.round is Round.SHADOW:
        return ""
    return ASKS if item.needs_look else NO_LOOK


def _act(act: Any) -> Screen:
    words, key = ACT_WORDS[act]
    return {"act": str(act), "words": words, "key": key}


def _told(item: Item) -> Screen:
    truth = item.truth
    return {
        "item_id": item.item_id, "title": item.title, "kind": item.kind,
        "lines": list(item.lines), "told": truth.told or truth.fault,
        "mended": list(truth.mended),
    }  # fmt: skip


def _progress(session: Session, told: Item | None) -> Screen:
    now = told.round if told is not None else session.round
    done = dict.fromkeys(session.cards.rounds, 0)
    of = {name: len(session.cards.of_round(name)) for name in session.cards.rounds}
    for item in session.cards.items:
        done[item.round] += session.answer_to(item.item_id) is not None
    reached = session.progress
    return {
        "rounds": [
            {"round": str(name), "title": ROUND_WORDS[name].title, "done": done[name],
             "of": of[name], "now": name is now}
            for name in session.cards.rounds
        ],
        "done": done.get(now, 0) if now else 0, "of": of.get(now, 0) if now else 0,
        "done_in_all": reached.done_in_all, "of_all": reached.of_all,
    }  # fmt: skip


def _briefing(session: Session, name: Round) -> Screen:
    words, rounds = ROUND_WORDS[name], session.cards.rounds
    n = len(session.cards.of_round(name))
    return {
        "round": str(name), "number": rounds.index(name) + 1, "of_rounds": len(rounds),
        "title": words.title, "lead": words.lead, "sees": list(words.sees),
        "does": list(words.does), "items": n, "minutes": minutes(n, name),
        "tells": session.settings.tell_at_once, "asks_sure": session.settings.ask_sure,
    }  # fmt: skip
