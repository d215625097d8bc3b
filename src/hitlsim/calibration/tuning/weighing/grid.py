"""The best rules a person can apply, at given prices.

With a price on each look, minute and silent error the workflows have nothing to do with each other.
Within one, all rules of the form *below this score, above this deal size, or with one of these
signals* are tried: sums over a grid of scores, deal sizes and sets of signals give the worth of
every one of them, however many decisions there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from .cases import Bools, Cases, Floats
from .policy import Policy, Rule

_LEVELS = 600
"""Thresholds tried in one workflow; where scores are fewer, all there are."""
_LIMITS = 20
"""Deal limits tried in one workflow."""
_MOST_DIGITS = 17
"""After which a float has none left."""
_SIGNALS = 5
"""Signals tried in all combinations, those with most to gain."""
_ROUNDING = 1e-12
_TRIFLE = 0.002
"""Share of what is at stake that one more condition must bring: people have to remember it."""


class Shape(StrEnum):
    """How much a person has to keep in mind."""

    ONE_BAND = "one threshold for all"
    BANDS = "a threshold for each workflow"
    TRIGGERS = "thresholds and triggers for each workflow"


class Prices(NamedTuple):
    """What a look, a minute of it, and a silent error cost beside what they cost anyhow."""

    look: float = 0.0
    minute: float = 0.0
    error: float = 0.0


@dataclass(frozen=True)
class Keep:
    """What must stay: signals by workflow, and the band below which is triage."""

    signals: dict[str, tuple[str, ...]]
    review: dict[str, float]
    limits: dict[str, float] = field(default_factory=dict)
    """Deal limits of today; they stay where triggers are not tuned."""


@dataclass(frozen=True)
class FlowGrid:
    """One workflow's decisions by score, deal size and signals.

    ``sums`` holds n, gain, chances of being bad, minutes, these chances put right by what was
    seen, and overrides, each with one cell for every level of the score, deal size and set of
    optional signals.
    """

    workflows: tuple[str, ...]
    cuts: Floats
    limits: Floats
    optional: tuple[str, ...]
    sums: Floats
    anyhow: float
    """Decisions that are asked about under every rule."""

    def tables(self, minute: float, error: float) -> tuple[Floats, Floats]:
        """Worth, and number asked about, of every rule: by signals, threshold and deal limit.

        The price of a look is left out: the number asked about is what it is charged on.
        """
        n, gain, bad, minutes, *_ = self.sums
        value = gain + error * bad - minute * minutes
        return (
            self._of_rules(value) - _TRIFLE * float(np.abs(value).sum()) * self._conditions(),
            self._of_rules(n),
        )

    def everything(self) -> Floats:
        """Of every rule the number asked about, what that brings, bad ones, minutes, overrides.

        And the worth of having fewer conditions to remember.
        """
        n, gain, _, minutes, bad, overridden = self.sums
        counted = [self._of_rules(cells) for cells in (n, gain, bad, minutes, overridden)]
        trifle = _TRIFLE * float(np.abs(gain).sum()) * self._conditions()
        return np.stack([*counted, np.broadcast_to(trifle, counted[0].shape)]).reshape(6, -1)

    def _of_rules(self, cells: Floats) -> Floats:
        """Sum over what each rule asks about: all but what lies beyond its every limit."""
        out = np.empty((1 << len(self.optional), len(self.cuts), len(self.limits) + 1))
        sets = np.arange(cells.shape[2])
        for chosen in range(len(out)):
            rest = cells[:, :, (sets & chosen) == 0].sum(axis=2)
            # from the highest score down and the smallest deal up: what goes alone
            alone = rest[::-1].cumsum(axis=0)[::-1].cumsum(axis=1)
            out[chosen] = cells.sum() - alone
        return out

    def _conditions(self) -> Floats:
        """How many conditions each rule has beside its threshold."""
        signals = np.array([c.bit_count() for c in range(1 << len(self.optional))], float)
        limited = np.arange(len(self.limits) + 1) < len(self.limits)
        return np.asarray(signals[:, None, None] + limited)

    def rule(self, place: int) -> tuple[float, float, tuple[str, ...]]:
        """Threshold, deal limit and signals of one of the rules."""
        shape = (1 << len(self.optional), len(self.cuts), len(self.limits) + 1)
        chosen, at, limit = (int(i) for i in np.unravel_index(place, shape))
        names = tuple(s for i, s in enumerate(self.optional) if chosen >> i & 1)
        return float(self.cuts[at]), float(np.append(self.limits, math.inf)[limit]), names


class AtPrice(NamedTuple):
    """The best rule of each grid at a price."""

    places: tuple[int, ...]
    rate: float
    worth: float = 0.0
    """Before the price of looks."""


class Around(NamedTuple):
    """Rules just above and just below a rate, both best at the price of a look between them."""

    over: AtPrice
    under: AtPrice
    look: float

    def nearest(self, rate: float) -> AtPrice:
        """The one whose rate is nearer."""
        return min((self.over, self.under), key=lambda at: abs(at.rate - rate))


@dataclass(frozen=True)
class Grid:
    """All workflows' grids, for one shape of rules."""

    flows: tuple[FlowGrid, ...]
    keep: Keep
    n: int
    forced: Bools
    """Decisions that are asked about under every rule."""

    def priced(self, minute: float = 0.0, error: float = 0.0) -> Priced:
        """Every rule's worth with these prices on a minute and on a silent error."""
        return Priced(self, tuple(flow.tables(minute, error) for flow in self.flows))


