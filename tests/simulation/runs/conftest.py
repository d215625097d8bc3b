from __future__ import annotations

from collections.abc import Iterator

import pytest

from hitlsim.simulation.runs.processes import Pool, Processes


@pytest.fixture
def processes_end() -> Iterator[None]:
    """Processes are not kept beyond the test."""
    yield
    if Pool.kept is not None:
        Pool.kept.executor.shutdown(wait=True)
        Pool.kept = None


@pytest.fixture
def processes_take_part(monkeypatch: pytest.MonkeyPatch, processes_end: None) -> None:
    """The first jobs go to processes, however little there is to do."""
    monkeypatch.setattr(Processes, "are_there", lambda *_: True)
