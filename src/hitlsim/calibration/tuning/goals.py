"""What a boundary has to reach: the targets somebody tunes for, checked against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationError, field_validator, model_validator

from ...errors import LogError
from ...scenario.base import Number, Part, Positive, Share
from ...scenario.explain import dotted, explain

SILENT_RATES = ("fn_share", "fn_of_auto", "fn_of_bad")
"""The three rates of silent errors that a target may name."""


class Goals(Part):
    """Targets; what is left out is not asked for."""

    exception_rate: tuple[Number, Number] | None = (0.10, 0.15)
    """Exceptions, as a share of what the AI may take alone: from, to."""
    fn_share: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """P(auto and bad) at most."""
    fn_of_auto: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """P(bad given auto) at most."""
    fn_of_bad: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """P(auto given bad) at most."""
    confidence: Annotated[Number, Field(ge=0.5, lt=1)] = 0.90
    """Confidence with which a rate of silent errors must be kept."""
    override_rate: Share | None = None
    """Edits and rejections, as a share of what people were asked about: at least."""
    within_24h: Share | None = None
    """Share of what people were asked that is begun within 24 hours: at least."""
    within_48h: Share | None = None
    """The same within 48 hours."""
    utilisation: Annotated[Number, Field(gt=0, le=2)] | None = None
    """Hands-on hours as a share of the hours set aside: at most."""
    hours_per_week: Positive | None = None
    """Hands-on hours a week for exceptions: at most."""
    cost_per_1000: Positive | None = None
    """Looks, waiting and harm for 1,000 decisions, in the log's currency: at most."""

    @field_validator("exception_rate", mode="before")
    @classmethod
    def _two_shares(cls, given: object) -> object:
        # a text is no pair, though it can be taken apart
        pair = isinstance(given, Sized) and not isinstance(given, str) and len(given) == 2
        if given is not None and not pair:
            raise ValueError(
                f"{given!r} is no band; give two shares, from and to, for example (0.10, 0.15)"
            )
        return given

    @model_validator(mode="after")
    def _fit_together(self) -> Goals:
        asked = [name for name in type(self).model_fields if name != "confidence"]
        if all(getattr(self, name) is None for name in asked):
            raise ValueError("no target is given; give exception_rate=(0.10, 0.15), or fn_share")
        if self.exception_rate is not None:
            low, high = self.exception_rate
            if not 0 <= low < high <= 1:
                raise ValueError(
                    f"exception_rate {low:g}-{high:g} is no band; give two shares, the lower one "
                    "first, for example 0.10-0.15"
                )
        named = [name for name in SILENT_RATES if getattr(self, name) is not None]
        if len(named) > 1:
            raise ValueError(
                f"{' and '.join(named)} are both given; one rate of silent errors can be "
                "guaranteed: choose one (fn_share is the usual one)"
            )
        soon, later = self.within_24h, self.within_48h
        if soon is not None and later is not None and later <= soon:
            raise ValueError(
                f"within_48h {later:g} asks for nothing beside within_24h {soon:g}: what is begun "
                "within 24 hours is begun within 48; raise it or leave it out"
            )
        return self

    @property
    def silent(self) -> tuple[str, float] | None:
        """The rate of silent errors that is asked for, and its limit."""
        for name in SILENT_RATES:
            if (limit := getattr(self, name)) is not None:
                return name, float(limit)
        return None

    @property
    def band(self) -> tuple[float, float]:
        """The band of exception rates; everything where none is asked for."""
        return (0.0, 1.0) if self.exception_rate is None else self.exception_rate

    def limits(self) -> Iterator[Limit]:
        """Every target as a figure and the values allowed."""
        if self.exception_rate is not None:
            yield Limit("exception_rate", *self.exception_rate)
        for name in (*SILENT_RATES, "utilisation", "hours_per_week", "cost_per_1000"):
            if (most := getattr(self, name)) is not None:
                yield Limit(name, None, most)
        for name in ("override_rate", "within_24h", "within_48h"):
            if (least := getattr(self, name)) is not None:
                yield Limit(name, least, None)


class Limit(NamedTuple):
    """One target: a figure, the least and the most it may be."""

    figure: str
    least: float | None
    most: float | None

    def missed_by(self, value: float) -> float:
        """How far a figure is beyond it, relative to the limit; 0 where it is kept.

        >>> round(Limit("fn_share", None, 0.02).missed_by(0.03), 3)
        0.5
        """
        if self.least is not None and value < self.least:
            return (self.least - value) / max(abs(self.least), 1e-9)
        if self.most is not None and value > self.most:
            return (value - self.most) / max(abs(self.most), 1e-9)
        return 0.0


def goals_of(goals: Goals | Mapping[str, Any] | None, /, **asked: Any) -> Goals:
    """Targets from an object, a mapping, or names and values; one message for what is wrong.

    Raises
    ------
    LogError
        When a target is unknown, out of range, or two contradict each other.

    Examples
    --------
    >>> goals_of(None, fn_share=0.02).silent
    ('fn_share', 0.02)
    """
    if isinstance(goals, Goals):
        if not asked:
            return goals
        goals = goals.model_dump(exclude_unset=True)
    try:
        return Goals.model_validate({**(goals or {}), **asked})
    except ValidationError as e:
        found = explain(e, Goals, ())
        said = "; ".join(f"{dotted(p.path)}: {p.text}" if p.path else p.text for p in found)
        raise LogError(f"targets: {said}") from None
