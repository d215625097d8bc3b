"""The C versions, compiled into a folder and called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hitlsim.simulation.contract import (
    DECISION,
    OUTCOME,
    PERSON,
    ROUNDS,
    VISIT,
    WORKFLOW,
    Records,
    visit_bits,
)
from tests.benchmarks.queue_world import SERVERS, Customers, Desked

FLAGS = ("-O3", "-std=c11", "-ffp-contract=off", "-shared", "-fPIC")
"""Floats are left alone: what is multiplied and added is not fused."""
FEW = np.dtype(
    [("started", "i8"), ("ended", "i8"), ("person", "i4"), ("ok", "i1"), ("verdict", "i1")],
    align=True,
)
_HERE = Path(__file__).parent
_ADDRESS, _INT, _LONG = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64


def compiler() -> str | None:
    """The first C compiler found."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def compile_c(name: str, folder: Path, *flags: str) -> ctypes.CDLL:
    """One of the C files as a library."""
    library = folder / f"{name}{''.join(flags)}.so"
    command = [compiler() or "cc", *FLAGS, *flags, str(_HERE / f"{name}.c"), "-o", str(library)]
    subprocess.run([*command, "-lm"], check=True)
    return ctypes.CDLL(str(library))


@dataclass(frozen=True)
class DeskCode:
    """The desk in C, and what it records of a visit."""

    library: ctypes.CDLL
    record: np.dtype[Any]

    @classmethod
    def compiled(cls, folder: Path, *, few_fields: bool = False) -> DeskCode:
        """Compile it, and hold its records against those of the contract."""
        code = compile_c("desk", folder, *["-DFEW_FIELDS"] * few_fields)
        code.desk_new.restype = code.desk_outcome.restype = _ADDRESS
        code.desk_new.argtypes = [
            _LONG, _ADDRESS, _ADDRESS, _ADDRESS, _INT, _ADDRESS, _INT, _ADDRESS, _INT, _ADDRESS,
            _INT,
        ]  # fmt: skip
        code.desk_run.argtypes = [_ADDRESS, _LONG]
        code.desk_free.argtypes = code.desk_outcome.argtypes = [_ADDRESS]
        record = FEW if few_fields else OUTCOME
        sizes = np.zeros(5, np.int64)
        code.desk_sizes(_ADDRESS(_at(sizes)))
        ours = [dtype.itemsize for dtype in (DECISION, VISIT, WORKFLOW, PERSON, record)]
        assert sizes.tolist() == ours, "records.h no longer says what the contract says"
        return cls(code, record)


class DeskInC:
    """One desk in C; its memory is given back with it."""

    def __init__(self, code: DeskCode, desked: Desked) -> None:
        self._code, self._desked = code, desked  # C only borrows the records
        table, world = desked.table, desked.world
        n, n_people = len(world.decisions), len(table.people)
        self._desk = code.library.desk_new(
            n, _at(world.decisions), _at(world.visits), _at(table.ready),
            len(table.workflows), _at(table.workflows), n_people, _at(table.people),
            len(table.slots), _at(table.slots), visit_bits(table.horizon_ms, ROUNDS * n, n_people),
        )  # fmt: skip
        weakref.finalize(self, code.library.desk_free, self._desk)

    def run_until(self, time_ms: int) -> None:
        """Everything that happens before."""
        self._code.library.desk_run(self._desk, time_ms)

    def outcome(self) -> Records:
        """One record for each decision, copied."""
        record, n = self._code.record, len(self._desked.world.decisions)
        address = self._code.library.desk_outcome(self._desk)
        held = (ctypes.c_char * (n * record.itemsize)).from_address(address)
        return np.array(np.frombuffer(memoryview(held), record))


def queue_only(code: ctypes.CDLL, those: Customers) -> NDArray[np.int64]:
    """When each customer begins to be served, by the loop that does nothing else."""
    started = np.empty_like(those.queued)
    code.queue_only(
        _LONG(len(started)), _ADDRESS(_at(those.queued)), _ADDRESS(_at(those.service)),
        _ADDRESS(_at(those.low)), SERVERS, _ADDRESS(_at(started)),
    )  # fmt: skip
    return started


def _at(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)
