"""Read real decision logs: CSV and Parquet files, by the rules of a mapping."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import LogError
from ...scenario.explain import Problem
from ...scenario.files import Document
from ..columns import COLUMNS
from ..log import META, DecisionLog, from_parquet
from .build import build
from .mapping import Mapping, complain, near, read_mapping
from .rejects import check_share, no_rejects, write_rejects
from .sheet import Sheet, file_bytes, read_csv, read_parquet

ALLOW_REJECTS = 0.01
"""Share of unusable rows above which a log is refused, unless somebody says otherwise."""
_REQUIRED = tuple(c.name for c in COLUMNS.values() if c.required)
_HEADER_SHOWN = 30


def read_log(
    path: str | Path,
    mapping: str | Path | None = None,
    *,
    rejects: str | Path | None = None,
    allow_rejects: float | None = None,
    context: bool = False,
) -> DecisionLog:
    r"""Read a real decision log.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.csv.gz`` or ``.parquet`` file.
    mapping : str or Path, optional
        A mapping file (``docs/your-own-log.md``); not needed when the columns have our names.
    rejects : str or Path, optional
        Where to list, as CSV, the rows that cannot be used.
    allow_rejects : float, optional
        Largest share of such rows; else what the mapping says, else 0.01.
    context : bool
        Also bring the columns that are not ours, as ``context_NAME``, for a score to learn from;
        the log then needs no ``confidence``.

    Returns
    -------
    DecisionLog
        In order of ``decided_at``; with its rejects, and the file's fingerprint in the record.

    Raises
    ------
    LogError
        When the file or the mapping cannot be used, or too many rows cannot.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "calls.csv"
    >>> _ = file.write_text("decided_at,confidence,ok\n2026-09-30,0.93,yes\n2026-09-29,0.7,no\n")
    >>> read_log(file).frame[["decision_id", "confidence", "ok"]].values.tolist()
    [['row-3', 0.7, False], ['row-2', 0.93, True]]
    """
    path, target = Path(path), None if rejects is None else Path(rejects)
    _refuse_overwriting(target, path, mapping)
    plan, document = read_mapping(mapping) if mapping is not None else (Mapping(), None)
    allowed = _allowed(allow_rejects, plan)
    needed = ("decided_at",) if context else ("decided_at", "confidence")
    data = file_bytes(path)
    if mapping is None and _is_ours(data, path):
        log = _our_log(path, needed)
        if target:
            write_rejects(no_rejects(), target)
        return log
    sheet = _sheet(data, path, plan, context=context)
    sources = _sources(sheet, plan)
    _check_sources(sources, sheet, plan, document, path.name, needed)
    outcome = {plan.ok.outcome} if plan.ok else set()
    others = [n for n in sheet.names if n not in {*sources.values(), *outcome}] if context else []
    frame, bad = build(sheet, plan, sources, others)
    rejected = bad.frame()
    if target:
        write_rejects(rejected, target)
    check_share(bad, len(frame) + len(bad), allowed, path.name, target)
    record = {
        "source": path.name,
        "sha256": _sha256(data),
        "mapping_sha256": None if mapping is None else _sha256(file_bytes(Path(mapping))),
        "rows_read": len(frame) + len(bad),
        "rows_used": len(frame),
        "rows_rejected": len(bad),
        "ignored_columns": [n for n in sheet.names if n not in {*_used(sources, plan), *others}],
        **_said(plan),
    }
    return DecisionLog(frame, record, rejected)


def _said(plan: Mapping) -> dict[str, Any]:
    """What later steps need to know of the mapping; what it does not say is absent."""
    kept = plan.model_dump(include={"bands", "capacity_hours_per_week"}, exclude_none=True)
    return {"hitlsim": version("hitlsim"), "timezone": plan.timezone, **kept}


def _refuse_overwriting(target: Path | None, path: Path, mapping: str | Path | None) -> None:
    inputs = [path] if mapping is None else [path, Path(mapping)]
    if target and target.resolve() in [p.resolve() for p in inputs]:
        raise LogError(f"{target}: rejects would overwrite what is read; give another path")


def _allowed(given: float | None, plan: Mapping) -> float:
    if given is None:
        return ALLOW_REJECTS if plan.allow_rejects is None else plan.allow_rejects
    if not 0 <= given <= 1:
        raise LogError(f"allow_rejects is {given}; it must be a share from 0 to 1, such as 0.02")
    return given


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data, usedforsecurity=False).hexdigest()


def _is_ours(data: bytes, path: Path) -> bool:
    """Whether :meth:`DecisionLog.to_parquet` wrote the file; its record then comes along."""
    if path.suffix.lower() != ".parquet":
        return False
    try:
        return META in (pq.read_schema(pa.BufferReader(data)).metadata or {})
    except (pa.ArrowException, OSError):
        return False


def _our_log(path: Path, needed: tuple[str, ...]) -> DecisionLog:
    try:
        log = from_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as e:
        raise LogError(f"{path.name}: is a damaged log ({e}); write it again") from None
    missing = [name for name in ("decision_id", *needed) if name not in log.frame]
    if missing:
        raise LogError(f"{path.name}: lacks the columns {', '.join(missing)}; write it again")
    return log


def _sheet(data: bytes, path: Path, plan: Mapping, *, context: bool) -> Sheet:
    wanted = {*(COLUMNS if plan.columns is None else plan.columns.values()), *_REQUIRED}
    if plan.ok:
        wanted |= {plan.ok.advice, plan.ok.outcome}
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        return read_csv(data, path, wanted)
    if name.endswith(".parquet"):
        return read_parquet(data, path, None if context else wanted)
    raise LogError(f"{path.name}: only .csv, .csv.gz and .parquet files are read; export one")


def _sources(sheet: Sheet, plan: Mapping) -> dict[str, str]:
    """Our column -> the file's, in the order of the log."""
    same = COLUMNS if plan.columns is None else _REQUIRED
    sources = {name: name for name in same if name in sheet.names and name not in plan.constants}
    if plan.ok:
        sources.pop("ok", None)
    sources.update(plan.columns or {})
    return {name: sources[name] for name in COLUMNS if name in sources}


def _used(sources: dict[str, str], plan: Mapping) -> set[str]:
    return {*sources.values(), *((plan.ok.advice, plan.ok.outcome) if plan.ok else ())}


def _check_sources(
    sources: dict[str, str],
    sheet: Sheet,
    plan: Mapping,
    document: Document | None,
    file: str,
    needed: tuple[str, ...],
) -> None:
    """Every column named is there, and none is missing that a log cannot do without."""
    there = ", ".join(sheet.names[:_HEADER_SHOWN])
    there += ", ..." if len(sheet.names) > _HEADER_SHOWN else ""
    if document:
        problems = [
            Problem(at, f"{file} has no column {name!r}; "
                        f"{near(name, sheet.names) or 'name one that it has'}")
            for at, name in _named(plan) if name not in sheet.names
        ]  # fmt: skip
        if problems:
            raise LogError(f"{complain(problems, document)}\n{file} has: {there}")
    for name in needed:
        if name not in sources:
            hint = near(name, sheet.names) or f"it has: {there}"
            raise LogError(
                f"{file}: no column is {name} ({COLUMNS[name].meaning}); {hint}; "
                f"say which under columns: in a mapping (docs/your-own-log.md)"
            )


def _named(plan: Mapping) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every column of the file that the mapping names, with the place where it does."""
    for name, column in (plan.columns or {}).items():
        yield ("columns", name), column
    if plan.ok:
        yield ("ok", "advice"), plan.ok.advice
        yield ("ok", "outcome"), plan.ok.outcome
