"""What people call things in their exports: the words by which a draft knows columns and values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

NAMES: dict[str, tuple[str, ...]] = {
    "decision_id": ("decision id", "call id", "record id", "case id", "task id", "activity id",
                    "lead id", "deal id", "opportunity id", "ticket id", "event id", "request id",
                    "prediction id", "recommendation id", "id", "uuid", "guid", "key"),
    "decided_at": ("decided at", "decided on", "proposed at", "proposed on", "suggested at",
                   "predicted at", "scored at", "called on", "called at", "call date", "call time",
                   "recommended at", "created at", "created on", "created date", "create date",
                   "created time", "creation date", "sent at", "sent on", "timestamp", "event time",
                   "datetime", "date time", "date", "time", "day", "when"),
    "confidence": ("confidence", "ai confidence", "model confidence", "ai score", "model score",
                   "score", "probability", "prob", "p", "likelihood", "certainty",
                   "predicted probability", "prediction score", "proba"),
    "workflow": ("workflow", "play", "use case", "process", "motion", "queue name", "campaign",
                 "campaign type", "task type", "activity type", "record type", "category"),
    "agent": ("agent", "ai agent", "model", "model name", "model version", "bot", "assistant"),
    "action": ("action", "next best action", "proposed action", "recommended action", "step"),
    "channel": ("channel", "medium", "contact channel", "communication channel"),
    "arrived_at": ("arrived at", "received at", "opened at", "requested at"),
    "deal_size": ("deal size", "deal value", "amount", "deal amount", "opportunity amount", "value",
                  "contract value", "acv", "arr", "tcv", "revenue"),
    "route": ("route", "routing", "handled by", "mode", "path", "decided by", "automation"),
    "reasons": ("reasons", "why asked", "exception reasons", "review reasons", "escalation reason",
                "why reviewed", "flagged for", "flags"),
    "pool": ("pool", "queue", "team", "desk", "review queue"),
    "reviewer": ("reviewer", "reviewed by", "rep", "sales rep", "approver", "approved by",
                 "assigned to", "owner", "user", "employee", "resource"),
    "queued_at": ("queued at", "queued on", "queue time", "submitted at", "sent to review at"),
    "started_at": ("started at", "start time", "review started", "review start", "opened by at"),
    "ended_at": ("ended at", "end time", "review ended", "review end", "reviewed at", "reviewed on",
                 "completed at", "approved at"),
    "wait_minutes": ("wait minutes", "minutes to pickup", "waiting minutes", "wait min",
                     "minutes waited"),
    "review_minutes": ("review minutes", "minutes of review", "handling minutes", "review min",
                       "minutes worked"),
    "verdict": ("verdict", "rep action", "reviewer action", "review outcome", "review result",
                "review decision", "approval", "approval status", "what rep did", "rep response",
                "feedback"),
    "look_verdict": ("look verdict", "audit verdict", "audit result", "qa verdict", "qa result"),
    "ok": ("ok", "correct", "was right", "is right", "was correct", "is correct", "ai correct",
           "ai was right", "right"),
    "ok_at": ("ok at", "outcome at", "outcome date", "closed at", "close date", "closed date",
              "closing date", "won at"),
    "bounced": ("bounced", "hard bounce"),
    "marked_spam": ("marked spam", "spam", "spam complaint"),
    "opted_out": ("opted out", "unsubscribed", "unsubscribe"),
    "replied": ("replied", "reply", "has reply"),
    "meeting": ("meeting", "meeting booked", "meeting agreed"),
    "phase": ("phase", "rollout phase"),
}  # fmt: skip
"""For columns of ours, what exports call them, the likeliest first."""
PERSON = {"agent", "approver", "assignee", "by", "customer", "email", "employee", "manager",
          "member", "name", "owner", "person", "rep", "reviewer", "seller", "user"}  # fmt: skip
"""Words in the name of a column that may hold names of people."""
ADVICE = ("ai advice", "advice", "recommendation", "ai recommendation", "suggestion",
          "ai suggestion", "prediction", "predicted class", "predicted", "predicted label",
          "proposal", "ai decision", "decision", "next step")  # fmt: skip
"""What the AI's advice may be called."""
OUTCOME = ("outcome", "result", "won", "is won", "closed won", "subscribed", "converted",
           "conversion", "purchased", "bought", "success", "accepted", "actual", "actual outcome",
           "label", "target", "y", "deal stage", "stage", "status", "signed", "renewed",
           "churned")  # fmt: skip
