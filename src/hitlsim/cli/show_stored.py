"""A log that is measured where it is: what the terminal says of it."""

from __future__ import annotations

from pathlib import Path

import typer

from ..calibration.tuning.rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW, check_bands
from ..decisions.counting.stored import StoredLog, open_log
from ..decisions.log import DecisionLog
from ..errors import LogError

_DRAWN, _SEED = 200_000, 7
"""How many decisions thresholds are tried on: a share is then known to a fifth of a percent."""


def opened(
    source: str, mapping: Path | None, rejects: Path | None, allow_rejects: float | None
) -> StoredLog:
    """Open a log; says how many rows cannot be used, and why."""
    if rejects is not None:
        raise LogError(
            f"--rejects {rejects}: rows of a log that stays where it is are counted by reason and "
            "not listed; leave it out"
        )
    log = open_log(source, mapping=mapping, allow_rejects=allow_rejects)
    typer.echo(f"{log.name}: {len(log):,} decisions, measured where they are.", err=True)
    if len(log.rejects):
        first = log.rejects.iloc[0]
        typer.echo(
            f"{log.rows - len(log):,} of {log.rows:,} rows could not be used; most often "
            f"{first['column']} {first['reason']} ({first['rows']:,} rows).",
            err=True,
        )
    return log


def under(log: StoredLog, auto: float | None, review: float | None) -> StoredLog:
    """The log under bands given on the command line, else under its own."""
    if auto is not None:
        auto, review = check_bands(auto, review)
        return log.under(auto=auto, review=review)
    if review is not None:
        raise LogError("--review needs --auto beside it")
    assumed = ""
    if not log.source.has("route"):
        log = log.under(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW)
        assumed = " (the usual default; set bands: in the mapping file)"
    if log.by_bands:
        bands = log.record["bands"]
        typer.echo(
            "The log does not say what went alone: taken from the bands "
            f"{bands['auto']:g}/{bands['review']:g}{assumed}.",
            err=True,
        )
    return log


def drawn(log: StoredLog) -> DecisionLog:
    """Decisions drawn at random, for what needs single rows; says so."""
    if len(log) > _DRAWN:
        typer.echo(f"Tried on {_DRAWN:,} decisions drawn at random.", err=True)
    return log.sample(min(_DRAWN, len(log)), _SEED)
