"""Why a boundary spec would ask about a decision whatever its score, as far as a log can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.columns import BAND_REASONS
from ....decisions.estimating import unseen
from ....decisions.log import DecisionLog
from ....scenario.boundary import Boundary
from ....scenario.explain import instead, listed
from ....simulation.routing import ALWAYS
from ...fitting.seen import slugs

Ints = NDArray[np.int64]

FEW = 20
"""Decisions with a signal below which nobody can say what asking about it brings."""
_MOST = ALWAYS.bit_length() - 1
"""Signals there is a bit for."""
_ALONE = ("auto", "peek")
_NO_TRIGGER = 0.1
"""A word that stands so often beside decisions that went alone sends nothing to a person."""
_NAMED = 3

_NOT_TRIGGERS = {*BAND_REASONS, "gate", "peek", "manual", ""}


class Kinds(NamedTuple):
    """Decisions of one kind are asked about for the same triggers, deal limits apart."""

    number: Ints
    """Of each decision's kind."""
    stays: list[list[str]]
    """For each kind the triggers that fired in the log and cannot be decided anew."""
    asks: list[list[str]]
    """For each kind the signals it carries that the spec asks about."""


def words_of(texts: NDArray[np.object_]) -> list[list[str]]:
    """The triggers among reasons that are joined by ``+``.

    >>> words_of(np.array(["low_band+angry", "gate", ""], object))
    [['angry'], [], []]
    """
    return [[w for w in str(t).split("+") if w not in _NOT_TRIGGERS] for t in texts]


def texts_in(log: DecisionLog, column: str) -> tuple[Ints, NDArray[np.object_]]:
    """For each decision the number of its text in a column, and these texts; empty if missing."""
    if column not in log.frame:
        return np.zeros(len(log), np.int64), np.array([""], object)
    codes, texts = pd.factorize(log.frame[column], use_na_sentinel=True)
    return codes.astype(np.int64) % (len(texts) + 1), np.array([*texts.astype(str), ""], object)


def flows_in(log: DecisionLog) -> tuple[Ints, list[str]]:
    """The number of each decision's workflow, and their names as a spec may write them."""
    codes, names = unseen.workflows(log.frame)
    spelt = slugs(names, "workflow")
    return codes, [spelt[name] for name in names]


def deal_sizes(log: DecisionLog) -> NDArray[np.float64]:
    """The size of the deal behind each decision; NaN where it is not known."""
    if "deal_size" not in log.frame:
        return np.full(len(log), np.nan)
    return np.asarray(log.frame["deal_size"].to_numpy(float, na_value=np.nan), float)


class Carried(NamedTuple):
    """Signals by which rules can be tuned, and who carries them."""

    names: tuple[str, ...]
    """As a spec may write them."""
    present: Ints
    """Of each decision, as bits."""
    always: NDArray[np.bool_]
    """Whether a trigger fired that cannot be decided anew."""
    fired: tuple[str, ...]
    """Those that sent a decision to a person."""
    log: DecisionLog
    """The log without the signals that are left out."""
    notes: tuple[str, ...]


def signals_in(log: DecisionLog, boundary: Boundary | None = None) -> Carried:
    """The signals of a log that are frequent enough to tune by, and those that are triggers today.

    Parameters
    ----------
    log : DecisionLog
    boundary : Boundary, optional
        The spec that holds today; its signals are kept however few decisions carry them.
    """
    (reason, reasons), (signal, texts) = texts_in(log, "reasons"), texts_in(log, "signals")
    sets = [sorted({w for w in str(t).split("+") if w}) for t in texts]
    number = Counter[str]()
    for words, times in zip(sets, np.bincount(signal, minlength=len(sets)).tolist(), strict=True):
        number.update(dict.fromkeys(words, times))
    alone = alone_in(log)
    fired = _triggers_among(words_of(reasons), reason, alone)
    named = {w for words in fired for w in words}
    today = set() if boundary is None else {
        s for flow in flows_in(log)[1] for s in boundary.signals_of(flow)
    }  # fmt: skip
    stays = {w for w in number if w in named or (today and _slug(w) in today)}
    rare = [w for w in number if number[w] < FEW and w not in stays]
    rest = sorted(number.keys() - {*rare}, key=lambda w: (w not in stays, -number[w], w))
    spelt = slugs(sorted(rest[:_MOST]), "signal")
    place = {raw: i for i, raw in enumerate(spelt)}
    bits = np.array([sum(1 << place[w] for w in words if w in place) for words in sets], np.int64)
    again = {*spelt, *(["deal_size"] if np.isfinite(deal_sizes(log)).any() else [])}
    forced = np.array([any(w not in again for w in words) for words in fired], bool)
    if len(spelt) < len(number):
        left = ["+".join(w for w in words if w in place) for words in sets]
        log = DecisionLog(log.frame.assign(signals=np.array(left, object)[signal]), log.record)
    return Carried(
        tuple(spelt.values()), bits[signal], forced[reason] & ~alone,
        tuple(spelt[w] for w in spelt if w in named), log, tuple(_left_out(rare, rest[_MOST:])),
    )  # fmt: skip


