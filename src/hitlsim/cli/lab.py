"""JupyterLab in a workspace: on this machine only, behind a token, and quiet."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ..errors import ScenarioError
from .workspace import is_workspace

_FIRST = "notebooks/01_decision_surface_map.ipynb"
_QUIET = (
    "--ServerApp.log_level=WARN",  # the address is printed all the same
    "--LabApp.log_level=WARN",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)
_ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


def options(folder: Path, *, port: int, browser: bool) -> list[str]:
    """What JupyterLab is started with.

    >>> options(Path("team"), port=8888, browser=False)[1:3]
    ['--ServerApp.ip=127.0.0.1', '--ServerApp.port=8888']
    """
    given = [
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        *_QUIET,
    ]
    if (folder / _FIRST).is_file():
        given.append(f"--LabApp.default_url=/lab/tree/{_FIRST}")
    if not browser:
        given.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        given.append("--allow-root")  # in a container everybody is root
    return given


def open_lab(folder: Path, *, port: int, browser: bool) -> None:
    """Serve a workspace until Ctrl-C.

    Raises
    ------
    ScenarioError
        When the folder is no workspace, or JupyterLab is not installed.
    """
    if not is_workspace(folder):
        raise ScenarioError(
            f"{folder}: is no workspace (it has no notebooks and no team.yaml); make one with "
            "'hitlsim init my-team', then 'hitlsim lab my-team'"
        )
    if find_spec("jupyterlab") is None:
        raise ScenarioError(
            "JupyterLab is not installed; install it with: python -m pip install 'hitlsim[lab]'"
        )
    lab = import_module("jupyterlab.labapp").LabApp
    # Voila, where it is there, asks for its users' warnings as it is imported, which Lab does
    if find_spec("voila") is not None:
        import_module("voila")
    warnings.simplefilter("ignore")  # of Jupyter's own parts: nothing that a reader could mend
    with _without_announcements():
        lab.launch_instance(options(folder, port=port, browser=browser))


@contextmanager
def _without_announcements() -> Iterator[None]:
    """JupyterLab asks every new user whether to fetch its news; here it does not.

    That can be said in a folder of settings only, and the user's own are left alone.
    """
    with tempfile.TemporaryDirectory(prefix="hs-") as folder:
        page = Path(folder, "labconfig", "page_config.json")
        page.parent.mkdir()
        page.write_text(json.dumps({"disabledExtensions": {_ANNOUNCEMENTS: True}}))
        others = os.environ.get("JUPYTER_CONFIG_PATH", "")
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(p for p in (folder, others) if p)
        yield