@dataclass(frozen=True)
class Priced:
    """Every rule's worth at given prices of a minute and a silent error."""

    grid: Grid
    tables: tuple[tuple[Floats, Floats], ...]

    def best(self, look: float) -> AtPrice:
        """The best rules at a price of a look, and their exception rate."""
        places, asked, total = [], 0.0, 0.0
        for flow, (worth, count) in zip(self.grid.flows, self.tables, strict=True):
            place = int(np.argmax(worth - look * count))
            places.append(place)
            asked += float(count.flat[place]) + flow.anyhow
            total += float(worth.flat[place])
        return AtPrice(tuple(places), asked / max(1, self.grid.n), total)

    def policy(self, at: AtPrice) -> Policy:
        """These rules, with what must stay."""
        keep, rules = self.grid.keep, {}
        for flow, place in zip(self.grid.flows, at.places, strict=True):
            auto, limit, signals = flow.rule(place)
            for name in flow.workflows:
                own = tuple(dict.fromkeys((*keep.signals[name], *signals)))
                limit = keep.limits.get(name, limit)
                rules[name] = Rule(auto, min(keep.review[name], auto), limit, own)
        return Policy(rules)

    def around(self, rate: float) -> Around:
        """The best rules between which the exception rate passes through a rate.

        Worth by rate is a chain of straight lines. Where the line through two of its corners has
        nothing above it, its slope is the price at which both are best.
        """
        over, under = (self.best(edge) for edge in self._range())
        look = 0.0
        while over.rate > under.rate:
            look = (over.worth - under.worth) / (over.rate - under.rate) / max(1, self.grid.n)
            middle = self.best(look)
            if middle.rate in (over.rate, under.rate) or not self._above(middle, over, look):
                break
            if middle.rate > rate:
                over = middle
            else:
                under = middle
        return Around(over, under, look)

    def _above(self, at: AtPrice, other: AtPrice, look: float) -> bool:
        """Whether rules are worth more than others at a price, beyond rounding."""
        more = at.worth - other.worth - look * (at.rate - other.rate) * self.grid.n
        return more > _ROUNDING * (abs(at.worth) + abs(other.worth))

    def _range(self) -> tuple[float, float]:
        worths = [np.ptp(worth) + 1.0 for worth, _ in self.tables]
        edge = float(max(worths, default=1.0))
        return -edge, edge


def grid_of(cases: Cases, shape: Shape, keep: Keep, *, levels: int = _LEVELS) -> Grid:
    """The decisions summed up for rules of one shape."""
    if shape is Shape.TRIGGERS:
        keep = replace(keep, limits={})
    if shape is Shape.ONE_BAND:
        grids = [_flow_grid(cases, np.ones(len(cases), bool), cases.workflows, shape, keep, levels)]
    else:
        grids = [
            _flow_grid(cases, cases.flow == i, (flow,), shape, keep, levels)
            for i, flow in enumerate(cases.workflows)
        ]
    return Grid(tuple(grids), keep, len(cases), forced_by(cases, keep))


