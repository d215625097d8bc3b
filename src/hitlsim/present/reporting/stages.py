"""What a run of a report has done so far, kept until the report is complete.

A report is made in stages: its log is read (or simulated), the notebook runs, the page is written
and, if asked for, printed. What a stage made lies whole, under its final name, in a hidden folder
beside the report, named for everything that went into it. A run that died is taken up where it
was; from other data, parameters or code nothing is taken over. Nothing of it is left afterwards.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from ...atomic import replacing

_HOME = ".stages"
_WORK = "report-in-work-"


class Stages:
    """The stages of one report.

    Parameters
    ----------
    folder : Path
        Where the report lies.
    fingerprint : str
        Of all that goes into it.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.report = folder
        self.folder = folder / _HOME / fingerprint[:16]
        self.told: list[dict[str, Any]] = []
        """For the manifest: each stage, its seconds, and whether an earlier run had done it."""

    def file(self, name: str) -> Path:
        """Where a stage puts, and others find, a file of the report."""
        return self.folder / name

    def take(self, stage: str, file: str, make: Callable[[Path], None]) -> Path:
        """The stage's file: from an earlier run, or made now, whole or not at all.

        What else a stage makes it must put into place before ``file``, whose presence says that
        the stage is done.
        """
        began = time.monotonic()
        target = self.file(file)
        there = target.is_file()
        if not there:
            with replacing(target) as partial:
                make(partial)
        self.told.append(
            {"stage": stage, "seconds": round(time.monotonic() - began, 2), "taken_over": there}
        )
        return target

    def drop(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what other runs left that nobody can take over."""
        for left in self.folder.parent.glob("*"):
            if left != self.folder:
                shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".*.partial"):
            left.unlink(missing_ok=True)
        for left in self.report.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Leave nothing behind: the report is complete."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """A folder for work in progress; not a hidden one, which some browsers may not enter."""
    here = folder / f"{_WORK}{uuid4().hex[:12]}"
    here.mkdir()
    try:
        yield here
    finally:
        shutil.rmtree(here, ignore_errors=True)
