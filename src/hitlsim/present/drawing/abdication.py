"""Abdication: the better the AI, the less its reviewers look, and the more of its errors pass.

Nobody puts this into a scenario. The AI alone is made better, step by step; the world, the people
and every draw stay as they are. Whatever changes in what people do, the AI's being better has
done: errors become rare, so they expect none, and trust grows, so they look less.

The figure of the docs:
``python -m hitlsim.present.drawing.abdication docs/images/abdication.png``
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ...atomic import replacing
from ...decisions.estimating.intervals import Estimate, clopper_pearson, ratio_of_clusters
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.run import Run, simulate
from .. import style
from ..axes import finding
from ..change import change
from ..picture import Note, Picture
from ..style import GREY, INK, MIST, ORANGE, PALE, VERMILLION, count, percent
from .teams import with_habits

STEPS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Added to the log-odds of being right, at the same confidence; 2 leaves a seventh of the odds of
an error."""
SEEDS = (7, 8, 9, 10, 11)


class Beside(NamedTuple):
    """What people did beside an AI of one quality, in the last phase."""

    right: float
    """Share of all its proposals that were right."""
    missed: Estimate
    """Share of the wrong drafts put before a reviewer that were approved."""
    missed_though_read: Estimate
    """The same among those that were read and not waved through."""
    read: float
    """Share of the drafts put before a reviewer that were read."""
    approved: float
    """Errors that went out with a reviewer's approval, in one run."""
    unseen: float
    """Errors that went out without, in one run."""

    @property
    def out(self) -> float:
        """All errors that went out, in one run."""
        return self.approved + self.unseen


def improved(scenario: Scenario, log_odds: float) -> Scenario:
    """The scenario with a better AI in every workflow, and nothing else changed.

    >>> import hitlsim as hs
    >>> s = hs.load("outbound")
    >>> better = improved(s, 1.0)
    >>> first = list(s.workflows)[0]
    >>> round(better.workflows[first].ai.intercept - s.workflows[first].ai.intercept, 9)
    1.0
    """
    flows = {
        name: w.model_copy(
            update={"ai": w.ai.model_copy(update={"intercept": w.ai.intercept + log_odds})}
        )
        for name, w in scenario.workflows.items()
    }
    return scenario.with_(workflows=flows)


def beside(runs: Iterable[Run]) -> Beside:
    """What people did in the last phase of some runs, which differ in nothing but the seed."""
    table = pd.DataFrame([_counts(run) for run in runs])
    total = table.sum()
    return Beside(
        right=total["right"] / total["decisions"],
        missed=_share(table["missed"], table["wrong"]),
        missed_though_read=_share(table["missed_though_read"], table["wrong_read"]),
        read=total["read"] / max(total["reviewed"], 1),
        approved=total["approved"] / len(table),
        unseen=total["unseen"] / len(table),
    )


def _counts(run: Run) -> dict[str, int]:
    frame = run.log.frame
    frame = frame[frame["phase"] == str(list(run.scenario.phases)[-1])]
    reviewed = frame[frame["verdict"].notna() & ~frame["by_hand"]]
    wrong = reviewed[~reviewed["true_ok"]]
    missed, read = wrong["verdict"] == "approve", wrong["true_inspected"].astype(bool)
    approved = frame["true_bad_out"] & (frame["final_verdict"] == "approve")
    counts = {
        "decisions": len(frame),
        "right": frame["true_ok"].sum(),
        "reviewed": len(reviewed),
        "read": reviewed["true_inspected"].sum(),
        "wrong": len(wrong),
        "missed": missed.sum(),
        "wrong_read": read.sum(),
        "missed_though_read": (missed & read).sum(),
        "approved": approved.sum(),
        "unseen": (frame["true_bad_out"] & ~approved).sum(),
    }
    return {name: int(value) for name, value in counts.items()}


def _share(some: pd.Series, of: pd.Series) -> Estimate:
    """The share of all runs together, with its interval."""
    # what people expect and trust ties the drafts of one run together, so the interval comes from
    # how runs differ; with one run it can only come from the drafts
    if len(of) > 1:
        return ratio_of_clusters(some, of, clusters="runs")
    return clopper_pearson(some.sum(), of.sum())


