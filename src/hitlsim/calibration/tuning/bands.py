"""A decision log under other bands: what would have gone alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import BAND_REASONS, COLUMNS, ROUTES, Group, held
from ...decisions.log import DecisionLog
from ...errors import LogError
from ...simulation import rules
from ...simulation.contract import LOW_BAND_BIT, MEDIUM_BAND_BIT, Route

DEFAULT_AUTO, DEFAULT_REVIEW = 0.90, 0.70
"""The usual default of vendors' tools, used where nobody says which bands held."""


def check_bands(auto: float, review: float | None = None) -> tuple[float, float]:
    """Bands as a pair; ``review`` defaults to 0.7, or to ``auto`` where that is lower.

    >>> check_bands(0.9), check_bands(0.6)
    ((0.9, 0.7), (0.6, 0.6))
    """
    review = min(DEFAULT_REVIEW, auto) if review is None else review
    for name, value in (("auto", auto), ("review", review)):
        if not 0 <= value <= 1:
            raise LogError(f"band {name} {value:g} must lie between 0 and 1")
    if review > auto:
        raise LogError(
            f"review band {review:g} is above the auto band {auto:g}; lower review or raise auto"
        )
    return auto, review


def triggered(log: DecisionLog) -> NDArray[np.bool_]:
    """Which decisions a trigger sends to a person, whatever the confidence."""
    return np.array([bool(t) for t in _trigger_words(log)], bool)


def gated(log: DecisionLog) -> NDArray[np.bool_]:
    """Which decisions the AI may not take alone: behind a gate, by hand, or a test of reviewers."""
    return _routed_as(log, "gate", "manual") | log.tests


def _routed_as(log: DecisionLog, *routes: str) -> NDArray[np.bool_]:
    if "route" not in log.frame:
        return np.zeros(len(log), bool)
    return np.asarray(log.frame["route"].isin(routes), bool)


def _trigger_words(log: DecisionLog) -> list[str]:
    """The trigger reasons of each decision, joined by ``+``."""
    if "reasons" not in log.frame:
        return [""] * len(log)
    not_triggers = {*BAND_REASONS, "gate", "peek", "manual", ""}
    reasons = log.frame["reasons"].fillna("").astype(str)
    words = {
        text: "+".join(w for w in text.split("+") if w not in not_triggers)
        for text in reasons.unique()
    }
    return [words[text] for text in reasons]


def rerouted(log: DecisionLog, *, auto: float, review: float | None = None) -> DecisionLog:
    """The same decisions as other bands would have routed them.

    Gates and triggers hold as they did. What people did under the old routes is left out, if there
    were any; outcomes and the chances that they are known stay.

    Parameters
    ----------
    log : DecisionLog
    auto : float
        Automatic when ``confidence >= auto``.
    review : float, optional
        Held when ``confidence < review``; 0.7, or ``auto`` where that is lower.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("outbound"), seed=7).log
    >>> looser, stricter = rerouted(log, auto=0.5), rerouted(log, auto=0.95)
    >>> bool(looser.frame["exception"].mean() < stricter.frame["exception"].mean())
    True
    """
    auto, review = check_bands(auto, review)
    words = _trigger_words(log)
    routes, reasons, firsts = [], [], []
    gates, by_hand = _routed_as(log, "gate").tolist(), _routed_as(log, "manual").tolist()
    for manual, gate, confidence, trigger in zip(
        by_hand, gates, log.frame["confidence"].tolist(), words, strict=True
    ):
        route, bits = rules.route(
            manual, gate, confidence, auto, review, 0.0, math.inf, int(bool(trigger)), 1, False
        )
        kept = [
            *(["manual"] if route == Route.MANUAL else []),
            *(["gate"] if route == Route.GATE else []),
            *(["low_band"] if bits & LOW_BAND_BIT else []),
            *(trigger.split("+") if trigger and route not in (Route.GATE, Route.MANUAL) else []),
            *(["medium_band"] if bits & MEDIUM_BAND_BIT else []),
        ]
        routes.append(route)
        reasons.append("+".join(kept))
        firsts.append(kept[0] if kept else None)
    frame = _without_old_deeds(log)
    frame["route"] = pd.Categorical.from_codes(np.array(routes, np.int8), categories=list(ROUTES))
    frame["reason"] = pd.Categorical(firsts)
    frame["reasons"] = pd.Series(reasons, frame.index, dtype="str")
    frame["exception"] = np.isin(routes, (Route.REVIEW, Route.TRIAGE))
    record: dict[str, Any] = {**log.record, "bands": {"auto": auto, "review": review}}
    return DecisionLog(held(frame), record, log.rejects)


def _without_old_deeds(log: DecisionLog) -> pd.DataFrame:
    """A copy; where the log has routes of its own, what people did belongs to those."""
    if not log.has("route"):
        return log.frame.copy()
    deeds = [c.name for c in COLUMNS.values() if c.group is Group.DID]
    return log.frame.drop(columns=deeds, errors="ignore")


def routed(log: DecisionLog) -> DecisionLog:
    """The log itself if it has routes, else routed by the bands of its mapping, else by 90/70."""
    if log.has("route"):
        return log
    bands = log.record.get("bands") or {"auto": DEFAULT_AUTO, "review": DEFAULT_REVIEW}
    return rerouted(log, auto=bands["auto"], review=bands["review"])
