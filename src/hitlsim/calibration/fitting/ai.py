"""What a log tells of the AI and of those who judge it, as numbers of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .judging import Floats, Judging, Places, judge, places_of
from .labels import Labels
from .learnt import Book, Joint, Scale

_TELLS_LITTLE = 0.5
"""Below this share of what was not known before, a number rests on published evidence more than
on the log."""


def learn_judging(labels: Labels, people: dict[str, str], book: Book) -> Judging | None:
    """How often the AI is right, and what people see of it; None where nobody ever judged."""
    if not labels.n.sum():
        book.note("Nobody says of any decision whether it was right: how often the AI errs is an "
                  "assumption, and so is what people see. A hundred looks at what went alone, "
                  "picked at random, would be a start.")  # fmt: skip
        return None
    judged = judge(labels)
    at = places_of(labels)
    count = _counts(labels)
    entries = [*_of_ai(labels, at, count), *_of_people(labels, at, count, people, book)]
    joint = Joint(
        tuple(e.path for e in entries), tuple(e.scale for e in entries),
        tuple(e.limits for e in entries), *_combined(judged, entries),
    )  # fmt: skip
    told = 1 - np.diag(joint.cov) / np.array([e.weights @ judged.prior_sd for e in entries]) ** 2
    said = [
        e.how if t >= _TELLS_LITTLE else f"{e.how}; rests on published evidence more than on that"
        for e, t in zip(entries, told, strict=True)
    ]
    book.learn_together(joint, [e.n for e in entries], said)
    mend_guessing(book.parts)
    _note_judging(labels, count, book)
    return judged


class _Entry(NamedTuple):
    """One number of the scenario, as a weighted mean of what was found."""

    weights: Floats
    path: tuple[str, ...]
    scale: Scale
    limits: tuple[float, float]
    n: float
    how: str


def _of_ai(labels: Labels, at: Places, count: dict[str, Any]) -> Iterator[_Entry]:
    size = at.false_alarm.stop
    for i, flow in enumerate(labels.workflows):
        if count["flow"][i]:
            ai = ("workflows", flow, "ai")
            for where, name, limit in ((at.intercept, "intercept", 10), (at.slope, "slope", 5)):
                yield _Entry(_only(where.start + i, size), (*ai, name), Scale.LINE,
                             (-limit, limit), count["flow"][i],
                             "logistic regression on the score")  # fmt: skip
    for i, signal in enumerate(labels.signal_names):
        path = ("signals", signal, "odds_of_ok")
        yield _Entry(_only(at.signal.start + i, size), path, Scale.LOG, (1e-3, 1e3),
                     count["signal"][i], "logistic regression, all workflows")  # fmt: skip


def _of_people(
    labels: Labels, at: Places, count: dict[str, Any], people: dict[str, str], book: Book
) -> Iterator[_Entry]:
    """Everybody's rates; where nobody has a place of their own, the pool's mean at each place."""
    size, number = at.false_alarm.stop, {p: i for i, p in enumerate(labels.people)}
    groups = [([person], _pool_of(name, book), [name]) for person, name in people.items()]
    groups += [(crowd, pool, list(book.parts["pools"][pool]["reviewers"]))
               for pool, crowd in book.crowds.items()]  # fmt: skip
    for who, pool, names in groups:
        known = [number[p] for p in who if p in number]
        if not known:
            continue
        n = count["person"][known]
        for where, rate in ((at.hit, "hit_rate"), (at.false_alarm, "false_alarm_rate")):
            weights = np.zeros(size)
            weights[[where.start + k for k in known]] = n / n.sum()
            for name in names:
                path = ("pools", pool, "reviewers", name, rate)
                yield _Entry(weights, path, Scale.SHARE, (0.002, 0.998), float(n.sum()),
                             "verdicts against scores and second looks")  # fmt: skip


def _only(place: int, size: int) -> Floats:
    weights = np.zeros(size)
    weights[place] = 1.0
    return weights


def _combined(judged: Judging, entries: list[_Entry]) -> tuple[Floats, Floats]:
    each = np.array([e.weights for e in entries])
    return each @ judged.mean, each @ judged.cov @ each.T


def _counts(labels: Labels) -> dict[str, Any]:
    """Judgments of each workflow, with each signal, by each person."""
    n = labels.n
    person = np.zeros(len(labels.people))
    for found, by in ((labels.first, labels.first_by), (labels.second, labels.second_by)):
        there = found >= 0
        person += np.bincount(by[there], n[there], len(labels.people))
    return {
        "flow": np.bincount(labels.workflow, n, len(labels.workflows)),
        "signal": labels.carries.T @ n,
        "person": person,
    }


def _note_judging(labels: Labels, count: dict[str, Any], book: Book) -> None:
    none = [f for f, n in zip(labels.workflows, count["flow"], strict=True) if not n]
    if none:
        book.note(f"Nobody ever judged {', '.join(none)}: how often the AI errs there is assumed.")
    if (labels.truth >= 0).any():
        n = labels.n[labels.truth >= 0].sum()
        book.note(f"Of {n:,.0f} decisions the outcome itself tells whether they were right.")
    elif not ((labels.first >= 0) & (labels.second >= 0)).any():
        book.note("Nobody looked again at what reviewers had passed, and no outcome tells it: what "
                  "reviewers miss rests on published evidence. A hundred second looks would do "
                  "much.")  # fmt: skip


def _pool_of(name: str, book: Book) -> str:
    return str(next(p for p, v in book.parts["pools"].items() if name in v["reviewers"]))


def mend_guessing(parts: dict[str, Any]) -> None:
    """Nobody is worse than guessing: a scenario refuses it."""
    for pool in parts["pools"].values():
        for r in pool["reviewers"].values():
            hit, alarm = r.get("hit_rate"), r.get("false_alarm_rate")
            if hit is not None and alarm is not None and hit < alarm:
                r["hit_rate"] = r["false_alarm_rate"] = (hit + alarm) / 2
