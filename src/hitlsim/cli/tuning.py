"""Tuning from the command line: options to targets, a bar while it works, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ..atomic import replacing
from ..decisions.log import DecisionLog
from ..errors import LogError
from ..scenario.boundary import Boundary
from ..scenario.boundary_file import load_boundary
from ..scenario.files import load, read_yaml
from ..scenario.scenario import Scenario
from . import show, show_tune, steps
from .show_staffing import share

if TYPE_CHECKING:
    from ..calibration.tuning.proving.spending import Spending
    from ..calibration.tuning.recommendation import Recommendation


@dataclass(frozen=True)
class Asked:
    """What the options ask for beside targets."""

    boundary: Path | None
    costs: str | None
    rules: str
    next_month: int | None
    seed: int
    retunes: int | None
    out: Path | None
    who: str
    note: str
    force: bool
    picture: Path | None


def goals(
    exception_rate: str, numbers: dict[str, float | None], **texts: str | None
) -> dict[str, Any]:
    """Targets as :func:`hitlsim.tune` takes them; shares may be given in percent.

    >>> goals("10-15%", {"hours_per_week": 8.0}, fn_share="2%", override_rate=None)
    {'exception_rate': (0.1, 0.15), 'fn_share': 0.02, 'hours_per_week': 8.0}
    """
    band = None if exception_rate.strip().lower() == "none" else steps.band(exception_rate)
    out: dict[str, Any] = {"exception_rate": band}
    for name, text in texts.items():
        if text is not None:
            out[name] = share(text, f"--{name.replace('_', '-')}")
    return out | {name: value for name, value in numbers.items() if value is not None}


def costs_of(text: str) -> dict[str, Any]:
    """Costs as ``harm=20,hour=40``, or from a YAML file.

    >>> costs_of("harm=20, harm_deal_share=0.1%")
    {'harm': 20.0, 'harm_deal_share': 0.001}
    """
    file = Path(text)
    if file.exists() and not file.is_dir():
        return dict(read_yaml(file, LogError).values)
    if "=" not in text:
        raise LogError(
            f"--costs {text!r}: no such file; give names and numbers, such as harm=20,hour=40, or "
            "a YAML file"
        )
    out = {}
    for pair in text.split(","):
        name, _, number = (part.strip() for part in pair.partition("="))
        try:
            value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
        except ValueError:
            raise LogError(
                f"--costs {pair.strip()!r} must be a name and a number, such as "
                "harm=20,hour=40, or give a YAML file"
            ) from None
        if name in out:
            raise LogError(f"--costs {name} is given twice; give it once")
        out[name] = value
    return out


def tune(source: DecisionLog | Scenario, wanted: dict[str, Any], asked: Asked) -> None:
    """Tune, show what was found, and write what was asked for."""
    if asked.out is None and (asked.who or asked.note or asked.force):
        raise LogError("--who, --note and --force are about what is written: give --out FILE")
    _check_files(asked)
    rec = _tuned(source, wanted, asked)
    show_tune.recommendation(rec)
    _write(rec, asked, wanted)


def _check_files(asked: Asked) -> None:
    """Refuse what cannot be written to before anything is worked out."""
    for option, path in (("--out", asked.out), ("--picture", asked.picture)):
        if path is not None and path.is_dir():
            raise LogError(f"{option} {path}: is a folder; give the name of a file")


def _write(rec: Recommendation, asked: Asked, wanted: dict[str, Any]) -> None:
    """Both files or none: the spec is written last, when the picture is drawn and on the disk."""
    with ExitStack() as files:
        if asked.picture is not None:
            from ..present.tuning.picture import draw_tuning

            png = show.drawn(draw_tuning(rec)).png
            files.enter_context(replacing(asked.picture)).write_bytes(png)
        if asked.out is not None:
            rec.write(
                asked.out, who=asked.who, note=asked.note, force=asked.force,
                spending=_spending(asked, wanted),
            )  # fmt: skip
    if asked.out is not None:
        show.done("boundary spec, its next version", asked.out)
    if asked.picture is not None:
        show.done("picture", asked.picture)


def _tuned(source: DecisionLog | Scenario, wanted: dict[str, Any], asked: Asked) -> Recommendation:
    from ..calibration.tuning.tune import tune as find

    costs = None if asked.costs is None else costs_of(asked.costs)
    with _bar(source) as tell:
        # targets and rules come as they were typed; tune checks them
        return find(
            source, **wanted, costs=costs, boundary=_present(asked.boundary),
            rules=asked.rules, next_month=asked.next_month,  # type: ignore[arg-type]
            spending=_spending(asked, wanted), seed=asked.seed, progress=tell,
        )  # fmt: skip


def _present(file: Path | None) -> Boundary | None:
    return None if file is None else load_boundary(file).boundary


def _spending(asked: Asked, wanted: dict[str, Any]) -> Spending | None:
    """The plan of re-tunes that a guarantee belongs to: of the file, or as asked for."""
    from ..calibration.tuning.goals import SILENT_RATES
    from ..calibration.tuning.proving.spending import Spending
    from ..calibration.tuning.telling.writing import spending_of

    if not any(name in wanted for name in SILENT_RATES):
        for option, value in (
            ("--retunes", asked.retunes), ("--confidence", wanted.get("confidence")),
        ):  # fmt: skip
            if value is not None:
                raise LogError(f"{option} is about a guarantee: give --fn-share beside it")
        return None
    plan = None
    if asked.retunes is not None:
        confidence = wanted.get("confidence", 0.9)
        plan = Spending.from_dict({"confidence": confidence, "retunes": asked.retunes})
    if asked.out is None or not asked.out.exists():
        return plan
    logged = spending_of(asked.out, plan)
    return logged if logged.entries else plan


@contextmanager
def _bar(source: DecisionLog | Scenario) -> Iterator[Callable[[str, float], None]]:
    """A bar of what is being simulated; a log takes a few seconds."""
    if isinstance(source, DecisionLog):
        with show.console().status("learning how likely each proposal is wrong ..."):
            yield lambda _what, _share: None
        return
    with Progress(
        TextColumn("tuning {task.fields[name]}: {task.fields[what]}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=show.console(),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=1.0, name=source.name, what="on paper")

        def tell(what: str, done: float) -> None:
            bar.update(task, completed=done, what=what)

        yield tell


def source(
    log: Path | None, mapping: Path | None, scenario: str | None, rejects: Path | None,
    allow_rejects: float | None,
) -> DecisionLog | Scenario:  # fmt: skip
    """What to tune: a log from a file, or a scenario."""
    steps.one_of(log, scenario)
    if log is not None:
        return steps.read(log, mapping, rejects, allow_rejects)
    return load(str(scenario))
