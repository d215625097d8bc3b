"""Teams side by side: what each asks of people, what slips out, and what its log would tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from ...decisions.counting.metrics import BY_NAME
from ...decisions.counting.scorecard import Scorecard
from ...decisions.diagnosing.diagnosis import ABDICATION, HOARDING, Diagnosis, diagnose
from ...decisions.estimating.intervals import Estimate, as_row, clopper_pearson
from ...scenario.scenario import Scenario
from ...simulation.run import Run
from .. import style
from ..axes import finding, rows_axis
from ..picture import Html, Picture, table_html
from ..style import (
    BLUE,
    GREY,
    INK,
    MIST,
    ORANGE,
    PALE,
    VERMILLION,
    percent,
    plain,
    shortened,
    written,
)

_SHOWN = (
    "exception_rate", "peek_rate", "human_touch_rate", "override_rate", "true_fn_share",
    "review_hours", "utilisation", "wait_minutes", "within_24h",
)  # fmt: skip
_TITLES = {"true_fn_share": "Silent errors (truth)"}


class Let(NamedTuple):
    """What a team let out, known to the simulation only."""

    missed: Estimate
    """Share of the wrong drafts put before a reviewer that were approved."""
    approved: Estimate
    """Errors that went out with a reviewer's approval, per 1,000 decisions."""
    unasked: Estimate
    """Errors that went out with nobody asked, or in work done by hand, per 1,000 decisions."""

    @property
    def out(self) -> float:
        """All errors that went out, per 1,000 decisions."""
        return self.approved.value + self.unasked.value


def _let(run: Run) -> Let:
    frame = run.log.frame
    wrong = frame[frame["verdict"].notna() & ~frame["by_hand"] & ~frame["true_ok"]]
    approved = frame["true_bad_out"] & (frame["final_verdict"] == "approve")
    unasked = frame["true_bad_out"] & ~approved
    return Let(
        clopper_pearson(int((wrong["verdict"] == "approve").sum()), len(wrong)),
        *(clopper_pearson(int(k.sum()), len(frame)).scaled(1000) for k in (approved, unasked)),
    )


