"""What becomes of decisions that went out: how bad ones surface, and what emails bring."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from ...decisions.estimating.intervals import Estimate, clopper_pearson
from .judging import Judging, chance_bad, places_of
from .labels import Labels
from .learnt import Book, Joint, Scale
from .seen import Seen

Floats = NDArray[np.float64]

_LEAST = 10
"""Fewer complaints show neither how many surface nor how late."""
_MATURE_DAYS = 14.0
_DRAWS = 200
_BELIEF_DAYS = (math.log(5.0), 1.5)
_BELIEF_SIGMA = (0.9, 0.3)
"""Where few have surfaced yet, delays are near those that scenarios have by default."""
_CHAIN = (
    ("bounce", "bounced", None), ("spam", "marked_spam", "there"),
    ("opt_out", "opted_out", "there"), ("reply", "replied", "there"),
    ("positive", "positive", "replied"), ("meeting", "meeting", "positive"),
    ("no_show", "no_show", "meeting"),
)  # fmt: skip


def learn_surfacing(
    seen: Seen, labels: Labels, judged: Judging, book: Book, rng: np.random.Generator
) -> None:
    """Share of bad decisions that surface by themselves, and after how long.

    Which ones went out bad nobody knows; their expected number follows from scores and verdicts.
    What has not surfaced by the end may yet: each counts by the chance that it would have.
    """
    if not seen.has("surfaced_at", "executed_at"):
        return
    complained, days, window = _complaints(seen)
    few = []
    for flow in seen.workflows:
        mine = np.asarray(seen.workflow == flow)
        own = complained & mine
        if own.sum() < _LEAST:
            few.append(flow)
            continue
        delay, delay_cov = delays(days[own], window[own])
        out = mine & np.isfinite(window) & (window > 0)
        e = _share(float(own.sum()), seen, labels, judged, out, window, delay, delay_cov, rng)
        here = ("workflows", flow, "surfacing")
        book.learn((*here, "share"), e, "complaints / bad ones that went out, by their chances",
                   Scale.LOG, (0.0, 1.0))  # fmt: skip
        joint = Joint(
            ((*here, "days", "median"), (*here, "days", "sigma")), (Scale.LOG, Scale.LINE),
            ((1e-3, 1e6), (0.0, 3.0)), delay, delay_cov,
        )  # fmt: skip
        how = "delay of complaints, those still to come allowed for"
        book.learn_together(joint, [float(own.sum())] * 2, [how, how])
    if few:
        book.note(f"Fewer than {_LEAST} complaints, so how many bad ones surface and when is an "
                  f"assumption: {', '.join(few)}.")  # fmt: skip


def _complaints(seen: Seen) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Which drew a complaint, after how many days, and in how many days it could have.

    Only what went out as the AI proposed it: not what people mended, or did by hand. And only what
    has a score, as by that is known how likely it was bad.
    """
    by = np.asarray(seen.words("surfaced_by") == "complaint")
    verdict = seen.words("verdict")
    as_proposed = np.asarray(verdict.isin(["", "approve"])) & ~seen.yes("by_hand")
    as_proposed &= np.asarray(seen.words("route") != "manual")
    as_proposed &= np.isfinite(seen.number("confidence"))
    days = seen.minutes("executed_at", "surfaced_at") / 1440
    end = (seen.end - seen.frame["executed_at"]).dt.total_seconds().to_numpy() / 86400
    # found on a look, it cannot surface any more
    found = np.asarray(seen.words("look_verdict").isin(["edit", "reject"]))
    until_look = seen.minutes("executed_at", "looked_at") / 1440
    window = np.where(found & np.isfinite(until_look), np.minimum(end, until_look), end)
    window = np.where(as_proposed, window, np.nan)
    return by & as_proposed & (days > 0), days, window


def delays(days: Floats, window: Floats) -> tuple[Floats, Floats]:
    """Lognormal delays of what surfaced in its window: mean and covariance of (log median, sigma).

    Parameters
    ----------
    days, window : arrays
        Delay of each, and the longest delay that would have been seen.

    References
    ----------
    Kalbfleisch & Lawless 1989, Inference based on retrospective ascertainment (right truncation).
    """
    from scipy.optimize import minimize

    logs, limits = np.log(days), np.log(np.maximum(window, days))

    def loss(x: Floats) -> float:
        mean, sigma = x[0], math.exp(x[1])
        z = (logs - mean) / sigma
        inside = log_ndtr((limits - mean) / sigma)
        belief = ((mean - _BELIEF_DAYS[0]) / _BELIEF_DAYS[1]) ** 2
        belief += ((x[1] - math.log(_BELIEF_SIGMA[0])) / _BELIEF_SIGMA[1]) ** 2
        return float((0.5 * z * z + x[1] + inside).sum() + 0.5 * belief)

    start = np.array([float(logs.mean()), math.log(max(0.2, float(logs.std())))])
    x = np.asarray(minimize(loss, start, method="Nelder-Mead", options={"fatol": 1e-8}).x)
    h, e = 1e-3, np.eye(2) * 1e-3
    hessian = np.array([[
        (loss(x + e[i] + e[j]) - loss(x + e[i] - e[j]) - loss(x - e[i] + e[j])
         + loss(x - e[i] - e[j])) / (4 * h * h) for j in (0, 1)] for i in (0, 1)])  # fmt: skip
    cov = np.linalg.inv(hessian)
    sigma = math.exp(x[1])
    scale = np.diag([1.0, sigma])
    return np.array([x[0], sigma]), scale @ cov @ scale


