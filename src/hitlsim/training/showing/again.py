"""Items looked at again after a session: what one did, what was wrong, how it should have been.

The deck and the answers are other people's text: all of it is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

import pandas as pd

from ...decisions.counting.tally import READING_FLOOR_SECONDS
from ...present.picture import SCROLL
from ...present.showing.pieces import folded
from ...present.style import plain
from ..acts import Act
from ..desk.words import ROUND_WORDS
from ..playing.item import Item

_DID = {
    Act.LEAVE: "left it alone", Act.APPROVE: "approved it", Act.EDIT: "changed it",
    Act.REJECT: "sent it back",
}  # fmt: skip
_ALIKE = 0.4
"""Lines that share less than this are other lines, in which no words are marked."""
_OPEN = 5
"""Items shown one below the other; the rest are folded away."""
CSS = """
.again { border: 1px solid var(--line); border-left: 5px solid var(--tone, var(--line));
  border-radius: 4px; padding: 10px 16px 4px; margin: 0 0 12px; }
.again h3 { font-size: 1rem; font-weight: 600; line-height: 1.35; margin: 0 0 .1em;
  overflow-wrap: anywhere; }
.again > p { margin: 0 0 .5em; overflow-wrap: anywhere; }
.again dl { display: grid; grid-template-columns: 7.6em minmax(0, 1fr); gap: .25em .9em;
  margin: 0 0 .6em; font-size: .92rem; }
.again dt { font-weight: 600; color: var(--grey); }
.again dt, .again dd { float: none; width: auto; margin: 0; padding: 0; }
.again dd { overflow-wrap: anywhere; white-space: pre-line; }
.again dd.was { border-left: 3px solid var(--bad); padding-left: .6em; }
.again dd.now { border-left: 3px solid var(--good); padding-left: .6em; }
.again mark { background: none; color: inherit; font-weight: 700; padding: 0; }
.again .was mark { text-decoration: underline wavy var(--bad) 1.5px; text-underline-offset: .2em; }
.again .now mark { text-decoration: underline var(--good) 2px; text-underline-offset: .2em; }
table.touched { min-width: 100%; } .touched :is(td, thead th) { text-align: left; }
.touched td:last-child, .touched thead th:last-child { text-align: right; white-space: nowrap; }
.touched small { display: block; font-weight: 400; white-space: normal; }
@media (max-width: 560px) { .again dl { grid-template-columns: minmax(0, 1fr); gap: .1em; }
  .again dd { margin-bottom: .5em; } }
