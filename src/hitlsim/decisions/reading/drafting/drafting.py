"""From what the columns of an export look like to a draft of its mapping."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from collections.abc import Mapping as Map
from datetime import UTC, datetime
from pathlib import Path

from ....errors import LogError
from ....scenario.explain import listed
from ...columns import COLUMNS, DType
from ..cells import Writing, problem_with
from ..presets import PRESETS, recognised
from ..sheets.open import open_sheet
from ..sheets.sheet import Layout
from .draft import Draft, Study
from .looks import looks_of
from .matching import CLOSE, WORDS, Match, is_score, matches
from .notes import Notes
from .rightness import Rightness
from .samples import seen
from .words import RIGHT
from .written import Written


class Drafting(Notes):
    """Looks at one part of a file after the other."""

    def draft(self, again: Callable[[Map[str, str]], Draft]) -> Draft:
        """All parts, in the order of the file."""
        found = self._columns()
        right = Rightness(self, found.get("ok", []))
        names = {name: look.name for name, look in self.columns.items()}
        order = sorted(COLUMNS, key=lambda name: not COLUMNS[name].required)
        self.plan["columns"] = {name: names[name] for name in order if name in names}
        if "decided_at" not in self.columns:
            self._undated()
        written = Written(self)
        written.say_dates()
        written.say_numbers()
        if "confidence" in self.columns:
            written.say_scale()
        else:
            self._unscored()
        self._values()
        right.say()
        self._unnamed()
        self._hint()
        if not self.plan["columns"]:
            del self.plan["columns"]
        self._in_order()
        reasons = {**self.reasons, **dict.fromkeys(self.told - self.doubts, "as you said")}
        return Draft(
            self.study, self.plan, reasons, frozenset(self.doubts), tuple(self.questions),
            tuple(self.missing), tuple(self.hints), self.answers, again=again,
        )  # fmt: skip

    def _columns(self) -> dict[str, list[Match]]:
        """Take for each column of ours the likeliest; ask where two are as likely."""
        preset = PRESETS[self.study.preset] if self.study.preset else None
        usual = preset.found([look.name for look in self.study.looks]) if preset else {}
        found = matches([*self.study.looks], usual, preset.title if preset else "")
        self._fall_back(found)
        for name, candidates in found.items():
            if name == "ok":
                continue
            best = candidates[0]
            near = [c for c in candidates if best.score - c.score < CLOSE]
            if len(near) > 1 and name in ("decided_at", "confidence"):
                best = self._ask_which(name, near)
            self.columns[name] = best.look
            self.because(f"columns.{name}", f"{best.why}: {seen(best.look, name)}")
            if name in _TO_CHECK and usual.get(name) == best.look.name:
                self.because(f"columns.{name}", _TO_CHECK[name], check=True)
        return found

    def _ask_which(self, name: str, near: list[Match]) -> Match:
        asked = {
            "decided_at": "Which column says when the AI's proposal was ready?",
            "confidence": "Which column holds the AI's own score?",
        }[name]
        choices = [(m.look.name, f"{m.look.name} ({seen(m.look, name)})") for m in near]
        chosen = self.choose(name, f"columns.{name}", asked, choices, near[0].look.name)
        return next(match for match in near if match.look.name == chosen)

    def _fall_back(self, found: dict[str, list[Match]]) -> None:
        """Where no name speaks for what a log cannot do without, look at the values alone."""
        taken = {match.look.name for candidates in found.values() for match in candidates}
        free = [look for look in self.study.looks if look.name not in taken]
        times = [look for look in free if look.dates is not None]
        scores = [
            look for look in free
            if is_score(look) and look.numbers and look.numbers.up_to(1) and not look.numbers.whole
        ]  # fmt: skip
        for name, looks in (("decided_at", times), ("confidence", scores)):
            if name not in found and looks:
                what = "times" if name == "decided_at" else "numbers from 0 to 1"
                found[name] = [Match(name, look, 0.5, f"it holds {what}") for look in looks]
                self.doubts.add(f"columns.{name}")

    def _of_preset(self, name: str) -> dict[str, str]:
        """What a system's own words mean, such as the stages of its deals."""
        if self.study.preset is None:
            return {}
        words = PRESETS[self.study.preset].values.get(name, {})
        return {word.casefold(): meaning for word, meaning in words.items()}

    def _unnamed(self) -> None:
        """Without an id, or with one that comes again, rows may be one decision or several."""
        look = self.columns.get("decision_id")
        if look is not None and not look.unique:
            asked = f"{look.name} comes again in some rows. What are those?"
            choices = [("last", "later states of the same decision: the latest counts"),
                       ("first", "mistakes: the first counts, the others are rejects"),
                       ("refuse", "nothing that should be: stop when it happens")]  # fmt: skip
            self.plan["duplicates"] = self.choose(
                "duplicates", "duplicates", asked, choices, "last"
            )
            self.because("duplicates", f"{look.name} comes again in some rows")
        elif look is None and (alike := self.study.alike):
            self.missing.append(
                f"decision_id is missing, and {alike:,} rows are the same as an earlier one: "
                "nobody can tell whether they are decisions of their own. All are used."
            )

    def _undated(self) -> None:
        day = datetime.fromtimestamp(self.study.path.stat().st_mtime, UTC).date().isoformat()
        self.plan["constants"] = {"decided_at": day}
        self.because("constants", "no column holds times; the day the file was written", check=True)
        self.missing.append(
            "decided_at is missing: no column holds times. With one day for all rows, as above, "
            "all works but months, trends, and whatever asks what came first."
        )

    def _unscored(self) -> None:
        file, plan = (shlex.quote(p.name) for p in (self.study.path, self.study.target))
        self.missing.append(
            "confidence is missing: no column holds a score from 0 to 1 or from 0 to 100. One can "
            "be learnt from the other columns:"
        )
        self.missing.append(f"    hitlsim score {file} --map {plan}")

    def _values(self) -> None:
        """What words mean in columns where only some words are allowed."""
        for name, look in self.columns.items():
            known = WORDS.get(name) or (RIGHT if COLUMNS[name].dtype is DType.YES_NO else {})
            every = look.meanings({**self._of_preset(name), **known}) if known else {}
            meant = {
                word: meaning for word, meaning in every.items()
                if problem_with(word, COLUMNS[name], Writing())
            }  # fmt: skip
            if not meant:
                continue
            said = {word: meaning or "" for word, meaning in meant.items()}
            self.plan.setdefault("values", {})[name] = said
            if unknown := [word for word, meaning in meant.items() if meaning is None]:
                self.because(f"values.{name}", f"what does {listed(unknown)} mean?", check=True)

    def _hint(self) -> None:
        """Lines that only somebody who knows the team can add."""
        if "workflow" not in self.columns and "constants" not in self.plan:
            why = "a name for decisions that are all of one kind"
            self.hints.append(("constants: {workflow: sales_call}", why))
        if "route" not in self.columns:
            why = "from 0.9 on the AI acts alone; below 0.7 it waits"
            self.hints.append(("bands: {auto: 0.9, review: 0.7}", why))
        if "reviewer" in self.columns:
            self.hints.append(("hash: [reviewer]", "codes in place of people's names"))

    def _in_order(self) -> None:
        if self.study.sheet_name is not None:
            self.plan["sheet"] = self.study.sheet_name
        order = ("sheet", "columns", "date_format", "timezone", "decimal", "thousands", "values",
                 "constants", "ok", "confidence_scale", "duplicates")  # fmt: skip
        self.plan = {key: self.plan[key] for key in order if key in self.plan}


