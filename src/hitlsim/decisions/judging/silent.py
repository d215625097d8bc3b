"""Silent errors by every way that a log allows, side by side: which to believe, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import LogError, NotEnoughEvidence
from ...shown import Shown
from ..columns import BAND_REASONS
from ..counting.tally import need_route
from ..estimating import unseen
from ..estimating.begg_greenes import Accuracy, begg_greenes
from ..estimating.enough import AUDIT_SIZES, LEAST_LOOKS, looks_for
from ..estimating.intervals import NOTHING, Estimate, as_row, clopper_pearson
from ..estimating.lookers import Lookers
from ..estimating.maturing import known_by
from ..log import DecisionLog
from .ways import RATES, Seen, Trust, Way, end_of, lookers_of, ways
from .words import RIPE, audit_sizes, lacks, reasons

_PREFERRED = ("lookers", "matured", "looks")
_LEAST_PART = 0.25
"""A way that uses less than this part of the looks is not preferred to all of them."""
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Silent(Shown):
    """Silent errors of a log: every estimate that it allows, and which to believe.

    Attributes
    ----------
    ways : tuple of Way
        The wrong ones first, then those that can be believed, then the truth of a simulation.
    believe : str
        Name of the way to believe; empty if the log gives no grounds for any.
    allowed, alone, looks : int
        Decisions that the AI may take alone, those of them that went alone, and those of these
        whose outcome is known otherwise than by a complaint.
    routing : Accuracy
        Of the bad ones the share asked about, of the good ones the share that went alone; corrected
        for what is not known (Begg & Greenes).
    lookers : Lookers or None
        How well those who look see.
    matured : Estimate
        Share of the outcomes to come that are in.
    awaited : str
        What that is the share of: ``outcomes`` that come by themselves, or ``looks``.
    triggers : DataFrame
        For each reason for which people were asked: how many, and the share that was bad.
    within : float
        Precision asked for, to either side.
    worth : float
        What a look counts, where not all had the same chance: effective number / looks.
    more : int
        Looks still needed for it.
    complete : bool
        Whether the outcome of everything that went alone is known.
    judged : bool
        Whether people, who err, said what is known.
    """

    ways: tuple[Way, ...]
    believe: str
    allowed: int
    alone: int
    looks: int
    routing: Accuracy
    lookers: Lookers | None
    lookers_unknown: str
    matured: Estimate
    awaited: str
    triggers: pd.DataFrame
    within: float
    worth: float
    more: int
    complete: bool
    judged: bool
    columns: frozenset[str]

    def get(self, way: str, rate: str = "fn_of_auto") -> Estimate:
        """One estimate; not known if the log does not allow it.

        Raises
        ------
        LogError
            When there is no such rate.
        """
        if rate not in RATES:
            raise LogError(f"rate {rate!r} is unknown; known: {', '.join(RATES)}")
        return next((w[rate] for w in self.ways if w.name == way), NOTHING)

    @property
    def best(self) -> Estimate:
        """What to believe of ``fn_of_auto``; not known if there is too little evidence."""
        return self.get(self.believe)

    def frame(self) -> pd.DataFrame:
        """One row for each way and rate: value, low, high (95%), n, trust, why."""
        rows = [
            {"way": w.name, "rate": rate, **as_row(e), "trust": str(w.trust), "why": w.why}
            for w in self.ways
            for rate, e in w.rates.items()
        ]
        return pd.DataFrame(rows)

    def to_results(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""

        def plain(e: Estimate) -> dict[str, Any]:
            return {
                k: None if isinstance(v, float) and math.isnan(v) else v
                for k, v in as_row(e).items()
            }

        return {
            "believe": self.believe,
            "decisions": {"allowed": self.allowed, "alone": self.alone, "looks": self.looks},
            "ways": {w.name: {r: plain(e) for r, e in w.rates.items()} for w in self.ways},
            "routing": {k: plain(e) for k, e in self.routing._asdict().items()},
            "more_looks": self.more,
            "within": self.within,
            "why": self.why(),
            "missing": self.missing(),
        }

    def why(self) -> list[str]:
        """What to believe, then the reasons, in sentences."""
        return list(reasons(self))

    def missing(self) -> list[str]:
        """What the log lacks, and what it would bring."""
        return list(lacks(self))

    def __str__(self) -> str:
        return "\n".join(self.why())


def silent(log: DecisionLog, *, within: float = 0.01, seed: int = 0) -> Silent:
    """Estimate silent errors by every way that a log allows.

    A silent error is a bad decision that went out with nobody asked. Of most of what went alone
    nobody knows how it turned out, so the figure depends on how the rest is thought of.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated, with routes.
    within : float
        How precisely the share of bad ones among what went alone should be known, to either side.
    seed : int
        Of the draws behind some of the intervals.

    Returns
    -------
    Silent

    Raises
    ------
    LogError
        When the log does not say what went alone, or nothing did.
    NotEnoughEvidence
        When no outcome at all is known; the message says how many looks would do.

    References
    ----------
    Horvitz & Thompson 1952, Korn & Graubard 1998 (looks by chance); Begg & Greenes 1983 (routing);
    Rogan & Gladen 1978, Bayer, Fay & Graubard 2023 (lookers' mistakes); Kalbfleisch & Lawless 1989
    (outcomes to come); Chapman 1951 (looks against complaints).

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = silent(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> found.believe
    'looks'
    >>> bool(found.get("complaints").high < found.get("true").low)
    True
    """
    need_route(log)
    if not 0 < within < 1:
        raise LogError(f"within {within:g} must lie between 0 and 1, for example 0.01")
    seen = Seen(log.frame)
    if not seen.alone:
        raise LogError("no decision of the log went alone, so there are no silent errors to find")
    if not (seen.known.any() or seen.complaint.any()):
        raise NotEnoughEvidence(
            f"not enough evidence: of the {seen.alone:,} decisions that went alone no outcome is "
            f"known, nor of any other. {audit_sizes()}"
        )
    lookers, unknown = lookers_of(seen, seed=seed)
    found = tuple(ways(seen, lookers, seed=seed))
    looks = int((seen.sampled & seen.auto).sum())
    matured, awaited = _matured(seen)
    planned, worth = _worth(seen, looks)
    return Silent(
        ways=found,
        believe=_believable(found, looks),
        allowed=seen.allowed,
        alone=seen.alone,
        looks=looks,
        routing=_routing(seen),
        lookers=lookers,
        lookers_unknown=unknown,
        matured=matured,
        awaited=awaited,
        triggers=_triggers(seen),
        within=within,
        worth=worth,
        more=max(0, math.ceil(looks_for(planned, within) / worth) - looks),
        complete=seen.complete,
        judged=seen.judged,
        columns=frozenset(c for c in log.frame if log.has(c)),
    )


def _believable(found: tuple[Way, ...], looks: int) -> str:
    if looks < LEAST_LOOKS:
        return ""
    least = max(LEAST_LOOKS, looks * _LEAST_PART)
    by_name = {w.name: w for w in found if w["fn_of_auto"].n >= least}
    for trust in (Trust.FAIR, Trust.DOUBTFUL):
        for name in _PREFERRED:
            if name in by_name and by_name[name].trust is trust:
                return name
    return ""


def _worth(seen: Seen, looks: int) -> tuple[float, float]:
    """The share of bad ones to plan for, and what a look counts."""
    share, effective = unseen.effective_of_auto(unseen.sums(seen.frame, seen.sampled, seen.bad))
    if looks < LEAST_LOOKS:
        share = max(share, AUDIT_SIZES[-1])
    return share, effective / looks if looks else 1.0


def _routing(s: Seen) -> Accuracy:
    """Cells by workflow; what was asked about also by the reason that decided."""
    f = s.frame
    flow, names = unseen.workflows(f)
    reason = f["reason"].astype("str") if "reason" in f else "asked"
    w = np.where(s.auto, unseen.weights(f, s.sampled), s.sampled)
    # a workflow of which nothing that went alone was looked at counts on neither side
    known = (np.bincount(flow, w * s.auto, len(names)) > 0)[flow]
    rows = pd.DataFrame(
        {
            "asked": s.asked, "flow": flow, "reason": np.where(s.auto, "", reason), "n": 1.0,
            "w": w, "ww": w * w, "w_bad": w * s.bad,
        }
    )  # fmt: skip
    rows = rows[known & (s.auto | s.asked)]
    cells = rows.groupby(["asked", "flow", "reason"], as_index=False).sum()
    cells = cells[cells["w"] > 0]
    if cells["asked"].nunique() < 2:
        return Accuracy(NOTHING, NOTHING)
    effective = np.minimum(cells["w"] ** 2 / cells["ww"], cells["n"])
    return begg_greenes(
        cells["asked"],
        cells["n"],
        effective,
        effective * np.minimum(cells["w_bad"] / cells["w"], 1),
    )


def _matured(s: Seen) -> tuple[Estimate, str]:
    """Of outcomes that come by themselves, or else of looks to be made, the share that is in."""
    f = s.frame
    outcomes = bool(s.outcome[s.auto].any()) and "ok_at" in f
    if outcomes:
        awaited = s.auto
    elif "look" in f:
        awaited = s.auto & np.asarray(f["look"].notna())
    else:
        return NOTHING, ""
    e = clopper_pearson(float((awaited & s.sampled).sum()), float(awaited.sum()))
    return (replace(e, assumes=_ripe_after(f[awaited], end_of(f))), "outcomes") if outcomes else (
        replace(e, assumes="of those picked"), "looks")  # fmt: skip


def _ripe_after(awaited: pd.DataFrame, now: pd.Timestamp) -> str:
    """The age at which nearly all outcomes are in."""
    days = (awaited["ok_at"].fillna(now) - awaited["decided_at"]) / _DAY
    ripe = known_by(days.clip(lower=0), awaited["ok_at"].notna())
    late = ripe.index[ripe >= RIPE]
    if not len(late):
        return f"at no age are {RIPE:.0%} in yet"
    return f"after {late[0]:.0f} days {RIPE:.0%} are"


def _triggers(s: Seen) -> pd.DataFrame:
    f = s.frame
    if "reason" not in f:
        return pd.DataFrame()
    asked = f[s.asked].assign(known=s.sampled[s.asked], bad=(s.sampled & s.bad)[s.asked])
    by = asked.groupby(asked["reason"].astype("str"))
    counts = pd.DataFrame({"n": by.size(), "known": by["known"].sum(), "bad": by["bad"].sum()})
    rows = [
        {"reason": reason, "asked": int(c["n"]), "band": reason in BAND_REASONS,
         **as_row(clopper_pearson(float(c["bad"]), float(c["known"])))}
        for reason, c in counts.sort_values("n", ascending=False).iterrows()
    ]  # fmt: skip
    return pd.DataFrame(rows)
