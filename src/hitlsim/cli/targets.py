"""Files that a verb is told to write: refused, where they cannot be, before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import LogError

PNG = (".png",)
LOGS = (".parquet", ".csv", ".csv.gz")
ANY = ("",)


class Target(NamedTuple):
    """An option, the path given to it, and how its name may end."""

    option: str
    path: Path | None
    endings: tuple[str, ...]


def check_targets(*targets: Target, read: tuple[Path | None, ...] = ()) -> None:
    """Refuse a target that would replace what is read or another target, or ends wrongly.

    Raises
    ------
    LogError

    Examples
    --------
    >>> check_targets(Target("--out", Path("a.png"), PNG), read=(Path("a.csv"),))
    >>> check_targets(Target("--out", Path("a.csv"), LOGS), read=(Path("a.csv"),))
    Traceback (most recent call last):
        ...
    hitlsim.errors.LogError: --out a.csv: would overwrite what is read; give another name
    """
    taken = {path.resolve(): "would overwrite what is read" for path in read if path is not None}
    for option, path, endings in targets:
        if path is None:
            continue
        if not path.name.lower().endswith(endings):
            *others, last = endings
            known = f"{', '.join(others)} or {last}" if others else last
            raise LogError(f"{option} {path}: must end in {known}")
        if path.resolve() in taken:
            raise LogError(f"{option} {path}: {taken[path.resolve()]}; give another name")
        taken[path.resolve()] = f"is also given to {option}"
