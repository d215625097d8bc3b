"""Where the AI may act alone, as the routes of a log show it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import SAFE_ROUTES
from ..tuning.rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from .learnt import Book
from .seen import Seen

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_FEW = 5
"""A signal must have been seen so often, above the band, to be taken for a trigger or for none."""


def learn_boundary(seen: Seen, book: Book) -> None:
    """Bands, triggers and version of the boundary spec."""
    if not seen.has("route"):
        _from_record(seen, book)
        return
    rows = _newest(seen, book)
    route = seen.words("route")
    by_hand = route == "manual"
    if by_hand.any():
        flows = ", ".join(sorted(seen.workflow[by_hand].unique()))
        book.note(f"{by_hand.sum():,} decisions were done by hand after a kill switch or in a "
                  f"pause ({flows}); the scenario has neither.")  # fmt: skip
    safe = rows & np.asarray(route.isin(SAFE_ROUTES))
    if not safe.any():
        book.note("Nothing in the log could go alone, so it shows no bands: the defaults stand.")
        _assume_bands(book)
        return
    if seen.reasons is None:
        book.note("The log gives no reasons beside its routes, so bands are taken from the scores "
                  "of what went alone, and triggers cannot be told.")  # fmt: skip
    _learn_bands(seen, safe, book)
    if seen.reasons is not None:
        _learn_deal_limits(seen, safe, book)
        _learn_triggers(seen, safe, book)


def _from_record(seen: Seen, book: Book) -> None:
    bands = seen.record.get("bands")
    if bands:
        for name in ("auto", "review"):
            value = float(bands[name])
            book.count(("boundary", "bands", name), value, len(seen), "as the log's record says")
        book.note("The log does not say what went alone: the bands of its record are taken.")
    else:
        book.note("The log does not say what went alone, and names no bands: the defaults stand.")
        _assume_bands(book)


def _assume_bands(book: Book) -> None:
    for name, value in (("auto", DEFAULT_AUTO), ("review", DEFAULT_REVIEW)):
        book.assume(("boundary", "bands", name), value)


def _newest(seen: Seen, book: Book) -> Bools:
    """The rows under the newest version of the spec."""
    version = seen.number("boundary_version")
    if not np.isfinite(version).any():
        return np.ones(len(seen), bool)
    last = int(np.nanmax(version))
    book.say(("boundary", "version"), last)
    rows = np.asarray(version == last)
    if not rows[np.isfinite(version)].all():
        book.note(f"The boundary spec changed: bands and triggers are those of version {last}, "
                  f"from {rows.sum():,} decisions; the rest is from the whole log.")  # fmt: skip
    return rows


# --- bands ---------------------------------------------------------------------------------------


def _learn_bands(seen: Seen, safe: Bools, book: Book) -> None:
    # what a float has beyond nine decimals is no part of a score
    confidence, route = seen.number("confidence").round(9), seen.words("route")
    if seen.reasons is not None:
        low, medium = (np.asarray(seen.reasons.str.contains(w, regex=False))
                       for w in ("low_band", "medium_band"))  # fmt: skip
    else:
        low = np.asarray(route == "triage")
        medium = np.asarray(route == "review")
    alone = np.asarray(route.isin(["auto", "peek"]))
    cuts: dict[str, dict[str, tuple[float, float, int]]] = {"auto": {}, "review": {}}
    for name in seen.safe_workflows:
        # no band lets a score of 0 pass: where one went alone, it stands for none
        mine = safe & np.asarray(seen.workflow == name) & (confidence > 0)
        if not mine.any():
            continue
        above = mine & (~(low | medium) if seen.reasons is not None else alone)
        cuts["auto"][name] = _cut(confidence, mine & (low | medium), above, int(mine.sum()))
        cuts["review"][name] = _cut(confidence, mine & low, mine & ~low, int(mine.sum()))
    if not cuts["auto"]:
        book.note("The log has no scores to tell by what went alone: the default bands stand.")
        _assume_bands(book)
        return
    for band, of in cuts.items():
        _write_cuts(band, of, book)
    _put_in_order(seen, book)


def _put_in_order(seen: Seen, book: Book) -> None:
    """A workflow whose own auto band lies below the others' review band gets its own of both."""
    spec = book.parts["boundary"]
    for name in seen.safe_workflows:
        own = spec.get("workflows", {}).get(name, {})
        auto = own.get("auto", spec["bands"]["auto"])
        if own.get("review", spec["bands"]["review"]) > auto:
            book.say(("boundary", "workflows", name, "review"), auto)
            book.learnt.pop(("boundary", "workflows", name, "review"), None)


def _cut(
    values: Floats, below: Bools, above: Bools, n: int, top: float = 1.0
) -> tuple[float, float, int]:
    """Between which values a threshold lies: more than the first, at most the second.

    Where others than these values decide too, the highest below may lie above the lowest above;
    then the lowest above is what there is.
    """
    under = values[below].max() if below.any() else 0.0
    over = values[above].min() if above.any() else top
    if under >= over:
        under = float(values[below][values[below] < over].max(initial=0.0))
    return float(under), float(over), n


