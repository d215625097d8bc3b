"""The words, templates and faults that examples are made from.

A template has facts in braces. In kinds that change a record, ``Title: {old} -> {new}`` says what
was there and what is proposed. A fault changes facts, so that the faulty and the mended example
differ in nothing else. Every person, company and figure is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Facts = Mapping[str, str]
Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A realistic mistake: its name, and the facts it changes."""

    name: str
    wrong: Facts = field(default_factory=dict)
    """In the proposal only."""
    seen: Facts = field(default_factory=dict)
    """In this case altogether, which makes the usual proposal a mistake."""
    right: Facts = field(default_factory=dict)
    """In the mended proposal only."""
    signal: str = ""
    """The signal without which this mistake makes no sense."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of decision: parts, each with alternatives; what can be wrong; what lies beside it.

    Together account, history and context hold every fact that a fault changes.
    """

    name: str
    parts: tuple[Lines, ...]
    faults: tuple[Fault, ...]
    title: str
    """One line, as an inbox shows it; none of its facts is ever changed by a fault."""
    context: str
    """What the AI had before it."""
    account: str
    history: str
    is_message: bool = False
    """Written to the contact, not about them."""


NONE = Fault(name="")

# --- words ---------------------------------------------------------------------------------------

WORDS = {
    name: tuple(words.split("|"))
    for name, words in {
        "name": "Ada|Amir|Asta|Bela|Bruno|Carla|Cem|Dalia|Derya|Edda|Elias|Femke|Goran|Hana|Ilja|"
        "Jaro|Jonas|Kaia|Kofi|Lena|Leo|Mara|Milan|Nadia|Nils|Oona|Pablo|Petra|Rosa|Samir|Tilda|"
        "Tomas|Ulla|Viktor|Wanda|Yara|Yusuf|Zoe",
        "surname": "Adler|Bakker|Celik|Dahl|Eklund|Farkas|Grau|Holm|Ivers|Jansen|Kowal|Lind|"
        "Moreau|Novak|Okoro|Palm|Rossi|Santos|Tanaka|Urban|Vogel|Weiss|Yilmaz|Zeman",
        "company": "Alderpoint|Bluefern|Calmhaven|Duskwood|Elmbridge|Fernlight|Graylake|Ironleaf|"
        "Juniper Row|Kestrelworks|Larkfield|Mossgate|Northbeam|Oakmere|Pinehollow|Quayside Nine|"
        "Riverlock|Stonebarn|Tidewell|Umberland|Valecrest|Willowmark|Yarrowfield",
        "industry": "logistics|software|packaging|dental supplies|machine tools|training|"
        "insurance|food wholesale|energy advice|textiles",
        "title": "Buyer|Office Manager|Team Lead Sales|Analyst|Project Manager|Sales Assistant",
        "new_title": "Head of Buying|Head of Sales|Operations Director|Chief of Staff|CFO",
        "size": "40|60|85|120|150",
        "new_size": "180|210|240|320|400",
        "wrong_size": "1,900|2,600|3,400|5,200",
        "city": "Lyon, South|Graz, South|Turin, South|Lund, North|Tampere, North|Bergen, North|"
        "Leuven, West|Cork, West|Galway, West|Brno, East|Gdynia, East",
        "touch": "our call|your question in the webinar|our talk at the trade fair|our demo|"
        "your message on the website|our exchange by email",
        "occasion": "your post about planning|the news of your new site|your open sales role|"
        "your talk on forecasting|your download of our guide",
        "claim": "list work fell from two days to half a day|first answers came within the hour|"
        "one in six duplicates was gone after a month|forecasts took one meeting",
        "bare": "every team doubles its revenue in a month|no customer has ever left us|"
        "ninety percent of all emails get an answer|it works without any mistakes",
        "offer": "a 20-minute call|a short demo|a one-page comparison|a walk-through|a trial",
        "objection": "data residency|the price|service levels|the CRM integration",
        "tone": "I will be brief, as your week is surely full.|There is no hurry with this.|"
        "It takes two minutes to read, and no answer is an answer too.",
        "calm": "I have read your last message, and I am sorry for the trouble.|"
        "Your last message was plain, so I keep this short and ask only once.",
        "loud": "Exciting news: you are going to love this!|Wow, what a week! Ready to go?!|"
        "Great to see how happy you are with us so far!",
        "greeting": "Hello|Dear|Good morning",
        "bye": "Best wishes|All the best|With thanks",
        "me": "Robin|Sascha|Kim|Toni",
        "stage": "Qualified/Demo held/Contract sent/demo took place|Demo held/Proposal sent/"
        "Closed won/proposal went out|Proposal sent/Negotiation/Closed won/terms discussed",
        "said": "please take me off this list/opt-out/interested|send me the price list/interested/"
        "out of office|I am away until next month/out of office/not interested",
        "earlier": "none|one, as proposed|two, one of them edited|three, all as proposed",
        "metric": "reply rate/3.1%/1.2%|bounce rate/1.9%/4.8%|meetings held/14/5",
    }.items()
}  # fmt: skip

