"""Read real decision logs: files of all kinds, by the rules of a mapping."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import LogError
from ..log import META, DecisionLog, from_parquet
from .build import Built, build
from .mapping import Mapping, read_mapping
from .opening import Opened, open_tables
from .rejects import allowed_share, check_share, no_rejects, write_rejects
from .sheets.open import sha256
from .sheets.packed import file_bytes
from .table import Table


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
        CSV, Excel, JSON lines or Parquet, packed or not (``docs/your-own-log.md``).
    mapping : str or Path, optional
        A mapping file, which :func:`~hitlsim.draft_mapping` drafts; not needed when the columns
        have our names.
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
        In order of ``decided_at``; with its rejects. The record has the files' fingerprints, what
        became of their rows, and what was found out by looking at them.

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
    plan, document = read_mapping(mapping) if mapping is not None else (Mapping(), None)
    folder = Path() if mapping is None else Path(mapping).parent
    _refuse_overwriting(target, path, mapping, [folder / rule.file for rule in plan.join])
    allowed = allowed_share(allow_rejects, plan.allow_rejects)
    needed = ("decided_at",) if context else ("decided_at", "confidence")
    if mapping is None and _is_ours(path):
        log = _our_log(path, needed)
        if target:
            write_rejects(no_rejects(), target)
        return log
    opened = open_tables(path, plan, document, folder, needed, everything=context)
    others = opened.others if context else []
    built = build(opened.table, opened.partners, opened.plan, others)
    tables = [opened.table, *(partner.table for partner in opened.partners)]
    rejected = _all_rejects(tables)
    if target:
        write_rejects(rejected, target)
    for table in tables:
        check_share(table.rejects, allowed, table.file, target)
    record = {
        "source": path.name,
        "sha256": opened.table.sheet.sha256,
        "mapping_sha256": None if mapping is None else sha256(file_bytes(Path(mapping))),
        **_counts(opened, built),
        "ignored_columns": [n for n in opened.table.sheet.names if n not in opened.table.used],
        **_said(plan),
    }
    return DecisionLog(built.frame, record, rejected)


def input_files(path: Path, mapping: Path | None) -> list[Path]:
    """Every file that a log is read from: its own or those of its folder, mapping, joined ones."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    if mapping is None:
        return files
    joined = [mapping.parent / rule.file for rule in read_mapping(mapping)[0].join]
    return [*files, mapping, *joined]


def _counts(opened: Opened, built: Built) -> dict[str, Any]:
    """What became of the rows of each file."""
    counts: dict[str, Any] = {
        **_rows(opened.table, len(built.frame)),
        "duplicates_identical": built.repeated.identical,
        "duplicates_replaced": built.repeated.replaced,
        "times_doubtful": built.times_doubtful,
        "notes": [*opened.table.sheet.notes],
    }
    if built.joined:
        counts["joined"] = [
            {
                "file": each.table.file,
                "sha256": each.table.sheet.sha256,
                **_rows(each.table, int((~each.table.rejects.bad).sum())),
                "decisions_with_partner": found,
                "notes": [*each.table.sheet.notes],
            }
            for each, found in built.joined
        ]
    return counts


def _rows(table: Table, used: int) -> dict[str, int]:
    lost = len(table.rejects)
    return {"rows_read": used + lost, "rows_used": used, "rows_rejected": lost}


def _said(plan: Mapping) -> dict[str, Any]:
    """What later steps need to know of the mapping; what it does not say is absent."""
    kept = plan.model_dump(
        include={"bands", "capacity_hours_per_week", "preset"}, exclude_none=True
    )
    if "decided_at" in plan.constants:
        kept["undated"] = True
    if plan.hash:
        kept["hashed"] = [*plan.hash]
    return {"hitlsim": version("hitlsim"), "timezone": plan.timezone, **kept}


def _all_rejects(tables: list[Table]) -> pd.DataFrame:
    """The rejects of all files; with a column for the file only where there are several."""
    if len(tables) == 1:
        return tables[0].rejects.frame()
    frames = [table.rejects.frame() for table in tables]
    for table, frame in zip(tables, frames, strict=True):
        frame.insert(0, "file", pd.Series(table.file, index=frame.index, dtype="str"))
    return pd.concat(frames, ignore_index=True)


def _refuse_overwriting(
    target: Path | None, path: Path, mapping: str | Path | None, others: list[Path]
) -> None:
    inputs = [path, *others, *([] if mapping is None else [Path(mapping)])]
    if target and target.resolve() in [p.resolve() for p in inputs]:
        raise LogError(f"{target}: rejects would overwrite what is read; give another path")


def _is_ours(path: Path) -> bool:
    """Whether :meth:`DecisionLog.to_parquet` wrote the file; its record then comes along."""
    if path.suffix.lower() != ".parquet" or not path.is_file():
        return False
    try:
        return META in (pq.read_schema(path).metadata or {})
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