def roundest(low: float, high: float) -> float:
    """The number with fewest decimals above ``low`` and not above ``high``.

    >>> roundest(0.849, 0.853), roundest(0.8491, 0.8493)
    (0.85, 0.8493)
    """
    for decimals in range(7):
        step = 10.0**-decimals
        value = round(math.floor(high / step + 1e-9) * step, decimals)
        if low < value <= high + 1e-12:
            return value
    return high


def _write_cuts(band: str, of: dict[str, tuple[float, float, int]], book: Book) -> None:
    """One band for all workflows that bear it, and their own for the others."""
    candidates = [roundest(low, high) for low, high, _ in of.values()]
    common = max(
        dict.fromkeys(candidates),
        key=lambda c: sum(n for low, high, n in of.values() if low < c <= high),
    )
    shared = [c for c in of.values() if c[0] < common <= c[1]]
    how = f"cut between {'routes' if band == 'auto' else 'review and triage'}, by the scores"
    book.describe_cut(("boundary", "bands", band), common, *_narrowest(shared), how)
    for name, (low, high, n) in of.items():
        if not low < common <= high:
            path = ("boundary", "workflows", name, band)
            book.describe_cut(path, roundest(low, high), low, high, n, how)


def _narrowest(cuts: list[tuple[float, float, int]]) -> tuple[float, float, int]:
    return max(c[0] for c in cuts), min(c[1] for c in cuts), sum(c[2] for c in cuts)


# --- triggers ------------------------------------------------------------------------------------


def _learn_deal_limits(seen: Seen, safe: Bools, book: Book) -> None:
    size = seen.number("deal_size")
    assert seen.reasons is not None  # noqa: S101 - asked before
    large = np.asarray(seen.reasons.str.contains("deal_size", regex=False))
    cuts = {}
    for name in seen.safe_workflows:
        mine = safe & np.asarray(seen.workflow == name) & (size > 0)
        cuts[name] = _cut(size, mine & ~large, mine & large, int(mine.sum()), math.inf)
    # sizes above the limit ask, so the limit is at least the largest that went through
    values = {n: _round_amount(low, high) for n, (low, high, _) in cuts.items() if high < math.inf}
    if not values:
        return
    common = max(values.values(), key=lambda v: sum(a <= v < b for a, b, _ in cuts.values()))
    shared = [c for c in cuts.values() if c[0] <= common < c[1]]
    how = "between the largest deal that went through and the smallest that was asked about"
    book.describe_cut(("boundary", "triggers", "deal_size_above"), common, *_narrowest(shared), how)
    for name, (low, high, n) in cuts.items():
        if not low <= common < high:
            own = values.get(name, float(f"{low * 1.01:.3g}"))
            path = ("boundary", "workflows", name, "deal_size_above")
            book.describe_cut(path, own, low, high, n, how)


def _round_amount(low: float, high: float) -> float:
    """The amount with fewest digits from ``low`` up to, but not at, ``high``."""
    top = math.floor(math.log10(high))
    for power in range(top, top - 9, -1):
        step = 10.0**power
        value = max(1, math.ceil(low / step)) * step
        if value < high:
            return float(value)
    return low


def _learn_triggers(seen: Seen, safe: Bools, book: Book) -> None:
    """Signals that send a decision to a person: for all, and where a workflow differs."""
    assert seen.reasons is not None  # noqa: S101 - asked before
    codes, texts = pd.factorize(seen.reasons)
    said = [set(str(t).split("+")) for t in texts]
    asks: dict[str, dict[str, bool]] = {flow: {} for flow in seen.safe_workflows}
    common = []
    for name, carried in seen.signals.items():
        named = np.array([seen.raw_signal[name] in s for s in said], bool)[codes]
        told, sends, spares = int((carried & safe).sum()), 0, 0
        for flow, own in asks.items():
            mine = carried & safe & np.asarray(seen.workflow == flow)
            if (mine & named).any():
                own[name], sends = True, sends + int(mine.sum())
            elif mine.sum() >= _FEW:
                own[name], spares = False, spares + int(mine.sum())
        if sends and sends >= spares:
            common.append(name)
        elif not sends and 0 < told < _FEW:
            book.note(f"Signal {name} was seen {told} times only: too few to tell whether it "
                      "sends a decision to a person; it is taken not to.")  # fmt: skip
    book.say(("boundary", "triggers", "signals"), common)
    for flow, own in asks.items():
        theirs = [name for name in seen.signals if own.get(name, name in common)]
        if theirs != common:
            book.say(("boundary", "workflows", flow, "signals"), theirs)


def largest(series: pd.Series) -> str:
    """The most frequent word; the first in the alphabet of those as frequent."""
    counts = series.value_counts()
    return str(min(counts.index[counts == counts.max()]))