_OPENINGS = {
    name: tuple(texts.split("|"))
    for name, texts in {
        "first touch": "I came across {occasion} and had a look at how {company} sells.\n"
        "In {industry} the first answer often decides, which is where my question comes from.|"
        "{company} came up when we looked for {industry} firms with a growing sales team.\n"
        "What made me write is {occasion}, since it fits what we help with.|"
        "My reason to write is {occasion}: it tells me that {company} is changing how it sells.\n"
        "Many {industry} teams have the same three questions at that point.",
        "follow-up": "Thank you again for {touch} on {touched}; I promised to come back to it.\n"
        "As I understood it, {company} wants to see results before it changes anything.|"
        "Some days have passed since {touch} on {touched}, so here is what I owe you.\n"
        "For {company} the open point was how much work the change would be.|"
        "After {touch} on {touched} I put together what matters for {company}.\n"
        "In short: one step at a time, and every step can be undone.",
        "meeting": "As agreed after {touch} on {touched}, here is my proposal for a meeting.\n"
        "I would come alone; from {company} two people are plenty.|"
        "To take up {touch} on {touched}, let us find half an hour.\n"
        "I would like to hear how {company} works today before I show anything.|"
        "Since {touch} on {touched} I have prepared the answers to your questions.\n"
        "The agenda for {company}: the process of today, its gaps, and the next steps.",
        "reply": "Thank you for your open words about {objection}; that is a fair point.\n"
        "Since {touch} on {touched} I have asked our engineers what it means for {company}.|"
        "Your concern about {objection} is one that {company} should see answered in full.\n"
        "I went back to my notes of {touch} on {touched}, so as not to answer past it.|"
        "You asked what {objection} would mean for {company} in practice.\n"
        "I did not want to guess, so I checked it after {touch} on {touched}.",
    }.items()
}  # fmt: skip
_SUBJECTS = tuple(
    f"Subject: {subject}\n{{greeting}} {{name}},"
    for subject in ("A question for {company}", "{company}: what others found", "{day}: {offer}?")
)
_PROOFS = (
    "{tone}\nOne figure we may quote: {claim}.\nIt took no tool, only another order of work.",
    "{tone}\nWhat others report is this: {claim}.\nI will gladly say how they counted it.",
    "{tone}\nA team much like yours found: {claim}.\nYour own numbers will tell if it holds.",
)
_ASKS = (
    "Would {offer} on {day} suit you?\nIf another day is better, one line is enough.\n{bye}, {me}",
    "May I suggest {offer}, for instance on {day}?\nIf not, tell me and I stop.\n{bye}, {me}",
    "I have kept {day} free for {offer}.\nIf somebody else decides, a name helps.\n{bye}, {me}",
)

# --- faults --------------------------------------------------------------------------------------

