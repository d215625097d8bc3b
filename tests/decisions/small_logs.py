"""Small logs as text, and how the tests of reading put and read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.reading.read import read_log

CALLS = """\
call_id;called_on;ai;score;won;rep
C1;24/05/2008;go;80;yes;Ana
C2;23/05/2008;stop;95;no;Ben
C3;23/05/2008;go;70;no;Ana
C4;25/05/2008;stop;60;;
"""
CALLS_MAP = """\
columns: {decision_id: call_id, decided_at: called_on, confidence: score, reviewer: rep}
date_format: "%d/%m/%Y"
confidence_scale: 100
ok: {advice: ai, outcome: won, right_when: {go: "yes", stop: "no"}}
"""


def put(folder: Path, text: str | bytes, name: str = "log.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(folder: Path, text: str | bytes, mapping: str | None = None, **more: Any) -> DecisionLog:
    file = put(folder, text)
    return read_log(file, put(folder, mapping, "map.yaml") if mapping else None, **more)


def ours(*rows: str, header: str = "decided_at,confidence") -> str:
    return "\n".join([header, *rows]) + "\n"


def reject(folder: Path, text: str, mapping: str | None = None) -> list[Any]:
    """The only reject of a log: row, column, value, reason."""
    found = read(folder, text, mapping, allow_rejects=1).rejects
    assert len(found) == 1
    return list(found.iloc[0])
