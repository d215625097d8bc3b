"""Why did this happen? One decision of a run, and what would have changed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from ...decisions.log import DecisionLog
from ...decisions.telling.trail import Story, story
from ...errors import ScenarioError
from ...scenario.explain import instead, listed
from ...scenario.hours import DAY_MS, moment_text
from ...scenario.scenario import Scenario
from ...simulation.run import Run
from ...simulation.table import hours_at_desk
from ..style import duration, plain, reason_words
from .counting import WHOLE

Row = Mapping[str, Any]
_SHOWN = ("decision_id", "workflow", "phase", "decided_at", "confidence", "route")


@dataclass(frozen=True)
class Kind:
    """A kind of decision that people ask about."""

    name: str
    which: Callable[[pd.DataFrame], Any]
    worst: str
    """The column by which the worst come first."""
    more: tuple[str, ...]


KINDS = {
    k.name: k
    for k in (
        Kind("silent error", lambda f: (f["route"] == "auto") & ~f["true_ok"], "true_harm",
             ("true_harm", "surfaced_by")),
        Kind("long wait", lambda f: f["wait_minutes"].notna(), "wait_minutes",
             ("wait_minutes", "pool")),
        Kind("needless exception",
             lambda f: f["exception"] & f["true_ok"] & (f["verdict"] == "approve"),
             "wait_minutes", ("wait_minutes", "reasons")),
    )
}  # fmt: skip
"""What can be asked about."""


def examples(run: Run, kind: str, phase: str, n: int) -> pd.DataFrame:
    """See :meth:`~hitlsim.present.exploring.session.Explorer.examples`."""
    if kind not in KINDS:
        raise ScenarioError(f"kind {kind!r} is unknown; {instead(kind, KINDS)}")
    phases = [WHOLE, *map(str, run.scenario.phases)]
    if phase not in phases:
        raise ScenarioError(f"phase {phase!r} is unknown; {instead(phase, phases)}")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ScenarioError(f"n={n!r} must be a whole number from 1 on")
    of, frame = KINDS[kind], run.log.frame
    wanted = of.which(frame)
    if phase != WHOLE:
        wanted &= frame["phase"] == phase
    found = frame.loc[wanted, list(dict.fromkeys((*_SHOWN, *of.more)))]
    worst = found.sort_values(of.worst, ascending=False, kind="stable", na_position="last")
    return worst.head(n).reset_index(drop=True)


@dataclass(frozen=True)
class Why:
    """A decision's story, and what would have changed it.

    Attributes
    ----------
    story : Story
        With nobody's name in it.
    because : tuple of str
        Sentences: the rule that decided, what would have decided otherwise, and what became of the
        same decision under the pinned policy.
    """

    story: Story
    because: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([str(self.story), "", *self.because])

    def _repr_html_(self) -> str:
        points = "".join(f"<li>{escape(text)}</li>" for text in self.because)
        return f"<ul>{points}</ul>{self.story._repr_html_()}"


def why(run: Run, decision_id: str, pinned: Run | None, pinned_as: str) -> Why:
    """See :meth:`~hitlsim.present.exploring.session.Explorer.why`."""
    log = _without_names(run)
    told = story(log, decision_id)
    frame = log.frame
    row = dict(frame[frame["decision_id"] == decision_id].iloc[0].items())
    said = [*_routed(row, run.scenario), *_waited(row, run.scenario, frame)]
    if pinned is not None:
        said.append(_under(pinned, decision_id, pinned_as))
    return Why(told, tuple(said))


def _without_names(run: Run) -> DecisionLog:
    """The log with people by pool and number."""
    called: dict[str, str] = {}
    for pool, members in run.scenario.pools.items():
        for i, name in enumerate(members.reviewers, 1):
            called[name] = f"{pool} {i}"
    frame = run.log.frame.copy(deep=False)
    for column in ("reviewer", "looker"):
        people = frame[column].cat
        names = {name: called[name] for name in people.categories}
        frame[column] = people.rename_categories(names)
    return DecisionLog(frame, run.log.record)


# --- what would have changed it ------------------------------------------------------------------


def _routed(row: Row, scenario: Scenario) -> Iterator[str]:
    """The rule that decided, and what would have decided otherwise."""
    flow, sure, route = row["workflow"], row["confidence"], row["route"]
    bands = scenario.boundary.bands_of(flow)
    if route == "auto":
        passed = f"it was {sure:g} sure, at or above {bands.auto:g}, and no trigger fired"
        if row["true_ok"]:
            yield f"It went alone: {passed}."
            return
        yield (
            f"Nobody was asked: {passed}. A threshold above {sure:g} for {plain(flow)} would have "
            "asked a person."
        )
    elif route in ("review", "triage"):
        yield _asked(row, bands.auto)
    elif route == "gate":
        every = f"A person decides about every {plain(flow)} decision"
        yield f"{every}; bands and triggers change nothing."
    elif route == "peek":
        yield "Nothing asked for a look: somebody wanted to see it all the same."
    else:
        yield f"{plain(flow).capitalize()} was paused or switched off, so a person had to do it."


def _asked(row: Row, auto: float) -> str:
    reasons = str(row["reasons"]).split("+")
    triggers = [reason_words(r) for r in reasons if r not in ("low_band", "medium_band")]
    unsure = len(triggers) < len(reasons)
    sure = f"it was {row['confidence']:g} sure, below {auto:g}"
    if not triggers:
        return (
            f"A person was asked, as {sure}. With a threshold of {row['confidence']:g} or lower it "
            "would have gone alone."
        )
    fired = f"a trigger fired ({listed(triggers)})"
    if unsure:
        return (f"A person was asked for two reasons: {sure}, and {fired}. Only without both would "
                "it have gone alone.")  # fmt: skip
    return f"A person was asked, as {fired}; without it, it would have gone alone."


def _waited(row: Row, scenario: Scenario, frame: pd.DataFrame) -> Iterator[str]:
    """Why it waited as long as it did."""
    if pd.isna(row["queued_at"]) or pd.isna(row["started_at"]):
        return
    flow, came, passed_on = (
        scenario.workflows[row["workflow"]],
        row["queued_at"],
        row["escalated_at"],
    )
    own = scenario.pool_of_role(flow.raci.responsible[0])
    late = not pd.isna(passed_on)
    ahead = _ahead(own, came, scenario, frame)
    others = f"{ahead} other{'' if ahead == 1 else 's'}" if ahead else "nothing else"
    yield (
        f"It waited {duration(row['wait_minutes'])}: {others} waited for {own} when it came, and "
        f"{_next_open(came, own, scenario)}."
    )
    if late:
        yield (
            f"Nobody of {own} had begun it after {flow.escalate_after_hours:g} h, so it went to "
            f"{row['pool']}; there, {_next_open(passed_on, row['pool'], scenario)}."
        )


def _ahead(pool: str, came: pd.Timestamp, scenario: Scenario, frame: pd.DataFrame) -> int:
    """How many waited for a pool when one more came."""
    waiting = frame["queued_at"].notna() & (frame["queued_at"] < came)
    waiting &= frame["started_at"].isna() | (frame["started_at"] > came)
    # the column has the pool that it was passed on to in the end
    flows = scenario.workflows.items()
    first = {name: scenario.pool_of_role(flow.raci.responsible[0]) for name, flow in flows}
    not_yet = frame["escalated_at"].isna() | (frame["escalated_at"] > came)
    at_first = not_yet & (frame["workflow"].astype(str).map(first) == pool)
    return int((waiting & (at_first | (~not_yet & (frame["pool"] == pool)))).sum())


def _next_open(came: pd.Timestamp, pool: str, scenario: Scenario) -> str:
    """Whether anybody of the pool was there at a moment, and else from when on."""
    local = came.tz_convert(scenario.timezone).tz_localize(None)
    at = int((local - pd.Timestamp(scenario.start)) / pd.Timedelta(milliseconds=1))
    spans = sorted(
        span
        for reviewer in scenario.pools[pool].reviewers.values()
        for span in hours_at_desk(scenario, pool, reviewer)
    )
    if any(start <= at < end for start, end in spans):
        return "people were at the desk"
    later = next((start for start, _ in spans if start > at), None)
    if later is None:
        return "nobody was at the desk any more"
    day, _, clock = moment_text(later % (7 * DAY_MS)).partition(" ")
    return f"nobody was at the desk until {day.capitalize()} {clock}"


def _under(pinned: Run, decision_id: str, name: str) -> str:
    """What became of the same decision under the pinned policy."""
    frame = pinned.log.frame
    found = frame[frame["decision_id"] == decision_id]
    if found.empty:
        return f"Under the policy pinned ({name}) this decision does not arise: volumes differ."
    row = dict(found.iloc[0].items())
    if row["route"] == "auto":
        went = "it went alone"
    elif row["route"] in ("review", "triage"):
        words = [reason_words(r) for r in str(row["reasons"]).split("+")]
        went = f"a person was asked ({listed(words)})"
    else:
        went = "its gate asked a person" if row["route"] == "gate" else "a person saw it"
    if not pd.isna(row["wait_minutes"]):
        went += f" and began after {duration(row['wait_minutes'])}"
    ended = "; what went out was wrong" if row["true_bad_out"] else ""
    return f"Under the policy pinned ({name}): {went}{ended}."
