"""The decision surface map: every workflow, what the AI may do with it, and what is advised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from ...calibration.break_even import BESIDE_THE_LITERATURE, break_even_table
from ...scenario.explain import band_words
from ...scenario.framework import (
    USUAL_EXECUTION_SHARE,
    Beside,
    beside_advice,
    execution_share,
    recommend,
    volume,
)
from ...scenario.scenario import Scenario
from ...scenario.surface import Access
from .. import style
from ..axes import finding
from ..picture import Html, Picture, table_html
from ..style import BLUE, GREY, INK, MIST, VERMILLION, count, plain, shortened

_MORE = (Beside.LOOSER, Beside.UNSAFE)
"""Choices that leave the AI more than is advised."""
_WORDS = {
    Access.READ_ONLY: "the AI\nsuggests",
    Access.DRAFT_ONLY: "it drafts,\na person sends",
    Access.MANAGER_APPROVED: "it acts after\napproval",
    Access.AUTOMATION_SAFE: "it acts alone\ninside its bands",
}
_ORDER = list(_WORDS)
_LARGEST, _SMALLEST = 20.0, 5.0
"""Diameters, in points, of the marks of the busiest workflow and of a rare one."""


@dataclass(frozen=True)
class SurfaceMap:
    """What a team lets its AI do, workflow by workflow, beside what the framework advises.

    Attributes
    ----------
    scenario : Scenario
    frame : DataFrame
        One row for each workflow, the busiest first: ``workflow``, ``volume_per_week``, ``class``,
        ``access``, ``advised_class``, ``advised_access``, ``choice`` (``as advised``, ``looser``,
        ``stricter`` or ``unsafe``), ``bands_or_gate`` and ``because`` (why the framework advises
        it).
    """

    scenario: Scenario
    frame: pd.DataFrame

    @property
    def alone(self) -> pd.DataFrame:
        """The workflows in which the AI may act alone."""
        return self.frame[self.frame["access"] == Access.AUTOMATION_SAFE.value]

    @property
    def alone_share(self) -> float:
        """Share of a week's decisions that the AI may take alone; NaN without any."""
        total = math.fsum(self.frame["volume_per_week"])
        return math.fsum(self.alone["volume_per_week"]) / total if total else math.nan

    def sentences(self) -> list[str]:
        """What the map says, most important first."""
        return list(_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        return {
            "scenario": self.scenario.name,
            "workflows": self.frame.to_dict("records"),
            "alone_share": self.alone_share,
            "execution_share": execution_share(self.scenario),
            "sentences": self.sentences(),
        }


def surface_map(scenario: Scenario) -> SurfaceMap:
    """Lay out what a scenario lets the AI do, beside what its framework advises.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    SurfaceMap

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = surface_map(hs.load("on-the-loop"))
    >>> len(found.alone), round(found.alone_share, 2)
    (7, 0.92)
    >>> found.frame["choice"].value_counts().to_dict()
    {'as advised': 8, 'looser': 2, 'stricter': 1}
    """
    rows = []
    for name, (advice, choice) in beside_advice(scenario).items():
        w = scenario.workflows[name]
        bands = scenario.boundary.bands_of(name)
        rows.append(
            {
                "workflow": name,
                "volume_per_week": float(volume(w)),
                "class": w.decision_class.value,
                "access": w.access.value,
                "advised_class": advice.decision_class.value,
                "advised_access": advice.access.value,
                "choice": str(choice),
                "bands_or_gate": (
                    f"held below {bands.review:g}, alone from {bands.auto:g}"
                    if w.gate is None
                    else f"gate: {plain(w.gate.value)}"
                ),
                "because": "; ".join(advice.reasons),
            }
        )
    frame = pd.DataFrame(rows).sort_values(
        ["volume_per_week", "workflow"], ascending=[False, True], ignore_index=True
    )
    return SurfaceMap(scenario, frame)


def _sentences(found: SurfaceMap) -> Iterator[str]:
    f, s = found.frame, found.scenario
    share = found.alone_share
    of = "" if math.isnan(share) else f", {share:.0%} of a week's decisions"
    yield f"The AI may act alone in {len(found.alone)} of {len(f)} workflows{of}."
    unsafe = f.loc[f["choice"] == Beside.UNSAFE, "workflow"]
    if len(unsafe):
        yield (
            f"In {_listed(unsafe)} it acts alone though a person must always decide "
            "(allow_unsafe): every report says so in red."
        )
    loose = f[f["choice"] == Beside.LOOSER]
    if loose.empty:
        yield "No other choice is looser than the framework advises."
    for row in loose.to_dict("records"):
        yield (
            f"In {plain(row['workflow'])} the team leaves the AI more than the framework advises "
            f"({row['access']}, {row['class']}; advised: {row['advised_access']}, "
            f"{row['advised_class']}), because "
            f"{'; '.join(rule for _, rule in _reasons(s, row['workflow']))}."
        )
    strict = f.loc[f["choice"] == Beside.STRICTER, "workflow"]
    if len(strict):
        yield f"In {_listed(strict)} the team keeps more to itself than the framework asks for."
    execution = execution_share(s)
    if not math.isnan(execution):
        low, high = USUAL_EXECUTION_SHARE
        words = band_words(USUAL_EXECUTION_SHARE)
        usual = "as usual" if low <= execution <= high else f"usually {words}"
        yield f"{execution:.0%} of the decisions are called routine (execution); {usual}."


def _reasons(scenario: Scenario, workflow: str) -> Iterator[tuple[str, str]]:
    """Why the framework advises what: the setting that asks for it, and the rule in words."""
    for reason in recommend(scenario.workflows[workflow]).reasons:
        setting, _, rule = reason.partition(": ")
        yield setting, rule


def _listed(names: pd.Series) -> str:
    return ", ".join(plain(str(name)) for name in names)


def draw_surface(found: SurfaceMap) -> Picture:
    """Every workflow on the scale from what the AI may only suggest to what it does alone.

    Parameters
    ----------
    found : SurfaceMap
        Of :func:`surface_map`.
    """
    title = found.sentences()[0].removesuffix(".")
    off = found.frame["choice"].isin(_MORE)
    title += f"; in {off.sum()} that is more than is advised" if off.any() else ""
    with style.drawing(1.5 + 0.36 * len(found.frame)) as fig:
        finding(fig, title)
        _draw(fig.add_subplot(), found)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(found.frame)} workflows, each on a scale of four: the AI suggests, "
        "drafts, acts after approval, acts alone.",
        caption="Dots: what the team chose; the area is the number of decisions a week. Rings: "
        "what the framework advises, going by the workflow's stakes, reversibility, customers and "
        "data. Red arrows: the team leaves the AI more than that; grey ones: less. Counts are as "
        "set in the scenario, so there is no interval.",
        table=_table(found),
    )


