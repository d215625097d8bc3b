"""A mapping file drafted by looking at an export, with a reason on each line."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ....errors import LogError
from ....scenario.explain import dotted
from ....scenario.hours import time_zones
from ..fitting import near
from ..mapping import Mapping
from ..sheets.sheet import Sheet
from .looks import Look
from .yaml_text import flow, folded, one_line, scalar

Path_ = tuple[str, ...]
_BLOCKS = ("columns", "values", "ok")
_COMMENT_AT = 34


class Choice(NamedTuple):
    """One of the answers to a question."""

    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """What looking at a file cannot tell.

    Attributes
    ----------
    key : str
        By which :meth:`Draft.answer` knows it.
    text : str
    choices : tuple of Choice
        Empty where any text may be said.
    likely : str
        What is taken until somebody answers.
    """

    key: str
    text: str
    choices: tuple[Choice, ...]
    likely: str

    def check(self, value: str) -> str:
        """The answer, if it is one.

        Raises
        ------
        LogError
            When it is not among the choices, or no time zone.
        """
        allowed = [choice.value for choice in self.choices] or sorted(time_zones())
        if value not in allowed:
            hint = near(value, allowed) or f"one of {', '.join(allowed[:8])}"
            raise LogError(f"{self.key}: {value!r} cannot be; {hint}")
        return value


@dataclass(frozen=True)
class Study:
    """An export that was looked at."""

    path: Path
    sheet: Sheet
    looks: tuple[Look, ...]
    preset: str | None
    target: Path
    """Where its mapping will be kept."""
    sheet_name: str | None = None
    """Which sheet of a workbook was asked for."""

    @cached_property
    def alike(self) -> int:
        """Rows that are the same as another one in every column."""
        table = self.sheet.table
        return len(table) - len(table.group_by(table.column_names).aggregate([]))

    def look(self, name: str) -> Look:
        return next(look for look in self.looks if look.name == name)


@dataclass(frozen=True)
class Draft:
    """A drafted mapping: what it says, why, and what only a person can tell.

    Attributes
    ----------
    study : Study
        The file that was looked at.
    plan : mapping
        What the mapping file says.
    reasons : mapping
        For each line, by its dotted path, why it says so.
    doubts : set of str
        Lines that somebody should check.
    questions : tuple of Question
        What is still open; the likely answer is taken until :meth:`answer` is called.
    missing : tuple of str
        What the file does not have and how to go on without.
    hints : tuple of str and str
        Lines that could be added, and what they are for.
    answers : mapping
        What was answered so far.
    again : callable
        Drafts anew with other answers.
    """

    study: Study
    plan: Map[str, Any]
    reasons: Map[str, str]
    doubts: frozenset[str]
    questions: tuple[Question, ...]
    missing: tuple[str, ...]
    hints: tuple[tuple[str, str], ...] = ()
    answers: Map[str, str] = field(default_factory=dict)
    again: Callable[[Map[str, str]], Draft] = field(repr=False, kw_only=True)

    def answer(self, key: str, value: str) -> Draft:
        """The draft with one question answered; others may come up.

        Raises
        ------
        LogError
            When the question is not open, or the answer cannot be.
        """
        question = next((q for q in self.questions if q.key == key), None)
        if question is None:
            keys = ", ".join(q.key for q in self.questions) or "none"
            raise LogError(f"{key!r} is no open question; open: {keys}")
        return self.again({**self.answers, key: question.check(value)})

    @cached_property
    def mapping(self) -> Mapping:
        """The draft as :func:`~hitlsim.read_log` would read it from a file."""
        return Mapping.model_validate(self.plan)

    def yaml(self) -> str:
        """The mapping file, with the reason beside each line.

        Lines that somebody should look at say ``please check``.
        """
        lines = [f"# How {one_line(self.study.path.name)} is to be read, drafted by hitlsim map."]
        lines += ["# Our name: your column. docs/your-own-log.md explains every key."]
        lines += [f"# {one_line(note)}" for note in self.study.sheet.notes]
        for key, value in self.plan.items():
            if key in _BLOCKS:
                lines.append(self._line("", (key,), ""))
                lines += [self._line("  ", (key, k), flow(v)) for k, v in value.items()]
            else:
                lines.append(self._line("", (key,), flow(value)))
        unused = [look.name for look in self.study.looks if look.name not in self._used]
        if unused:
            lines += folded(f"not used: {', '.join(unused)}")
        for said in self.missing:
            lines += folded(said)
        lines += ["# What you could add:"] if self.hints else []
        lines += [f"{f'# {line}':<{_COMMENT_AT - 2}}  # {why}" for line, why in self.hints]
        return "\n".join(lines) + "\n"

    @property
    def _used(self) -> set[str]:
        rule = self.plan.get("ok", {})
        return {*self.plan.get("columns", {}).values(), rule.get("advice"), rule.get("outcome")}

    def _line(self, indent: str, path: Path_, value: str) -> str:
        line = f"{indent}{scalar(path[-1])}: {value}".rstrip()
        why = one_line(self.reasons.get(dotted(path), ""))
        if dotted(path) in self.doubts:
            why = f"please check: {why}"
        return f"{line:<{_COMMENT_AT - 2}}  # {why}" if why else line
