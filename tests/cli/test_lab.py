"""JupyterLab in a workspace: refused elsewhere, and behind a token on this machine only."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from hitlsim.cli import lab, workspace
from tests.cli.conftest import Run

_PATIENCE_S = 90


def test_outside_a_workspace_it_says_how_to_make_one(run: Run) -> None:
    code, _, err = run("lab")
    assert code == 2
    assert "is no workspace" in err
    assert "hitlsim init my-team" in err


def test_without_jupyterlab_it_says_how_to_install_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "team.yaml").touch()
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    code, _, err = run("lab", ".")
    assert code == 2
    assert err == (
        "hitlsim: JupyterLab is not installed; install it with: "
        "python -m pip install 'hitlsim[lab]'\n"
    )


def test_a_port_that_is_none_is_refused(run: Run) -> None:
    assert run("lab", "--port", "70000")[0] == 2


def test_it_serves_the_workspace_on_this_machine_behind_a_token(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    folder = tmp_path / "team"
    workspace.make(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = tmp_path / "said.txt"
    command = "from hitlsim.cli import main; main()"
    env = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with said.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", command, "lab", str(folder), "--no-browser",
             "--port", str(port)],
            stdout=out, stderr=subprocess.STDOUT, env=env,
        )  # fmt: skip
    try:
        address = _address(said, server)
        assert address.startswith(f"http://127.0.0.1:{port}/lab/tree/notebooks/01_")
        token = address.partition("token=")[2]
        assert len(token) >= 32
        listed = f"http://127.0.0.1:{port}/api/contents/notebooks"
        with pytest.raises(HTTPError, match="403"):
            urlopen(listed)
        with urlopen(f"{listed}?token={token}") as answer:  # noqa: S310 - our own
            assert b"04_your_own_log.ipynb" in answer.read()
        with urlopen(f"http://127.0.0.1:{port}/lab?token={token}") as answer:
            assert b"@jupyterlab/apputils-extension:announcements" in answer.read()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(_PATIENCE_S)


def _address(said: Path, server: subprocess.Popen[bytes]) -> str:
    """What it tells people to open, once it answers."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+", said.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(said.read_text())
