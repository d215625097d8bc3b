"""A recommendation as short texts: what the terminal and the monthly report both show."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from ...calibration.tuning.recommendation import Met, Recommendation
from ...calibration.tuning.telling.amounts import cash, each
from ...calibration.tuning.telling.plain import present_is_known
from ...calibration.tuning.weighing.cases import Assumption
from ...calibration.tuning.weighing.grid import Shape
from ...decisions.estimating.intervals import NOTHING, Estimate
from ..style import count, percent, plain

TITLES = {
    "exception_rate": "exception rate",
    "fn_share": "silent errors",
    "fn_of_auto": "silent of auto",
    "fn_of_bad": "silent of bad",
    "override_rate": "override rate",
    "within_24h": "begun within 24 h",
    "within_48h": "begun within 48 h",
    "utilisation": "use of review hours",
    "hours_per_week": "hours a week",
    "cost_per_1000": "cost of 1,000",
}
"""Figures in few words: of all allowed, of what goes alone, of all bad."""
_ALWAYS = ("exception_rate", "fn_share", "hours_per_week", "cost_per_1000")
"""Figures shown whatever is asked for."""
AS_JUDGED, CORRECTED = "as judged", "judges' mistakes taken out"
"""Silent errors as people said, who err, and what is likely behind it."""
MOVERS = {
    "errors of the AI": "how often the AI errs",
    "catches": "how many errors people catch",
    "harm": "what an error costs",
    "hour": "what an hour of review costs",
    "overrides_right": "overrides of what is right",
}
"""What may move the answer, in few words."""
_SAID = {
    "harm": "an error costs {cash}{number}",
    "harm_deal_share": "an error loses {share} of the deal",
    "hour": "an hour of review costs {cash}{number}",
    "override_spoils": "{share} of what people override though it is right goes out wrong",
    "minutes": "a review takes {number} min",
    "catches": "people catch {share} of what is wrong",
    "overrides_right": "people override {share} of what is right",
}
_ANY_SIZE, _NO_SIGNAL = "any size", "none"
_PER = {"exception_rate": "a look", "hours_per_week": "an hour"}


class Before(NamedTuple):
    """One thing a rule says: as it is (empty where nothing tells), and as advised."""

    now: str
    advised: str

    @property
    def changes(self) -> bool:
        return self.now != self.advised


class RuleRow(NamedTuple):
    """One workflow's rule, as it is and as advised."""

    workflow: str
    alone: Before
    deals: Before
    signals: Before

    @property
    def changes(self) -> bool:
        return self.alone.changes or self.deals.changes or self.signals.changes


class TargetRow(NamedTuple):
    """One target and what became of it."""

    name: str
    asked: str
    gives: str
    kept: bool
    binds: str


class FigureRow(NamedTuple):
    """One figure, with its 95% interval, under the rules advised, today's, and 90/70."""

    name: str
    advised: str
    today: str
    usual: str


# --- rules ---------------------------------------------------------------------------------------


def rule_rows(rec: Recommendation) -> list[RuleRow]:
    """One row for each workflow, those that change first; one for all where all are alike."""
    rows = []
    for flow, rule in rec.policy.rules.items():
        now: tuple[str, ...]
        advised = (_threshold(rule.auto), _size(rule.deal_limit), _names(rule.signals))
        if present_is_known(rec):
            limit = rec.present.deal_limit_of(flow)
            now = (
                _threshold(rec.present.bands_of(flow).auto),
                _size(math.inf if limit is None else limit),
                _names(rec.present.signals_of(flow)),
            )
        else:
            now = ("", *(a if a in (_ANY_SIZE, _NO_SIGNAL) else "" for a in advised[1:]))
        rows.append(RuleRow(flow, *(Before(*pair) for pair in zip(now, advised, strict=True))))
    if len(rows) > 1 and len({row[1:] for row in rows}) == 1:
        return [rows[0]._replace(workflow=f"all {len(rows)} workflows")]
    return sorted(rows, key=lambda row: not row.changes)


