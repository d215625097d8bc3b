"""A learnt score as a text file: JSON, so that reading it can run nothing.

The file holds words, numbers and a checksum, no code and nothing pickled. What it says is checked
before it is used, so it does not depend on which version of scikit-learn learnt it.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from ...atomic import replacing
from ...decisions.estimating.intervals import Estimate
from ...errors import LogError
from .learners import Model

if TYPE_CHECKING:
    from .score import Score

FORMAT = 1
_LARGEST_BYTES = 50_000_000


def write(score: Score, path: Path) -> Path:
    """Write a score; the same score gives the same bytes."""
    content = {
        "status": score.status,
        "findings": list(score.findings),
        "warnings": list(score.warnings),
        "judged_on": score.judged_on,
        "figures": {n: _row(e) for n, e in score.figures.items()},
        "columns": score.columns.to_dict("list"),
        "record": dict(score.record),
        "model": score.model.model_dump(mode="json"),
    }
    whole = {"hitlsim_score": FORMAT, "sha256": _digest(content), **content}
    with replacing(path) as partial:
        partial.write_text(json.dumps(whole, indent=1, allow_nan=True), "utf-8")
    return path


def read_score(path: str | Path) -> Score:
    """Read a score that :meth:`Score.write` wrote.

    Raises
    ------
    LogError
        When the file is missing, no score, of another format, or was changed.
    """
    from .score import Score

    path = Path(path)
    whole = _whole(path)
    if whole.get("hitlsim_score") != FORMAT:
        wrote = (whole.get("record") or {}).get("versions", {}).get("hitlsim", "another version")
        raise LogError(
            f"{path.name}: was written by hitlsim {wrote} in a format that {version('hitlsim')} "
            "does not read; learn the score again"
        )
    content = {k: v for k, v in whole.items() if k not in ("hitlsim_score", "sha256")}
    if whole.get("sha256") != _digest(content):
        raise LogError(
            f"{path.name}: was changed after hitlsim wrote it; take the original, or learn the "
            "score again"
        )
    try:
        model = Model.model_validate(content["model"])
        return Score(
            status=content["status"],
            figures={n: Estimate(**e) for n, e in content["figures"].items()},
            columns=pd.DataFrame(content["columns"]),
            suspects=(),
            warnings=(*_other_version(content["record"]), *content["warnings"]),
            findings=tuple(content["findings"]),
            record=content["record"],
            model=model,
            judged_on=content["judged_on"],
        )
    except (ValidationError, KeyError, TypeError, AttributeError, ValueError) as e:
        raise LogError(f"{path.name}: does not hold a whole score ({_first(e)}); learn it again"
                       ) from None  # fmt: skip


def _whole(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise LogError(f"{path.name}: is too large to be a score; give one hitlsim wrote")
        whole = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LogError(f"{path}: there is no such file; --model writes one") from None
    except OSError as e:
        raise LogError(f"{path}: cannot be read ({e.strerror}); give a file") from None
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or "hitlsim_score" not in whole:
        raise LogError(f"{path.name}: is no score; give a file that --model wrote")
    return whole


def _other_version(record: dict[str, Any]) -> tuple[str, ...]:
    wrote, ours = record["versions"]["hitlsim"], version("hitlsim")
    return () if wrote == ours else (f"It was learnt by hitlsim {wrote}; this is {ours}.",)


def _row(e: Estimate) -> dict[str, Any]:
    return {"value": e.value, "low": e.low, "high": e.high, "n": e.n, "assumes": e.assumes,
            "few": e.few}  # fmt: skip


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(), usedforsecurity=False).hexdigest()


def _first(e: Exception) -> str:
    return str(e.errors()[0]["msg"]) if isinstance(e, ValidationError) else str(e)
