"""What a report rests on: assumptions, the meaning of its words, and the record of its log."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from importlib.metadata import version
from typing import Any

import pandas as pd

from ..picture import Html, table_html
from ..style import count, plain
from .month import MonthReport

MARKS = {
    "A": "peer-reviewed or primary research",
    "B": "a platform's or a standard's document",
    "C": "vendor publications: order of magnitude only",
    "S": "the operating playbook",
    "?": "assumptions, to be replaced by your own figures",
}

_STATISTICAL = """\
Decisions are taken as independent of each other; where one account or one bad week makes many \
wrong together, intervals are too narrow.
Whoever judged a decision is taken to be right. Lookers who also call good decisions bad make \
silent errors look more frequent than they are; lookers who miss bad ones, less.
Outcomes known by a complaint alone are left out of the silent errors: complaints come only about \
bad decisions.
Intervals are 95%, each for itself. A change is called one when the interval of the difference \
leaves out zero; of twenty figures that did not move, one does so by chance.
A recommendation takes next month to be like the months before.""".splitlines()

WORDS = {
    "Decision": "One thing the AI proposes to do: send this email, change this field.",
    "Workflow": "A recurring kind of decision.",
    "Gate": "A check that always asks a person, whatever the confidence. Gated decisions are not "
    "in the exception rate.",
    "Exception": "A decision the AI was allowed to take alone that a band or a trigger sent to a "
    "person. Exception rate = exceptions / all it was allowed to take alone.",
    "Band, threshold": "The AI acts alone at the threshold or above; below it a person is asked.",
    "Trigger": "A named condition, such as a large deal, that asks a person whatever the "
    "confidence.",
    "Override rate": "Of the exceptions judged, the share that people edited or rejected. A low "
    "one says that people are asked about what is fine. Read it beside the silent errors: it can "
    "be gamed.",
    "Silent error": "A bad decision that went out with nobody asked. Here as a share of all "
    "decisions the AI was allowed to take alone (fn_share), estimated from the outcomes known.",
    "Human touch": "All decisions that a person handled or looked at, gates and looks included.",
    "Look": "Somebody reads, afterwards, a decision that went alone: observing in shadow, audit, "
    "weekly batch or monthly spot check.",
    "Peek": "A decision that could have gone alone, but that somebody pulled for a look.",
    "Hoarding": "Reviewing what needs no review: people are asked about, or pull, more than a "
    "fifth of what the AI may take alone, and change less than 30% of it.",
    "Abdication": "Letting through what needs review: most approvals are faster than reading, or "
    "most of the wrong ones pass, or people change ever less of what is as often wrong.",
    "Second look": "An audit of what a person approved. Of what they approved it shows what they "
    "missed, if whoever looks is not as lax.",
    "Freed time": "The hours that all that went out would have taken by hand, minus the hours "
    "people spent. It is the return of the whole, not accuracy; it rests on the time that each "
    "workflow is said to take by hand.",
    "Interval": "The range that holds the true figure in 95 of 100 such months, if what it assumes "
    "is so.",
}


def assumptions(r: MonthReport) -> Html:
    """What the figures take for granted; of a simulation, what its numbers rest on."""
    said = "".join(f"<li>{escape(s)}</li>" for s in _STATISTICAL)
    return Html(f"{scenario_part(r.log.record)}<ul>{said}</ul>")


def scenario_part(record: Any) -> str:
    """What the numbers of a simulation rest on; nothing where the log is a real one."""
    name = record.get("scenario")
    if name is None:
        return ""
    if "rests_on" not in record:
        return (
            f'<p class="note">The log is a simulation of the scenario {escape(str(name))}; it does '
            "not say what its numbers rest on.</p>"
        )
    file, unset = record["rests_on"]["file"], record["rests_on"]["defaults"]
    given, left = (Counter(row[2] for row in rows) for rows in (file, unset))
    marks = [(f"({m}) {MARKS[m]}", given[m], left[m]) for m in MARKS if given[m] or left[m]]
    return (
        f"<p>This is a simulation: {count(len(file))} numbers of the scenario "
        f"{escape(str(name))}, and {count(len(unset))} defaults of the model that it leaves alone, "
        "make its world. They rest on:</p>"
        f"{table_html(pd.DataFrame(marks, columns=['Evidence', 'Its numbers', 'Defaults']))}"
        f"{_folded('of the scenario', file)}{_folded('among the defaults', unset)}"
        "<p>And for every figure:</p>"
    )


def _folded(of: str, rows: list[list[Any]]) -> str:
    """The assumptions among some numbers, folded away."""
    guesses = [(path, value, note) for path, value, mark, note, *_ in rows if mark == "?"]
    listed = table_html(
        pd.DataFrame(guesses, columns=["Setting", "Value", "Note"]), css="data wide"
    )
    summary = f"The {len(guesses)} assumptions (?) {of}"
    return f"<details><summary>{summary}</summary>{listed}</details>" if guesses else ""


def glossary(words: Mapping[str, str] = WORDS) -> Html:
    """What the words mean."""
    said = "".join(f"<dt>{escape(w)}</dt><dd>{escape(m)}</dd>" for w, m in words.items())
    return Html(f'<dl class="glossary">{said}</dl>')


_RECORD = {
    "source": "Source",
    "sha256": "SHA-256 of the source",
    "mapping_sha256": "SHA-256 of the mapping",
    "rows_read": "Rows read",
    "rows_used": "Rows used",
    "rows_rejected": "Rows rejected",
    "duplicates_identical": "Of these, copies of other rows",
    "duplicates_replaced": "Of these, replaced by later rows",
    "times_doubtful": "Times that come twice or never, as clocks change",
    "notes": "Found by looking at the file",
    "joined": "Joined with",
    "preset": "Preset of the mapping",
    "hashed": "Names replaced by codes in",
    "undated": "Without dates",
    "scenario": "Scenario",
    "scenario_sha256": "SHA-256 of the scenario",
    "seed": "Seed",
    "engine": "Engine",
    "boundary_version": "Version of the boundary spec",
    "bands": "Bands",
    "capacity_hours_per_week": "Hours set aside a week",
    "timezone": "Time zone",
    "hitlsim": "hitlsim that made the log",
}


def the_record(r: MonthReport) -> Html:
    """Where the log comes from, and what made the report."""
    more = [("Decisions up to the end of the month", count(len(r.log)))]
    return record_table(r.log.record, more)


def record_table(record: Mapping[str, Any], more: Iterable[tuple[str, str]]) -> Html:
    """What a log says of itself, more of the same kind, and the versions that made the report."""
    rows = [
        (name, _said(record[key])) for key, name in _RECORD.items() if record.get(key) is not None
    ]
    made = ", ".join(f"{p} {version(p)}" for p in ("hitlsim", "numpy", "pandas", "matplotlib"))
    rows += [*more, ("Report made with", f"Python {platform.python_version()}, {made}")]
    return Html(table_html(pd.DataFrame(rows, columns=["What", "Which"]), css="data wide"))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_said(v["file"] if isinstance(v, dict) else v) for v in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{plain(str(k))} {_said(v)}" for k, v in value.items())
    if isinstance(value, int):
        return str(value) if value < 10_000 else count(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
