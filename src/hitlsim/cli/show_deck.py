"""A deck in the terminal: what was drawn, what it proves, what comes next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from rich.markup import escape

from ..present.style import count, plain
from ..scenario.files import load
from ..simulation.run import simulate
from ..training.acts import Round
from ..training.dealing.deck import Deck, draw_deck, read_deck
from ..training.scoring.proving import ENOUGH, Proof, proof_of
from . import steps
from .show import _table, console, done

USUAL = "on-the-loop"
_GOOD, _WATCH = "[green]✓[/green]", "[yellow]![/yellow]"
_NOTE = (
    "What a person is asked about is drawn apart, and more of it than the log has, so shares of "
    "workflows differ."
)
_CHANCES = "Sessions of one person; exact, for items that are alike and independent."


@dataclass(frozen=True)
class Asked:
    """What deck somebody wants."""

    log: Path | None
    mapping: Path | None
    scenario: str | None
    items: int
    prevalence: float
    seed: int
    plant: bool
    other_than: tuple[Path, ...]


def deal(asked: Asked, out: Path, key: Path | None) -> None:
    """Draw a deck, write it and its key, and say what it is good for."""
    deck = _drawn(asked)
    _contents(deck)
    proves(proof_of(deck.cards))
    for sentence in deck.warnings:
        console().print(f"{_WATCH} {escape(sentence)}")
    done(f"deck {deck.letter}", deck.write(out))
    if key is not None:
        done("facilitator's key, which tells all mistakes", deck.write_key(key))
    for line in _next(asked, out, key):
        console().print(escape(line), soft_wrap=True)


def _drawn(asked: Asked) -> Deck:
    """From a log, or from a run of a scenario, which then also says what errors cost."""
    others = [read_deck(path) for path in asked.other_than]
    team = load(asked.scenario) if asked.scenario else None
    if asked.log is not None:
        log = steps.read(asked.log, asked.mapping, None, None, context=True)
    else:
        team = team or load(USUAL)
        log = simulate(team, seed=asked.seed).log
    return draw_deck(
        log, items=asked.items, prevalence=asked.prevalence, costs=team, seed=asked.seed,
        plant=asked.plant, other_than=others,
    )  # fmt: skip


def _contents(deck: Deck) -> None:
    r, items = deck.record, deck.cards.items
    of_log = r["workflows_in_log"]
    wrong = sum(not i.truth.right for i in items)
    planted = bool(r.get("planted"))
    title = (
        f"Deck {deck.letter}: {count(len(items))} items from {r['log']}, {wrong} of them wrong "
        f"(seed {r['deck_seed']})"
    )
    headings = ["items", "wrong", *(["planted"] if planted else []), "asked"]
    table = _table(title, "workflow", *headings, "of the deck", "of the log")
    flows = Counter(i.workflow for i in items)
    for name in [*of_log, *(n for n in flows if n not in of_log)]:
        mine = [i for i in items if i.workflow == name]
        cells = [len(mine), sum(not i.truth.right for i in mine),
                 *([sum(i.truth.planted for i in mine)] if planted else []),
                 sum(i.needs_look for i in mine)]  # fmt: skip
        table.add_row(escape(plain(name)), *map(str, cells), f"{len(mine) / len(items):.0%}",
                      f"{of_log.get(name, 0):.1%}")  # fmt: skip
    out = console()
    out.print(table)
    n = len(deck.cards.of_round(Round.SHADOW))
    out.print(
        f"{n} items in each round: shadow, exceptions only, steady state. Asked: the boundary spec "
        f"sends it to a person. [dim]{_NOTE}[/dim]"
    )


def proves(p: Proof) -> None:
    """What a deck of this size tells of one person, and how often."""
    out = console()
    for chance, words in (
        (p.hoarder, f"who opens six in ten of the {p.routine} routine items is told so"),
        (p.abdicator, f"who lets seven in eight of the {p.wrong} wrong items through is told so"),
        (p.sound, "who opens none and lets one in ten through is cleared of both"),
    ):
        mark = _GOOD if chance >= ENOUGH else _WATCH
        often = f"{100 * chance:.0f}" if chance <= 0.99 else "over 99"
        out.print(f"{mark} In {often} of 100 sessions somebody {words}.")
    out.print(f"[dim]{_CHANCES}[/dim]")
    if not p.enough:
        more = (
            f"draw {p.settles} items in each round, and all three hold in nine sessions of ten"
            if p.settles
            else "with this share of wrong ones no size will do; draw more of them"
        )
        out.print(f"{_WATCH} [bold]Not enough items[/bold] to tell the three apart: {more}.")


def _next(asked: Asked, out: Path, key: Path | None) -> list[str]:
    deck = quote(str(out))
    if asked.other_than:
        return [f"Next: hitlsim train serve {quote(str(asked.other_than[0]))} --second {deck}"]
    told = (("log", asked.log), ("map", asked.mapping), ("scenario", asked.scenario))
    source = [f" --{name} {quote(str(value))}" for name, value in told if value is not None]
    again = f"hitlsim train deck{''.join(source)} --other-than {deck} --out second.json"
    named = quote(f"{out.stem}-key.html")
    keyed = [] if key else [f"Your key to it: the same command with --key {named}"]
    return [*keyed, f"A second deck, to see later what has changed: {again}",
            f"Next: hitlsim train serve {deck}"]  # fmt: skip
