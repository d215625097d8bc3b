"""Training: practise reviewing, in a class or alone, and see what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Force, Mapping, Out, app

train = typer.Typer(
    name="train",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Practise reviewing: draw a deck, serve a class, score what people did.",
    epilog="Start with [bold]hitlsim train deck --out deck.json[/bold], then "
    "[bold]hitlsim train serve deck.json[/bold]; docs/training.md tells the rest.",
)
app.add_typer(train)

Answers = Annotated[
    Path, typer.Argument(help="File of a class (.db), or a table of answers (.csv, .parquet ...).")
]

_PLAYED, _REACHED = "How it is played", "Who can reach it"


def _how(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, help=text, rich_help_panel=_PLAYED)
    return option


@train.command(epilog="Examples: hitlsim train deck --out deck.json --key key.html | "
               "hitlsim train deck --log calls.csv --map calls.map.yaml --items 30 | "
               "hitlsim train deck --other-than deck.json --out second.json")  # fmt: skip
def deck(
    log: Annotated[
        Path | None, typer.Option(help="Draw from this decision log.")
    ] = None,
    map_: Mapping = None,
    scenario: Annotated[
        str | None,
        typer.Option(help="Draw from a run of this scenario \\[default: on-the-loop]; beside --log "
                     "it only says what errors and looks cost."),
    ] = None,
    items: Annotated[int, typer.Option(help="Items in each of the three rounds, 10 to 400.")] = 40,
    prevalence: Annotated[
        float, typer.Option(help="Share of wrong items, 0.05 to 0.5.")
    ] = 0.3,
    seed: Annotated[int, typer.Option(help="Same log and seed: same deck, to the byte.")] = 7,
    plant: Annotated[
        bool, typer.Option(help="Put mistakes into right decisions where wrong ones are too few.")
    ] = True,
    other_than: Annotated[
        list[Path] | None,
        typer.Option(help="Share no decision with this deck, drawn from the same log; or again."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Write the deck here (.json).")] = Path("deck.json"),
    key: Annotated[
        Path | None,
        typer.Option(help="Write your key here: what is wrong with each item (.html, .csv)."),
    ] = None,
) -> None:  # fmt: skip
    """Draw a deck: decisions to practise on, some of them wrong, each as a reviewer sees it."""
    from .. import show_deck
    from ..targets import Target, check_targets

    others = tuple(other_than or ())
    check_targets(Target("--out", out, (".json",)), Target("--key", key, (".html", ".csv")),
                  read=(log, map_, *others))  # fmt: skip
    asked = show_deck.Asked(log, map_, scenario, items, prevalence, seed, plant, others)
    show_deck.deal(asked, out, key)


@train.command(epilog="Examples: hitlsim train serve deck.json | "
               "hitlsim train serve deck.json --second second.json --together | "
               "hitlsim train serve --class class.db")  # fmt: skip
def serve(
    deck: Annotated[
        Path | None, typer.Argument(help="Deck to begin with; left out to go on with a class.")
    ] = None,
    second: Annotated[
        Path | None,
        typer.Option(help="Second deck, to see what has changed; a class can get it later."),
    ] = None,
    class_: Annotated[
        Path, typer.Option("--class", help="File of the class; made if it is not there.")
    ] = Path("class.db"),
    ask_sure: Annotated[bool, _how("--ask-sure", "Ask how likely each item is right.")] = False,
    hide_confidence: Annotated[
        bool, _how("--hide-confidence", "Do not show the AI's confidence.")
    ] = False,
    tell_at_once: Annotated[
        bool, _how("--tell-at-once", "Tell a mistake as soon as its item is answered.")
    ] = False,
    together: Annotated[
        bool, _how("--together", "You open each round, on the board.")
    ] = False,
    team: Annotated[
        str | None,
        _how("--team", "Scenario whose twelve weeks people see with their own habits "
             "\\[default: on-the-loop]."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(help="Address to listen at; 0.0.0.0 for all of this machine's.",
                     rich_help_panel=_REACHED),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port.", rich_help_panel=_REACHED)
    ] = 8866,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the board.", rich_help_panel=_REACHED)
    ] = False,
) -> None:  # fmt: skip
    """Serve a class in the browser: a desk for everybody, a board for you, until Ctrl-C."""
    from .. import show_train

    asked: dict[str, bool | str] = {} if team is None else {"team": team}
    asked |= {"show_confidence": False} if hide_confidence else {}
    given = {"ask_sure": ask_sure, "tell_at_once": tell_at_once, "together": together}
    asked |= {name: True for name, flag in given.items() if flag}
    decks = [path for path in (deck, second) if path is not None]
    show_train.serve(class_, decks, asked, host=host, port=port, browser=not no_browser)


@train.command(epilog="Examples: hitlsim train score class.db | "
               "hitlsim train score class.db --trainee wren --deck B | "
               "hitlsim train score answers.csv --out scores.csv")  # fmt: skip
def score(
    answers: Answers,
    trainee: Annotated[
        str | None, typer.Option(help="Only this pseudonym: figures, items, what to practise.")
    ] = None,
    deck: Annotated[
        str | None, typer.Option(help="Letter of the deck \\[default: the first].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write all figures here (.csv, .json).")
    ] = None,
) -> None:  # fmt: skip
    """Score what people did: what they saw and did, with intervals, and what it proves."""
    from .. import show_answers
    from ..targets import Target, check_targets

    check_targets(Target("--out", out, (".csv", ".json")), read=(answers,))
    show_answers.show(answers, trainee, deck, out)


@train.command(epilog="Examples: hitlsim train debrief class.db | "
               "hitlsim train debrief class.db --pdf --each people")  # fmt: skip
def debrief(
    answers: Answers,
    deck: Annotated[
        str | None, typer.Option(help="Letter of the deck \\[default: the first].")
    ] = None,
    out: Out = Path("reports"),
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also a PDF, by any Chromium, Chrome, Edge or Brave.")
    ] = False,
    each: Annotated[
        Path | None,
        typer.Option(help="Also a page for each person, under their pseudonym, in this folder."),
    ] = None,
    force: Force = False,
) -> None:
    """Write the report of a class, as 'hitlsim report training' does, and people's own pages.

    Exit codes are those of 'hitlsim report'.
    """
    from .. import debriefing

    debriefing.debrief(answers, out, deck=deck, pdf=pdf, each=each, force=force)
