"""The parts of a rollout report that are tables. Whatever comes from a scenario is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from ...decisions.counting.metrics import Unit
from ...decisions.counting.scorecard import Judgement
from ...decisions.estimating.intervals import Estimate
from ..monthly.tables import SYMBOLS, unsafe_box
from ..picture import SCROLL, Html, unbroken
from ..style import count, parted, percent, plain
from .governed import Governed
from .parts import MEASURED
from .rollout import TUNED, RolloutReport
from .spans import Span
from .words import rule_words

_OF = {
    "exception_rate": "of what the AI may take alone",
    "override_rate": "of the exceptions judged",
    "human_touch_rate": "of all decisions",
    "true_fn_share": "of what the AI may take alone",
    "wait_minutes": "nights and weekends included",
    "within_24h": "of what waited for a person",
    "review_hours": "a week",
    "utilisation": "of the hours set aside",
    "true_cost": "of 1,000 decisions: reviewing, waiting, harm",
    "freed_hours": "a week: by hand, minus what people spend",
    "looked_at": "of what went alone",
    "bad_a_week": "a week, known to the simulation only",
}
_TITLES = {
    "true_fn_share": "Silent errors (truth)",
    "true_cost": "Cost",
    "bad_a_week": "Bad decisions nobody was asked about",
    "review_hours": "People's time",
}


def unsafe(r: RolloutReport) -> Html | None:
    """A red box where the AI acts alone although a human must always decide; else nothing."""
    return unsafe_box(r.run.record["unsafe_workflows"])


def the_phases(r: RolloutReport) -> Html:
    """What each phase asks of people, and what ends it."""
    rows = "".join(
        f'<tr><th scope="row">{escape(plain(s.name))}<small>{escape(s.weeks)}</small></th>'
        f"<td>{escape(_sentence(s.people))}</td><td>{escape(_ending(s))}</td></tr>"
        for s in r.spans
    )
    return Html(
        f'{SCROLL}<table class="told"><thead><tr><th scope="col">Phase</th>'
        '<th scope="col">What people do</th><th scope="col">What ends it</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _ending(s: Span) -> str:
    back = f" A workflow goes back at {s.goes_back}." if s.goes_back else ""
    return f"{_sentence(s.ends)}{back}"


def phase_by_phase(r: RolloutReport) -> Html:
    """Every figure in every phase, with its interval and what changed since the phase before."""
    judged = {s.name: r.judged(s.name) for s in r.spans}
    head = "".join(
        f'<th scope="col">{escape(plain(s.name))}<small>{escape(s.weeks)}</small></th>'
        for s in r.spans
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(_TITLES.get(m.name, m.title))}'
        f"<small>{escape(_of(r, m.name))}</small></th>"
        f"{''.join(_cell(r, m.name, m.unit, s, judged[s.name].get(m.name)) for s in r.spans)}</tr>"
        for m in MEASURED
        if any(r.get(m.name, s.name).known for s in r.spans)
    )
    return Html(
        f'{SCROLL}<table class="flows"><thead><tr><th scope="col"></th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">Means of {len(r.seeds)} runs. In grey: 95% intervals of the mean, each '
        "for itself, which take runs as independent of each other; and the change since the phase "
        "before where chance does not explain it, run by run. Symbols: off target.</p>"
    )


def _of(r: RolloutReport, metric: str) -> str:
    said = _OF.get(metric, "")
    return f"{r.scenario.currency}, {said}" if metric == "true_cost" else said


def _cell(
    r: RolloutReport, metric: str, unit: Unit, span: Span, judged: Judgement | None
) -> str:  # fmt: skip
    e = r.get(metric, span.name)
    if not e.known:
        return '<td class="dim">not known</td>'
    point, interval = parted(e, unit)
    if unit == Unit.COUNT:
        interval = f"{count(e.low)}-{count(e.high)}"
    css, symbol = SYMBOLS[judged.status] if judged else ("", "")
    flag = (
        f'<span class="{css}" title="{judged.status}">{symbol}</span> '
        if judged and css != "good"
        else ""
    )
    change = _changed(r.since_before(metric, span.name), unit)
    return (
        f"<td>{flag}{unbroken(escape(point))}<small>{unbroken(escape(interval))}</small>"
        f"<small>{unbroken(escape(change))}</small></td>"
    )


def _changed(e: Estimate, unit: Unit) -> str:
    """A clear change since the phase before; nothing where chance explains it."""
    if not e.known or math.isnan(e.low) or e.low <= 0 <= e.high:
        return ""
    size = abs(e.value)
    amount = (
        f"{100 * size:.1f} points" if unit == Unit.SHARE and size >= 0.0005
        else "under 0.1 points" if unit == Unit.SHARE
        else parted(Estimate(size, math.nan, math.nan, e.n, ""), unit)[0]
    )  # fmt: skip
    return f"{'up' if e.value > 0 else 'down'} {amount}"


def criteria(r: RolloutReport) -> Html:
    """When each workflow was moved by criterion, and what had been seen."""
    if r.moved:
        return _happened(r.moved, "Moved")
    if any(s.ends.startswith("each workflow") for s in r.spans):
        return Html(
            '<p class="note">No workflow showed in any run what its phase asks for: no phase ended '
            "by criterion.</p>"
        )
    return Html(
        '<p class="note">Phases end by date here, so nothing had to be shown. A phase can ask for '
        "proof instead (<code>until:</code> looks, a limit on bad ones, how sure): then each "
        "workflow moves on when it has shown it, and this table says when and on what.</p>"
    )


def governance(r: RolloutReport) -> Html:
    """What governance did beyond the calendar, in how many runs, and what it had seen."""
    if not r.governed:
        return Html('<p class="note">Governance did nothing beyond the calendar in any run.</p>')
    return _happened(r.governed, "What")


def _happened(found: Sequence[Governed], what: str) -> Html:
    head = ("Workflow", what, "Runs", "First in week", "What it had seen (one run)")
    cells = "".join(f'<th scope="col">{h}</th>' for h in head)
    rows = "".join(_row(g) for g in found)
    return Html(
        f'{SCROLL}<table class="told"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(g: Governed) -> str:
    whose = "all together" if g.workflow == "all" else plain(g.workflow)
    cells = (escape(g.what) + f"<small>{escape(_rule(g))}</small>", f"{g.runs} of {g.of}",
             _week(g), escape(g.because))  # fmt: skip
    return f'<tr><th scope="row">{escape(whose)}</th>{"".join(f"<td>{c}</td>" for c in cells)}</tr>'


def _rule(g: Governed) -> str:
    """The rule alone, as the workflow stands beside it."""
    return "" if g.rule.startswith("phases") else rule_words(g._replace(workflow="all"))


def _week(g: Governed) -> str:
    """The median, and from when to when.

    >>> _week(Governed("a", "", "", 3, 4, 9.0, 8, 11, 1.0, ""))
    '9 (8-11)'
    """
    if g.earliest == g.latest:
        return f"{g.earliest}"
    return f"{g.week:g} ({g.earliest}-{g.latest})"


def the_rules(r: RolloutReport) -> Html:
    """What differs between today's rules and the tuned ones; or why there are none."""
    if r.recommendation is None:
        return Html(f'<p class="note">There are no tuned rules: {escape(r.untuned)}</p>')
    diff = r.recommendation.diff()
    said = diff.words()[: -len(diff.expected) or None]
    changes = "".join(f"<li>{escape(_whose(s))}</li>" for s in said)
    promised, got = r.recommendation.rate, r.get("exception_rate", r.last.name, TUNED)
    return Html(
        f"<p>The tuned rules come from what the team of one run (seed {r.run.seed}) saw; the runs "
        f"in the figure are others. They promised {escape(percent(promised))} exceptions; in "
        f"{escape(plain(r.last.name))} the runs gave {escape(percent(got))}. They differ from "
        f"today's:</p><ul>{changes}</ul>"
    )


def _whose(said: str) -> str:
    """A difference with the workflows it is of in words.

    >>> _whose("lead_routing and crm_update: ask at no deal size")
    'Lead routing and crm update: ask at no deal size'
    """
    flows, colon, what = said.partition(": ")
    words = plain(flows)
    return f"{words[:1].upper()}{words[1:]}{colon}{what}"