def _flow_grid(
    cases: Cases, rows: Bools, flows: tuple[str, ...], shape: Shape, keep: Keep, levels: int
) -> FlowGrid:
    forced = forced_by(cases, keep) & rows
    part = cases.part(rows & ~forced)
    triggers = shape is Shape.TRIGGERS
    kept = keep.signals[flows[0]] if len(flows) == 1 else ()
    optional = _worth_trying(part, kept) if triggers else ()
    limits = _limits(part.deal_size) if triggers else np.zeros(0)
    cuts = cuts_of(part.score, levels)
    bits = [cases.signals.index(s) for s in optional]
    pattern = sum(
        (((part.present >> b) & 1) << i for i, b in enumerate(bits)),
        start=np.zeros(len(part), np.int64),
    )
    level = np.searchsorted(cuts[1:], part.score, side="right")
    deal = np.searchsorted(limits, np.nan_to_num(part.deal_size), side="left")
    shape_ = (len(cuts), len(limits) + 1, 1 << len(optional))
    cell = np.ravel_multi_index((level, deal, pattern), shape_)
    minutes = part.looks.minutes[part.flow]
    sums = np.array([
        np.bincount(cell, w, math.prod(shape_)).reshape(shape_)
        for w in (np.ones(len(part)), part.gain, part.p_bad, minutes, part.bad_hat, part.overridden)
    ])  # fmt: skip
    return FlowGrid(flows, cuts, limits, optional, sums, float(forced.sum()))


def forced_by(cases: Cases, keep: Keep) -> Bools:
    """What is asked about whatever the rules: by a trigger that stays."""
    bit = {name: 1 << i for i, name in enumerate(cases.signals)}
    flows = cases.workflows
    stay = np.array([sum(bit.get(s, 0) for s in keep.signals[f]) for f in flows], np.int64)
    limit = np.array([keep.limits.get(f, math.inf) for f in flows])
    by_signal = (cases.present & stay[cases.flow]) > 0
    by_size = np.nan_to_num(cases.deal_size) > limit[cases.flow]
    return np.asarray(cases.always | by_signal | by_size)


def cuts_of(score: Floats, most: int = 0) -> Floats:
    """Thresholds that differ, ascending: 0, between neighbouring scores, above the highest.

    Between two scores any number does the same; the one with fewest digits near the middle is
    taken. Only ``most`` of them, at even shares of the decisions, where that is given.

    >>> cuts_of(np.array([0.5, 0.7, 0.7])).round(3).tolist()
    [0.0, 0.6, 0.7]
    """
    distinct = np.unique(score)
    if not len(distinct):
        return np.zeros(1)
    middles = _between(distinct[:-1], distinct[1:])
    if most and len(middles) > most:
        wanted = np.quantile(score, np.linspace(0, 1, most + 2)[1:-1])
        middles = middles[np.unique(np.minimum(np.searchsorted(middles, wanted), len(middles) - 1))]
    # at 1 and above nothing can be asked about: a threshold is a share
    top = [np.nextafter(distinct[-1], math.inf)] if distinct[-1] < 1 else []
    return np.concatenate([[0.0], middles, top])


def _between(low: Floats, high: Floats) -> Floats:
    """A threshold above each low score and not above the high one, with as few digits as it takes.

    >>> _between(np.array([0.84, 0.8991]), np.array([0.86, 0.8999])).tolist()
    [0.85, 0.8995]
    """
    middle = (low + high) / 2
    out, open_ = middle.copy(), np.ones(len(middle), bool)
    for digits in range(1, _MOST_DIGITS):
        if not open_.any():
            break
        short = np.round(middle, digits)
        fits = open_ & (short > low) & (short <= high)
        out[fits] = short[fits]
        open_ &= ~fits
    return out


def _limits(deal_size: Floats) -> Floats:
    """Deal sizes to try as limits, in two digits: people remember them."""
    known = deal_size[deal_size > 0]
    if len(known) < 2:
        return np.zeros(0)
    shares = 1 - np.geomspace(0.003, 0.8, _LIMITS)
    raw = np.quantile(known, shares)
    return np.unique([float(f"{x:.2g}") for x in raw])


def _worth_trying(part: Cases, kept: tuple[str, ...]) -> tuple[str, ...]:
    """The signals with most to gain, of those that may be added."""
    gains = {}
    for i, name in enumerate(part.signals):
        carried = (part.present >> i & 1) == 1
        if name not in kept and carried.any():
            gains[name] = float(np.maximum(part.gain[carried], 0).sum())
    return tuple(sorted(gains, key=lambda s: -gains[s])[:_SIGNALS])
