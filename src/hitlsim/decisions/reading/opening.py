"""The files that a log is read from, opened as the mapping says, every column it names in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import LogError
from ...scenario.base import FrozenMap
from ...scenario.explain import Path_, Problem, dotted
from ...scenario.files import Document
from ..columns import COLUMNS
from .build import Partner
from .fitting import hash_fits, near
from .identities import Identities, identities
from .mapping import Mapping, complain
from .parts import EVERY, JoinRule
from .presets import PRESETS
from .sheets.open import open_sheet
from .sheets.sheet import Sheet
from .table import Table

REQUIRED = tuple(c.name for c in COLUMNS.values() if c.required)
_HEADER_SHOWN = 30


class Opened(NamedTuple):
    """The decisions, the files with more about them, and the mapping with its preset filled in."""

    table: Table
    partners: list[Partner]
    plan: Mapping

    @property
    def others(self) -> list[str]:
        """Columns of the decisions' file that are not ours; what the AI advised is one of them.

        What came of it is not: no score may learn from that.
        """
        mapped = {*self.table.sources.values(), *(p.key for p in self.partners)}
        if self.plan.ok:
            mapped.add(self.plan.ok.outcome)
        return [name for name in self.table.sheet.names if name not in mapped]


def open_tables(
    path: Path,
    plan: Mapping,
    document: Document | None,
    folder: Path,
    needed: tuple[str, ...],
    *,
    everything: bool,
) -> Opened:
    """Open a file of decisions and those that are joined to it.

    Parameters
    ----------
    path : Path
    plan : Mapping
    document : Document or None
        Where in the mapping file what is said.
    folder : Path
        Where the mapping file lies; files to be joined are looked for from there.
    needed : tuple of str
        Columns that the log cannot do without.
    everything : bool
        Whether all columns of the decisions must hold plain values.

    Raises
    ------
    LogError
        When a file cannot be read, or lacks a column that the mapping names.
    """
    people = identities(plan.hash)
    wanted = None if everything else _wanted(plan)
    sheet = open_sheet(path, wanted, plan.layout)
    plan = under_preset(plan, sheet)
    sources = _sources(sheet, plan)
    if wanted and not wanted.issuperset(sources.values()):
        # a preset knows its columns in any case; only now it is known how this file writes them
        sheet = open_sheet(path, wanted.union(sources.values()), plan.layout)
    as_found = plan.model_copy(update={"columns": FrozenMap(sources)})
    if document and (shown := [*hash_fits(as_found)]):
        raise LogError(complain(shown, document))
    others = [_open_other(rule, folder, plan) for rule in plan.join]
    problems = [*_absent(plan, sheet, path.name, others)]
    if problems and document:
        raise LogError(f"{complain(problems, document)}\n{_has(path.name, sheet)}")
    _check_needed(plan, sources, sheet, path.name, needed)
    keys = [_ours(rule, sheet, sources) for rule in plan.join]
    besides = dict.fromkeys(sheet.names if everything else (*_of_rule(plan), *keys), "")
    table = Table.of(
        path.name, sheet, plan, plan.writing(), sources, people, plan.values, besides
    )  # fmt: skip
    partners = []
    for i, (rule, other, key) in enumerate(zip(plan.join, others, keys, strict=True)):
        place = ("join", i)
        where = f"{document.where(place)} {dotted(place)}" if document else dotted(place)
        partners.append(Partner(_table(rule, other, plan, people, key, sources), rule, key, where))
    return Opened(table, partners, plan)


def _table(
    rule: JoinRule,
    sheet: Sheet,
    plan: Mapping,
    people: Identities,
    key: str,
    sources: dict[str, str],
) -> Table:
    written, file = rule.written_as(plan), Path(rule.file).name
    same = next((name for name in people.columns if sources.get(name) == key), "")
    besides = {**dict.fromkeys(_of_rule(plan), ""), rule.on.theirs: same}
    return Table.of(
        file, sheet, written, plan.writing(written), rule.columns, people, plan.values, besides
    )


def _of_rule(plan: Mapping) -> tuple[str, ...]:
    """The columns that ``ok`` follows from, whichever file has them."""
    return (plan.ok.advice, plan.ok.outcome) if plan.ok else ()


def under_preset(plan: Mapping, sheet: Sheet) -> Mapping:
    """The mapping with what its preset says, where it says nothing itself."""
    if plan.preset is None:
        return plan
    preset = PRESETS[plan.preset]
    said = {"ok"} if plan.ok else set()
    said |= {*plan.constants, *(name for rule in plan.join for name in rule.columns)}
    found = {n: theirs for n, theirs in preset.found(sheet.names).items() if n not in said}
    columns = {**found, **(plan.columns or {})}
    values = {
        name: FrozenMap({**words, **plan.values.get(name, {})})
        for name, words in preset.values.items()
        if name in found and columns[name] == found[name]
    }
    update: dict[str, object] = {
        "columns": FrozenMap(columns),
        "values": FrozenMap({**plan.values, **values}),
    }
    if plan.date_format is None:
        update["date_format"] = FrozenMap({EVERY: preset.date_formats})
    return plan.model_copy(update=update)


def _wanted(plan: Mapping) -> set[str]:
    """Names of columns to look for, by which header and separator are found."""
    wanted = {*(COLUMNS if plan.columns is None else plan.columns.values()), *REQUIRED}
    wanted |= {*_of_rule(plan)}
    if plan.preset:
        wanted |= {name for names in PRESETS[plan.preset].columns.values() for name in names}
    return wanted | {rule.on.ours for rule in plan.join}


def _open_other(rule: JoinRule, folder: Path, plan: Mapping) -> Sheet:
    wanted = {rule.on.theirs, *rule.columns.values(), *_of_rule(plan)}
    return open_sheet(folder / rule.file, wanted, rule.layout)


def _sources(sheet: Sheet, plan: Mapping) -> dict[str, str]:
    """Our column -> the file's, in the order of the log."""
    said = {*plan.constants, *(name for rule in plan.join for name in rule.columns)}
    same = COLUMNS if plan.columns is None else REQUIRED
    sources = {name: name for name in same if name in sheet.names and name not in said}
    if plan.ok:
        sources.pop("ok", None)
    sources.update(plan.columns or {})
    return {name: sources[name] for name in COLUMNS if name in sources}


