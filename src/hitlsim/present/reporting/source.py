"""A decision log for reports: read, simulated, or there already."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...decisions.log import DecisionLog
from ...decisions.reading.read import input_files, read_log
from ...errors import LogError, ScenarioError
from ...scenario.files import load
from ...scenario.scenario import Scenario

Read = Callable[[Path, Path | None], DecisionLog]
"""Reads a log with its mapping; whoever calls from a terminal tells about its rejects."""
KEPT_LOG = "log.parquet"
"""Where a log that no file holds lies, beside its report."""


@dataclass(frozen=True)
class Source:
    """A decision log, read or simulated when first asked for."""

    inputs: list[dict[str, Any]]
    get: Callable[[], DecisionLog]
    doing: str
    path: Path | None = None
    mapping: Path | None = None

    @classmethod
    def of(
        cls,
        log: str | Path | DecisionLog | None,
        mapping: str | Path | None,
        scenario: str | Path | Scenario | None,
        seed: int,
        read: Read = read_log,
    ) -> Source:
        """From what a user gave.

        Raises
        ------
        LogError, ScenarioError
            When that is both, or nothing, or cannot be found.
        """
        if (log is None) == (scenario is None):
            raise ScenarioError("give either a decision log or a scenario, not both and not none")
        if mapping is not None and not isinstance(log, (str, Path)):
            raise LogError("a mapping is for a log in a file; leave it out")
        if isinstance(log, DecisionLog):
            named = {"name": str(log.record.get("source", "log")), "sha256": fingerprint_of(log)}
            return cls([named], lambda: log, "writing the log")
        if log is not None:
            path, rules = Path(log), None if mapping is None else Path(mapping)
            files = input_files(path, rules)
            inputs = [{"name": p.name, "sha256": sha256(p)} for p in files]
            return cls(inputs, lambda: read(path, rules), f"reading {path.name}", path, rules)
        loaded = loaded_scenario(scenario)
        return cls(
            [simulated_input(loaded, seed)],
            lambda: _log_of(loaded, seed),
            f"simulating {loaded.name}, seed {seed}",
        )

    @cached_property
    def log(self) -> DecisionLog:
        """The log."""
        return self.get()

    @property
    def is_read(self) -> bool:
        """Whether that was done already."""
        return "log" in self.__dict__

    @property
    def as_it_is(self) -> bool:
        """Whether a notebook reads the file at once, since nothing in it has to be understood."""
        return (
            self.path is not None
            and self.mapping is None
            and self.path.suffix.lower() == ".parquet"
        )


def sha256(path: Path) -> str:
    """Fingerprint of a file."""
    digest = hashlib.sha256(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as e:
        raise LogError(f"{path}: cannot be read ({e.strerror}); check the path") from None
    return digest.hexdigest()


def fingerprint_of(log: DecisionLog) -> str:
    """Fingerprint of a log in memory: that of the file it would be written to."""
    with tempfile.TemporaryDirectory() as folder:
        return sha256(log.to_parquet(Path(folder, KEPT_LOG)))


def loaded_scenario(scenario: str | Path | Scenario | None) -> Scenario:
    """A scenario, however it was given."""
    return scenario if isinstance(scenario, Scenario) else load(scenario or "")


def simulated_input(scenario: Scenario, seed: int) -> dict[str, Any]:
    """A run as an input of a report."""
    from ...simulation.world.draws import check_seed

    check_seed(seed)
    return {"name": scenario.name, "sha256": scenario.fingerprint, "seed": seed}


def _log_of(scenario: Scenario, seed: int) -> DecisionLog:
    from ...simulation.run import simulate

    return simulate(scenario, seed=seed).log
