"""A debrief as a cell of a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...present.showing.pieces import box, head, listed, notes

if TYPE_CHECKING:
    from ..debrief import Debrief


def debriefed(d: Debrief) -> str:
    """The finding, the half minute, and what to be careful about; people by pseudonym."""
    return box(
        head(d.headline, d.subtitle),
        listed(f"{s.topic}: {s.text}" for s in d.sentences),
        notes(d.warnings),
    )
