"""A page as PDF, printed by whatever Chromium the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .stages import workspace

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
    "microsoft-edge", "microsoft-edge-stable", "brave-browser", "chrome-headless-shell",
)  # fmt: skip
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_SECONDS = 120


class NoPdf(Exception):
    """No PDF could be made; says why, and what to do."""


def chromium() -> str | None:
    """Path of a Chromium, Chrome, Edge or Brave of this machine: on PATH, or where it is usual."""
    on_path = (shutil.which(name) for name in _NAMES)
    usual = (str(path) for path in _usual_places() if path.is_file())
    return next((found for found in (*on_path, *usual) if found), None)


def _usual_places() -> Iterator[Path]:
    if sys.platform == "darwin":
        for home in (Path("/Applications"), Path.home() / "Applications"):
            yield from (home / app for app in _MAC)
    for name in _FOLDERS:
        if folder := os.environ.get(name):
            yield from (Path(folder, app) for app in _WINDOWS)


def print_pdf(page: Path, target: Path, room: Path) -> None:
    """Print a page, with all its folded tables open, to a PDF (A4, or as the page says).

    Parameters
    ----------
    page : Path
        An HTML file that needs nothing from elsewhere.
    target : Path
        Where the PDF is put, in a folder that is there.
    room : Path
        A folder for work in progress, on the same disk.

    Raises
    ------
    NoPdf
        When there is no Chromium, or it made none that is whole.
    """
    browser = chromium()
    if browser is None:
        raise NoPdf(
            "no PDF: no Chromium, Chrome, Edge or Brave was found; install one, or print "
            "report.html from any browser"
        )
    with workspace(room) as at:
        opened, printed = at / "page.html", at / "page.pdf"
        html = page.read_text(encoding="utf-8").replace("<details>", "<details open>")
        opened.write_text(html, encoding="utf-8")
        said = _run(browser, opened, printed, at / "profile")
        if not _whole(printed):
            raise NoPdf(f"no PDF: {Path(browser).name} did not print the page ({said})")
        printed.replace(target)


def _run(browser: str, page: Path, target: Path, profile: Path) -> str:
    """Let the browser print; what it said when it did not."""
    # root, as in most containers, may run Chromium only without its sandbox
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [
        browser, "--headless", *(["--no-sandbox"] if root else []), "--disable-gpu",
        "--no-first-run", "--disable-extensions", "--disable-background-networking",
        "--no-pdf-header-footer", f"--user-data-dir={profile.resolve()}",
        f"--print-to-pdf={target.resolve()}", page.resolve().as_uri(),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - the browser found above, on a file of ours
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not within {_SECONDS} seconds"
    except OSError as e:
        return f"it cannot be run: {e.strerror}"
    said = done.stderr.strip().splitlines()
    return f"exit code {done.returncode}{': ' + said[-1] if said else ''}"


def _whole(pdf: Path) -> bool:
    """Whether a PDF has its beginning and its end."""
    try:
        data = pdf.read_bytes()
    except OSError:
        return False
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]
