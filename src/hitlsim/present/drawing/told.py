"""What was found, in words: the finding first, then what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..picture import Html


def told(sentences: Sequence[str]) -> Html:
    """Sentences as a box: the first is the finding, the others stand below it.

    >>> told(["3 < 4.", "Counted."]).text
    '<section class="summary"><p class="headline">3 &lt; 4.</p><ul><li>Counted.</li></ul></section>'
    """
    first, *others = sentences
    below = "".join(f"<li>{escape(s)}</li>" for s in others)
    return Html(
        f'<section class="summary"><p class="headline">{escape(first)}</p>'
        + (f"<ul>{below}</ul>" if below else "")
        + "</section>"
    )
