"""What stands at the top of a report's page, and in the index of all reports."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..style import count
from .notebooks import read_notebook


@dataclass(frozen=True)
class Front:
    """Kind, title and source of a report, and what it found.

    Attributes
    ----------
    kind : str
        The first heading of its notebook.
    title : str
        What it is about, in words.
    source : str
        Where its data come from.
    headline : str
        The one thing to take away.
    """

    kind: str
    title: str
    source: str
    subtitle: str
    headline: str

    @classmethod
    def of(cls, notebook: Path, title: str, results: dict[str, Any]) -> Front:
        """From the notebook as it ships, and the results of a run."""
        source = str(results["record"].get("source") or results["record"].get("scenario") or "")
        return cls(
            kind=_kind(notebook),
            title=title,
            source=source,
            subtitle=str(results.get("subtitle") or _subtitle(source, results)),
            headline=str(results["headline"]),
        )

    def page(self, ran: Path) -> str:
        """The whole page of a notebook that ran."""
        from .page import notebook_body, page

        return page(
            self.title,
            self.kind,
            self.subtitle,
            notebook_body(read_notebook(ran)),
            f"Made with hitlsim {version('hitlsim')}. Every figure stands in results.json beside "
            "this page; report.ipynb holds the code that made it.",
        )

    def told(self) -> dict[str, str]:
        """For the manifest."""
        return {
            "kind": self.kind,
            "title": self.title,
            "source": self.source,
            "headline": self.headline,
        }


def _kind(notebook: Path) -> str:
    """The first heading of a notebook."""
    for cell in read_notebook(notebook).cells:
        first = cell.source.strip().splitlines()[:1]
        if cell.cell_type == "markdown" and first and first[0].startswith("# "):
            return str(first[0].removeprefix("# ").strip())
    return "Report"


def _subtitle(source: str, results: dict[str, Any]) -> str:
    decisions = results.get("metrics", {}).get("all", {}).get("decisions")
    return f"{source}: {count(decisions['value'])} decisions" if decisions else source
