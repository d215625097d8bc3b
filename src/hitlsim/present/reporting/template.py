"""The notebook behind a report, and what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...bundled import bundled
from ...errors import ScenarioError
from .execute import Parameter, checked, parameters_of
from .failures import ReportError
from .given import OURS
from .notebooks import read_notebook


@dataclass(frozen=True)
class Template:
    """The notebook behind a report, and what it declares."""

    name: str
    path: Path
    declared: Mapping[str, Parameter]

    @classmethod
    def of(cls, name: str) -> Template:
        """One that ships."""
        path = notebook_of(name)
        declared = parameters_of(read_notebook(path))
        if "results" not in declared:
            raise ReportError(f"{path.name}: must declare 'results', where it writes results.json")
        return cls(name, path, declared)

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of a user's own; what a report sets by itself is refused among them."""
        ours = [name for name in given if name in OURS]
        if ours:
            raise ScenarioError(
                f"parameter {ours[0]!r} is set by the report itself; give log, mapping, month, "
                "scenario, seed and answers as such, and out for the folder"
            )
        return checked(self.declared, given)


def report_names() -> list[str]:
    """The reports that ship.

    >>> "monthly" in report_names()
    True
    """
    home = bundled("notebooks")
    return sorted(p.stem.removeprefix("report_") for p in home.glob("report_*.ipynb"))


def notebook_of(name: str) -> Path:
    """The shipped notebook behind a report; an unknown name is refused and the known ones listed.

    >>> notebook_of("monthly").name
    'report_monthly.ipynb'
    """
    known = report_names()
    if name not in known:
        raise ScenarioError(f"report {name!r} is unknown; known: {', '.join(known)}")
    return bundled("notebooks") / f"report_{name}.ipynb"
