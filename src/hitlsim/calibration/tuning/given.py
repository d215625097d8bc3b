"""What somebody hands over to be tuned, checked: one message for what it is not."""

from __future__ import annotations

from typing import Any

from ...decisions.log import DecisionLog
from ...errors import LogError
from ...scenario.boundary import Boundary
from ...scenario.boundary_file import BoundarySpec
from ...scenario.scenario import Scenario


def boundary_given(value: Any) -> Boundary | None:
    """A boundary spec, or what ``load_boundary`` gives; None for none.

    Raises
    ------
    LogError
        When it is something else, or bands are out of order.

    Examples
    --------
    >>> boundary_given(Boundary()) == Boundary(), boundary_given(None) is None
    (True, True)
    """
    if value is None:
        return None
    boundary = value.boundary if isinstance(value, BoundarySpec) else value
    if not isinstance(boundary, Boundary):
        raise LogError(
            f"boundary: {type(value).__name__} is no boundary spec; read one with "
            "hs.load_boundary('boundary.yaml'), or take scenario.boundary"
        )
    wrong = [f"boundary {name}: {what}" for name, what in boundary.bands_out_of_order()]
    if wrong:
        raise LogError("; ".join(wrong))
    return boundary


def check_log(value: Any, verb: str) -> DecisionLog:
    """A decision log, else one message that says how to get one."""
    if isinstance(value, DecisionLog):
        return value
    raise LogError(
        f"{verb}: {type(value).__name__} is no decision log; read one with "
        "hs.read_log('calls.csv', 'calls.map.yaml'), or simulate one: hs.simulate(scenario).log"
    )


def check_source(value: Any) -> DecisionLog | Scenario:
    """A decision log or a scenario."""
    if isinstance(value, Scenario):
        return value
    if not isinstance(value, DecisionLog):
        raise LogError(
            f"tune: {type(value).__name__} is neither a decision log (hs.read_log(...)) nor a "
            "scenario (hs.load('on-the-loop')); give one of them"
        )
    return value
