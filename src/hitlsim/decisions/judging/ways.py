"""Every way of telling how many silent errors there are, the wrong ones too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import LogError, NotEnoughEvidence
from ..columns import LOOKS, SAFE_ROUTES
from ..estimating import unseen
from ..estimating.capture import chapman
from ..estimating.enough import LEAST_LOOKS
from ..estimating.intervals import FEW, NOTHING, Estimate, clopper_pearson, product
from ..estimating.lookers import Lookers, from_double, from_gold, rogan_gladen
from ..estimating.maturing import matured

Bools = NDArray[np.bool_]
RATES = ("fn_of_auto", "fn_share", "fn_of_bad", "bad")
"""Of what went alone, the bad; of all the AI may take alone, those that went alone and were bad; of
the bad, those that went alone; of all the AI may take alone, the bad."""
_GROUPS = 3
"""Groups by confidence in which double reviews are compared."""
_CHANGES = ("edit", "reject")
_HALF = 0.5
_ALL = 0.995
"""Share known from which (nearly) all are."""
_DAY = pd.Timedelta(days=1)


class Trust(StrEnum):
    """How far a way can be believed."""

    WRONG = "wrong"
    DOUBTFUL = "doubtful"
    FAIR = "fair"
    TRUE = "true"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of estimating silent errors.

    Attributes
    ----------
    name, title : str
    trust : Trust
    why : str
        What is wrong with it, or what it takes for granted.
    rates : dict
        An estimate for each of :data:`RATES` that it can give.
    """

    name: str
    title: str
    trust: Trust
    why: str
    rates: dict[str, Estimate]

    def __getitem__(self, rate: str) -> Estimate:
        return self.rates.get(rate, NOTHING)