def alone_in(log: DecisionLog) -> NDArray[np.bool_]:
    """Which decisions went alone; none where the log does not say."""
    if "route" not in log.frame:
        return np.zeros(len(log), bool)
    return np.asarray(log.frame["route"].isin(_ALONE), bool)


def _triggers_among(
    fired: list[list[str]], reason: Ints, alone: NDArray[np.bool_]
) -> list[list[str]]:
    """The words that are triggers: some texts stand beside whatever was decided."""
    n, went = (np.bincount(reason, w, len(fired)) for w in (np.ones(len(reason)), alone))
    of, of_alone = Counter[str](), Counter[str]()
    for words, times, times_alone in zip(fired, n.tolist(), went.tolist(), strict=True):
        of.update(dict.fromkeys(words, times))
        of_alone.update(dict.fromkeys(words, times_alone))
    return [[w for w in words if of_alone[w] <= _NO_TRIGGER * of[w]] for words in fired]


def _slug(name: str) -> str:
    return slugs([name], "signal")[name]


def _left_out(rare: list[str], beyond: list[str]) -> Iterator[str]:
    if rare:
        yield (
            f"Signals that fewer than {FEW} decisions carry are left out, as nobody can say what "
            f"asking about them brings: {_some(rare)}."
        )
    if beyond:
        yield (
            f"Rules are tuned by {_MOST} signals at most, those that are triggers today and the "
            f"most frequent; left out: {_some(beyond)}."
        )


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return listed([*names[:_NAMED], *([f"{more:,} more"] if more > 0 else [])])


def as_they_fired(log: DecisionLog) -> Kinds:
    """Every trigger stays as it was."""
    codes, texts = texts_in(log, "reasons")
    return Kinds(codes, words_of(texts), [[] for _ in texts])


def decided_anew(log: DecisionLog, boundary: Boundary) -> Kinds:
    """Triggers as a spec has them, where the log has what they go by.

    A trigger on deal size needs the size, one on a signal the signal among the ``signals`` of the
    decision; any other that fired stays.
    """
    (reason, reasons), (signal, signals) = texts_in(log, "reasons"), texts_in(log, "signals")
    flow, flows = flows_in(log)
    sized = np.isfinite(deal_sizes(log))
    number, kinds = pd.factorize(
        ((flow * len(reasons) + reason) * len(signals) + signal) * 2 + sized
    )
    rest, sized = np.divmod(kinds, 2)
    rest, signal = np.divmod(rest, len(signals))
    flow, reason = np.divmod(rest, len(reasons))
    carried = [[w for w in str(text).split("+") if w] for text in signals]
    spelt = slugs(sorted({w for words in carried for w in words}), "signal")
    fired, asked = words_of(reasons), [boundary.signals_of(name) for name in flows]
    stays, asks = [], []
    for f, r, s, has_size in zip(flow, reason, signal, sized, strict=True):
        known = {*carried[s], *(["deal_size"] if has_size else [])}
        stays.append([w for w in fired[r] if w not in known])
        asks.append([w for w in carried[s] if spelt[w] in asked[f]])
    return Kinds(number, stays, asks)


def not_told(log: DecisionLog, boundary: Boundary) -> list[str]:
    """What a spec says that the log cannot answer to, in sentences."""
    _, flows = flows_in(log)
    said = [
        f"The log has no decision of {name!r}, a workflow of the boundary spec "
        f"({instead(name, flows, 'it has')})."
        for name in boundary.workflows
        if name not in flows
    ]
    names = list(dict.fromkeys(s for f in flows for s in boundary.signals_of(f)))
    if names and not log.has("signals"):
        said.append(
            f"The log does not say which signals a decision carried: {listed(names)} of the "
            "boundary spec cannot be tried; what fired then still does."
        )
    missing = int(np.isnan(deal_sizes(log)).sum())
    if missing and any(boundary.deal_limit_of(f) is not None for f in flows):
        said.append(
            f"{missing:,} of {len(log):,} decisions have no deal size: a limit asks about them "
            "only where one did then."
        )
    return said
