"""What a log tells of the AI and of those who judge it, as numbers of a scenario."""

from __future__ import annotations

from typing import Any

import numpy as np

from .judging import Judging, judge, places_of
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
    entries: list[tuple[int, tuple[str, ...], Scale, tuple[float, float], float, str]] = []
    for i, flow in enumerate(labels.workflows):
        if count["flow"][i]:
            ai = ("workflows", flow, "ai")
            for where, name, limit in ((at.intercept, "intercept", 10), (at.slope, "slope", 5)):
                entries.append((where.start + i, (*ai, name), Scale.LINE, (-limit, limit),
                                count["flow"][i], "logistic regression on the score"))  # fmt: skip
    for i, signal in enumerate(labels.signal_names):
        path = ("signals", signal, "odds_of_ok")
        entries.append((at.signal.start + i, path, Scale.LOG, (1e-3, 1e3), count["signal"][i],
                        "logistic regression, all workflows"))  # fmt: skip
    for i, person in enumerate(labels.people):
        if person not in people:
            continue
        pool = _pool_of(people[person], book)
        here = ("pools", pool, "reviewers", people[person])
        for where, name in ((at.hit, "hit_rate"), (at.false_alarm, "false_alarm_rate")):
            entries.append((where.start + i, (*here, name), Scale.SHARE, (0.002, 0.998),
                            count["person"][i], "verdicts against scores and second looks"))  # fmt: skip
    told = judged.learnt
    places = np.array([e[0] for e in entries])
    said = [
        how if told[i] >= _TELLS_LITTLE else f"{how}; rests on published evidence more than on that"
        for i, *_, how in entries
    ]
    joint = Joint(
        tuple(e[1] for e in entries), tuple(e[2] for e in entries), tuple(e[3] for e in entries),
        judged.mean[places], judged.cov[np.ix_(places, places)],
    )  # fmt: skip
    book.learn_together(joint, [e[4] for e in entries], said)
    mend_guessing(book.parts)
    _note_judging(labels, count, book)
    return judged


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
    return next(p for p, v in book.parts["pools"].items() if name in v["reviewers"])


def mend_guessing(parts: dict[str, Any]) -> None:
    """Nobody is worse than guessing: a scenario refuses it."""
    for pool in parts["pools"].values():
        for r in pool["reviewers"].values():
            hit, alarm = r.get("hit_rate"), r.get("false_alarm_rate")
            if hit is not None and alarm is not None and hit < alarm:
                r["hit_rate"] = r["false_alarm_rate"] = (hit + alarm) / 2