@dataclass(frozen=True)
class Teams:
    """Simulated teams beside each other; the first is what the others are held against.

    Attributes
    ----------
    cards : dict of str to Scorecard
    let : dict of str to Let
        What went out wrong, and what reviewers let pass.
    diagnoses : dict of str to Diagnosis
        By pool, from what each team's own log shows.
    seed : int
    """

    cards: dict[str, Scorecard]
    let: dict[str, Let]
    diagnoses: dict[str, Diagnosis]
    seed: int

    @property
    def names(self) -> list[str]:
        return list(self.cards)

    def get(self, metric: str, team: str) -> Estimate:
        """One figure of one team's whole run."""
        return self.cards[team].get(metric)

    def sentences(self) -> list[str]:
        """What tells the teams apart, most important first."""
        return list(_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        return {
            "seed": self.seed,
            "teams": {
                name: {metric: as_row(self.get(metric, name)) for metric in _SHOWN}
                | {what: as_row(e) for what, e in self.let[name]._asdict().items()}
                for name in self.names
            },
            "diagnoses": {name: d.sentences() for name, d in self.diagnoses.items()},
            "sentences": self.sentences(),
        }


def teams(runs: Mapping[str, Run]) -> Teams:
    """Measure and diagnose several simulated teams.

    Parameters
    ----------
    runs : mapping of str to Run
        By the name to show; the first is what the others are held against.

    Returns
    -------
    Teams

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = teams({name: hs.simulate(hs.load(name), seed=7) for name in ("outbound",)})
    >>> found.names, len(found.sentences())
    (['outbound'], 2)
    """
    return Teams(
        {name: run.scorecard() for name, run in runs.items()},
        {name: _let(run) for name, run in runs.items()},
        {name: diagnose(run.log) for name, run in runs.items()},
        next(iter(runs.values())).seed,
    )


def with_habits(scenario: Scenario, habits: str) -> Scenario:
    """The same team, all of whom review in one way.

    Parameters
    ----------
    scenario : Scenario
    habits : str
        One of the habits that ship, such as ``hoarder`` or ``rubber-stamper``, or of the scenario's
        own.

    Examples
    --------
    >>> import hitlsim as hs
    >>> people = with_habits(hs.load("outbound"), "hoarder").reviewers()
    >>> {reviewer.habits for _, _, reviewer in people}
    {'hoarder'}
    """
    pools = {
        name: pool.model_copy(
            update={
                "reviewers": {
                    who: reviewer.model_copy(update={"habits": habits})
                    for who, reviewer in pool.reviewers.items()
                }
            }
        )
        for name, pool in scenario.pools.items()
    }
    return scenario.with_(pools=pools)


def _sentences(found: Teams) -> Iterator[str]:
    others = found.names[1:]
    if others:
        beside = "; ".join(f"{plain(name)}: {_beside(found, name)}" for name in others)
        yield f"{beside[0].upper()}{beside[1:]}."
    for name in found.names:
        let = found.let[name]
        yield (
            f"{_begun(name)}: people approve {percent(let.missed)} of the wrong drafts before "
            f"them; of 1,000 decisions {let.out:.1f} go out wrong, {let.approved.value:.1f} of "
            "them with a person's approval."
        )
    for name in found.names:
        d = found.diagnoses[name]
        said = [
            f"{word} at {n} of {_pools(d)} desks"
            for word in (HOARDING, ABDICATION)
            if (n := len({f.who for f in d.named if f.name == word}))
        ]
        yield (
            f"{_begun(name)}: the log, without the truth, shows "
            f"{' and '.join(said) or 'neither hoarding nor abdication'}."
        )


def _begun(name: str) -> str:
    """A team's name as a sentence begins with it."""
    words = plain(name)
    return f"{words[:1].upper()}{words[1:]}"


def _beside(found: Teams, name: str) -> str:
    """Hours and errors of a team beside the first, in a few words."""
    first = found.names[0]
    hours = found.get("review_hours", name).value / found.get("review_hours", first).value
    more = found.let[name].out / found.let[first].out - 1
    errors = "as many errors" if abs(more) < 0.005 else (
        f"{abs(more):.0%} {'more' if more > 0 else 'fewer'} errors")  # fmt: skip
    return f"{hours:.1f} times the hours, {errors} go out"


def _pools(d: Diagnosis) -> int:
    return len({f.who for f in d.findings})


def draw_teams(found: Teams) -> Picture:
    """Hours, what people touch, what they let pass, and what goes out wrong, team by team.

    Parameters
    ----------
    found : Teams
        Of :func:`teams`.
    """
    names = found.names
    title = found.sentences()[0].removesuffix(".")
    with style.drawing(2.1 + 0.5 * len(names)) as fig:
        finding(fig, title)
        axes = fig.subplots(1, 4, sharey=True, width_ratios=(1, 1, 1, 1.3))
        for ax, (words, scale, of) in zip(axes, _panels(found), strict=False):
            _draw(ax, [of(name).scaled(scale) for name in names], words)
        _draw_out(axes[-1], found)
        axes[0].set_yticks(range(len(names)), [shortened(plain(n), 22) for n in names], color=INK)
        axes[0].set_ylim(len(names) - 0.5, -0.6)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Four panels with one row for each of {len(names)} teams.",
        caption=f"One run of each, seed {found.seed}, all weeks, in the same world: the same "
        "decisions come in. Bars on points: 95% intervals of that run (decisions, or weeks, taken "
        "as independent). Wrong drafts and errors are known because it is a simulation.",
        table=_table(found),
    )


_Panel = tuple[str, float, Callable[[str], Estimate]]