def _draw(ax: Any, found: SurfaceMap) -> None:
    f = found.frame
    most = max(float(f["volume_per_week"].max()), 1.0)
    for y, row in enumerate(f.to_dict("records")):
        at, advised = (_ORDER.index(Access(row[name])) for name in ("access", "advised_access"))
        off = row["choice"] in _MORE
        colour = VERMILLION if off else BLUE
        size = max(_LARGEST * math.sqrt(row["volume_per_week"] / most), _SMALLEST)
        ring = max(size + 5, 13)
        ax.plot(advised, y, "o", ms=ring, mfc="none", mec=GREY, mew=1.3, zorder=2)
        mark = "X" if row["choice"] == Beside.UNSAFE else "o"
        ax.plot(at, y, mark, ms=size, color=colour, mec="white", zorder=4)
        if at != advised:
            ax.annotate(
                "", (at, y), (advised, y), zorder=3,
                arrowprops={"arrowstyle": "->", "color": colour if off else GREY, "lw": 1.5,
                            "shrinkA": ring / 2, "shrinkB": size / 2 + 2},
            )  # fmt: skip
        ax.annotate(
            f"{count(row['volume_per_week'])} a week", (1.01, y), va="center", fontsize=9,
            xycoords=("axes fraction", "data"), color=INK, annotation_clip=False,
        )  # fmt: skip
    names = [shortened(plain(str(name))) for name in f["workflow"]]
    ax.set_yticks(range(len(f)), names, color=INK)
    ax.set_ylim(len(f) - 0.4, -0.7)
    ax.set_xlim(-0.5, len(_ORDER) - 0.5)
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(_ORDER)), _WORDS.values(), color=INK)
    ax.tick_params(axis="both", length=0)
    for x in range(len(_ORDER)):
        ax.axvline(x, color=MIST, lw=6, zorder=0)
    for side in ax.spines.values():
        side.set_visible(False)


