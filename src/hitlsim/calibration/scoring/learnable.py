"""Which columns of a log a score may learn from: what was known before the decision."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import CONTEXT_PREFIX
from ...decisions.log import DecisionLog
from ...decisions.reading.fitting import near
from ...errors import LogError
from .encoding import Kind

_SEEN = (
    ("workflow", Kind.WORDS), ("agent", Kind.WORDS), ("action", Kind.WORDS),
    ("channel", Kind.WORDS), ("deal_size", Kind.NUMBER), ("sources", Kind.TOKENS),
    ("signals", Kind.TOKENS),
)  # fmt: skip
"""Columns of ours that are there before the AI concludes anything."""
HOUR, WEEKDAY = "hour", "weekday"
_NAMES_FROM = 50
"""Up to so many different words a column is never taken for names."""
_NAMES_SHARE = 0.2
"""More different words than this share of the rows are names or notes, not kinds."""
_ACCOUNTS = "account|customer|company|household|lead|contact|opportunity|deal"
_ACCOUNT_ID = re.compile(rf"({_ACCOUNTS})(.*[^a-z0-9])?(id|key|number|no)$")


@dataclass(frozen=True)
class Asked:
    """The columns of a log that can be learnt from, and why others cannot.

    Attributes
    ----------
    kinds : dict
        Column -> how it is read; ``hour`` and ``weekday`` are those of ``decided_at``.
    dropped : dict
        Column -> why nothing is learnt from it.
    account : str or None
        The column whose equal values are about the same account.
    """

    kinds: dict[str, Kind]
    dropped: dict[str, str]
    account: str | None


def short(column: str) -> str:
    """A column as the export named it.

    >>> short("context_job"), short("deal_size")
    ('job', 'deal_size')
    """
    return column.removeprefix(CONTEXT_PREFIX)


def named(columns: Collection[str], names: Iterable[str], option: str) -> set[str]:
    """Columns meant by names that may lack the prefix.

    Raises
    ------
    LogError
        When the log has no such column.
    """
    by_short = {short(c): c for c in columns}
    found = set()
    for name in names:
        column = name if name in columns else by_short.get(name)
        if column is None:
            hint = near(name, by_short) or f"it has: {', '.join(by_short) or 'none'}"
            raise LogError(f"{option} {name!r}: the log has no such column to learn from; {hint}")
        found.add(column)
    return found


def ask(log: DecisionLog, leave_out: Iterable[str] = (), keep: Iterable[str] = ()) -> Asked:
    """Sort the columns of a log: learnt from, or not and why."""
    frame = raw(log)
    kinds = _kinds(log.frame, frame)
    out, kept = named(kinds, leave_out, "leave_out"), named(kinds, keep, "keep")
    dropped = dict.fromkeys(out, "left out as you asked")
    accounts = {}
    for name, kind in kinds.items():
        words, there = frame[name].nunique(), int(frame[name].notna().sum())
        many = kind is Kind.WORDS and words > max(_NAMES_FROM, _NAMES_SHARE * len(frame))
        is_account = name not in kept and _tells_accounts(name, words, many)
        if is_account and 1 < words < there:
            accounts[name] = words
        if name in out:
            continue
        if words + (there < len(frame)) < 2:
            dropped[name] = "is the same everywhere"
        elif many:
            dropped[name] = f"has {words:,} different words: names or notes, not kinds"
        elif is_account:
            dropped[name] = "tells one account from another"
    # an account holds its contacts and its deals
    account = min(accounts, key=lambda name: accounts[name], default=None)
    return Asked({n: k for n, k in kinds.items() if n not in dropped}, dropped, account)


def _tells_accounts(column: str, values: int, many: bool) -> bool:
    """Whether a column says whom a decision is about, by its name.

    >>> [_tells_accounts(name, 30, many=False) for name in ("context_accountId", "customer_no")]
    [True, True]
    >>> [_tells_accounts(name, 3, many=False) for name in ("context_contact", "context_lead_paid")]
    [False, False]
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", short(column)).lower()
    if _ACCOUNT_ID.search(name):
        return True
    # a few values under a name like contact or deal are kinds of it
    plain = values > _NAMES_FROM and re.fullmatch(_ACCOUNTS, name)
    return bool(plain or (many and re.search(_ACCOUNTS, name)))


def _kinds(held: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Kind]:
    kinds = {name: kind for name, kind in _SEEN if name in held}
    kinds |= {HOUR: Kind.NUMBER, WEEKDAY: Kind.WORDS}
    for name in frame:
        if name not in kinds:
            numeric = pd.api.types.is_numeric_dtype(frame[name])
            kinds[name] = Kind.NUMBER if numeric else Kind.WORDS
    return kinds


def raw(log: DecisionLog) -> pd.DataFrame:
    """The columns as they can be read: numbers as floats, all else as texts; missing is NaN."""
    held = log.frame
    at = held["decided_at"]
    columns: dict[str, pd.Series] = {
        HOUR: at.dt.hour.astype(float), WEEKDAY: at.dt.day_name().astype(object),
    }  # fmt: skip
    for name in held:
        is_ours = any(name == ours for ours, _ in _SEEN)
        if not (is_ours or str(name).startswith(CONTEXT_PREFIX)):
            continue
        values = held[name]
        if pd.api.types.is_bool_dtype(values):
            values = values.astype("boolean").map({True: "yes", False: "no"})
        if pd.api.types.is_numeric_dtype(values):
            numbers = values.to_numpy(float, na_value=np.nan)
            columns[name] = pd.Series(np.where(np.isinf(numbers), np.nan, numbers), held.index)
        else:
            texts = values.astype(object)
            columns[name] = (
                texts.where(texts.notna(), None).map(str, na_action="ignore").astype(object)
            )
    return pd.DataFrame(columns, index=held.index)


def groups(frame: pd.DataFrame, asked: Asked) -> NDArray[np.int64]:
    """Rows that belong together: of one account, else alike in all that is learnt from.

    Where most rows have a twin, alike rows are the rule and no sign of the same case, so each row
    stands for itself.
    """
    if asked.account is not None:
        codes, _ = pd.factorize(frame[asked.account])
        alone = codes < 0
        codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
        return np.asarray(codes, np.int64)
    alike = frame[list(asked.kinds)]
    if alike.empty or alike.duplicated(keep=False).mean() > 0.5:
        return np.arange(len(frame))
    return np.asarray(alike.groupby(list(alike), dropna=False, sort=False).ngroup(), np.int64)
