"""A kernel of one's own for each run, and nothing of it left behind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SOCKET_MOST = 90
"""Characters that the path of a Unix socket may have on every system, with some to spare."""
_OWNED = re.compile(r"hs-(\d+)-\w+")
"""Folders of runs: the process that runs stands in the name."""


@contextmanager
def own_kernel() -> Iterator[tuple[type, Any, Path]]:
    """A kernel manager that talks over sockets in a folder of its own, not over ports.

    What the kernel prints by itself goes to a file, which explains a kernel that died.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jupyter_client.manager import AsyncKernelManager
        from traitlets.config import Config

    sweep()
    prefix = f"hs-{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        errors = Path(folder, "errors.txt")
        errors.touch()
        connection = Path(folder, "k.json")
        config = Config()
        if sys.platform != "win32" and len(str(connection)) <= _SOCKET_MOST:
            config.KernelManager.transport = "ipc"
            config.KernelManager.connection_file = str(connection)

        class Quiet(AsyncKernelManager):  # type: ignore[misc]  # its library is untyped
            async def start_kernel(self, **kw: Any) -> None:
                env = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
                with errors.open("wb") as out:
                    await super().start_kernel(
                        **{"env": env, "stdout": subprocess.DEVNULL, "stderr": out, **kw}
                    )

        yield Quiet, config, errors


def sweep() -> None:
    """Remove the folders of runs that were killed: nobody else would."""
    import psutil  # type: ignore[import-untyped]  # it has no types

    for folder in Path(tempfile.gettempdir()).glob("hs-*-*"):
        owned = _OWNED.fullmatch(folder.name)
        if owned and not psutil.pid_exists(int(owned[1])):
            shutil.rmtree(folder, ignore_errors=True)