_TO_CHECK = {
    "decided_at": "is that when the AI proposed something?",
    "confidence": "is that the score of that day, not of today?",
    "reviewer": "did the owner review what the AI proposed?",
}
"""What to ask of a column that is taken because a system usually calls it so."""


def mapping_beside(path: Path) -> Path:
    """Where the mapping of an export is kept, unless somebody says otherwise."""
    return path.with_name(f"{path.name.partition('.')[0]}.map.yaml")


def draft_mapping(
    path: str | Path,
    *,
    preset: str | None = None,
    sheet: str | None = None,
    target: str | Path | None = None,
) -> Draft:
    r"""Look at an export and draft the mapping file by which it can be read.

    Names of columns are compared with what exports usually call them, and the values with what
    could stand there. What cannot be told is a question; the likeliest answer is taken first.

    Parameters
    ----------
    path : str or Path
        Any file that :func:`~hitlsim.read_log` reads.
    preset : str, optional
        ``salesforce``, ``hubspot`` or ``zoho``: whose export it is; else found by looking.
    sheet : str, optional
        Which sheet of a workbook, or file of an archive, where there are several.
    target : str or Path, optional
        Where the mapping will be kept; else beside the export, as ``calls.map.yaml``.

    Returns
    -------
    Draft

    Raises
    ------
    LogError
        When the file cannot be read, or there is no such preset.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "calls.csv"
    >>> _ = file.write_text("Call ID,Called on,AI score\nC1,23/05/2026,93\nC2,24/05/2026,71\n"
    ...                     "C3,25/05/2026,88\n")
    >>> draft = draft_mapping(file)
    >>> draft.plan["columns"]
    {'decision_id': 'Call ID', 'decided_at': 'Called on', 'confidence': 'AI score'}
    >>> draft.plan["date_format"], draft.plan["confidence_scale"]
    ('%d/%m/%Y', 100)
    """
    if preset is not None and preset not in PRESETS:
        raise LogError(f"preset {preset!r} is none of {', '.join(PRESETS)}")
    path = Path(path)
    opened = open_sheet(path, None, Layout(sheet=sheet))
    whose = preset or recognised(opened.names)
    kept = Path(target) if target else mapping_beside(path)
    study = Study(path, opened, tuple(looks_of(opened)), whose, kept, sheet)

    def drafted(answers: Map[str, str]) -> Draft:
        return Drafting(study, answers).draft(drafted)

    return drafted({})
