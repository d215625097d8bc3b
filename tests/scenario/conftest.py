"""A small scenario as text, to be spoilt in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hitlsim as hs

SMALL = """\
name: small
teaches: One workflow, one desk.
start: 2026-08-03
weeks: 4                # (S) a month
hours:
  office: ["mon-fri 08:00-18:00"]
signals:
  angry: {share: 0.02}  # (?) our guess
agents:
  bot:
    may: [write_crm]
    may_not: [send_email]
workflows:
  crm:
    agent: bot
    action: write_crm
    class: execution
    access: automation-safe
    raci: {accountable: boss, responsible: [ops]}
    volume_per_week: 100  # (C) a vendor says
boundary:
  bands: {auto: 0.9, review: 0.7}
pools:
  desk:
    role: ops
    reviewers:
      ana: {shifts: ["mon-fri 09:00-12:00"]}
  bosses:
    role: boss
    reviewers:
      bob: {shifts: ["mon-fri 09:00-10:00"]}
phases:
  steady-state:
    looks: {share: 0.1, cadence: monthly, at: "tue 09:00"}
"""

Load = Callable[..., hs.Scenario]


@pytest.fixture(scope="session")
def small() -> str:
    return SMALL


@pytest.fixture(scope="session")
def small_scenario(tmp_path_factory: pytest.TempPathFactory) -> hs.Scenario:
    file = tmp_path_factory.mktemp("small") / "small.yaml"
    file.write_text(SMALL)
    return hs.load(file)


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load a text as ``team.yaml``, after replacing ``old`` by ``new``."""

    def load(text: str = SMALL, *, old: str = "", new: str = "") -> hs.Scenario:
        assert text.count(old) >= 1, f"{old!r} is not in the text"
        file = tmp_path / "team.yaml"
        file.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return hs.load(file)

    return load