def _panels(found: Teams) -> list[_Panel]:
    return [
        ("hours a week\npeople spend", 1, lambda name: found.get("review_hours", name)),
        ("share of decisions\na person touches, %", 100,
         lambda name: found.get("human_touch_rate", name)),
        ("wrong drafts that\nreviewers approve, %", 100, lambda name: found.let[name].missed),
    ]  # fmt: skip


def _draw(ax: Any, figures: Sequence[Estimate], words: str) -> None:
    for y, e in enumerate(figures):
        low, high = (e.value if math.isnan(end) else end for end in (e.low, e.high))
        colour = BLUE if y == 0 else VERMILLION
        ax.plot([0, e.value], [y, y], color=MIST, lw=7, solid_capstyle="butt", zorder=1)
        ax.plot([low, high], [y, y], color=colour, lw=2, zorder=3)
        ax.plot(e.value, y, "o", color=colour, ms=7.5, mec="white", zorder=4)
        ax.annotate(
            f"{e.value:.1f}" if e.known else "not known", (high if e.known else 0, y),
            xytext=(7, 0), textcoords="offset points", va="center", fontsize=9.5, color=colour,
            fontweight="bold",
        )  # fmt: skip
    top = max((e.value if math.isnan(e.high) else e.high for e in figures if e.known), default=1)
    ax.set_xlim(0, 1.45 * max(top, 1e-9))
    _tidy(ax, words)


def _draw_out(ax: Any, found: Teams) -> None:
    at = range(len(found.names))
    unasked = [found.let[name].unasked.value for name in found.names]
    approved = [found.let[name].approved.value for name in found.names]
    ax.barh(at, unasked, height=0.42, color=PALE, label="nobody asked")
    ax.barh(
        at, approved, left=unasked, height=0.42, color=ORANGE, hatch="////", edgecolor="white",
        lw=0.8, label="approved",
    )  # fmt: skip
    for y, name in enumerate(found.names):
        ax.annotate(
            f"{found.let[name].out:.1f}", (found.let[name].out, y), xytext=(6, 0), va="center",
            textcoords="offset points", fontsize=9.5, color=INK, fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(0, 1.3 * max(found.let[name].out for name in found.names) or 1)
    _tidy(ax, "errors that go out,\nper 1,000 decisions")
    ax.legend(
        loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2, frameon=False, fontsize=9,
        handlelength=1.4, borderaxespad=0.2, columnspacing=1.2,
    )  # fmt: skip


def _tidy(ax: Any, words: str) -> None:
    ax.set_title(words, loc="left", fontsize=9.5, color=GREY)
    rows_axis(ax)
    ax.locator_params(axis="x", nbins=4)


def _table(found: Teams) -> pd.DataFrame:
    metrics = [m for m in _SHOWN if any(found.get(m, name).known for name in found.names)]
    let = (
        "Wrong drafts approved",
        "Errors out per 1,000: approved",
        "Errors out per 1,000: others",
    )
    table = {"": [*(_TITLES.get(m, BY_NAME[m].title) for m in metrics), *let]}
    for name in found.names:
        missed, *out = found.let[name]
        table[plain(name)] = [
            *(written(found.get(m, name), BY_NAME[m].unit) for m in metrics),
            percent(missed),
            *(f"{e.value:.1f} ({e.low:.1f}-{e.high:.1f})" for e in out),
        ]
    return pd.DataFrame(table)


def teams_table(found: Teams) -> Html:
    """The figures of the teams beside each other, with their intervals."""
    return Html(
        table_html(_table(found), css="wide")
        + f"<p><small>One run of each, seed {found.seed}. In brackets: 95% intervals. True figures "
        "are known to a simulation only.</small></p>"
    )


def diagnoses_told(found: Teams) -> Html:
    """What each team's own log names, pool by pool, with the evidence."""
    parts = []
    for name, d in found.diagnoses.items():
        said = "".join(f"<li>{escape(s)}</li>" for s in d.sentences())
        parts.append(f"<p><strong>{escape(plain(name))}</strong></p><ul>{said}</ul>")
    return Html("".join(parts))
