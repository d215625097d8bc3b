"""Drafting a mapping file in the terminal: what was found, what is asked, what came of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from ..atomic import replacing
from ..decisions.reading.drafting.draft import Draft, Question
from ..decisions.reading.drafting.drafting import draft_mapping, mapping_beside
from ..decisions.reading.read import read_log
from ..errors import LogError
from .show import console, done

_TICK, _LOOK = "[green]✓[/green]", "[yellow]![/yellow]"
_REASONS_SHOWN = 3


def draft(
    file: Path, out: Path | None, *, preset: str | None, sheet: str | None, yes: bool, force: bool
) -> None:
    """Draft, ask, write, and read the file by it."""
    asks = not yes and sys.stdin.isatty()
    target = out or mapping_beside(file)
    _may_write(target, file, asks=asks, force=force)
    found = draft_mapping(file, preset=preset, sheet=sheet, target=target)
    found = _ask(found) if asks else found
    _show(found)
    try:
        with replacing(target) as partial:
            partial.write_text(found.yaml(), encoding="utf-8")
    except OSError as e:
        raise LogError(f"{target}: cannot be written ({e.strerror}); give --out") from None
    done("mapping", target)
    _try(found, file, target)


def _may_write(target: Path, file: Path, *, asks: bool, force: bool) -> None:
    if target.resolve() == file.resolve():
        raise LogError(f"{target}: would overwrite the export; give --out another name")
    if target.exists() and not force:
        if not asks:
            raise LogError(f"{target}: is there already; add --force, or give --out another name")
        if not typer.confirm(f"{target} is there already. Overwrite it?", default=False):
            raise LogError(f"{target}: was left as it is; give --out another name")


def _ask(found: Draft) -> Draft:
    """Put every open question, and those that come up with the answers."""
    while found.questions:
        question = found.questions[0]
        found = found.answer(question.key, _answer(question))
    return found


def _answer(question: Question) -> str:
    out = console()
    out.print(f"\n[bold]{escape(question.text)}[/bold]", soft_wrap=True)
    for i, choice in enumerate(question.choices, 1):
        out.print(f"  {i}  {escape(choice.label)}", soft_wrap=True)
    named = [choice.value for choice in question.choices]
    likely = str(named.index(question.likely) + 1) if named else question.likely
    while True:
        said = typer.prompt("Which" if named else "Zone", default=likely).strip()
        try:
            return question.check(named[int(said) - 1] if _is_number(said, named) else said)
        except LogError as e:
            out.print(f"{_LOOK} {escape(str(e).partition(': ')[2])}", soft_wrap=True)


def _is_number(said: str, named: list[str]) -> bool:
    return said.isdigit() and 1 <= int(said) <= len(named)


def _show(found: Draft) -> None:
    """Which column is which, and what else the mapping says."""
    table = Table(
        title=f"How {found.study.path.name} is to be read", box=box.SIMPLE_HEAD,
        title_justify="left", title_style="bold",
    )  # fmt: skip
    for heading in ("our name", "your column", "why"):
        table.add_column(heading)
    for ours, theirs in found.plan.get("columns", {}).items():
        table.add_row(ours, escape(theirs), _why(found, f"columns.{ours}"))
    rule = found.plan.get("ok", {})
    for part, text in rule.items():
        shown = "; ".join(f"{k}: {v}" for k, v in text.items()) if isinstance(text, dict) else text
        table.add_row(
            f"ok, {part}".replace("_", " "), escape(str(shown)), _why(found, f"ok.{part}")
        )
    for key, value in found.plan.items():
        if key not in ("columns", "ok", "values"):
            shown = "; ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) \
                else value  # fmt: skip
            table.add_row(f"[dim]{key}[/dim]", escape(str(shown)), _why(found, key))
    out = console()
    out.print(table)
    for said in found.missing:
        mark = "  " if said.startswith(" ") else _LOOK
        out.print(f"{mark} {escape(said.strip())}", soft_wrap=True)


def _why(found: Draft, line: str) -> str:
    why = escape(found.reasons.get(line, ""))
    return f"[yellow]please check:[/yellow] {why}" if line in found.doubts else f"[dim]{why}[/dim]"


def _try(found: Draft, file: Path, target: Path) -> None:
    """Read the file by the draft, and say how it went and what comes next."""
    out, scored = console(), "confidence" in found.plan.get("columns", {})
    try:
        log = read_log(file, target, allow_rejects=1.0, context=not scored)
    except LogError as e:
        raise LogError(f"drafted, but the file cannot be read by it yet: {e}") from None
    lost = log.rejects["reason"].value_counts()
    mark = _LOOK if len(log.rejects) else _TICK
    rejected = f", {len(log.rejects):,} cannot be" if len(log.rejects) else ", none is rejected"
    out.print(f"{mark} {len(log):,} of {log.record['rows_read']:,} rows can be used{rejected}")
    for reason, count in lost.head(_REASONS_SHOWN).items():
        first = log.rejects[log.rejects["reason"] == reason].iloc[0]
        where = f"{first['column']} {first['value']!r}" if first["column"] else "the row"
        out.print(f"    {count:,}: {escape(where)} {escape(str(reason))}", soft_wrap=True)
    verb = "measure" if scored else "score"
    checks = " after a look at the lines that say 'please check'" if found.doubts else ""
    out.print(f"  Next{checks}:", soft_wrap=True)
    command = f"hitlsim {verb} {shlex.quote(str(file))} --map {shlex.quote(str(target))}"
    out.print(f"    [bold]{escape(command)}[/bold]", soft_wrap=True)
