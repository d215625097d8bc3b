"""What a draft is to say, while it is being thought out."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from typing import Any

from .draft import Choice, Question, Study
from .looks import Look


class Notes:
    """Collects what a draft says; every question is asked of ``choose``."""

    def __init__(self, study: Study, answers: Map[str, str]) -> None:
        self.study = study
        self.answers = answers
        self.plan: dict[str, Any] = {}
        self.columns: dict[str, Look] = {}
        self.reasons: dict[str, str] = {}
        self.doubts: set[str] = set()
        self.told: set[str] = set()
        self.questions: list[Question] = []
        self.missing: list[str] = []
        self.hints: list[tuple[str, str]] = []

    def choose(
        self, key: str, line: str, text: str, choices: Iterable[tuple[str, str]], likely: str
    ) -> str:
        """The answer to a question; the likely one, to be checked, until it is given."""
        if key in self.answers:
            self.told.add(line)
            return self.answers[key]
        named = tuple(Choice(value, label) for value, label in choices)
        self.questions.append(Question(key, text, named, likely))
        self.doubts.add(line)
        return likely

    def because(self, line: str, why: str, *, check: bool = False) -> None:
        """Say why a line is as it is, and whether somebody should look at it."""
        self.reasons[line] = why
        if check:
            self.doubts.add(line)