def columns(rows: list[RuleRow]) -> dict[str, list[Before]]:
    """What the rules say, by heading: thresholds, and deal limits and signals where they matter."""
    out = {"alone from": [row.alone for row in rows]}
    deals, signals = [row.deals for row in rows], [row.signals for row in rows]
    if any(pair != Before(_ANY_SIZE, _ANY_SIZE) for pair in deals):
        out["asked if the deal is above"] = deals
    if len(set(signals)) > 1 or signals[0].changes:
        out["asked if there is"] = signals
    return out


def always(rows: list[RuleRow]) -> str:
    """The signals that send a decision to people everywhere, as they do now; else nothing."""
    first = rows[0].signals
    alike = all(row.signals == first for row in rows) and not first.changes
    return first.now if alike and first.now != _NO_SIGNAL else ""


def _threshold(value: float) -> str:
    return f"{value:.6g}"


def _size(limit: float) -> str:
    return f"{limit:,.0f}" if math.isfinite(limit) else _ANY_SIZE


def _names(signals: tuple[str, ...]) -> str:
    return ", ".join(plain(s) for s in sorted(signals)) or _NO_SIGNAL


def rules_title(rec: Recommendation) -> str:
    """What the rules are: advice, or the nearest that can be had."""
    if rec.status == "recommended":
        return "What it would be, aimed anew" if rec.stays else "What to do"
    return "The best guess" if rec.status == "not enough evidence" else "The nearest rules"


# --- targets and figures -------------------------------------------------------------------------


def target_rows(rec: Recommendation) -> list[TargetRow]:
    """Every target: what was asked, what the rules give, and what it costs."""
    return [
        TargetRow(
            title_of(rec, m.limit.figure), _asked(m, rec), figure(m.figure, m.limit.figure), m.kept,
            _binds(m, rec),
        )
        for m in rec.met
    ]  # fmt: skip


def _asked(met: Met, rec: Recommendation) -> str:
    least, most = met.limit.least, met.limit.most
    if least is not None and most is not None:
        return str(rec.band)
    value = most if most is not None else least
    if value is None:
        return ""
    if met.limit.figure == "hours_per_week":
        said = f"{value:g} h"
    elif met.limit.figure == "cost_per_1000":
        said = f"{value:,.0f}"
    else:
        said = f"{100 * value:.4g}%"
    return f"at {'most' if most is not None else 'least'} {said}"


def _binds(met: Met, rec: Recommendation) -> str:
    if not met.binds:
        return "no"
    per = _PER.get(met.limit.figure, "an error")
    seen = met.price_seen
    if seen.known:
        # what a look brings at the desk; where the band asks for looks, what the last one costs
        fewer = not math.isnan(rec.wanted_rate) and rec.wanted_rate < rec.rate.value
        return f"yes, {each(seen.scaled(-1 if fewer else 1), rec.currency)} {per}"
    if math.isnan(met.price):
        return "yes"
    return f"yes, {each(abs(met.price), rec.currency)} {per}"


def figure(e: Estimate, name: str) -> str:
    """A figure with its interval, in its own unit."""
    if not e.known:
        return "not known"
    if name == "cost_per_1000":
        return f"{e.value:,.0f} ({e.low:,.0f}-{e.high:,.0f})"
    if name == "hours_per_week":
        return f"{e.value:.1f} h ({e.low:.1f}-{e.high:.1f})"
    return f"{percent(e)} expected" if math.isnan(e.low) else percent(e)


def figure_rows(rec: Recommendation) -> list[FigureRow]:
    """What the rules would have given, beside today's and vendors' usual bands."""
    asked = [m.limit.figure for m in rec.met]
    names = [n for n in TITLES if n in (*asked, *_ALWAYS) and rec.figures.get(n, NOTHING).known]
    if "fn_share" in names and corrected(rec):
        names.insert(names.index("fn_share") + 1, "expected_fn_share")
    return [
        FigureRow(title_of(rec, n), *(figure(f.get(n, NOTHING), n) if f else ""
                               for f in (rec.figures, rec.today, rec.usual)))
        for n in names
    ]  # fmt: skip


