"""What a team would have seen of a log whose outcomes are all known: a test of its plan to look."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import LogError
from ..columns import SAFE_ROUTES
from ..counting.tally import need_route
from ..log import DecisionLog


def partly_seen(
    log: DecisionLog, *, audit: float = 0.10, complaints: float = 0.10, seed: int = 7
) -> DecisionLog:
    """Hide the outcomes that nobody would have looked at.

    What people were asked about stays known. Of what went alone a hash of the decision's id picks
    some for a look, whatever becomes of it, and some of the bad ones are complained about. The rest
    is hidden; the truth stays in ``true_ok``, which no estimate reads.

    Parameters
    ----------
    log : DecisionLog
        With routes, and an outcome for every decision the AI may take alone.
    audit : float
        Share of what went alone that is looked at, above 0 and at most 1.
    complaints : float
        Share of bad ones that went alone and are complained about, 0 to 1.
    seed : int
        Of the hash: another seed, another sample.

    Raises
    ------
    LogError
        When an outcome is missing, or a share is none.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("outbound"), seed=7).log
    >>> known = DecisionLog(log.frame.assign(ok=log.frame["true_ok"]), log.record)
    >>> seen = partly_seen(known, audit=0.2)
    >>> alone = seen.frame["route"] == "auto"
    >>> round(float((seen.frame.loc[alone, "ok_source"] == "outcome").mean()), 1)
    0.2
    """
    need_route(log)
    if not 0 < audit <= 1:
        raise LogError(f"audit {audit:g} must lie above 0 and at most at 1, for example 0.1")
    if not 0 <= complaints <= 1:
        raise LogError(f"complaints {complaints:g} must lie between 0 and 1, for example 0.1")
    frame = log.frame[log.frame["route"].isin(SAFE_ROUTES)].reset_index(drop=True)
    if "ok" not in frame or frame["ok"].isna().any():
        missing = int(frame["ok"].isna().sum()) if "ok" in frame else len(frame)
        raise LogError(
            f"{missing:,} of {len(frame):,} decisions have no outcome; only where all are known "
            "can some be hidden"
        )
    bad, alone = ~frame["ok"].to_numpy(bool), np.asarray(frame["route"] == "auto")
    looked = _chance(frame["decision_id"], seed, "audit") < audit
    told = alone & bad & (_chance(frame["decision_id"], seed, "complaint") < complaints)
    source = np.select([~alone, looked, told], ["review", "outcome", "complaint"], "")
    seen = frame.assign(
        ok=frame["ok"].astype("boolean").where(source != ""),
        ok_source=_words(source, frame.index),
        inclusion=np.where(alone, audit, 1.0),
        surfaced_by=_words(np.where(told, "complaint", ""), frame.index),
        true_ok=~bad,
    )
    return DecisionLog(seen, {**log.record, "hidden": {"audit": audit, "complaints": complaints}})


def as_seen(log: DecisionLog, *, audit: float = 0.10) -> DecisionLog:
    """The log as a team sees it: itself, or with outcomes hidden where all of them are known.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("outbound"), seed=7).log
    >>> as_seen(log) is log
    True
    """
    need_route(log)
    allowed = log.frame["route"].isin(SAFE_ROUTES)
    known = "ok" in log.frame and bool(log.frame.loc[allowed, "ok"].notna().all())
    return partly_seen(log, audit=audit) if known else log


def _chance(ids: pd.Series, seed: int, what: str) -> NDArray[np.float64]:
    """A number from 0 to 1 for each id, always the same for the same id, seed and purpose."""
    key = f"{seed:09d}{what}"[:16].ljust(16, "-")
    hashed = pd.util.hash_array(ids.to_numpy(object), hash_key=key, categorize=False)
    return np.asarray(hashed / 2.0**64)


def _words(words: NDArray[np.str_], index: pd.Index) -> pd.Series:
    return pd.Series(words, index, dtype="object").replace("", None).astype("category")
