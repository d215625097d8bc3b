"""Three habits to practise next, chosen by what somebody's own answers show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...decisions.diagnosing.diagnosis import MOST, Found
from ...decisions.estimating.intervals import Estimate
from ...scenario.explain import listed
from .marking import stakes
from .naming import OPENED
from .score import Score

_MOST_ITEMS = 5
_FEW_BEGUN = 0.95
_CAREFUL = 0.35
"""Share of right items called wrong above which changes are made without a fault in hand."""
_CLEAR, _LIKELY, _MAYBE, _ALWAYS = 3.0, 2.0, 1.0, 0.0


class Practice(NamedTuple):
    """Something to practise."""

    title: str
    why: str
    """What in the answers speaks for it; empty where nothing does in particular."""
    how: str
    items: tuple[str, ...]
    """Ids to look at again."""
    urgency: float


def practice(s: Score, *, most: int = 3) -> tuple[Practice, ...]:
    """The most urgent habits to practise; clear evidence comes before what is only likely.

    Parameters
    ----------
    s : Score
    most : int
        So many, whatever was seen: there is always something to practise.
    """
    found = sorted(_candidates(s), key=lambda p: -p.urgency)
    return tuple(found[:most])


def _candidates(s: Score) -> Iterator[Practice]:
    yield from _on_looking(s)
    yield from _on_reading(s)
    yield from _on_the_line(s)
    yield from _on_being_sure(s)
    yield Practice(
        "Play a second deck", "", "Take a deck with half as many wrong items and see whether you "
        "hold your line when errors are rare: that is when people stop seeing them.", (), _ALWAYS,
    )  # fmt: skip
    yield Practice(
        "Say first whose it is", "", "Before you open an item, say whether it is yours to judge or "
        "may go alone; then look whether the boundary spec agrees.", (), _ALWAYS,
    )  # fmt: skip
    yield Practice(
        "Explain one catch", "", "Tell a colleague what gave one wrong item away. What can be "
        "said can be looked for again.", (), _ALWAYS,
    )  # fmt: skip


def _on_looking(s: Score) -> Iterator[Practice]:
    """What to open, and what not."""
    opened, begun, h = s.figures["opened"], s.figures["begun"], s.hoarding
    if opened.known and opened.value > OPENED / 2:
        yield Practice(
            "Name the trigger before you open", f"{_sentence(h.words)}.",
            "Say which trigger or band asks for you. If none does, let it go: audits are there to "
            "find what slips through.",
            h.items[:_MOST_ITEMS], _CLEAR if h.status is Found.NAMED else _MAYBE,
        )  # fmt: skip
    if begun.known and begun.value < _FEW_BEGUN:
        f = s.marks
        left = f[f["asked"] & ~f["up"]]
        yield Practice(
            "Take up what is sent to you",
            f"{len(left)} of {begun.n:.0f} items that asked for a person were left alone.",
            "Begin with the item that has waited longest, and decide it before you go on.",
            tuple(left["item_id"].astype(str))[:_MOST_ITEMS], _LIKELY,
        )  # fmt: skip


def _on_reading(s: Score) -> Iterator[Practice]:
    """How long, and at what."""
    fast, h = s.figures["fast"], s.abdication
    hasty = fast.known and fast.value > OPENED
    if hasty:
        f = s.marks
        yield Practice(
            "Give each text its time",
            f"{_pct(fast)} of your {fast.n:.0f} approvals were faster than the text can be read.",
            f"Leave the mouse alone for {_seconds(s)} seconds; then decide.",
            tuple(f.loc[f["fast"], "item_id"].astype(str))[:_MOST_ITEMS],
            _CLEAR + 0.5 if fast.low > MOST else _MAYBE + 0.5,
        )  # fmt: skip
    if h.share.known and h.share.value > OPENED:
        often = _often_missed(s)
        told = f" Missed more than once: {listed(often)}." if often else ""
        yield Practice(
            "Check one fact against its source", f"{_sentence(h.words)}.",
            "In each item you are asked about, hold one name, date or figure against the source "
            f"it came from.{told}",
            h.items[:_MOST_ITEMS], _CLEAR if h.status is Found.NAMED else _MAYBE + 0.4,
        )  # fmt: skip


def _on_the_line(s: Score) -> Iterator[Practice]:
    """When in doubt."""
    lean, alarms = s.figures["leaning"], s.figures["false_alarm_rate"]
    if lean.known and (lean.low > 0 or lean.high < 0):
        through = lean.value > 0
        times, f = stakes(s.marks), s.marks
        wrong_way = ~f["right"] & ~f["flag"] if through else f["right"] & f["flag"]
        shows = f[f["judged"] & wrong_way].sort_values("harm", ascending=False, kind="stable")
        yield Practice(
            "In doubt about what you were asked, step in" if through else "In doubt, let it go",
            f"A miss costs about {times:.0f} times a needless change here, and you "
            f"{'let through more' if through else 'change more'} than pays at that price.",
            "Ask of each item that is yours to judge: what if it is wrong and goes out?"
            if through else "Change what you can name a fault of, and nothing else.",
            tuple(shows["item_id"].astype(str))[:_MOST_ITEMS], _LIKELY,
        )  # fmt: skip
    if alarms.known and alarms.value > _CAREFUL:
        f = s.marks
        some = f[f["judged"] & f["right"] & f["flag"]]
        yield Practice(
            "Name the fault before you change it",
            f"{_pct(alarms)} of the right items you judged were changed or sent back.",
            'Say in five words what is wrong. "To be safe" is no fault.',
            tuple(some["item_id"].astype(str))[:_MOST_ITEMS], _MAYBE + 0.3,
        )  # fmt: skip


def _on_being_sure(s: Score) -> Iterator[Practice]:
    skill = s.figures["skill"]
    if skill.known and skill.value < 0:
        yield Practice(
            "Say how sure you are, then check",
            "How sure you were told less than always naming the share of right items would have.",
            "Keep a tally of the items you call 90% sure: nine of ten should turn out as you said.",
            (), _LIKELY - 0.5 if skill.high < 0 else _MAYBE,
        )  # fmt: skip


def _often_missed(s: Score) -> list[str]:
    f = s.marks
    if "fault" not in f:
        return []
    missed = f.loc[f["passed"] & f["fault"].notna(), "fault"].astype(str)
    counts = missed.value_counts()
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f'"{name}"' for name, n in ranked[:2] if n > 1]


def _seconds(s: Score) -> str:
    floors = s.marks["floor_seconds"]
    low, high = round(float(floors.min())), round(float(floors.max()))
    return f"{low}" if low == high else f"{low} to {high}"


def _pct(e: Estimate) -> str:
    return f"{e.value:.0%}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
