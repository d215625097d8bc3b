"""Where the scenarios and notebooks that ship with hitlsim lie."""

from __future__ import annotations

from pathlib import Path

from .errors import ScenarioError


def bundled(kind: str) -> Path:
    """The folder of shipped ``scenarios`` or ``notebooks``: in the wheel, or in the checkout."""
    here = Path(__file__).resolve().parent
    for place in (here / "_files" / kind, here.parents[1] / kind):
        if place.is_dir():
            return place
    raise ScenarioError(f"the {kind} that ship with hitlsim are missing; install hitlsim again")
