"""A recommendation in words: what to do, then why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import because, changes, evidence
from .amounts import chance, money, percent
from .doing import aim, stays

if TYPE_CHECKING:
    from ..recommendation import Recommendation

__all__ = ["GUARANTEE", "MOVES", "WHY", "aim", "chance", "grouped", "money", "percent", "reasons"]

WHY, GUARANTEE, MOVES = "Why", "Guarantee", "What moves it"
"""Headings under which reasons stand."""


def reasons(rec: Recommendation) -> list[str]:
    """What to do, then the reasons, in sentences."""
    return [_first(rec), *(sentence for _, sentence in _told(rec))]


def grouped(rec: Recommendation) -> dict[str, list[str]]:
    """The reasons by heading, without what to do."""
    out: dict[str, list[str]] = {WHY: [], GUARANTEE: [], MOVES: []}
    for heading, sentence in _told(rec):
        out[heading].append(sentence)
    return {heading: said for heading, said in out.items() if said}


def _first(rec: Recommendation) -> str:
    return stays(rec) if rec.stays and rec.status == "recommended" else rec.aim()


def _told(rec: Recommendation) -> Iterator[tuple[str, str]]:
    parts = (
        (WHY, because.rates(rec)), (WHY, because.worth(rec)), (WHY, because.targets_told(rec)),
        (GUARANTEE, evidence.guarantee(rec)), (WHY, changes.today(rec)),
        (WHY, changes.kept_signals(rec)), (WHY, evidence.looked_after(rec)),
        (MOVES, evidence.moved_by(rec)), (WHY, iter(rec.notes)), (WHY, evidence.would_do(rec)),
    )  # fmt: skip
    for heading, sentences in parts:
        yield from ((heading, sentence) for sentence in sentences)