def _ours(rule: JoinRule, sheet: Sheet, sources: dict[str, str]) -> str:
    """The key's column in the decisions' file; it may be called by our name for it."""
    name = rule.on.ours
    return name if name in sheet.names else sources.get(name, name)


def _absent(plan: Mapping, sheet: Sheet, file: str, others: list[Sheet]) -> Iterator[Problem]:
    """Every column that the mapping names and no file has."""

    def missing(at: Path_, name: str, where: str, names: list[str]) -> Problem:
        hint = near(name, names) or "name one that it has"
        return Problem(at, f"{where} has no column {name!r}; {hint}")

    for ours, name in (plan.columns or {}).items():
        if name not in sheet.names:
            yield missing(("columns", ours), name, file, sheet.names)
    every = [name for each in (sheet, *others) for name in each.names]
    for what in ("advice", "outcome") if plan.ok else ():
        if (word := getattr(plan.ok, what)) not in every:
            yield missing(("ok", what), word, file, every)
    sources = _sources(sheet, plan)
    for i, (rule, other) in enumerate(zip(plan.join, others, strict=True)):
        there = Path(rule.file).name
        if _ours(rule, sheet, sources) not in sheet.names:
            yield missing(("join", i, "on"), rule.on.ours, file, sheet.names)
        for at, name in ((("on",), rule.on.theirs),
                         *((("columns", n), c) for n, c in rule.columns.items())):  # fmt: skip
            if name not in other.names:
                yield missing(("join", i, *at), name, there, other.names)


def _has(file: str, sheet: Sheet) -> str:
    there = ", ".join(sheet.names[:_HEADER_SHOWN])
    return f"{file} has: {there}{', ...' if len(sheet.names) > _HEADER_SHOWN else ''}"


def _check_needed(
    plan: Mapping, sources: dict[str, str], sheet: Sheet, file: str, needed: tuple[str, ...]
) -> None:
    given = {*sources, *plan.constants, *(name for rule in plan.join for name in rule.columns)}
    for name in needed:
        if name not in given:
            hint = near(name, sheet.names) or f"it has: {_has(file, sheet).partition(': ')[2]}"
            raise LogError(
                f"{file}: no column is {name} ({COLUMNS[name].meaning}); {hint}; say which under "
                "columns: in a mapping (docs/your-own-log.md), or let hitlsim map draft one"
            )
