"""The schedules of docs/scheduling, filled in for a workspace: where it is, what calls the report.

Each of their languages has its own way to write a name with a blank, a quote or a percent sign.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from ..bundled import bundled

_FOLDER, _COMMAND = "/srv/our-team", "/opt/hitlsim/.venv/bin/hitlsim"
"""What stands for the workspace and for the command in the files that ship."""
_DONE = "the folder of the workspace, where hitlsim is installed, "
"""What then need not be changed any more."""


def write_schedules(folder: Path, workspace: Path) -> None:
    """Write the files into a folder of the workspace, naming its place.

    Parameters
    ----------
    folder : Path
        Where to write them.
    workspace : Path
        Where the workspace will be found; an absolute path.
    """
    folder.mkdir()
    command = _installed()
    for source in sorted(p for p in bundled("schedules").iterdir() if p.is_file()):
        text = filled(source.name, source.read_text(encoding="utf-8"), workspace, command)
        (folder / source.name).write_text(text, encoding="utf-8")


def filled(name: str, text: str, workspace: Path, command: Path) -> str:
    r"""A schedule with the place of the workspace and of the command, as its scheduler reads them.

    >>> line = "17 6 1-7 * * cd /srv/our-team && /opt/hitlsim/.venv/bin/hitlsim report"
    >>> filled("crontab", line, Path("/our team"), Path("/100%/hitlsim"))
    "17 6 1-7 * * cd '/our team' && /100\\%/hitlsim report"
    """
    for (ends, holder), quoted in _QUOTED.items():
        if name.endswith(ends):
            place = workspace if _FOLDER in holder else command
            text = text.replace(holder, quoted(str(place)))
    return text.replace(_DONE, "")


def _installed() -> Path:
    """The command as a scheduler finds it: with its whole path."""
    beside = Path(sys.executable).with_name("hitlsim")
    found = beside if beside.is_file() else shutil.which("hitlsim")
    return Path(found).absolute() if found else Path(_COMMAND)


def _in_cron(path: str) -> str:
    """A bare % would end the command; cron takes the backslash away."""
    return shlex.quote(path).replace("%", "\\%")


def _in_unit(path: str) -> str:
    """For systemd a % begins a placeholder."""
    return path.replace("%", "%%")


def _as_program(path: str) -> str:
    """The program of a command line in a systemd unit, which may have no quote in its name."""
    if not re.search(r"['\"\\]", path):
        return f'"{_in_unit(path)}"' if re.search(r"[\s;]", path) else _in_unit(path)
    said = path.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'/usr/bin/env "{_in_unit(said)}"'


def _in_dag(path: str) -> str:
    """The inside of a Python string between double quotes, in which Airflow fills in templates."""
    said = json.dumps(path, ensure_ascii=False)[1:-1]
    return re.sub(r"\{[{%#]", lambda opened: f"{{{{ '{opened[0]}' }}}}", said)


def _as_word_in_dag(path: str) -> str:
    """A word of a shell inside such a string."""
    return _in_dag(shlex.quote(path))


_QUOTED: dict[tuple[str, str], Callable[[str], str]] = {
    ("crontab", _FOLDER): _in_cron,
    ("crontab", _COMMAND): _in_cron,
    (".service", _FOLDER): _in_unit,
    (".service", _COMMAND): _as_program,
    ("_dag.py", _FOLDER): _in_dag,
    ("_dag.py", _COMMAND): _as_word_in_dag,
}
"""How a path is written, by the end of the file's name and what stands there for it."""