def _share(
    k: float, seen: Seen, labels: Labels, judged: Judging, out: NDArray[np.bool_],
    window: Floats, delay: Floats, delay_cov: Floats, rng: np.random.Generator,
) -> Estimate:  # fmt: skip
    """Complaints over the bad ones that could have drawn one by now.

    Poisson error of the complaints, and the errors of how many were bad and of how late they come,
    by drawing both.
    """
    rows = np.flatnonzero(out)
    x, flow, carries, passed = _told(seen, labels, rows)
    at = places_of(labels)

    def expected(found: Judging, mean: float, sigma: float) -> float:
        bad = chance_bad(x, flow, carries, found, at)
        for by, approved in passed:
            hit = 1 / (1 + np.exp(-found.mean[at.hit][by]))
            alarm = 1 / (1 + np.exp(-found.mean[at.false_alarm][by]))
            for kind, if_bad, if_good in ((1, 1 - hit, 1 - alarm), (2, hit, alarm)):
                told = bad * if_bad / (bad * if_bad + (1 - bad) * if_good)
                bad = np.where(approved == kind, told, bad)
        come = ndtr((np.log(window[rows]) - mean) / max(sigma, 0.05))
        return float((bad * come).sum())

    value = k / expected(judged, *delay)
    joint = rng.multivariate_normal(judged.mean, judged.cov, _DRAWS, method="eigh")
    late = rng.multivariate_normal(delay, delay_cov, _DRAWS, method="eigh")
    logs = [
        math.log(rng.gamma(k + 0.5) / expected(judged._replace(mean=j), *d))
        for j, d in zip(joint, late, strict=True)
    ]
    error = float(np.std(logs))
    low, high = (value * math.exp(s * 1.96 * error) for s in (-1, 1))
    return Estimate(value, min(1.0, low), min(1.0, high), k, "complaints come from bad ones only")


def _told(
    seen: Seen, labels: Labels, rows: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64], Floats, list[tuple[NDArray[np.int64], NDArray[np.int64]]]]:
    """Score, workflow and signals of decisions, and what people said: 1 approved, 2 flagged."""
    confidence = np.clip(seen.number("confidence")[rows], 1e-6, 1 - 1e-6)
    number = {name: i for i, name in enumerate(labels.workflows)}
    flow = seen.workflow.iloc[rows].map(number).to_numpy()
    carries = np.zeros((len(rows), len(labels.signal_names)))
    for i, name in enumerate(labels.signal_names):
        carries[:, i] = seen.signals[name][rows]
    people = {name: i for i, name in enumerate(labels.people)}
    passed = []
    for who, what in (("reviewer", "verdict"), ("looker", "look_verdict")):
        by = seen.words(who).iloc[rows].map(people)
        verdict = seen.words(what).iloc[rows]
        said = np.where(verdict == "approve", 1, np.where(verdict == "", 0, 2))
        said = np.where(by.notna(), said, 0)
        passed.append((by.fillna(0).to_numpy(np.int64), said))
    return np.log(confidence / (1 - confidence)), flow, carries, passed


def learn_email(seen: Seen, book: Book) -> None:
    """Bounces, spam marks, opt-outs, answers and what follows, of emails old enough."""
    if not seen.has("bounced"):
        return
    age = (seen.end - seen.frame["executed_at"]).dt.total_seconds().to_numpy() / 86400
    sent = np.asarray(seen.frame["bounced"].notna(), bool)
    for flow in seen.workflows:
        mine = sent & np.asarray(seen.workflow == flow)
        if not mine.any() or book.parts["workflows"][flow]["channel"] != "email":
            continue
        old = mine & (age >= _MATURE_DAYS)
        there = old & ~seen.yes("bounced")
        for field, column, of in _CHAIN:
            base = mine if of is None else there if of == "there" else old & seen.yes(of)
            if not seen.has(column) or not base.any():
                continue
            e = clopper_pearson(float((base & seen.yes(column)).sum()), float(base.sum()))
            path = ("workflows", flow, "email", field)
            book.learn(path, e, f"of emails {_MATURE_DAYS:g} days old" if of else "of emails sent",
                       Scale.SHARE, (0, 1))  # fmt: skip
        why = "rates are of good and bad emails together"
        book.assume(("workflows", flow, "email", "bad_spam"), 1.0, why)
        book.assume(("workflows", flow, "email", "bad_reply"), 1.0, why)
