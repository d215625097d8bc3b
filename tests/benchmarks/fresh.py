"""A fresh Python process: what it says, and how much memory it had at most."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# getrusage() would tell the parent's memory too, where that was more when the child began
_MOST = """
import resource, sys
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():
    most = next(int(w.split()[1]) << 10 for w in status.open() if w.startswith("VmHWM"))
else:
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(most)
"""


def said_by(code: str, cache_home: Path | None = None) -> list[str]:
    """The lines that some code prints, run by a Python of its own."""
    env = dict(os.environ)
    if cache_home is not None:
        env["XDG_CACHE_HOME"] = str(cache_home)
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def most_memory_of(code: str) -> int:
    """Bytes in memory at its peak, the interpreter's own included."""
    return int(said_by(code + _MOST)[-1])
