"""How an export writes times, numbers and scores: what looking tells, and what must be asked."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from ...columns import COLUMNS, DType
from ..parts import ISO
from .dating import ORDERS, Dates
from .looks import SIGNS, Look, Numbers, Signs
from .notes import Notes
from .samples import ambiguous, day_meant, one_or_all, only_by

_LOW_PERCENT = 10
"""Percentages that are all below it may be marks from 1 to 10."""


class Written:
    """Finds out how the columns that were chosen are written."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.columns = notes.columns

    def say_dates(self) -> None:
        """How the chosen times are written, and on whose clock."""
        times = {n: look for n, look in self.columns.items() if look.dates}
        # times that are no texts are known as such; a format is for texts among them
        looks = {n: look for n, look in times.items() if not (look.typed and _only_iso(look))}
        order = self._order([look.dates for look in looks.values() if look.dates])
        formats = {
            n: look.dates.in_order(look.dates.order if look.dates.sure else order)
            for n, look in looks.items() if look.dates
        }  # fmt: skip
        if len(set(formats.values())) == 1:
            self._date_format([*next(iter(formats.values()))], looks)
        elif formats:
            self._date_format({n: one_or_all(forms) for n, forms in formats.items()}, looks)
        self._timezone([look.dates for look in times.values() if look.dates])

    def _date_format(self, form: Any, looks: Map[str, Look]) -> None:
        form = one_or_all(form) if isinstance(form, list) else form
        if form == "iso" or form == dict.fromkeys(looks, "iso"):
            return
        self.notes.plan["date_format"] = form

    def _order(self, times: list[Dates]) -> str | None:
        """Whether the day or the month comes first in columns where no day is above 12.

        They are taken to be like those that have one; asked where none has, or those differ.
        """
        proven = {dates.order: dates.proof for dates in times if dates.order and dates.sure}
        open_ = [dates for dates in times if not dates.sure]
        if proven:
            told = "; ".join(f"{order}, as in {proof}" for order, proof in proven.items())
            self.notes.because("date_format", told)
        if len(proven) == 1 or not open_:
            return next(iter(proven), None)
        sample, likely = open_[0].proof, str(open_[0].order)
        self.notes.because("date_format", f"{likely}; no day is above 12, so it could be otherwise")
        return self.notes.choose(
            "date_order", "date_format", f"Is {sample} written with the day or the month first?",
            [(order, f"{order}: {day_meant(sample, order)}") for order in ORDERS], likely,
        )  # fmt: skip

    def _timezone(self, times: list[Dates]) -> None:
        if not any(dates.clock and not dates.offset for dates in times):
            return
        asked = "On which clock are these times, such as Europe/Lisbon or America/New_York?"
        self.notes.because("timezone", "the file does not say on which clock its times are")
        self.notes.plan["timezone"] = self.notes.choose("timezone", "timezone", asked, [], "UTC")

    def say_numbers(self) -> None:
        """Decimal sign and separator of thousands, which hold for the whole file."""
        looks = {
            name: look for name, look in self.columns.items()
            if COLUMNS[name].dtype is DType.NUMBER and self._written(name) and not look.typed
        }  # fmt: skip
        fitting = self._ways([*looks])
        if not fitting:
            return
        words = [word for look in looks.values() for word in look.words]
        telling, meant = ambiguous(words, fitting)
        signs = fitting[0]
        if telling:
            asked = f"What number is {telling}?"
            line = "thousands" if signs[1] else "decimal"
            choices = [(value, value) for value in meant]
            signs = meant[self.notes.choose("thousands", line, asked, choices, choices[0][0])]
        decimal, thousands = signs
        if decimal != ".":
            self.notes.plan["decimal"] = decimal
            self.notes.because("decimal", _as_in(only_by(signs, (".", thousands), words)))
        if thousands:
            self.notes.plan["thousands"] = thousands
            self.notes.because("thousands", _as_in(only_by(signs, (decimal, ""), words)))

    def _ways(self, names: list[str]) -> list[Signs]:
        """How the numbers of all these columns may be written: so that most can be read."""
        written = [numbers.ranges for name in names if (numbers := self._written(name))]
        read = {
            signs: sum(ranges[signs].read for ranges in written)
            for signs in SIGNS if all(signs in ranges for ranges in written)
        }  # fmt: skip
        return [signs for signs in read if read[signs] == max(read.values()) > 0]

    def _written(self, name: str) -> Numbers | None:
        """How the numbers of a chosen column may be written; a score is at most 100."""
        numbers = self.columns[name].numbers
        return numbers.up_to(100) if numbers and name == "confidence" else numbers

    def say_scale(self) -> None:
        """Whether scores are percentages; asked where most are at most 1, but not all."""
        numbers = self._written("confidence")
        if numbers is None or not (numbers.percent or numbers.high > 1):
            return
        line, scores = "confidence_scale", numbers.plainest
        if numbers.percent or scores.above_one >= scores.read / 2:
            low = not numbers.percent and scores.high <= _LOW_PERCENT
            self.notes.plan[line] = 100
            self.notes.because(line, f"scores go up to {scores.high:g}", check=low)
            return
        few = f"above 1: {scores.above_one:,} of {scores.read:,} different scores, up to "
        few += f"{scores.high:.10g}"
        asked = f"Scores {few}. Are those mistakes, or are all scores percentages?"
        choices = [("1", "mistakes: scores go from 0 to 1, and those rows cannot be used"),
                   ("100", "percentages: all scores are divided by 100")]  # fmt: skip
        self.notes.plan[line] = int(self.notes.choose(line, line, asked, choices, "1"))
        self.notes.because(line, few)


def _only_iso(look: Look) -> bool:
    return look.dates is not None and look.dates.formats == (ISO,)


def _as_in(proof: str) -> str:
    return f"as in {proof}" if proof else "it follows from the other sign"