_OLD_COMPANY = "names {old_company}, which {name} has left"
_WRONG_DAY = Fault(name="says {wrong_day}; planned was {day}", wrong={"day": "{wrong_day}"})
_NO_SOURCE = Fault(name="claims what no source supports: {bare}", wrong={"claim": "{bare}"})
_WRONG_INDUSTRY = Fault(
    name="puts {company} into {other_industry}; it is in {industry}",
    wrong={"industry": "{other_industry}"},
)
_WRONG_TERRITORY = Fault(
    name="gives it to the territory {other_territory}; {city} belongs to {territory}",
    wrong={"territory": "{other_territory}"},
)
_EMAIL_FAULTS = (
    Fault(name="greets {other}; the receiver is {name}", wrong={"name": "{other}"}),
    Fault(name=_OLD_COMPANY, wrong={"company": "{old_company}"}),
    Fault(name="refers to {wrong_touch}, which never took place",
           wrong={"touch": "{wrong_touch}"}),
    _WRONG_DAY,
    _NO_SOURCE,
    Fault(name="sounds cheerful to somebody who is annoyed", wrong={"tone": "{loud}"},
           signal="negative_sentiment"),
    Fault(name="claims experience in {industry} that nobody has",
           wrong={"claim": "for years we have been at home in {industry}"}, signal="first_time"),
    Fault(name="takes as settled what the sources contradict",
           wrong={"tone": "Good that all of this is settled between us."}, signal="conflicting"),
    Fault(name="uses what a former employee gave away about {rival}",
           wrong={"claim": "somebody who left {rival} told us what they pay"}, signal="ethical"),
)  # fmt: skip
_RECORD_FAULTS = (
    Fault(name="writes the title of another contact: {other_title}",
           wrong={"new_title": "{other_title}"}),
    Fault(name="counts the employees of a company with a similar name: {wrong_size}",
           wrong={"new_size": "{wrong_size}"}),
    Fault(name=_OLD_COMPANY, wrong={"employer": "{old_company}", "mail": "{old_mail}"}),
    _WRONG_TERRITORY, _WRONG_INDUSTRY, _WRONG_DAY,
)  # fmt: skip
_MERGE_FAULTS = (
    Fault(name="merges two different people: {name} and {other} {surname}",
           seen={"twin": "{other} {surname}, {old_company}"},
           right={"fate": "{twin}", "sum": "3", "new_title": "{title}", "mail": "{old_mail}"}),
    Fault(name="keeps the address that bounced: {old_mail}", wrong={"mail": "{old_mail}"}),
    Fault(name="drops the activities of record B", wrong={"sum": "3"}),
    Fault(name="keeps the old title: {title}", wrong={"new_title": "{title}"}),
)  # fmt: skip
_STAGE_FAULTS = (
    Fault(name="moves the stage without evidence: nothing is logged since {old_touched}",
           seen={"logged": "nothing since {old_touched}"}, wrong={"evidence": "high activity"},
           right={"next_stage": "{stage}", "close": "{old_close}", "evidence": "none"}),
    Fault(name="skips a stage: {far_stage} instead of {next_stage}",
           wrong={"next_stage": "{far_stage}"}),
    Fault(name="closes on {wrong_day}; planned was {day}", wrong={"close": "{wrong_day}"}),
)  # fmt: skip
_KEEP = {"gone": "{name} {surname}, {company}", "why": "none"}
_DELETE_FAULTS = (
    Fault(name="deletes a contact with an open deal", seen={"on_it": "an open deal"}, right=_KEEP),
    Fault(name="deletes the last contact there", seen={"on_it": "the account, no other contact"},
           right=_KEEP),
)  # fmt: skip
_NOTE_FAULTS = (
    Fault(name="counts {wrong_touch}, which was somebody else's",
           wrong={"touch": "{wrong_touch}", "score": "{wrong_score}"}),
    Fault(name=_OLD_COMPANY, wrong={"company": "{old_company}"}),
    _WRONG_INDUSTRY, _WRONG_DAY, _NO_SOURCE,
)  # fmt: skip
_ROUTE_FAULTS = (
    _WRONG_TERRITORY,
    Fault(name="takes {wrong_city} for the place; {company} is in {city}",
           wrong={"city": "{wrong_city}", "territory": "{other_territory}"}),
)  # fmt: skip
_ALERT_FAULTS = (
    Fault(name="raises an alarm about a usual value: {metric} {usual}", seen={"found": "{usual}"},
           right={"level": "none, all as usual"}),
    Fault(name="names the sequence {other_industry}; it is {industry}",
           wrong={"industry": "{other_industry}"}),
)  # fmt: skip
_TRIAGE_FAULTS = (
    Fault(name="files it as {wrong_label}; it is {label}", wrong={"label": "{wrong_label}"}),
    Fault(name="files it under {other}; {name} wrote it", wrong={"writer": "{other}"}),
)

# --- what lies beside it -------------------------------------------------------------------------

