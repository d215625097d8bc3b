"""What a certificate says in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....decisions.estimating.intervals import about
from ....decisions.judging.words import share

if TYPE_CHECKING:
    from .certificate import Certificate

_LIMIT = {
    "fn_share": "at most {} of all decisions are bad and go alone",
    "fn_of_auto": "at most {} of the decisions that go alone are bad",
    "fn_of_bad": "at most {} of the bad decisions go alone",
}
_COUNTED = {
    "fn_share": "labelled decisions",
    "fn_of_auto": "labelled decisions that go alone",
    "fn_of_bad": "decisions labelled bad",
}


def percent(p: float) -> str:
    """A share with as many digits as it needs.

    >>> percent(0.9), percent(0.05), percent(1 - 0.1 / 12)
    ('90%', '5%', '99.17%')
    """
    return f"{100 * p:.4g}%"


def sentences(c: Certificate) -> list[str]:
    """What is guaranteed first, then what it rests on and what would do for more."""
    if c.loosest is None:
        return [_nothing(c), *_alike(c), *_nearest(c, c.missed)]
    return [
        _guarantee(c, c.loosest), _rests_on(c), *_alike(c), _seen(c), *_left_out(c),
        *_beyond(c, c.missed),
    ]  # fmt: skip


def limit(rate: str, at_most: float) -> str:
    """What a limit on silent errors says.

    >>> limit("fn_of_auto", 0.02)
    'at most 2% of the decisions that go alone are bad'
    """
    return _LIMIT[rate].format(percent(at_most))


def _limit(c: Certificate) -> str:
    return limit(c.rate, c.at_most)


def _guarantee(c: Certificate, loosest: int) -> str:
    first = c.method == "fixed_sequence" and not c.order
    order = "from the most cautious" if first else "in the order given"
    which = f" under candidate {loosest + 1} of {len(c.held)}, counted {order}"
    if c.names:
        which = f" under {c.names[loosest]}"
    return (
        f"Guaranteed with {percent(c.confidence)} confidence: {_limit(c)}"
        f"{which if len(c.held) > 1 else ''}. It lets {share(c.alone_share)} go alone."
    )


def _rests_on(c: Certificate) -> str:
    apart = "decisions do not depend on each other"
    if c.alike > 1:
        apart = "decisions of different accounts do not depend on each other"
    return (
        f"The guarantee rests on n = {c.n:,} labels: a uniform random sample, later than what was "
        "tuned on and never used in tuning. It holds if the next decisions are like the held-out "
        f"ones, the labels are right, and {apart}."
    )


def alike_words(c: Certificate) -> str:
    """What the likeness of decisions of one account takes from the labels."""
    return (
        "Decisions of one account come out alike, as earlier days show: these labels tell as much "
        f"as {c.n / c.alike:,.0f} of different accounts (design effect {c.alike:.1f}), and are "
        "counted so."
    )


def _alike(c: Certificate) -> Iterator[str]:
    if c.alike > 1:
        yield alike_words(c)


def _seen(c: Certificate) -> str:
    return f"Observed there: {share(c.observed)}. That is an estimate, not the guarantee."


def _left_out(c: Certificate) -> Iterator[str]:
    if c.unsupported:
        yield (
            f"Left out: {_candidates(len(c.unsupported))} under which nothing goes alone, or with "
            f"fewer than {c.at_least:,} {_COUNTED[c.rate]}: it takes so many even without a single "
            "silent error."
        )


def _beyond(c: Certificate, missed: int | None) -> Iterator[str]:
    """What the next looser candidate would take."""
    if missed is not None:
        failed = f"Candidate {missed + 1} is looser and did not hold."
        if c.names:
            failed = f"{_capital(_name(c, missed))} let more go alone and did not hold."
        yield f"{failed} {_observed(c, missed)} {_would_do(c, missed)}"


def _nothing(c: Certificate) -> str:
    under = f" under any of the {len(c.held)} candidates" if len(c.held) > 1 else ""
    return (
        f"Nothing is guaranteed{under}: n = {c.n:,} labels do not show with "
        f"{percent(c.confidence)} confidence that {_limit(c)}."
    )


def _nearest(c: Certificate, missed: int | None) -> Iterator[str]:
    """Why nothing held, and what would do for the candidate nearest to it."""
    if missed is None:
        yield "Under none of them did a held-out decision go alone. Give looser candidates."
        return
    if c.of[missed] < c.at_least:
        yield (
            f"Too few labels: it takes {c.at_least:,} {_COUNTED[c.rate]} even without a single "
            f"silent error, and {_name(c, missed)} {'have' if c.names else 'has'} {c.of[missed]:,}."
        )
    else:
        verb = "are" if c.names else "is"
        why = "tested first and failed" if c.method == "fixed_sequence" else "the nearest"
        yield f"{_capital(_name(c, missed))} {verb} {why}. {_observed(c, missed)}"
    yield _would_do(c, missed)


def _name(c: Certificate, i: int) -> str:
    return c.names[i] if c.names else f"candidate {i + 1}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _observed(c: Certificate, missed: int) -> str:
    e = c.observed_at(missed)
    if e.value >= c.at_most:
        return f"Observed: {share(e)}, which is not below {percent(c.at_most)}."
    return f"Observed: {share(e)}, too near {percent(c.at_most)} for so few labels."


def _would_do(c: Certificate, missed: int) -> str:
    """How many labels, if the rate observed is the true one."""
    from .certificate import labels_needed

    wrong, of = c.wrong[missed], c.of[missed]
    if c.n_needed is not None and not wrong:
        return f"{c.n_needed:,} held-out labels would do if no silent error is among them."
    if c.n_needed is not None:
        return (
            f"About {about(c.n_needed)} held-out labels would do, four times out of five, if its "
            f"true rate is the {_fine(wrong / of)} observed."
        )
    if not of:
        return "How many labels would do cannot be said, as none of them is bad."
    half = c.at_most / 2
    none = "no number of" if wrong / of >= c.at_most else "not even a million"
    # under more cautious rules fewer labels speak of what goes alone, so that they fail sooner
    instead = "" if c.rate == "fn_of_auto" else "give a more cautious candidate, or "
    return (
        f"If that is its true rate, {none} labels would do: {instead}"
        f"accept a higher rate. A true rate of {percent(half)} takes about "
        f"{about(labels_needed(c.at_most, c.confidence, half) or math.inf)} "
        f"{_COUNTED[c.rate]}."
    )


def _fine(p: float) -> str:
    return f"{p:.{2 if p < 0.01 else 1}%}"


def _candidates(n: int) -> str:
    return f"{n} candidate{'s' if n != 1 else ''}"
