"""The facilitator's key of a deck: for the screen, on paper, and for a spreadsheet."""

from __future__ import annotations

from difflib import SequenceMatcher
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ...atomic import replacing
from ...errors import LogError
from ..acts import Round
from ..playing.item import Item, Lines

if TYPE_CHECKING:
    from .deck import Deck

ROUND_NAMES = {Round.SHADOW: "Shadow", Round.EXCEPTION: "Exceptions only",
               Round.STEADY: "Steady state"}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets."""


def key_of(deck: Deck) -> pd.DataFrame:
    """One row for each item, in the order of play."""
    ids = deck.decision_ids or ("",) * len(deck)
    rows = [
        {"item": item.item_id, "round": str(item.round), "workflow": item.workflow,
         "title": item.title, "truth": "right" if item.truth.right else "wrong",
         "what is wrong": item.truth.told, **_mended(item),
         "boundary spec": "; ".join(item.asked_because) or "goes alone",
         "planted": item.truth.planted, "decision": decision}
        for item, decision in zip(deck.cards.items, ids, strict=True)
    ]  # fmt: skip
    key = pd.DataFrame(rows)
    return key if deck.decision_ids else key.drop(columns="decision")


def _mended(item: Item) -> dict[str, str]:
    old, new = ("", "") if item.truth.right else differing(item.lines, item.truth.mended)
    return {"as shown": old, "as it should be": new}


def differing(shown: Lines, mended: Lines) -> tuple[str, str]:
    """The lines that differ, on either side.

    >>> differing(("Hello Ada,", "Best"), ("Hello Bela,", "Best"))
    ('Hello Ada,', 'Hello Bela,')
    """
    out: list[str] = []
    put: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, shown, mended, autojunk=False).get_opcodes():
        if tag != "equal":
            out += shown[i1:i2]
            put += mended[j1:j2]
    return "\n".join(out), "\n".join(put)


def write_key(deck: Deck, path: Path) -> Path:
    """Write the key as a page or as a table.

    Raises
    ------
    LogError
        When the path ends in neither .html nor .csv, or cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".html", ".csv"):
        raise LogError(
            f"{path}: a key is written as .html or .csv; give such a name, like {path.stem}.html"
        )
    try:
        with replacing(path) as partial:
            if kind == ".html":
                partial.write_text(key_page(deck), encoding="utf-8", errors="replace", newline="\n")
            else:
                harmless(deck.key).to_csv(partial, index=False, errors="replace")
    except OSError as e:
        raise LogError(f"{path}: cannot be written ({e.strerror}); give another path") from None
    return path


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts that no spreadsheet takes for a formula.

    References
    ----------
    OWASP, CSV injection.

    Examples
    --------
    >>> harmless(pd.DataFrame({"a": ["=1+1", "-x", "Ada"], "n": [1, 2, 3]}))["a"].tolist()
    ["'=1+1", "'-x", 'Ada']
    """

    def guarded(cell: object) -> object:
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell

    return frame.map(guarded)


# --- the page ------------------------------------------------------------------------------------

_STYLE = """<style>
.key td, .key th { text-align: left; } .key td:nth-child(2) { min-width: 12em; }
.key del { color: var(--bad); } .key ins { color: var(--good); text-decoration: none; }
.key td small { display: block; } .key .ok { color: var(--grey); }
.key tr.wrong th { border-left: 4px solid var(--bad); padding-left: .5em; }
.key tr.right th { border-left: 4px solid transparent; padding-left: .5em; }
@media print { section { break-before: page; } section:first-of-type { break-before: auto; } }
</style>"""


def key_page(deck: Deck) -> str:
    """The key as a page that opens offline and prints; all text escaped."""
    from ...present.reporting.page import page
    from ...present.showing.pieces import listed

    r = deck.record
    body = [_STYLE, f'<p class="note">{escape(_HOW)}</p>']
    for name in deck.cards.rounds:
        items = deck.cards.of_round(name)
        bad = [item.item_id for item in items if not item.truth.right]
        body.append(
            f"<section><h2>{ROUND_NAMES[name]}: {len(items)} items, {len(bad)} wrong</h2>"
            f"<p>Wrong: {escape(', '.join(bad)) or 'none'}.</p>{_table(deck, items)}</section>"
        )
    body.append(f"<section><h2>Good to know</h2>{listed(deck.warnings)}</section>")
    return page(
        f"Deck {deck.letter}", "Facilitator's key",
        f"{len(deck)} items from {r.get('log', 'a decision log')}, seed {r.get('deck_seed', '?')}",
        "\n".join(body), "Not for trainees: it tells what is right and what is wrong.",
    )  # fmt: skip


_HOW = (
    "Wrong items are marked at the left, with what is wrong, the line as shown (struck out) and as "
    "it should be. The last column says why the boundary spec asks a person, or that it lets the "
    "item go alone."
)


def _table(deck: Deck, items: tuple[Item, ...]) -> str:
    from ...present.picture import SCROLL

    decision = dict(zip((i.item_id for i in deck.cards.items), deck.decision_ids, strict=False))
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Item", "What it is", "Truth", "Spec")
    )
    rows = "".join(_line(item, decision.get(item.item_id, "")) for item in items)
    return (
        f'{SCROLL}<table class="told key"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _line(item: Item, decision: str) -> str:
    from ...present.style import plain

    truth, css = '<span class="ok">right</span>', "right"
    if not item.truth.right:
        css = "wrong"
        old, new = differing(item.lines, item.truth.mended)
        planted = "<small>put in for the deck</small>" if item.truth.planted else ""
        truth = (
            f"<strong>{escape(item.truth.told)}</strong>"
            f"<small><del>{_broken(old)}</del></small><small><ins>{_broken(new)}</ins></small>"
            f"{planted}"
        )
    small = " \N{MIDDLE DOT} ".join(w for w in (plain(item.workflow), decision) if w)
    spec = "<br>".join(escape(why) for why in item.asked_because)
    spec = spec or '<span class="ok">goes alone</span>'
    return (
        f'<tr class="{css}"><th scope="row">{escape(item.item_id)}</th>'
        f"<td>{escape(item.title)}<small>{escape(small)}</small></td>"
        f"<td>{truth}</td><td>{spec}</td></tr>"
    )


def _broken(lines: str) -> str:
    return "<br>".join(
        escape(line.replace(" -> ", " \N{RIGHTWARDS ARROW} ")) for line in lines.split("\n")
    )
