"""Where the scenarios, notebooks and schedules that ship with hitlsim lie."""

from __future__ import annotations

from pathlib import Path

from .errors import ScenarioError

_IN_CHECKOUT = {"schedules": "docs/scheduling"}
"""Beside the page that tells of them."""


def bundled(kind: str) -> Path:
    """Where ``scenarios``, ``notebooks`` or ``schedules`` lie: in the wheel, or in the checkout."""
    here = Path(__file__).resolve().parent
    for place in (here / "_files" / kind, here.parents[1] / _IN_CHECKOUT.get(kind, kind)):
        if place.is_dir():
            return place
    raise ScenarioError(f"the {kind} that ship with hitlsim are missing; install hitlsim again")
