"""Which column of an unknown file is which of ours, by its name and by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...columns import COLUMNS, DType
from .looks import Look
from .words import NAMES, RIGHT, ROUTE_WORDS, VERDICT_WORDS, likeness, parted

LEAST = 0.55
"""Likeness from which a name speaks for a column."""
CLOSE = 0.1
"""Candidates that are nearer to each other than this cannot be told apart."""
_PRESET = 1.5
_PERSONS_MOST = 2_000
WORDS: Mapping[str, Mapping[str, str]] = {
    "verdict": VERDICT_WORDS, "look_verdict": VERDICT_WORDS, "route": ROUTE_WORDS, "ok": RIGHT
}  # fmt: skip
"""What words of an export mean, in columns where only some words are allowed."""


@dataclass(frozen=True)
class Match:
    """A column that may be one of ours, how likely, and why."""

    ours: str
    look: Look
    score: float
    why: str


def matches(looks: list[Look], preset: Mapping[str, str], title: str) -> dict[str, list[Match]]:
    """For each column of ours those of the file that may be it, the likeliest first.

    A column of the file is only offered where it fits best.
    """
    found: dict[str, list[Match]] = {}
    for look in looks:
        every = [match for name in NAMES if (match := _match(name, look, preset, title))]
        if every:
            best = max(every, key=lambda match: match.score)
            found.setdefault(best.ours, []).append(best)
    return {name: sorted(ms, key=lambda m: -m.score) for name, ms in found.items()}


def _match(ours: str, look: Look, preset: Mapping[str, str], title: str) -> Match | None:
    fit = fits(ours, look)
    if not fit:
        return None
    if preset.get(ours) == look.name:
        return Match(ours, look, _PRESET * fit, f"{title} calls it so")
    score = fit * likeness(look.name, NAMES[ours])
    if score < LEAST:
        return None
    same = parted(look.name) == parted(ours)
    return Match(ours, look, score, "the same name" if same else "by its name")


def fits(ours: str, look: Look) -> float:
    """How well the values of a column could be those of one of ours: 1 fully, 0 not at all."""
    column = COLUMNS[ours]
    if not look.words:
        return 0.0
    if ours == "decision_id":
        return _as_id(look)
    if column.dtype is DType.TIME:
        return float(look.dates is not None)
    if ours == "confidence":
        return float(is_score(look))
    if column.dtype is DType.NUMBER:
        return float(look.dates is None and look.numbers is not None and look.numbers.low >= 0)
    if ours in WORDS:
        return _as_words(look, WORDS[ours])
    if column.dtype is DType.YES_NO:
        return float(all(RIGHT.get(w.casefold()) is not None for w in look.words) and look.few)
    return _as_category(look)


def _as_id(look: Look) -> float:
    if look.dates is not None or (look.numbers is not None and not look.numbers.whole):
        return 0.0
    if look.unique:
        return 1.0
    # several rows of one decision, as a log of its states has them
    return 0.9 if look.filled == look.rows and len(look.words) > 0.3 * look.rows else 0.0


def is_score(look: Look) -> bool:
    """Whether the values can be scores: from 0 to 1 or to 100, and more than a few."""
    numbers = look.numbers
    if numbers is None or look.dates is not None or len(look.words) < 3:
        return False
    return numbers.up_to(100) is not None


def _as_words(look: Look, known: Mapping[str, str]) -> float:
    meanings = [meaning for meaning in look.meanings(known).values() if meaning != ""]
    understood = {meaning for meaning in meanings if meaning}
    if len(understood) < 2:
        return 0.0
    return 1.0 if None not in meanings else 0.8


def _as_category(look: Look) -> float:
    if look.dates is not None or look.unique or len(look.words) > _PERSONS_MOST:
        return 0.0
    return float(len(look.words) <= max(12, look.filled / 2))
