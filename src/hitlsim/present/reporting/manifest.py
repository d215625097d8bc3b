"""The files of a report, and the manifest that says they belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...atomic import replacing
from .source import sha256
from .stages import Stages

NOTEBOOK, PAGE, RESULTS, MANIFEST, PDF = (
    "report.ipynb", "report.html", "results.json", "manifest.json", "report.pdf",
)  # fmt: skip
FAILED = "report.failed.ipynb"


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Where a report lies."""

    path_html: Path
    path_results: Path
    path_manifest: Path
    skipped: bool
    """Whether it was there already, made from the same data by the same code."""
    path_pdf: Path | None = None
    no_pdf: str = ""
    """Why there is none, where one was asked for."""
    gaps: str = ""
    """Of a report on a month: which working days its log lacks."""
    partly: bool = False
    """Whether those are so many that its figures are those of a part of the month."""


def commit(stages: Stages, files: tuple[str, ...], told: dict[str, Any]) -> dict[str, Any]:
    """Put everything into place, the manifest last."""
    folder = stages.report
    there = [f for f in (*files, PDF) if stages.file(f).is_file()]
    manifest = {
        **told,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "stages": stages.told,
        "outputs": {file: sha256(stages.file(file)) for file in there},
        "status": "complete",
    }
    if PDF not in there:  # one of the last report would be taken for this one's
        (folder / PDF).unlink(missing_ok=True)
    for file in there:
        stages.file(file).replace(folder / file)
    _write(folder, manifest)
    (folder / FAILED).unlink(missing_ok=True)
    return manifest


def add_pdf(folder: Path, made: dict[str, Any], stages: Stages) -> dict[str, Any]:
    """A PDF beside a report that was complete without."""
    printed = stages.file(PDF)
    if not printed.is_file():
        return made
    outputs = {**made["outputs"], PDF: sha256(printed)}
    manifest = {**made, "outputs": outputs, "stages": [*made["stages"], *stages.told]}
    printed.replace(folder / PDF)
    _write(folder, manifest)
    return manifest


def _write(folder: Path, manifest: Mapping[str, Any]) -> None:
    with replacing(folder / MANIFEST) as partial:
        partial.write_text(f"{json.dumps(manifest, indent=1, sort_keys=True)}\n", "utf-8")


def manifest_of(folder: Path, key: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The manifest of a complete report whose files are the ones it speaks of.

    Parameters
    ----------
    folder : Path
        Where the report lies.
    key : mapping, optional
        What it must have been made from.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        asked = json.loads(as_json(key or {}))
        whole = (
            manifest["status"] == "complete"
            and {k: manifest[k] for k in asked} == asked
            and all(sha256(folder / f) == sha for f, sha in manifest["outputs"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return manifest if whole else None


def result_of(
    folder: Path, manifest: Mapping[str, Any], *, skipped: bool, no_pdf: str = ""
) -> ReportResult:
    """What a caller is told of a report."""
    covers = manifest.get("covers") or {}
    printed = folder / PDF if PDF in manifest["outputs"] else None
    return ReportResult(
        folder / PAGE, folder / RESULTS, folder / MANIFEST, skipped, printed, no_pdf,
        gaps=covers.get("told", ""), partly=not covers.get("whole", True),
    )  # fmt: skip


def as_json(value: Any) -> str:
    """The same value gives the same text."""
    return json.dumps(value, sort_keys=True)
