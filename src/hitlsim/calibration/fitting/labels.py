"""Who judged which decision, and how: verdicts, looks afterwards, and outcomes that came alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import LOOKS
from .seen import Seen

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOBODY, UNKNOWN = -1, -1
_EDGE = 1e-6


@dataclass(frozen=True)
class Labels:
    """Decisions of which somebody or something told whether they were right, alike ones together.

    Attributes
    ----------
    workflow, signals : arrays of int
        Number of the workflow, and of the set of signals.
    logit : array
        Log-odds of the score.
    first, second : arrays of int
        Whether the reviewer, and whoever looked again, found fault: 1, 0, or -1 if nobody did.
    first_by, second_by : arrays of int
        Who that was, by number.
    truth : array of int
        1 bad, 0 good, as the outcome told by itself; -1 if it did not.
    n : array
        How many decisions are alike in all that.
    sets : list
        The sets of signals, as tuples of numbers of signals.
    """

    workflow: Ints
    signals: Ints
    logit: Floats
    first: Ints
    first_by: Ints
    second: Ints
    second_by: Ints
    truth: Ints
    n: Floats
    workflows: list[str]
    signal_names: list[str]
    sets: list[tuple[int, ...]]
    people: list[str]

    @property
    def carries(self) -> Floats:
        """For each row and signal whether it is carried."""
        design = np.zeros((len(self.sets), len(self.signal_names)))
        for i, members in enumerate(self.sets):
            design[i, list(members)] = 1.0
        return design[self.signals]


def labels_of(seen: Seen) -> Labels:
    """All judgments of a log, complaints apart.

    What surfaced by a complaint is known for bad ones only; taken as a label it would make the AI
    look worse than it is where nobody looked.
    """
    frame = _judgments(seen)
    signals = list(seen.signals)
    carried = np.column_stack([seen.signals[s] for s in signals]) if signals else None
    mask = np.zeros(len(frame), np.int64)
    if carried is not None:
        mask = carried @ (1 << np.arange(len(signals), dtype=np.int64))
    frame["signals"] = mask
    names = seen.workflows
    frame["workflow"] = seen.workflow.map({n: i for i, n in enumerate(names)}).to_numpy()
    confidence = np.clip(seen.number("confidence"), _EDGE, 1 - _EDGE)
    frame["logit"] = np.log(confidence / (1 - confidence))
    told = (frame["first"] >= 0) | (frame["second"] >= 0) | (frame["truth"] >= 0)
    keys = ["workflow", "signals", "logit", "first", "first_by", "second", "second_by", "truth"]
    alike = frame[told & np.isfinite(frame["logit"])].groupby(keys, sort=True).size()
    rows = alike.reset_index(name="n")
    masks, codes = np.unique(rows["signals"].to_numpy(), return_inverse=True)
    sets = [tuple(i for i in range(len(signals)) if int(m) >> i & 1) for m in masks]
    columns = {k: rows[k].to_numpy(np.int64) for k in keys if k not in ("signals", "logit")}
    return Labels(
        **columns, signals=codes.astype(np.int64), logit=rows["logit"].to_numpy(float),
        n=rows["n"].to_numpy(float), workflows=names, signal_names=signals, sets=sets,
        people=frame.attrs["people"],
    )  # fmt: skip


def _judgments(seen: Seen) -> pd.DataFrame:
    """Fault found by the reviewer and on a second look, and what the outcome told."""
    ok, source = seen.frame.get("ok"), seen.words("ok_source")
    known = np.zeros(len(seen), bool) if ok is None else np.asarray(ok.notna(), bool)
    bad = known & ~seen.yes("ok")
    verdict, look = seen.words("verdict"), seen.words("look_verdict")
    own = ~seen.yes("by_hand") & np.asarray(seen.words("route") != "manual")
    first = np.where(own & (verdict != ""), (verdict != "approve").astype(int), NOBODY)
    second = np.where(
        own & (look != "") & (first <= 0) & ~seen.yes("bulk"), (look != "approve").astype(int),
        NOBODY,
    )  # fmt: skip
    # a log may say what was found without saying what anybody did
    said = own & known & (first < 0) & (second < 0)
    first = np.where(said & np.asarray(source == "review"), bad.astype(int), first)
    second = np.where(said & np.asarray(source.isin(LOOKS)), bad.astype(int), second)
    truth = np.where(known & np.asarray(source.isin(["outcome", ""])), bad.astype(int), UNKNOWN)
    if source.eq("").all() and (seen.has("verdict") or seen.has("look_verdict")):
        # where nobody says how it is known, and people judged, it may be their own judgment
        truth = np.full(len(seen), UNKNOWN)
    if seen.has("gold_ok"):
        gold = np.asarray(seen.frame["gold_ok"].notna(), bool)
        truth = np.where(gold, (~seen.yes("gold_ok")).astype(int), truth)
    by = [_who(seen, "reviewer"), _who(seen, "looker")]
    people = sorted({*by[0][first >= 0], *by[1][second >= 0]})
    number = {name: i for i, name in enumerate(people)}
    codes = [
        np.where(made >= 0, who.map(number).fillna(NOBODY).astype(int), NOBODY)
        for who, made in zip(by, (first, second), strict=True)
    ]
    frame = pd.DataFrame(
        {"first": first, "first_by": codes[0], "second": second, "second_by": codes[1],
         "truth": truth}
    )  # fmt: skip
    frame.attrs["people"] = people
    return frame


def _who(seen: Seen, column: str) -> pd.Series:
    """Who judged, else whose queue it was, else somebody."""
    who = seen.words(column)
    pool = seen.words("pool")
    return who.where(who != "", pool.where(pool != "", "somebody"))
