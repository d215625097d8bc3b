"""What stands in place of the desk where no kernel runs: the first card, as it would be shown."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from ..playing.item import Cards
from ..playing.rules import is_open
from ..playing.settings import Settings
from .screens import seen
from .words import ROUND_WORDS

_BOX = ("max-width:720px;border:1px solid #8a8f94;border-radius:12px;padding:16px 20px;"
        "font-size:14px;line-height:1.5;overflow-wrap:anywhere")  # fmt: skip
_USUAL = "Run this cell in JupyterLab to practise; each answer is kept."
_TITLES = {"account": "Who it is about", "context": "What the AI knew",
           "history": "What went before"}  # fmt: skip


def still_html(cards: Cards, settings: Settings, name: str, *, why: str = _USUAL) -> str:
    """The first item of a deck without its truth, and how to play it.

    Parameters
    ----------
    cards : Cards
    settings : Settings
    name : str
        Class of the whole, by which the living desk hides it.
    why : str
        What the reader is told to do.
    """
    item = cards.items[0]
    shown = seen(item, settings, opened=is_open(item, opened=False))
    title = ROUND_WORDS[item.round].title
    size = f"{len(cards)} items in {len(cards.rounds)} rounds"
    head = (
        f"<p><strong>Practise reviewing: {size}.</strong> {escape(why)}</p>"
        f"<p>The first item of round 1, {escape(title)}:</p>"
    )
    parts = [f"<p><strong>{escape(item.title)}</strong> ({escape(shown['workflow'])})</p>"]
    if "lines" in shown:
        parts += [_list(shown["lines"]), *(_folded(shown, key) for key in _TITLES if shown[key])]
    return f'<div class="{escape(name)}" style="{_BOX}">{head}{"".join(parts)}</div>'


def _list(lines: Iterable[str]) -> str:
    return "<blockquote>" + "<br>".join(escape(line) for line in lines) + "</blockquote>"


def _folded(shown: dict[str, Any], key: str) -> str:
    return f"<details><summary>{_TITLES[key]}</summary>{_list(shown[key])}</details>"