def _table(found: SurfaceMap) -> pd.DataFrame:
    f = found.frame
    return pd.DataFrame(
        {
            "Workflow": [plain(str(name)) for name in f["workflow"]],
            "A week": [count(v) for v in f["volume_per_week"]],
            "Class": f["class"],
            "The AI may": f["access"],
            "Advised": f["advised_access"],
            "Choice": f["choice"],
        }
    )


def reasons_told(found: SurfaceMap) -> Html:
    """For every workflow the choice, what stops the AI, and why the framework advises what."""
    rows = []
    for row in found.frame.to_dict("records"):
        advised = (
            "as advised"
            if row["choice"] == Beside.AS_ADVISED
            else f"<strong>{escape(row['choice'])}</strong>; advised: {row['advised_access']}"
        )
        stops = f"{row['bands_or_gate'][:1].upper()}{row['bands_or_gate'][1:]}"
        why = "; ".join(
            f"{escape(rule)} (<code>{escape(setting)}</code>)"
            for setting, rule in _reasons(found.scenario, row["workflow"])
        )
        # JupyterLab gives terms a fifth of the line, whatever the page says
        rows.append(
            f'<dt style="width:auto">{escape(plain(row["workflow"]))}</dt>'
            f'<dd style="width:auto">{row["access"]}, {advised}<br>'
            f"<small>{escape(stops)}. Because {why}.</small></dd>"
        )
    return Html(
        f'<dl class="glossary">{"".join(rows)}</dl>'
        '<p class="small">In brackets: the settings of the scenario that ask for it.</p>'
    )


def break_even_told(scenario: Scenario) -> Html:
    """How right the AI must be, workflow by workflow, for its reviewed drafts to be worth it.

    Parameters
    ----------
    scenario : Scenario
    """
    table = break_even_table(scenario)
    worse = table.loc[~table["better"], "workflow"]
    shown = pd.DataFrame(
        {
            "Workflow": [plain(str(name)) for name in table["workflow"]],
            "Must be right": [_share(v) for v in table["reliability"]],
            "Is right": [_share(v) for v in table["present"]],
            "Reviewers miss": [_share(v) for v in table["miss_rate"]],
            "Goes out wrong": [_share(v) for v in table["errors"]],
            "By hand": [_share(v) for v in table["unaided"]],
        }
    )
    head = (
        f"Reviewed drafts are better than work by hand in {len(table) - len(worse)} of "
        f"{len(table)} workflows"
    )
    head += f"; not in {_listed(worse)}." if len(worse) else "."
    return Html(
        f"<p><strong>{escape(head)}</strong></p>{table_html(shown)}"
        f"<p><small>Computed for these people's habits, in the long run, with every proposal "
        f"reviewed. {escape(BESIDE_THE_LITERATURE)}</small></p>"
    )


def _share(value: float) -> str:
    if value <= 0:
        return "any will do"
    return "none will do" if math.isinf(value) else f"{value:.1%}"
