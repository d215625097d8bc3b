"""How functions are compiled, and where the result is kept.

numba keeps compiled code for as long as the file of the function called from outside stays as it
is; a rule that changed in another file would go unseen. So the code is kept in a folder named by a
hash of all sources that are compiled together.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Callable
from functools import cache
from inspect import isfunction
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs
from numba.extending import register_jitable

from . import reviewing, rules
from .contract import event_key
from .outcome import fates

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = (
    "simulation/jit.py", "simulation/contract.py", "simulation/rules.py",
    "simulation/reviewing.py", "simulation/world/ids.py", "simulation/world/drawing.py",
    "simulation/outcome/fates.py", "simulation/outcome/aftermath.py",
    "simulation/governing/watching.py", "simulation/compiled/*.py",
    "simulation/queueing/hourly.py", "simulation/routing.py", "scenario/hours.py",
)  # fmt: skip
"""What is compiled, with the constants it rests on."""
ENGINE_CODE = "desk._run_until-*.nbc"
"""How numba names the file of what takes so long; a draw leaves others there first."""
_DAYS_KEPT = 60
# as C divides; and no float is touched by what calls itself fast
_HOW: dict[str, Any] = {"error_model": "numpy", "fastmath": False, "_nrt": False}

for _module in (rules, reviewing, fates):
    # the rules stay plain Python: the reference engine calls them, compiled code takes them in
    for _rule in vars(_module).values():
        if isfunction(_rule) and _rule.__module__ == _module.__name__:
            register_jitable(_rule)
register_jitable(event_key)


def part(function: F) -> F:
    """A function that only compiled functions call."""
    return cast(F, numba.njit(forceinline=True, **_HOW)(function))


@part
def index(number: int) -> int:
    """The same number, of which the compiler now knows that it is not negative.

    Else each use as an index would check whether it counts from the end.
    """
    return number & 0x7FFF_FFFF


def whole(function: F) -> F:
    """A function that is called from outside; without Python's lock, and kept on disk."""
    config: Any = numba.config
    folder, before = _folder(), config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        return cast(F, numba.njit(cache=folder is not None, nogil=True, **_HOW)(function))
    finally:
        config.CACHE_DIR = before


def sources_hash(package: Path = Path(__file__).parents[1]) -> str:
    """Of all that is compiled; anything that changes in it changes the hash."""
    digest = hashlib.blake2b(digest_size=12)
    for pattern in SOURCES:
        for path in sorted(package.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def tell_if_it_takes_long() -> None:
    """Say once that the engine will be compiled now, if it has not been before."""
    folder = _folder()
    if folder is None:
        sys.stderr.write(
            "hitlsim: compiling the engine (half a minute), and anew in each process, since no "
            "cache folder can be written\n"
        )
    elif not any(folder.rglob(ENGINE_CODE)):
        sys.stderr.write("hitlsim: compiling the engine, once for this version (half a minute)\n")


@cache
def _folder() -> Path | None:
    return folder_in(Path(platformdirs.user_cache_dir("hitlsim", appauthor=False)))


def folder_in(home: Path) -> Path | None:
    """Where compiled code is kept; None where nothing can be."""
    folder = home / sources_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _forget_unused(home)
        (folder / "used").touch()
    except OSError:
        return None
    return folder


def _forget_unused(home: Path) -> None:
    """Remove the code of versions that nobody has run for long."""
    for used in home.glob("*/used"):
        if time.time() - used.stat().st_mtime > _DAYS_KEPT * 86_400:
            shutil.rmtree(used.parent, ignore_errors=True)
