"""When was the AI right? What an export's columns can tell about it, and what must be asked."""

from __future__ import annotations

from typing import Any

from .looks import Look
from .matching import CLOSE, LEAST, Match
from .notes import Notes
from .words import ADVICE, AGAINST, FOR, OUTCOME, RIGHT, likeness

_ADVICE_MOST = 6
"""Different things an AI may advise, for a column to be taken for its advice."""


class Rightness:
    """Finds a column that says so, or one with advice and one with what came of it."""

    def __init__(self, notes: Notes, said: list[Match]) -> None:
        self.notes = notes
        self.advice: Look | None = None
        self.outcome: Look | None = None
        if said:
            notes.columns["ok"] = said[0].look
            notes.because("columns.ok", said[0].why)
            if said[0].score > 1:
                why = "was the AI right whenever this went well?"
                notes.because("columns.ok", why, check=True)
            return
        self.outcome = self._pick(OUTCOME, "outcome", "Which column says what came of it?")
        self.advice = self._pick(ADVICE, "advice", "Which column says what the AI advised?")
        if self.outcome and not self.advice:
            self._went_well(self.outcome)

    def _pick(self, names: tuple[str, ...], key: str, asked: str) -> Look | None:
        """The column whose name fits best; asked where two are as likely."""
        taken = {look.name for look in self.notes.columns.values()}
        taken |= {self.outcome.name} if self.outcome else set()
        scored = [
            (likeness(look.name, names), look)
            for look in self.notes.study.looks
            if look.name not in taken and (_is_advice if key == "advice" else _is_outcome)(look)
        ]
        scored = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: -pair[0])
        near = [look for score, look in scored if scored[0][0] - score < CLOSE]
        if len(near) < 2:
            return near[0] if near else None
        choices = [(look.name, f"{look.name} ({', '.join(look.words[:4])})") for look in near]
        chosen = self.notes.choose(key, f"ok.{key}", asked, choices, near[0].name)
        return self.notes.study.look(chosen)

    def _went_well(self, outcome: Look) -> None:
        """There is no advice, so that 'right' can only mean that it went well."""
        well = _groups(outcome)["well"]
        asked = (
            f"No column says what the AI advised. Was it right whenever {outcome.name} is "
            f"{' or '.join(well)}?"
        )
        choices = [("yes", "yes: it only proposed what should go well"),
                   ("no", "no: leave open when it was right")]  # fmt: skip
        if self.notes.choose("right", "columns.ok", asked, choices, "yes") == "yes":
            self.notes.columns["ok"] = outcome
            self.notes.because("columns.ok", f"right when it is {' or '.join(well)}")

    def say(self) -> None:
        """Write down when the AI was right."""
        if self.advice and self.outcome:
            self._rule(self.advice, self.outcome)
        elif "ok" not in self.notes.columns:
            self.notes.missing.append(
                "ok is missing: no column says what came of the decisions. All works but errors, "
                "and bands that hold them down. If another file has it, see join."
            )

    def _rule(self, advice: Look, outcome: Look) -> None:
        notes, groups = self.notes, _groups(outcome)
        ways = {word: _likely(word) for word in advice.words}
        told = "; ".join(f"{w}: {' or '.join(groups[way])}" for w, way in ways.items())
        known = all(word.casefold() in (*FOR, *AGAINST) for word in ways)
        choices = [("yes", "yes"), ("no", "no: ask for each advice")]
        asked = f"Was the AI's advice right when {outcome.name} was so? {told}"
        if not known or notes.choose("right_when", _RIGHT, asked, choices, "yes") == "no":
            ways = {word: self._way(word, outcome, groups, ways[word]) for word in ways}
        right = {word: groups[way] for word, way in ways.items()}
        rule: dict[str, Any] = {
            "advice": advice.name,
            "outcome": outcome.name,
            "right_when": {w: words if len(words) > 1 else words[0] for w, words in right.items()},
        }
        notes.because("ok", "when was the AI right?")
        notes.because("ok.advice", ", ".join(advice.words[:4]))
        notes.because("ok.outcome", ", ".join(outcome.words[:4]))
        notes.because(_RIGHT, "the outcome that proves each advice right")
        proven = {word for words in right.values() for word in words}
        known_words = outcome.meanings(RIGHT)
        other = [w for w, meaning in known_words.items() if w not in proven and meaning != ""]
        if other:
            rule["other_outcomes"] = other
            notes.because("ok.other_outcomes", "do these prove no advice right?", check=True)
        notes.plan["ok"] = rule
        still_open = [word for word, meaning in known_words.items() if meaning == ""]
        if still_open:
            notes.missing.append(
                f"{outcome.name} is also {', '.join(still_open)}: rows where that means 'not yet "
                "known' must be empty in the export; else add the word to other_outcomes."
            )

    def _way(self, word: str, outcome: Look, groups: dict[str, list[str]], likely: str) -> str:
        choices = [(way, f"{outcome.name} is {' or '.join(groups[way])}") for way in groups]
        asked = f"The AI advised {word!r}. When was that right?"
        return self.notes.choose(f"right_when.{word}", _RIGHT, asked, choices, likely)


_RIGHT = "ok.right_when"


def _is_advice(look: Look) -> bool:
    return look.few and 2 <= len(look.words) <= _ADVICE_MOST and look.dates is None


def _is_outcome(look: Look) -> bool:
    return look.few and {"yes", "no"} <= set(look.meanings(RIGHT).values())


def _groups(outcome: Look) -> dict[str, list[str]]:
    """The words for what went well and for what went badly."""
    meant = outcome.meanings(RIGHT)
    return {
        way: [word for word, meaning in meant.items() if meaning == sign]
        for way, sign in (("well", "yes"), ("badly", "no"))
    }


def _likely(advice: str) -> str:
    return "badly" if advice.casefold() in AGAINST else "well"
