"""What is taken away from a session: the boundary spec, and the code that makes it anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ScenarioError
from ...scenario.base import as_written
from ...scenario.boundary import Boundary
from ...scenario.boundary_diff import diff
from ...scenario.boundary_file import Change, replaced, write_boundary
from ...scenario.files import load
from ...scenario.scenario import Scenario
from .controls import Place
from .counting import WHOLE

if TYPE_CHECKING:
    from .session import Explorer

_DIGITS = 6
_EXPECTED = ("exception_rate", "true_fn_share", "review_hours", "true_cost")
_ELSEWHERE = ("volume", "reviewers", "habits")
"""What a boundary spec cannot hold."""


def export(
    explorer: Explorer,
    path: str | Path,
    base: Boundary,
    *,
    who: str,
    note: str,
    on: dt.date | None,
) -> Path:
    """See :meth:`~hitlsim.present.exploring.session.Explorer.export`."""
    path = Path(path)
    old = replaced(path)
    before = base if old is None else old.boundary
    after = explorer.scenario.boundary.model_copy(update={"version": before.version + 1})
    safe = [name for name, w in explorer.base.workflows.items() if w.automation_safe]
    changed = diff(before, after, safe, tuple(explorer.base.signals))
    if not len(changed):
        there = f"version {before.version}" if old else f"the scenario {explorer.base.name}"
        raise ScenarioError(
            f"{path}: nothing changes: {there} says the same already; "
            "move a band, a trigger or the audit first"
        )
    entry = Change(
        version=after.version, date=_day(on), by=f"{who}, hitlsim explore".lstrip(", "),
        why=(*([note] if note else []), *changed.words(), *_session(explorer)),
        expected=_expected(explorer),
    )  # fmt: skip
    return write_boundary(after, path, changes=[entry])


def _day(on: dt.date | None) -> dt.date:
    if on is None:
        return dt.datetime.now().astimezone().date()
    return on.date() if isinstance(on, dt.datetime) else on


def _session(explorer: Explorer) -> Iterator[str]:
    """From which session it comes, in sentences."""
    a = explorer.answer
    runs = f"{a.runs} run{'' if a.runs == 1 else 's'}"
    yield (
        f"Explored on the scenario {explorer.base.name} "
        f"({explorer.scenario.fingerprint[:12]}), {runs} from seed {explorer.seed} on, "
        f"hitlsim {version('hitlsim')}."
    )
    others = [_told(place, value) for place, value in explorer.moves.items()
              if place[0] in _ELSEWHERE]  # fmt: skip
    if others:
        yield f"The figures expected are of a team that was changed too: {'; '.join(others)}."


def _told(place: Place, value: Any) -> str:
    name, scope = place
    said = f"{name} {value:g}" if isinstance(value, (int, float)) else f"{name} {value}"
    return f"{said} of {scope}" if scope else said


def _expected(explorer: Explorer) -> dict[str, list[float]]:
    """Value, low and high of what the new version is expected to give."""
    a = explorer.answer
    out = {}
    for name in _EXPECTED:
        e = a.now[WHOLE, name]
        out[name] = [round(x, _DIGITS) for x in (e.value, e.low, e.high)]
    return out


# --- code ----------------------------------------------------------------------------------------


def code(explorer: Explorer, source: str | None, moves: Mapping[Place, Any], *, given: bool) -> str:
    """See :meth:`~hitlsim.present.exploring.session.Explorer.code`."""
    base = explorer.base
    lines = ["import hitlsim as hs", ""]
    ships = source or _ships_as(base)
    if ships is None:
        said = f"{base.name}, SHA-256 {base.fingerprint[:12]}"
        lines.append(f"# a scenario made in Python; keep it with hs.dump(): {said}")
        lines.append(f"base = hs.load({f'{base.name}.yaml'!r})")
    else:
        lines.append(f"base = hs.load({ships!r})")
    if given and ships is not None:
        spec = _plain(as_written(base.boundary))
        lines.append(f"base = base.with_(boundary={spec!r})")
    lines.append(f"explorer = hs.explore(base, seed={explorer.seed})")
    if moves:
        lines.append(f"explorer.set({', '.join(_sets(moves))})")
    lines += [
        f"figures = explorer.refine({explorer.wanted_runs}).figures",
        "scenario = explorer.scenario  # to go on with: hs.compare([base, ...]), hs.tune(scenario)",
    ]
    return "\n".join(lines) + "\n"


def _ships_as(base: Scenario) -> str | None:
    """The name under which just this scenario ships."""
    try:
        return base.name if load(base.name).fingerprint == base.fingerprint else None
    except ScenarioError:
        return None


def _plain(value: Any) -> Any:
    """As it can be written down in Python."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _sets(moves: Mapping[Place, Any]) -> Iterator[str]:
    """All in one: what must go together, as a band and another above it, goes in no order."""
    by_name: dict[str, dict[str, Any]] = {}
    for (name, scope), value in moves.items():
        by_name.setdefault(name, {})[scope] = _plain(value)
    for name, values in by_name.items():
        alone = values.keys() == {""}
        yield f"{name}={values['']!r}" if alone else f"{name}={values!r}"