def beside_better_ai(
    scenario: Scenario, *, seeds: Sequence[int], steps: Sequence[float] = STEPS
) -> list[Beside]:
    """The same people, world and draws beside a better and better AI."""
    return [
        beside(simulate(better, seed=seed) for seed in seeds)
        for better in (improved(scenario, step) for step in steps)
    ]


def abdication_figure(
    scenario: Scenario, *, seeds: Sequence[int] = SEEDS, steps: Sequence[float] = STEPS
) -> Picture | Note:
    """Simulate a scenario beside a better and better AI, and draw what reviewers let pass.

    It takes two runs for each seed and step.

    Parameters
    ----------
    scenario : Scenario
    seeds : sequence of int
        Each step is simulated once with each.
    steps : sequence of float
        Added to the log-odds that a proposal is right; the first is what the others are compared
        with.
    """
    return draw_abdication(
        beside_better_ai(scenario, seeds=seeds, steps=steps),
        beside_better_ai(with_habits(scenario, "steady"), seeds=seeds, steps=steps),
        of=scenario.name,
        runs=len(seeds),
    )


def draw_abdication(
    people: Sequence[Beside], steady: Sequence[Beside], *, of: str, runs: int
) -> Picture | Note:
    """Share of wrong drafts that reviewers approve, above the errors that go out.

    Parameters
    ----------
    people : sequence of Beside
        The team, beside a better and better AI.
    steady : sequence of Beside
        People who look the same whatever happens, beside the same AIs.
    of : str
        The scenario's name.
    runs : int
        How many runs, with different seeds, each point comes from.
    """
    if not all(b.missed.known for b in (*people, *steady)):
        return Note("No wrong draft was put before a reviewer, so none could pass.")
    title = _title(people)
    with style.drawing(5.6) as fig:
        finding(fig, title)
        upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
        _draw_missed(upper, people, steady)
        _draw_out(lower, people)
        png = style.to_png(fig)
    first, last = people[0], people[-1]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Above, the share of wrong drafts approved, with intervals, beside "
        f"{len(people)} AIs that are right in {first.right:.1%} to {last.right:.1%} of their "
        f"proposals; people who always look the same stay near {steady[0].missed.value:.0%}. "
        f"Below, errors that go out fall from {count(first.out)} to {count(last.out)}.",
        caption=f"Simulation of {of}, last phase, {_runs(runs)}. Only the AI's log-odds of being "
        "right were raised, in all workflows alike; people, world and random draws are the same. "
        f"Reviewers read {first.read:.0%} of the drafts put before them beside the first AI and "
        f"{last.read:.0%} beside the last; of the wrong ones they did read they approved "
        f"{first.missed_though_read.value:.0%} and {last.missed_though_read.value:.0%}. Grey: "
        "the same drafts, people whose habits never change; n: wrong drafts before a reviewer. "
        f"Bars on points: 95% intervals, taking {first.missed.assumes}. Errors: mean count of the "
        "runs, the few made by hand among those of which nobody was asked.",
        table=_table(people, steady),
    )