def title_of(rec: Recommendation, name: str) -> str:
    """A figure in few words; silent errors with whose word they rest on."""
    if name == "expected_fn_share":
        return f"{TITLES['fn_share']}, {CORRECTED if rec.judged else 'expected'}"
    if name == "fn_share" and corrected(rec):
        return f"{TITLES[name]}, {AS_JUDGED}"
    return TITLES[name]


def corrected(rec: Recommendation) -> bool:
    """Whether silent errors are known as people judged them, and with their mistakes taken out."""
    return rec.judged and rec.figures.get("expected_fn_share", NOTHING).known


def taken_for_granted(rec: Recommendation) -> str:
    """How many decisions the figures rest on, and what their intervals assume."""
    assumed = ", ".join(e.assumes for n in TITLES if (e := rec.figures.get(n, NOTHING)).known)
    clauses = dict.fromkeys(c for c in re.split(r"[,;] ", assumed) if c)
    if rec.runs:
        rest = f"means of {rec.runs} simulated runs"
    else:
        seen = f", {count(rec.silent.n)} outcomes seen" if rec.silent.known else ""
        rest = f"n = {count(rec.rate.n)} decisions{seen}"
    return f"In brackets: 95% intervals; {rest}. Taken for granted: {', '.join(clauses)}."


def kind(rules: str) -> str:
    """A kind of rules in few words.

    >>> kind("a threshold for each workflow")
    'a threshold each'
    """
    return rules.replace(" for each workflow", " each")


def remember(rules: str, conditions: int) -> str:
    """What a row of the ladder asks people to remember; what stays is told from what is set.

    >>> remember("one threshold for all", 6)
    '1 threshold + 5 triggers that stay'
    >>> remember("a threshold for each workflow", 11)
    '11 things'
    """
    if rules == Shape.ONE_BAND and conditions > 1:
        stay = conditions - 1
        return f"1 threshold + {stay:,} trigger{'s' * (stay != 1)} that stay{'s' * (stay == 1)}"
    if rules == Shape.ONE_BAND:
        return "1 threshold"
    return f"{conditions:,} thing{'s' * (conditions != 1)}"


FIXED_EARLIER = (
    "For the guarantee all of these rules were fixed on the earlier days; here they are held "
    "against all days."
)
"""Said under the ladder where a guarantee was asked for."""
ON_PAPER = (
    "On paper: waits, tiredness and habits of the desk are not in it, as they are in the figures."
)
"""Said of a scenario under what was not simulated."""


def ladder_note(rec: Recommendation) -> str:
    """What has to be said under the ladder; empty if nothing."""
    if rec.runs:
        return ON_PAPER
    return FIXED_EARLIER if rec.guarantee is not None else ""


def ladder_differs(rec: Recommendation) -> bool:
    """Whether simpler or finer rules are others, or cost anything else."""
    steps = rec.ladder
    return (
        not steps.empty and len(steps[["conditions", "cost_per_1000"]][:-1].drop_duplicates()) > 1
    )


# --- reasons -------------------------------------------------------------------------------------


def assumptions(rec: Recommendation) -> Iterator[str]:
    """What was assumed, and what was measured or given, a line each."""
    # where nothing tells what a look is worth, only the time that looks take was counted with
    used = [a for a in rec.assumptions if a.name == "minutes" or not rec.frontier.empty]
    known = [a for a in used if a.name in _SAID]
    others = [a for a in used if a.name not in _SAID]
    for measured, words in ((False, "Assumed"), (True, "Measured or given")):
        said = [_assumption(a, rec.currency) for a in known if a.measured == measured]
        if said:
            yield f"{words}: {', '.join(said)}."
    if others:
        guessed = sum(not a.measured for a in others)
        yield (
            f"{len(others)} figures of the scenario stand behind it; {guessed} of them are guesses "
            "(marked ? in its file)."
        )


def _assumption(a: Assumption, currency: str) -> str:
    said = _SAID[a.name].format(
        cash=cash(currency), number=f"{a.value:,.3g}", share=f"{100 * a.value:.3g}%"
    )
    return f"{said} ({a.source})" if a.measured and a.source != "given" else said