_WHO = "Contact: {name} {surname}\nTitle: {new_title} (email signature)\nCompany: {company}, {city}"
_FIRM_FACTS = (
    "Industry: {industry}\nEmployees: {new_size} (company website)\nTerritory: {territory}"
)
ACCOUNT = f"{_WHO}\nBefore: {{title}} at {{old_company}}\n{_FIRM_FACTS}"
_TOUCHED = "Last touch: {touch} on {touched}\nOccasion: {occasion}\n"
_EARLIER = "Earlier of this kind: {earlier}"
"""The last line of a history; a log that knows better has counts in its place."""
HISTORY = _TOUCHED + "Stage: {stage}\n" + _EARLIER
_LEAD_HISTORY = _TOUCHED + "Stage: new lead\n" + _EARLIER
_NEW_HISTORY = "Last touch: none from us yet\nOccasion: {occasion}\nStage: not in touch"
_PLANNED = "Planned: {offer} on {day}"

# --- kinds ---------------------------------------------------------------------------------------


def _email(name: str) -> Kind:
    parts = (_SUBJECTS, _OPENINGS[name], _PROOFS, _ASKS)
    first, answers = name == "first touch", name == "reply"
    asked = "\nThey asked about: {objection}" if answers else ""
    about = "{objection}" if answers else "{offer}"
    return Kind(name, parts, _EMAIL_FAULTS, f"{_MAILS[name]} to {_ONE}: {about}",
                f"{_PLANNED}\nMay claim: {{claim}}{asked}", ACCOUNT,
                _NEW_HISTORY if first else HISTORY, is_message=True)  # fmt: skip


def _fields(
    name: str, title: str, faults: tuple[Fault, ...], context: str, *texts: str,
    history: str = HISTORY, account: str = ACCOUNT,
) -> Kind:  # fmt: skip
    """A record; ``|`` parts its fields."""
    lines = tuple("\n".join([*text.split("|"), "Note: {by}"]) for text in texts)
    return Kind(name, (lines,), faults, title, context, account, history)


_ONE = "{name} {surname}, {company}"
_MAILS = {"first touch": "First email", "follow-up": "Follow-up", "meeting": "Meeting proposal",
          "reply": "Reply"}  # fmt: skip