"""What came of it."""

_APPROVE = ("approve", "approved", "accept", "accepted", "confirm", "confirmed", "agree", "agreed",
            "ok", "sent as is", "unchanged", "pass", "passed")  # fmt: skip
_EDIT = ("edit", "edited", "change", "changed", "modify", "modified", "adjust", "adjusted",
         "correct", "corrected", "revise", "revised", "amended", "rewritten")  # fmt: skip
_REJECT = (
    "reject",
    "rejected",
    "decline",
    "declined",
    "refuse",
    "refused",
    "discard",
    "discarded",
    "dismiss",
    "dismissed",
    "deny",
    "denied",
    "cancelled",
    "blocked",
)
_MISSING = ("n/a", "na", "none", "-", "--", "pending", "open", "unknown", "null", "nan", "?")


def _listed(**groups: tuple[str, ...]) -> Mapping[str, str]:
    return {word: meaning.rstrip("_") for meaning, words in groups.items() for word in words}


VERDICT_WORDS = {
    **_listed(approve=_APPROVE, edit=_EDIT, reject=_REJECT), **dict.fromkeys(_MISSING, "")
}  # fmt: skip
ROUTE_WORDS = {
    **_listed(
        auto=("auto", "automatic", "automated", "ai", "bot", "autonomous", "straight through",
              "no review", "alone"),
        review=("review", "rep", "human", "reviewed", "escalated", "to review", "human review"),
        triage=("triage", "held", "hold"),
        gate=("gate", "approval", "gated"),
        peek=("peek",),
        manual=("manual", "by hand"),
    ),
    **dict.fromkeys(_MISSING, ""),
}  # fmt: skip
RIGHT = {
    **_listed(
        yes=("yes", "true", "1", "1.0", "y", "t", "won", "closed won", "success", "successful",
             "converted", "subscribed", "correct", "right", "good", "accepted", "signed",
             "renewed", "ja", "oui", "si", "sim", "positive"),
        no=("no", "false", "0", "0.0", "n", "f", "lost", "closed lost", "failure", "failed",
            "not converted", "wrong", "incorrect", "bad", "declined", "rejected", "churned",
            "nein", "non", "nao", "negative", "closed lost to competition"),
    ),
    **dict.fromkeys(_MISSING, ""),
}  # fmt: skip
"""Words for things that went well or not."""
FOR = ("pursue", "go", "call", "yes", "contact", "send", "approve", "accept", "proceed", "win",
       "won", "1", "true", "buy", "engage", "qualified", "positive", "keep", "up")  # fmt: skip
AGAINST = ("drop", "stop", "hold", "no", "skip", "wait", "ignore", "reject", "lose", "lost", "0",
           "false", "disqualify", "unqualified", "negative", "down")  # fmt: skip
"""Advice to go on, and not to."""


def parted(name: str) -> str:
    """A column's name as words.

    >>> parted("AI_Score (%)"), parted("CreatedDate")
    ('ai score', 'created date')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", spaced.casefold()))


def likeness(name: str, known: tuple[str, ...]) -> float:
    """How much a column's name is like one of those known, from 0 to 1.

    1 for the same words, less the further down the list; less for one that is part of the other,
    or nearly the same.

    >>> likeness("Call ID", NAMES["decision_id"]) > likeness("cal_id", NAMES["decision_id"]) > 0.6
    True
    >>> likeness("region", NAMES["decision_id"])
    0.0
    """
    words = parted(name)
    best = 0.0
    for i, other in enumerate(known):
        later = 1 - i / (20 * len(known))
        if words == other:
            best = max(best, later)
        elif len(other) > 2 and f" {other} " in f" {words} ":
            best = max(best, 0.7 * later)
        elif len(other) > 3 and words[:1] == other[0]:
            near = difflib.SequenceMatcher(None, words, other).ratio()
            best = max(best, 0.75 * later * near if near >= 0.88 else 0.0)
    return best