"""


def cards(items: Mapping[str, Item], f: pd.DataFrame, *, tone: str, most: int = _OPEN) -> str:
    """Wrong items with what was wrong, the line as it was and as it should have been.

    Parameters
    ----------
    items : mapping of str to Item
        By id.
    f : DataFrame
        Marked answers to show, in the order in which they are to be read.
    tone : {"bad", "good", "watch"}
    most : int
        So many stand open; the others are folded away.
    """
    made = [_card(items[r["item_id"]], r, tone) for r in f.to_dict("records")]
    if len(made) <= most:
        return "".join(made)
    rest = len(made) - most
    more = f"{rest} more" if most else f"All {rest}" if rest > 1 else "Show it"
    return "".join(made[:most]) + folded(more, "".join(made[most:]))


def _card(item: Item, did: Mapping[str, Any], tone: str) -> str:
    points = [("The mistake", escape(item.truth.told or item.truth.fault or "not named"), "what")]
    for was, now in differing(item.lines, item.truth.mended):
        points += [("The AI wrote", _arrows(was) or "<em>nothing</em>", "was"),
                   ("It should say", _arrows(now) or "<em>nothing</em>", "now")]  # fmt: skip
    if said := _said(did.get("reason")):
        points.append(("You wrote", escape(said), "said"))
    told = "".join(f'<dt>{name}</dt><dd class="{css}">{text}</dd>' for name, text, css in points)
    return (
        f'<article class="again {tone}"><h3>{escape(item.title)}</h3>'
        f'<p class="small">{escape(_where(item))}. {escape(_did(item, did))}.</p>'
        f"<dl>{told}</dl>{folded('The whole item, as you had it', _whole(item))}</article>"
    )


def differing(lines: Sequence[str], mended: Sequence[str]) -> list[tuple[str, str]]:
    """Lines that differ, as they were and as they should have been, their words marked as HTML.

    Examples
    --------
    >>> differing(["Hello Ada,", "see you on Monday."], ["Hello Ada,", "see you on Friday."])
    [('see you on <mark>Monday</mark>.', 'see you on <mark>Friday</mark>.')]
    >>> differing(["Stage: <new>"], ["Stage: <new>", "Owner: Kim"])
    [('', 'Owner: Kim')]
    """
    if not mended:
        return []
    found = []
    for kind, a, b, c, d in SequenceMatcher(None, lines, mended, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if b - a == d - c:
            found += [_words(was, now) for was, now in zip(lines[a:b], mended[c:d], strict=True)]
        else:
            found.append(("\n".join(map(escape, lines[a:b])), "\n".join(map(escape, mended[c:d]))))
    return found


def _words(was: str, now: str) -> tuple[str, str]:
    """Two versions of a line, with the words marked in which they differ."""
    left, right = (re.findall(r"\w+|\s+|[^\w\s]", line) for line in (was, now))
    same = SequenceMatcher(None, left, right, autojunk=False)
    if same.ratio() < _ALIKE:
        return escape(was), escape(now)
    both = ["", ""]
    for kind, a, b, c, d in same.get_opcodes():
        for side, words in enumerate((left[a:b], right[c:d])):
            text = escape("".join(words))
            both[side] += f"<mark>{text}</mark>" if kind != "equal" and text.strip() else text
    return both[0], both[1]


def _arrows(html: str) -> str:
    """As at the desk, where a field turns from one value into another."""
    return html.replace(" -&gt; ", " \N{RIGHTWARDS ARROW} ")


def _whole(item: Item) -> str:
    """What was before the trainee: the lines, and all that stood beside them."""
    parts = (
        ("The message" if item.kind == "email" else "The record", item.lines),
        ("What it had", item.context), ("Account", item.account), ("Before", item.history),
        ("Signals", item.signals), ("Why asked", item.asked_because),
    )  # fmt: skip
    told = "".join(
        f"<dt>{name}</dt><dd>{_arrows(escape(chr(10).join(lines)))}</dd>"
        for name, lines in parts
        if lines
    )
    return f"<dl>{told}</dl>"


def _where(item: Item) -> str:
    # the round by the name that it had at the desk
    return f"Item {item.item_id}, {ROUND_WORDS[item.round].title}, {plain(item.workflow)}"


def _did(item: Item, did: Mapping[str, Any]) -> str:
    """What somebody did with it, and how long they looked, beside the time its text takes."""
    act = Act(str(did["action"]))
    seconds = did.get("dwell_seconds")
    said = f"You {_DID[act]}"
    if seconds is None or pd.isna(seconds):
        return said
    said = f"{said} after {seconds:.0f} s"
    floor = float(item.carried.get("floor_seconds", READING_FLOOR_SECONDS))
    return f"{said}; its text takes {floor:.0f} s to read" if did.get("fast") else said


def _said(reason: object) -> str:
    return reason.strip() if isinstance(reason, str) else ""


def touched(items: Mapping[str, Item], f: pd.DataFrame) -> str:
    """Items that needed nothing, one line each.

    Parameters
    ----------
    items : mapping of str to Item
    f : DataFrame
        Marked answers with ``why``.
    """
    rows = "".join(
        f'<tr><th scope="row">{escape(item.title)}<small>{escape(_where(item))}</small></th>'
        f"<td>{escape(str(r['why']))}</td><td>{_short(r)}</td></tr>"
        for r, item in ((r, items[r["item_id"]]) for r in f.to_dict("records"))
    )
    return (
        f'{SCROLL}<table class="touched"><thead><tr><th scope="col">Item</th>'
        '<th scope="col">Why it needed nothing</th><th scope="col">You</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _short(did: Mapping[str, Any]) -> str:
    seconds = did.get("dwell_seconds")
    after = "" if seconds is None or pd.isna(seconds) else f"<small>{seconds:.0f} s</small>"
    return f"{escape(_DID[Act(str(did['action']))].removesuffix(' it'))}{after}"


def unasked(items: Iterable[Item]) -> str:
    """Wrong items that nobody was asked about: what it was, and what was wrong with it."""
    rows = "".join(
        f"<li>{escape(item.title)}: {escape(item.truth.told or item.truth.fault or 'wrong')} "
        f'<span class="small">({escape(item.item_id)})</span></li>'
        for item in items
    )
    return f"<ul>{rows}</ul>"
