"""A report on disk: notebook, HTML page, figures as JSON, and a manifest written last.

A run works on hidden partial files and replaces the last report only when everything is there. The
manifest is the commit mark: without one that fits, a report counts as not made.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from ...atomic import replacing
from ...bundled import bundled
from ...decisions.log import month_span
from ...decisions.reading.read import input_files
from ...errors import LogError, ScenarioError
from .execute import ReportError, checked, execute, parameters_of, without_traces

__all__ = ["ReportError", "ReportLocked", "ReportResult", "report"]

Progress = Callable[[str], None]
"""Called with one line at each stage."""

_OURS = ("log", "mapping", "month", "results")
_FILES = ("report.ipynb", "report.html", "results.json")
_PARTIAL = ".report.*.partial.*"


class ReportLocked(ReportError):
    """Another run is making the same report."""


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Where a report lies."""

    path_html: Path
    path_results: Path
    path_manifest: Path
    skipped: bool
    """Whether it was there already, made from the same data by the same code."""


def report(
    name: str = "monthly",
    *,
    log: str | Path,
    mapping: str | Path | None = None,
    month: str | None = None,
    out: str | Path = "reports",
    force: bool = False,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ReportResult:
    """Make a report of one month of a decision log.

    Parameters
    ----------
    name : str
        Which report; ``monthly`` ships.
    log, mapping : str or Path
        What :func:`hitlsim.read_log` reads.
    month : str, optional
        As ``2026-09``; default the last full month of the log.
    out : str or Path
        The report lies in ``out/name/month``.
    force : bool
        Make it even if it is there already, from the same data, parameters and code.
    parameters : mapping, optional
        Further parameters of the report's notebook, such as ``exception_high``.
    progress : callable, optional
        Called with one line at each stage.

    Returns
    -------
    ReportResult

    Raises
    ------
    LogError, ScenarioError
        When the log, its mapping, the month or a parameter cannot be used.
    ReportError
        When anything else goes wrong; the last good report stays, the failed notebook lies beside.
    """
    say = progress or _silently
    source = notebook_of(name)
    values = checked(parameters_of(_read(source)), _not_ours(parameters or {}))
    paths = [Path(log), *([Path(mapping)] if mapping is not None else [])]
    files = input_files(Path(log), Path(mapping) if mapping is not None else None)
    inputs = [{"name": p.name, "sha256": _sha256(p)} for p in files]
    if month is None:
        say(f"reading {Path(log).name} to find its last full month")
        month = _last_month(log, mapping)
    month_span(month, None)
    key = {
        "report": name,
        "month": month,
        "parameters": values,
        "inputs": inputs,
        "notebook_sha256": _sha256(source),
        "code": {"hitlsim": version("hitlsim"), "sha256": _code_sha256()},
    }
    folder = Path(out) / name / month
    if not force and _is_made(folder, key):
        say(f"unchanged since it was made: {folder / 'report.html'}")
        return _result(folder, skipped=True)
    # as seen from the report, so that its notebook also runs where it lies
    seen = [_from(folder, p) for p in paths]
    values = {**values, "log": seen[0], "mapping": "".join(seen[1:]), "month": month}
    with _alone(folder):
        _make(folder, source, values, key, say)
    return _result(folder, skipped=False)


def _from(folder: Path, path: Path) -> str:
    """A path relative to a folder, with forward slashes on every system."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive of a Windows machine
        return path.resolve().as_posix()


def _silently(_: str) -> None:
    """No progress is shown."""


def _make(
    folder: Path, source: Path, values: dict[str, Any], key: dict[str, Any], say: Progress
) -> None:
    """Run, check, convert, put into place; nothing of the last report is touched before the end."""
    began = time.monotonic()
    stem = f".report.{uuid4().hex[:12]}.partial"
    ran, page, results = (folder / f"{stem}.{ending}" for ending in ("ipynb", "html", "json"))
    try:
        say(f"running the notebook for {values['month']}")
        notebook = execute(source, ran, {**values, "results": results.name}, results)
        executed = time.monotonic()
        say("writing the page")
        figures = json.loads(results.read_text(encoding="utf-8"))
        page.write_text(_page(notebook, figures, values["log"]), encoding="utf-8")
        _write(without_traces(notebook, folder / "results.json"), ran)
        made = dict(zip(_FILES, (ran, page, results), strict=True))
        manifest = {
            **key,
            "seed": figures["record"].get("seed"),
            "seconds": {
                "notebook": round(executed - began, 2),
                "page": round(time.monotonic() - executed, 2),
            },
            "outputs": {file: _sha256(path) for file, path in made.items()},
            "status": "complete",
        }
        for file, path in made.items():
            path.replace(folder / file)
        with replacing(folder / "manifest.json") as partial:
            partial.write_text(f"{json.dumps(manifest, indent=1, sort_keys=True)}\n", "utf-8")
        (folder / "report.failed.ipynb").unlink(missing_ok=True)
    except ReportError as e:
        raise type(e)(f"{e}; {_kept(ran)}") from None
    except (LogError, ScenarioError):
        _kept(ran)
        raise
    finally:
        _sweep(folder)


def _kept(ran: Path) -> str:
    """Put a failed notebook beside the last good report, and say where."""
    failed = ran.with_name("report.failed.ipynb")
    if not ran.exists():
        return "it failed before its first cell"
    ran.replace(failed)
    return f"see {failed}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else makes this report meanwhile; what an interrupted run left is swept."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ReportLocked(
            f"{folder}: another run is making this report; wait until it is done"
        ) from None
    try:
        _sweep(folder)
        yield
    finally:
        lock.release()


def _sweep(folder: Path) -> None:
    for left in folder.glob(_PARTIAL):
        left.unlink(missing_ok=True)


def _is_made(folder: Path, key: Mapping[str, Any]) -> bool:
    """Whether the manifest says so, and its files are the ones it speaks of."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return (
            manifest["status"] == "complete"
            and {k: manifest[k] for k in key} == json.loads(json.dumps(key))
            and all(_sha256(folder / f) == sha for f, sha in manifest["outputs"].items())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _result(folder: Path, *, skipped: bool) -> ReportResult:
    return ReportResult(
        folder / "report.html", folder / "results.json", folder / "manifest.json", skipped
    )


def notebook_of(name: str) -> Path:
    """The shipped notebook behind a report; an unknown name is refused and the known ones listed.

    >>> notebook_of("monthly").name
    'report_monthly.ipynb'
    """
    home = bundled("notebooks")
    known = sorted(p.stem.removeprefix("report_") for p in home.glob("report_*.ipynb"))
    if name not in known:
        raise ScenarioError(f"report {name!r} is unknown; known: {', '.join(known)}")
    return home / f"report_{name}.ipynb"


def _not_ours(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    ours = [name for name in parameters if name in _OURS]
    if ours:
        raise ScenarioError(
            f"parameter {ours[0]!r} is set by the report itself; give log, mapping and month as "
            "such, and out for the folder"
        )
    return parameters


def _last_month(log: str | Path, mapping: str | Path | None) -> str:
    from ..monthly.month import last_full_month, open_log

    return last_full_month(open_log(str(log), str(mapping or "")))


def _page(notebook: Any, figures: dict[str, Any], log: str) -> str:
    from ..style import count, month_name
    from .page import notebook_body, page

    n = figures["metrics"]["all"]["decisions"]["value"]
    source = figures["record"].get("source", Path(log).name)
    return page(
        month_name(figures["month"]),
        "Monthly report on AI decisions",
        f"{source}: {count(n)} decisions",
        notebook_body(notebook),
        f"Made with hitlsim {version('hitlsim')}. Every figure stands in results.json beside this "
        "page; report.ipynb holds the code that made it.",
    )


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


def _write(notebook: Any, path: Path) -> None:
    import nbformat

    path.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as e:
        raise LogError(f"{path}: cannot be read ({e.strerror}); check the path") from None
    return digest.hexdigest()


def _code_sha256() -> str:
    """Fingerprint of hitlsim's own sources, so that changed code makes the report anew."""
    home = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(usedforsecurity=False)
    for file in sorted(home.rglob("*.py")):
        digest.update(file.relative_to(home).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