class Seen:
    """A log as these ways look at it: which went alone, what is known of them and how.

    Decisions put in to test reviewers are none of the team's, so they are kept apart.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        test = frame["gold_ok"].notna() if "gold_ok" in frame else pd.Series(False, frame.index)
        self.tests, self.frame = frame[test], frame[~test].reset_index(drop=True)
        f = self.frame
        self.auto: Bools = np.asarray(f["route"] == "auto")
        self.asked: Bools = np.asarray(f["route"].isin(SAFE_ROUTES)) & ~self.auto
        self.known: Bools = np.asarray(f["ok"].notna()) if "ok" in f else np.zeros(len(f), bool)
        self.bad: Bools = self.known & ~np.asarray(_filled(f, "ok", fill=True))
        self.sampled: Bools = unseen.sampled(f)
        self.complaint: Bools = _words(f, "surfaced_by") == "complaint"
        self.complaint |= self.bad & (_words(f, "ok_source") == "complaint")
        if "inclusion" in f:
            _refuse_impossible(f, self.auto & self.sampled)
        self.outcome: Bools = self.known & (_words(f, "ok_source") == "outcome")
        look = _words(f, "look_verdict")
        self.looked: Bools = look != ""
        self.called_bad: Bools = self.looked & (look != "approve")

    @property
    def allowed(self) -> int:
        return int(self.auto.sum() + self.asked.sum())

    @property
    def alone(self) -> int:
        return int(self.auto.sum())

    @property
    def complete(self) -> bool:
        """Whether (nearly) all outcomes of what went alone are known."""
        return bool(self.sampled[self.auto].mean() > _ALL)

    @property
    def recorded(self) -> bool:
        """Whether the log tells the chance with which outcomes get known."""
        return "inclusion" in self.frame and bool(self.frame["inclusion"].notna().any())

    @property
    def judged(self) -> bool:
        """Whether people, who err, said what is known of what went alone."""
        source = _words(self.frame, "ok_source")[self.auto & self.sampled]
        return bool(len(source)) and bool(np.isin(source, LOOKS).mean() > _HALF)


def _refuse_impossible(frame: pd.DataFrame, seen: Bools) -> None:
    never = seen & np.asarray(frame["inclusion"] <= 0)
    if never.any():
        first = (
            frame.loc[never, "decision_id"].iloc[0] if "decision_id" in frame else never.argmax()
        )
        raise LogError(
            f"decision {first}: its outcome is known, but the chance of that (column inclusion) is "
            "0; give the chance with which it was picked, or leave the cell empty if it was certain"
        )


def ways(seen: Seen, lookers: Lookers | None, *, seed: int) -> Iterator[Way]:
    """Every way that the log allows, the wrong ones first."""
    yield from _wrong(seen)
    yield from _fair(seen, lookers, seed)
    yield from _true(seen)


def _wrong(s: Seen) -> Iterator[Way]:
    alone = s.alone / s.allowed
    reviewed = s.asked & s.sampled
    if reviewed.any():
        e = _counted((reviewed & s.bad).sum(), reviewed.sum())
        yield Way(
            "reviewed", "as bad as what people reviewed", Trust.WRONG,
            "people are asked about the doubtful ones; those that went alone are others",
            {"fn_of_auto": e, "fn_share": e.scaled(alone), "bad": e},
        )  # fmt: skip
    told, everything = s.complaint & s.auto, s.auto | s.asked
    if told.any():
        every = (s.complaint & everything).sum()
        yield Way(
            "complaints", "complaints only", Trust.WRONG, "most bad ones draw no complaint",
            {
                "fn_of_auto": _counted(told.sum(), s.alone),
                "fn_share": _counted(told.sum(), s.allowed),
                "bad": _counted(every, s.allowed),
            },
        )  # fmt: skip
    if not s.complete:
        found, all_found = (s.bad & s.auto).sum(), (s.bad & everything).sum()
        yield Way(
            "unlabelled", "good unless somebody found it bad", Trust.WRONG,
            "what nobody looked at is taken for good",
            {
                "fn_of_auto": _counted(found, s.alone),
                "fn_share": _counted(found, s.allowed),
                "fn_of_bad": _counted(found, all_found),
                "bad": _counted(all_found, s.allowed),
            },
        )  # fmt: skip
        known = s.known & everything
        e = _counted((s.bad & known).sum(), known.sum())
        yield Way(
            "known", "all that is known, in one pot", Trust.WRONG,
            "reviewed ones and complaints are far more often known than the others",
            {"fn_of_auto": e, "fn_share": e.scaled(alone), "bad": e},
        )  # fmt: skip


def _fair(s: Seen, lookers: Lookers | None, seed: int) -> Iterator[Way]:
    if s.sampled[s.auto].any():
        yield _looks(s)
    if lookers is not None and s.looked[s.auto].any():
        yield from _corrected(s, lookers, seed)
    late = s.auto & s.outcome & _has(s.frame, "ok_at")
    if late.any():
        yield _matured(s, late, seed)
    yield from _recaptured(s)


def _counted(k: float, n: float) -> Estimate:
    return clopper_pearson(float(k), float(n))


def _trust(s: Seen, known: Bools) -> tuple[Trust, str]:
    """How far these outcomes speak for all that went alone, and why not."""
    here = known[s.auto]
    if here.mean() > _ALL:
        return Trust.FAIR, ""
    if here.sum() < LEAST_LOOKS:
        return Trust.DOUBTFUL, "rests on too few looks to say anything"
    if not s.recorded:
        return Trust.DOUBTFUL, (
            "takes what is known for a random sample, but the log does not say that it is"
        )
    return Trust.FAIR, ""


def _of_allowed(s: Seen, e: Estimate, known: Bools) -> Estimate:
    """The same as a share of all the AI may take alone, in the workflows that it speaks for."""
    flow, names = unseen.workflows(s.frame)
    here = (np.bincount(flow, known & s.auto, len(names)) > 0)[flow]
    return e.scaled(float((s.auto & here).sum() / ((s.auto | s.asked) & here).sum()))


def _looks(s: Seen) -> Way:
    rows = unseen.sums(s.frame, s.sampled, s.bad)
    title, why = "looked at by chance, weighted", "each look stands for those not looked at"
    trust, doubt = _trust(s, s.sampled)
    if s.complete:
        title, why = "all outcomes", "every outcome is known"
    elif doubt:
        why = doubt
        title = title if s.recorded else "outcomes known, as if by chance"
    if s.judged:
        why += "; the lookers' own mistakes are in it"
    rates = {
        "fn_of_auto": unseen.fn_of_auto(rows), "fn_share": unseen.fn_share(rows),
        "fn_of_bad": unseen.fn_of_bad(rows), "bad": unseen.bad_share(rows),
    }  # fmt: skip
    return Way("looks", title, trust, why, rates)


def _corrected(s: Seen, lookers: Lookers, seed: int) -> Iterator[Way]:
    """What lookers called bad, without their mistakes."""
    share, effective = unseen.effective_of_auto(unseen.sums(s.frame, s.looked, s.called_bad))
    try:
        e = rogan_gladen(share, effective, lookers, seed=seed)
    except NotEnoughEvidence:
        return
    looks = int((s.looked & s.auto).sum())
    e = replace(e, n=looks, few=bool((s.called_bad & s.auto).sum() < FEW))
    trust, doubt = _trust(s, s.looked)
    sees = (
        f"lookers find {lookers.sensitivity.value:.0%} of the bad ones and raise an alarm on "
        f"{1 - lookers.specificity.value:.1%} of the good ones, by {lookers.source}"
    )
    yield Way(
        "lookers", "the same, without lookers' mistakes", trust,
        doubt or sees,
        {"fn_of_auto": e, "fn_share": _of_allowed(s, e, s.looked)},
    )  # fmt: skip


def _recaptured(s: Seen) -> Iterator[Way]:
    """What lookers missed, from errors that somebody had complained about before the look."""
    f, looked = s.frame, s.looked & s.auto
    told = looked & s.complaint
    if {"surfaced_at", "looked_at"} <= set(f):
        # a look that finds an error ends it, so later complaints are no fair second count
        told &= np.asarray(f["surfaced_at"] < f["looked_at"])
    found, both = int((looked & s.called_bad).sum()), int((told & s.called_bad).sum())
    if both < FEW:
        return
    missed = chapman(found, int(told.sum()), both).scaled(1 / found)
    share = unseen.fn_of_auto(unseen.sums(f, s.looked, s.called_bad))
    e = product(share, missed, assumes=missed.assumes)
    e = replace(e, value=min(1.0, e.value), high=min(1.0, e.high), n=int(looked.sum()))
    yield Way(
        "recapture", "looks against complaints", Trust.DOUBTFUL,
        "adds what lookers missed, but leaves their false alarms in; where what is easy to see is "
        "complained about too, they missed more",
        {"fn_of_auto": e, "fn_share": _of_allowed(s, e, s.looked)},
    )  # fmt: skip


def _matured(s: Seen, late: Bools, seed: int) -> Way:
    f = s.frame
    delays = np.maximum((f["ok_at"] - f["decided_at"])[late] / _DAY, 0.0)
    ages = (end_of(f) - f["decided_at"])[late] / _DAY
    flow, names = unseen.workflows(f)
    e = matured(
        s.bad[late], delays, ages, weights=unseen.weights(f, late)[late], groups=flow[late],
        sizes=np.bincount(flow, s.auto, len(names)), seed=seed,
    )  # fmt: skip
    return Way(
        "matured", "outcomes, once all are in", Trust.FAIR,
        "young decisions count for what their kind turned out to be",
        {"fn_of_auto": e, "fn_share": _of_allowed(s, e, late)},
    )  # fmt: skip


def _true(s: Seen) -> Iterator[Way]:
    if "true_ok" not in s.frame:
        return
    bad = ~s.frame["true_ok"].to_numpy(bool)
    silent, everything = (bad & s.auto).sum(), s.auto | s.asked
    yield Way(
        "true", "the truth", Trust.TRUE, "hidden from all other ways",
        {
            "fn_of_auto": _counted(silent, s.alone),
            "fn_share": _counted(silent, s.allowed),
            "fn_of_bad": _counted(silent, (bad & everything).sum()),
            "bad": _counted((bad & everything).sum(), s.allowed),
        },
    )  # fmt: skip


def lookers_of(seen: Seen, *, seed: int) -> tuple[Lookers | None, str]:
    """How well lookers see, or why that is not known."""
    refused = []
    for find in (_by_tests, _by_double):
        try:
            return find(seen, seed), ""
        except NotEnoughEvidence as e:
            refused.append(str(e))
    return None, refused[0] if len(seen.tests) else refused[1]


def _by_tests(s: Seen, seed: int) -> Lookers:
    """From decisions put in; those looked at afterwards, or all that were judged."""
    looked, judged = _words(s.tests, "look_verdict"), _words(s.tests, "verdict")
    good = np.asarray(_filled(s.tests, "gold_ok", fill=True))
    of_looks = min((good & (looked != "")).sum(), (~good & (looked != "")).sum()) >= FEW
    said = looked if of_looks else np.where(looked != "", looked, judged)
    bad = (said != "") & ~good
    fine = (said != "") & good
    return from_gold(
        int((bad & (said != "approve")).sum()), int(bad.sum()),
        int((fine & (said == "approve")).sum()), int(fine.sum()), seed=seed,
    )  # fmt: skip


def _by_double(s: Seen, seed: int) -> Lookers:
    """From decisions that went alone and were judged twice: ``verdict`` and ``look_verdict``.

    What people were asked about does not count: they judge doubtful ones by other measures.
    """
    f = s.frame
    if "confidence" not in f:
        raise NotEnoughEvidence("double reviews are compared by confidence; the log has none")
    first, again = _words(f, "verdict"), _words(f, "look_verdict")
    looker = _words(f, "looker")
    same = (looker != "") & (looker == _words(f, "reviewer"))
    judged = s.auto & _has(f, "confidence") & ((first != "") | (again != ""))
    both = judged & (first != "") & (again != "") & ~same
    if not both.any():
        raise NotEnoughEvidence("no decision that went alone was judged by two people")
    calls = np.isin(first, _CHANGES).astype(int) + np.isin(again, _CHANGES)
    cut = np.quantile(f["confidence"][both], np.arange(1, _GROUPS) / _GROUPS)
    group = np.searchsorted(np.unique(cut), f["confidence"], side="right")
    one = judged & ~both
    cells = {
        "bad": one & (calls > 0), "good": one & (calls == 0),
        "bad_bad": both & (calls == 2), "disagree": both & (calls == 1),
        "good_good": both & (calls == 0),
    }  # fmt: skip
    pairs = pd.DataFrame({n: np.bincount(group, c, _GROUPS) for n, c in cells.items()})
    return from_double(pairs, seed=seed)


def end_of(frame: pd.DataFrame) -> pd.Timestamp:
    """The last moment of which a log tells."""
    names = ("decided_at", "ok_at", "ended_at", "looked_at", "surfaced_at")
    return max(frame[c].max() for c in names if c in frame and frame[c].notna().any())


def _words(frame: pd.DataFrame, column: str) -> NDArray[np.str_]:
    """A column of words; empty where there is none."""
    if column not in frame:
        return np.full(len(frame), "", dtype="U1")
    words = frame[column].astype("object")
    return np.asarray(words.where(words.notna(), ""), dtype=str)


def _filled(frame: pd.DataFrame, column: str, *, fill: bool) -> NDArray[np.bool_]:
    if column not in frame:
        return np.full(len(frame), fill)
    return np.asarray(frame[column].astype("boolean").fillna(fill), bool)


def _has(frame: pd.DataFrame, column: str) -> Bools:
    return np.asarray(frame[column].notna()) if column in frame else np.zeros(len(frame), bool)
