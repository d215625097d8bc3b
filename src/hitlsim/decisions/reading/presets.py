"""What exports of well-known systems look like: the usual names of their columns.

Starting points, not promises: every company renames fields, and a score by an AI has no fixed
place. ``hitlsim map`` proposes what it finds and says what to check. The probability that belongs
to a stage is no score: it is 100% once the deal is won.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How the exports of one system are usually written.

    Attributes
    ----------
    title : str
        The system's name.
    columns : mapping
        For each column of ours the names its exports use, the likeliest first.
    date_formats : tuple of str
        Tried in order.
    values : mapping
        For a column of ours, their value: our value. Stages that are still open are missing.
    signs : tuple of str
        Names of columns by which an export is recognised.
    """

    title: str
    columns: Mapping[str, tuple[str, ...]]
    date_formats: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    signs: tuple[str, ...] = field(default=())

    def found(self, headers: Collection[str]) -> dict[str, str]:
        """Our name and theirs, for the columns that an export has.

        >>> PRESETS["hubspot"].found(["Record ID", "Create Date", "Deal Stage"])
        {'decision_id': 'Record ID', 'decided_at': 'Create Date', 'ok': 'Deal Stage'}
        """
        there = {folded(header): header for header in reversed([*headers])}
        found: dict[str, str] = {}
        for ours, names in self.columns.items():
            hit = next((there[folded(n)] for n in names if folded(n) in there), None)
            if hit is not None and hit not in found.values():
                found[ours] = hit
        return found

    def likeness(self, headers: Collection[str]) -> int:
        """How many of its tell-tale names an export has."""
        there = {folded(header) for header in headers}
        return sum(folded(sign) in there for sign in self.signs)


def folded(header: str) -> str:
    """A name without case, blanks and signs, which exports write in several ways.

    >>> folded("Opportunity ID"), folded("opportunity_id")
    ('opportunityid', 'opportunityid')
    """
    return "".join(c for c in header.casefold() if c.isalnum())


def _stages(
    won: tuple[str, ...], lost: tuple[str, ...], still_open: tuple[str, ...]
) -> dict[str, str]:
    groups = {"yes": won, "no": lost, "": still_open}
    return {stage: ours for ours, stages in groups.items() for stage in stages}


PRESETS: dict[str, Preset] = {
    "salesforce": Preset(
        title="Salesforce",
        columns={
            "decision_id": ("Opportunity ID", "Opportunity ID (18)", "Activity ID", "Task ID",
                            "Lead ID", "Record ID", "Id"),
            "decided_at": ("Created Date", "Created Date/Time", "Date", "Due Date",
                           "ActivityDate"),
            "confidence": ("Opportunity Score", "Einstein Opportunity Score", "IqScore",
                           "Lead Score", "Einstein Lead Score", "AI Score", "Score"),
            "workflow": ("Type", "Opportunity Record Type", "Record Type", "Task Subtype",
                         "Activity Type"),
            "deal_size": ("Amount", "Amount (converted)"),
            "reviewer": ("Opportunity Owner", "Owner", "Owner Name", "Owner: Full Name",
                         "Assigned", "Assigned To", "OwnerId"),
            "ok": ("Stage", "StageName", "Won", "IsWon"),
            "ok_at": ("Close Date", "Closed Date"),
        },
        date_formats=("iso", "%m/%d/%Y, %I:%M %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M",
                      "%m/%d/%Y"),
        values={"ok": _stages(
            ("Closed Won",), ("Closed Lost",),
            ("Prospecting", "Qualification", "Needs Analysis", "Value Proposition",
             "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote",
             "Negotiation/Review"),
        )},
        signs=("Opportunity ID", "Opportunity Name", "Opportunity Owner", "Account Name", "Stage",
               "StageName", "CreatedDate", "IsWon", "OwnerId", "Fiscal Period", "Lead Source",
               "Created Date", "Close Date", "Assigned"),
    ),
    "hubspot": Preset(
        title="HubSpot",
        columns={
            "decision_id": ("Record ID", "Deal ID", "Activity ID", "Engagement ID", "Contact ID"),
            "decided_at": ("Create date", "Created date", "Activity date", "Activity created at"),
            "confidence": ("Deal score", "HubSpot predictive deal score", "Likelihood to close",
                           "Predictive lead score", "AI score"),
            "workflow": ("Deal Type", "Pipeline", "Activity type", "Engagement type"),
            "deal_size": ("Amount", "Amount in company currency", "Deal amount"),
            "reviewer": ("Deal owner", "Activity assigned to", "Owner", "Contact owner"),
            "ok": ("Deal Stage", "Is closed won", "Call outcome", "Meeting outcome"),
            "ok_at": ("Close date",),
        },
        date_formats=("iso", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
        values={"ok": _stages(
            ("Closed won", "Closed Won"), ("Closed lost", "Closed Lost"),
            ("Appointment scheduled", "Qualified to buy", "Presentation scheduled",
             "Decision maker bought-in", "Decision maker bought-In", "Contract sent"),
        )},
        signs=("Deal Name", "Deal Stage", "Deal owner", "Create date", "Pipeline",
               "Associated Company", "Associated Contact", "Engagement type", "Is closed won",
               "HubSpot score", "Deal probability"),
    ),
    "zoho": Preset(
        title="Zoho CRM",
        columns={
            "decision_id": ("Record Id", "Deal Id", "Task Id", "Call Id", "Id"),
            "decided_at": ("Created Time", "Call Start Time", "Due Date"),
            "confidence": ("Prediction Score", "Zia Score", "Conversion Probability", "AI Score",
                           "Score"),
            "workflow": ("Type", "Pipeline", "Layout", "Call Type"),
            "deal_size": ("Amount",),
            "reviewer": ("Deal Owner", "Task Owner", "Call Owner", "Owner", "Deal Owner Name"),
            "ok": ("Stage", "Call Result"),
            "ok_at": ("Closing Date", "Closed Time"),
        },
        date_formats=("iso", "%b %d, %Y %I:%M %p", "%d/%m/%Y %I:%M %p", "%d/%m/%Y %H:%M",
                      "%d/%m/%Y", "%b %d, %Y"),
        values={"ok": _stages(
            ("Closed Won",), ("Closed Lost", "Closed Lost to Competition",
                              "Closed-Lost to Competition"),
            ("Qualification", "Needs Analysis", "Value Proposition", "Identify Decision Makers",
             "Id. Decision Makers", "Proposal/Price Quote", "Negotiation/Review"),
        )},
        signs=("Record Id", "Created Time", "Modified Time", "Deal Owner", "Closing Date",
               "Deal Owner Id", "Layout", "Probability (%)", "Deal Category Status",
               "Expected Revenue"),
    ),
}  # fmt: skip
"""By the word that a mapping names them with."""


def recognised(headers: Collection[str]) -> str | None:
    """The system that an export most likely comes from; none where little speaks for it.

    >>> recognised(["Opportunity ID", "Opportunity Owner", "Created Date", "Stage"])
    'salesforce'
    >>> recognised(["call_id", "score", "subscribed"]) is None
    True
    """
    likeness = {name: preset.likeness(headers) for name, preset in PRESETS.items()}
    best = max(likeness, key=lambda name: likeness[name])
    alone = list(likeness.values()).count(likeness[best]) == 1
    return best if likeness[best] >= 3 and alone else None
