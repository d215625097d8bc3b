"""What becomes of one decision that went out: scalar functions that compiled code takes in.

What the team sees day by day, and the log in the end, are both made by them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...scenario.once import once_for_each
from ...scenario.scenario import Scenario
from ..contract import Records, Verdict

_EDIT = int(Verdict.EDIT)
_RATES = (
    "bounce", "spam", "opt_out", "reply", "positive", "meeting", "no_show", "bad_spam", "bad_reply",
)  # fmt: skip

PROSPECT = np.dtype(
    [
        ("hand_error", "f8"),  # share of what is done by hand that goes wrong
        ("refreshes", "?"),  # whether it refreshes a contact's record
        ("mails", "?"),
        *((name, "f8") for name in _RATES),
    ]
)
"""What awaits the decisions of one workflow outside."""


@once_for_each
def prospects_of(scenario: Scenario) -> Records:
    """PROSPECT of each workflow."""
    out = np.zeros(len(scenario.workflows), PROSPECT)
    refreshers = scenario.crm.refreshed_by if scenario.crm else ()
    for row, (name, w) in zip(out, scenario.workflows.items(), strict=True):
        row["hand_error"], row["refreshes"] = w.by_hand.error_share, name in refreshers
        row["mails"] = w.email is not None
        for rate in _RATES:
            row[rate] = getattr(w.email, rate, 0.0)
    return out


class Fate(NamedTuple):
    """What became of emails; all False where none went out or it bounced."""

    sent: Any
    bounced: Any
    marked_spam: Any
    opted_out: Any
    replied: Any
    positive: Any
    meeting: Any
    no_show: Any


def wrong(ok: Any, verdict: Any, by_hand: Any, u_hand: Any, hand_error: Any) -> Any:
    """Whether what went out was wrong.

    A draft that a person edited is right; work by hand goes wrong by the hand's own share.

    >>> wrong(0, 0, 0, 0.5, 0.1), wrong(0, 1, 0, 0.5, 0.1), wrong(0, -1, 1, 0.05, 0.1)
    (True, False, True)
    """
    slip = (by_hand == 1) & (u_hand < hand_error)
    return slip | ((by_hand != 1) & (ok == 0) & (verdict != _EDIT))


def fate(draws: Any, prospect: Any, bad: Any, stale: Any) -> Fate:
    """What becomes of emails that went out.

    Parameters
    ----------
    draws, prospect : records
        EMAIL and PROSPECT, with fields as attributes.
    bad : bool
        Whether it was wrong.
    stale : float
        Share of contacts that were stale on the day it went out.
    """
    p, sent = prospect, prospect.mails
    bounced = sent & (draws.u_bounce < 1 - (1 - p.bounce) * (1 - stale))
    there = sent & (draws.u_bounce >= 1 - (1 - p.bounce) * (1 - stale))
    annoyed, pleased = 1 + bad * (p.bad_spam - 1), 1 + bad * (p.bad_reply - 1)
    replied = there & (draws.u_reply < odds_times(p.reply, pleased))
    positive = replied & (draws.u_positive < p.positive)
    meeting = positive & (draws.u_meeting < p.meeting)
    return Fate(
        sent,
        bounced,
        there & (draws.u_spam < odds_times(p.spam, annoyed)),
        there & (draws.u_opt_out < odds_times(p.opt_out, annoyed)),
        replied,
        positive,
        meeting,
        meeting & (draws.u_no_show < p.no_show),
    )


def odds_times(p: Any, factor: Any) -> Any:
    """A probability whose odds are multiplied; 0 where certainty meets a factor of 0.

    >>> round(odds_times(0.5, 3.0), 2), odds_times(1.0, 0.0)
    (0.75, 0.0)
    """
    whole = 1 - p + p * factor
    return p * factor / (whole + (whole == 0))
