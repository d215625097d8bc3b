"""What a rollout report rests on: assumptions, the meaning of its words, and its record."""

from __future__ import annotations

from html import escape

from ..monthly import basis
from ..picture import Html
from .rollout import RolloutReport

_STATISTICAL = """\
Runs are independent of each other and differ by chance alone: arrivals, scores, what is right, \
moods. What the scenario takes for granted they all share, so intervals say nothing about it.
Intervals are 95% t-intervals of the mean over runs, each for itself; those of differences to \
today's rules hold together for all rules.
Differences are taken run by run in the same world, so they are known better than each figure.
Phases follow each other, so what changed from one to the next may be the weeks' doing, too: \
holidays, volume, what the AI learnt. Sets of rules meet the same weeks.
Tuned rules were found on one run's log, with what its team could know, and judged on other runs.
Work counts in the phase of the day on which it was done.""".splitlines()

_MORE = {
    "Phase": "Shadow: the AI acts and everything is watched. Exception-only: people decide what is "
    "sent to them and read a part of the rest. Steady state: as before, with a spot check.",
    "Run": "One simulated rollout. Another seed is another, equally likely, course of events.",
    "Criterion": "What must be shown, and how surely, before a workflow moves to the next phase.",
    "90/70": "The bands that vendors usually ship: alone from 0.90, held below 0.70, no triggers.",
}
_SHARED = (
    "Decision", "Workflow", "Gate", "Exception", "Band, threshold", "Trigger", "Override rate",
    "Silent error", "Human touch", "Look", "Freed time",
)  # fmt: skip


def assumptions(r: RolloutReport) -> Html:
    """What the figures take for granted, and what the scenario's numbers rest on."""
    said = "".join(f"<li>{escape(s)}</li>" for s in _STATISTICAL)
    return Html(f"{basis.scenario_part(r.run.record)}<ul>{said}</ul>")


def glossary() -> Html:
    """What the words mean."""
    shared = {word: basis.WORDS[word] for word in _SHARED}
    return basis.glossary({**_MORE, **shared})


def the_record(r: RolloutReport) -> Html:
    """What was simulated, with which seeds, and what made the report."""
    first, last = min(r.seeds), max(r.seeds)
    return basis.record_table(
        r.run.record,
        [
            ("Weeks simulated", str(r.scenario.weeks)),
            (
                "Runs behind the figures",
                f"{len(r.seeds)} of each set of rules, seeds {first}-{last}",
            ),
            ("Run told as an example, and tuned on", f"seed {r.run.seed}"),
        ],
    )