def _runs(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs with different seeds"


def _title(people: Sequence[Beside]) -> str:
    """What a better AI does to its reviewers, and what is left of the gain."""
    first, last = people[0], people[-1]
    said = f"{first.missed.value:.0%} beside today's AI"
    more = f"{last.missed.value:.0%} beside the best"
    moved = change(last.missed, first.missed)
    if not moved.clear:
        return f"Reviewers approve about as many of an AI's errors whatever it is: {said}, {more}"
    if not moved.up:
        return f"The better the AI, the fewer of its errors reviewers approve: {said}, {more}"
    fewer = (
        f", though errors that go out fall from {count(first.out)} to {count(last.out)}"
        if last.out < first.out
        else ""
    )
    return f"The better the AI, the more of its errors reviewers approve: {said}, {more}{fewer}"


def _draw_missed(ax: Any, people: Sequence[Beside], steady: Sequence[Beside]) -> None:
    for series, colour, size, name in (
        (steady, GREY, 5, "people who always\nlook the same"),
        (people, VERMILLION, 8, "the team"),
    ):
        y = [100 * b.missed.value for b in series]
        low = [100 * (b.missed.value - b.missed.low) for b in series]
        high = [100 * (b.missed.high - b.missed.value) for b in series]
        ax.errorbar(
            range(len(y)), y, yerr=[low, high], fmt="-o", color=colour, ms=size, lw=1.6,
            elinewidth=1.6, capsize=3, zorder=3,
        )  # fmt: skip
        ax.annotate(
            name, (len(y) - 1, y[-1]), xytext=(14, 0), textcoords="offset points", va="center",
            color=colour, fontsize=9.5, fontweight="bold",
        )  # fmt: skip
    for i, b in enumerate(people):
        ax.annotate(
            f"{b.missed.value:.0%}", (i, 100 * b.missed.high), xytext=(0, 5), ha="center",
            textcoords="offset points", color=VERMILLION, fontweight="bold", fontsize=10,
        )  # fmt: skip
        ax.annotate(
            f"n = {count(b.missed.n)}", (i, 0), xytext=(0, 4), textcoords="offset points",
            ha="center", color=GREY, fontsize=9,
        )  # fmt: skip
    highest = max(100 * b.missed.high for b in (*people, *steady))
    ax.set_ylim(0, 1.18 * highest)
    ax.set_yticks([t for t in range(0, 101, 20) if t <= 1.1 * highest])
    ax.set_ylabel("wrong drafts that\nreviewers approve, %")
    ax.grid(axis="y", color=MIST, lw=1)


def _draw_out(ax: Any, people: Sequence[Beside]) -> None:
    at = range(len(people))
    approved, unseen = [b.approved for b in people], [b.unseen for b in people]
    ax.bar(at, unseen, color=PALE, width=0.5, label="nobody asked")
    ax.bar(
        at, approved, bottom=unseen, color=ORANGE, hatch="////", edgecolor="white", lw=0.8,
        width=0.5, label="approved by a reviewer",
    )  # fmt: skip
    for i, b in enumerate(people):
        ax.annotate(
            f"{count(b.out)} ({b.approved / max(b.out, 1):.0%} approved)", (i, b.out),
            xytext=(0, 4), textcoords="offset points", ha="center", fontsize=9, color=INK,
        )  # fmt: skip
    ax.legend(
        loc="upper right", reverse=True, frameon=False, fontsize=9.5, handlelength=1.6,
        borderaxespad=0,
    )  # fmt: skip
    ax.set_xticks(at, [f"{b.right:.1%}" for b in people], color=INK)
    ax.set_xlim(-0.5, len(people) - 0.15)
    ax.set_ylim(0, 1.18 * max(b.out for b in people))
    ax.yaxis.set_major_formatter(lambda value, _: count(value))
    ax.set_ylabel("errors that go\nout, per run")
    ax.set_xlabel("share of the AI's proposals that are right")
    ax.grid(axis="y", color=MIST, lw=1)


def _table(people: Sequence[Beside], steady: Sequence[Beside]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Proposals right": [f"{b.right:.1%}" for b in people],
            "Wrong drafts reviewed": [count(b.missed.n) for b in people],
            "Approved": [percent(b.missed) for b in people],
            "Drafts read": [f"{b.read:.1%}" for b in people],
            "Approved though read": [percent(b.missed_though_read) for b in people],
            "Approved by people who always look the same": [percent(b.missed) for b in steady],
            "Errors out, approved": [count(b.approved) for b in people],
            "Errors out, others": [count(b.unseen) for b in people],
        }
    )


def main(target: str) -> None:
    """Write the figure of the reference rollout to a file."""
    picture = abdication_figure(load("on-the-loop"))
    if isinstance(picture, Note):
        raise TypeError(picture.text)
    with replacing(Path(target)) as partial:
        partial.write_bytes(picture.png)
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m hitlsim.present.drawing.abdication FILE.png")
    main(sys.argv[1])