_CONTACT, _ACCOUNT = "Contact: {name} {surname}, {company}", "Account: {company}, {city}"
_LEAD, _STAGE = "Lead: {name} {surname}, {company}", "|Stage: {stage} -> {next_stage}"
_TITLE, _MAIL = "|Title: {title} -> {new_title}", "|Email: {old_mail} -> {mail}"
_PAIR, _SUM = _CONTACT + "|Record B: {twin} -> {fate}", "|Activities: 3 -> {sum}"
_NEXT, _AREA = "|Next step: none -> {offer}, {day}", "|Territory: unknown -> {territory}"
_GONE, _PROOF = "{name} {surname}, {company} -> {gone}", "|Evidence: none -> {evidence}"
_ORDER = "Qualified, Demo held, Proposal sent, Negotiation, Contract sent, Closed won"
_DESKS = "Rule: a lead goes to the desk of the territory its city lies in"
_COUNTED = "Rule: counted are the contact's company, its industry and the last touch"
_LOOKED_UP = "Looked up: email signature, company website, the contact's own profile"
_CLOSE, _WHY = "|Close date: {old_close} -> {close}", "|Reason: none -> {why}"
_FIRM = "|Employees: {size} -> {new_size}|Industry: unknown -> {industry}"
_SCORE, _LABEL = "|Score: {score} of 100", "|Filed as: {label}"
KINDS = {name: _email(name) for name in _OPENINGS} | {
    kind.name: kind
    for kind in (
        _fields("update", f"CRM update: {_ONE}", _RECORD_FAULTS, _PLANNED,
                _CONTACT + _TITLE + _NEXT, _ACCOUNT + _FIRM, _CONTACT + _AREA + _NEXT),
        _fields("enrich", f"Missing details: {_ONE}", _RECORD_FAULTS, _LOOKED_UP,
                _CONTACT + _TITLE + _AREA, _ACCOUNT + _FIRM,
                "Contact: {name} {surname}|Works at: unknown -> {employer}|Email: none -> {mail}"),
        _fields("source", f"New contact: {_ONE}", _RECORD_FAULTS, _LOOKED_UP,
                "Contact: none -> {name} {surname}, {employer}|Title: none -> {new_title}",
                "List: {industry}|New: none -> {name} {surname}|Works at: none -> {employer}",
                "New: none -> {name} {surname}|Company: none -> {employer}" + _AREA,
                history=_NEW_HISTORY),
        _fields("merge", f"Merge two records: {_ONE}", _MERGE_FAULTS,
                f"Record A: {_ONE}, 3 activities\nRecord B: {{twin}}, 2 activities\n"
                "Bounced: {old_mail}",
                _PAIR + _MAIL + _SUM, _PAIR + _TITLE + _SUM, _PAIR + _TITLE + _MAIL),
        _fields("stage", "Stage of the deal with {company}", _STAGE_FAULTS,
                "Logged for the deal: {logged}\nPlanned close: {day}\nOrder of stages: " + _ORDER,
                "Deal: {company}" + _STAGE + _CLOSE + _PROOF,
                "Deal: {company}, {industry}" + _STAGE + _PROOF + _CLOSE,
                "Deal: {company}, {name} {surname}" + _STAGE + _PROOF),
        _fields("delete", f"Delete a record: {_ONE}", _DELETE_FAULTS,
                "Hangs on the record: {on_it}\nRule: a record on which anything hangs stays",
                f"Contact: {_GONE}{_WHY}", f"Record: {_GONE}|City: {{city}}{_WHY}",
                f"Entry: {_GONE}|Title: {{title}}{_WHY}"),
        _fields("score", f"Score for {_ONE}", _NOTE_FAULTS, _COUNTED,
                _LEAD + _SCORE + "|For: {touch}, {touched}",
                _LEAD + ", {industry}|For: {touch}" + _SCORE,
                _LEAD + "|Fit: {industry}|Activity: {touch}" + _SCORE, history=_LEAD_HISTORY),
        _fields("route", f"Desk for {_ONE}", _ROUTE_FAULTS, _DESKS,
                _LEAD + "|City: {city}|Goes to: desk {territory}",
                _LEAD + "|Territory: {territory}|Because of: {city}",
                "Lead: {company}, {city}|Contact: {name} {surname}|Owner: desk {territory}",
                history=_LEAD_HISTORY),
        _fields("alert", "Alert on the {metric}, sequence {industry}", _ALERT_FAULTS,
                "Measured: {metric} {found}, usually {usual}",
                "Alert: {metric} {found}|Usual: {usual}|Sequence: {industry}|Level: {level}",
                "Watched: {metric}, {industry}|Value: {found}, usually {usual}|Level: {level}",
                "Sequence: {industry}|Change: {metric} {usual} to {found}|Level: {level}",
                account="Sequence: {industry}\nWatched: {metric}\nUsual: {usual}",
                history="Last alert: {old_touched}\n" + _EARLIER),
        _fields("triage", f"Message from {_ONE}", _TRIAGE_FAULTS,
                "Message of {name} {surname}: {said}",
                "Reply from: {writer} {surname}, {company}|It says: {said}" + _LABEL,
                "From: {writer} {surname}|Company: {company}|Reply: {said}" + _LABEL,
                "Inbox: {said}|Sender: {writer} {surname}" + _LABEL),
        _fields("other", f"{{action}}: {_ONE}", _NOTE_FAULTS, _PLANNED,
                "To do: {action}|" + _CONTACT + "|By: {day}",
                "Proposal: {action}|Company: {company}, {industry}|After: {touch} on {touched}",
                "Action: {action}|" + _CONTACT + "|For: {touch}|Due: {day}"),
    )
}  # fmt: skip
KIND_WORDS = {
    "other": ("dossier",), "triage": ("triage", "sort"), "merge": ("merge", "duplic", "dedup"),
    "stage": ("stage",), "delete": ("delet", "remov"), "enrich": ("enrich",),
    "source": ("sourc",), "score": ("scor", "rank"), "route": ("rout", "hand_over"),
    "alert": ("alert", "flag"), "update": ("crm", "sync", "clean", "update"),
    "follow-up": ("follow", "recap", "remind"), "meeting": ("meeting", "calendar"),
    "reply": ("reply", "objection", "answer"),
    "first touch": ("mail", "outreach", "sequence", "enrol"),
}  # fmt: skip
"""The first of these found in the action, else the workflow, else the channel, names the kind."""
SIGNALS = {
    "negative_sentiment": "the last message was annoyed",
    "first_time": "nobody here has worked with this industry yet",
    "conflicting": "the thread sounds keen, the record says not now",
    "ethical": "the thread holds what a former employee of {rival} said",
}
OTHERS = {"other": "name", "old_company": "company", "rival": "company", "wrong_touch": "touch",
           "other_industry": "industry", "other_title": "new_title"}  # fmt: skip

# --- filling in ----------------------------------------------------------------------------------
