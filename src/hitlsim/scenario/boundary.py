"""The boundary spec: where the AI may act alone and where it must ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from .base import Name, Named, Part, Positive, Share, Whole, assumed
from .hours import MomentText


class Bands(Part):
    """Automatic when ``confidence >= auto``; held when ``confidence < review``; else reviewed."""

    auto: Share = assumed(0.90, "C", "vendors' usual default")
    """At or above this confidence the AI acts alone."""
    review: Share = assumed(0.70, "C", "vendors' usual default")
    """Below this confidence the decision is held for triage."""

    @model_validator(mode="after")
    def _in_order(self) -> Bands:
        if self.review > self.auto:
            raise ValueError(
                f"review band {self.review:g} is above the auto band {self.auto:g}; "
                "lower review or raise auto"
            )
        return self


class WorkflowBoundary(Part):
    """What differs for one workflow; what is not set is as for all."""

    auto: Share | None = None
    """At or above this confidence the AI acts alone."""
    review: Share | None = None
    """Below this confidence the decision is held for triage."""
    deal_size_above: Positive | None = None
    """Deals above this size go to a person."""
    signals: tuple[Name, ...] | None = None
    """Signals that send a decision of this workflow to a person; as for all if left out."""


class Triggers(Part):
    """Named conditions that raise an exception whatever the confidence."""

    deal_size_above: Positive | None = None
    """Deals above this size go to a person."""
    signals: tuple[Name, ...] = ()
    """Signals that send a decision to a person."""


class Audit(Part):
    """A random sample looked at afterwards, chosen by a hash of the decision's id."""

    share: Share = 0.0
    """Share of the decisions that are looked at."""
    workflows: tuple[Name, ...] = ()
    """Which workflows are audited; empty means all that are automation-safe."""
    at: MomentText = Field(default="fri 13:00", validate_default=True)
    """When the week's sample is put on the desk."""


class Boundary(Part):
    """The team's living document, with a version."""

    version: Annotated[Whole, Field(ge=1)] = 1
    """Goes up by one with every change; written into every decision."""
    bands: Bands = Bands()
    """Bands for every workflow that does not set its own."""
    workflows: Named[WorkflowBoundary] = Field(default={}, validate_default=True)
    """What differs for single workflows."""
    triggers: Triggers = Triggers()
    """Conditions that raise an exception whatever the confidence."""
    audit: Audit = Audit()
    """The audit sample."""

    def bands_of(self, workflow: str) -> Bands:
        """The bands that hold for a workflow.

        >>> spec = Boundary(workflows={"crm": {"auto": 0.8}})
        >>> spec.bands_of("crm").auto, spec.bands_of("mail").auto
        (0.8, 0.9)
        """
        own = self.workflows.get(workflow)
        if own is None:
            return self.bands
        return Bands(
            auto=self.bands.auto if own.auto is None else own.auto,
            review=self.bands.review if own.review is None else own.review,
        )

    def deal_limit_of(self, workflow: str) -> float | None:
        """Deal size above which a decision of this workflow goes to a person."""
        own = self.workflows.get(workflow)
        if own is None or own.deal_size_above is None:
            return self.triggers.deal_size_above
        return own.deal_size_above

    def signals_of(self, workflow: str) -> tuple[str, ...]:
        """Signals that send a decision of this workflow to a person.

        >>> spec = Boundary(triggers={"signals": ["angry"]}, workflows={"crm": {"signals": []}})
        >>> spec.signals_of("crm"), spec.signals_of("mail")
        ((), ('angry',))
        """
        own = self.workflows.get(workflow)
        if own is None or own.signals is None:
            return self.triggers.signals
        return own.signals

    def bands_out_of_order(self) -> Iterator[tuple[str, str]]:
        """Workflows whose own bands do not go with those for all, with what is wrong.

        >>> list(Boundary(workflows={"crm": {"auto": 0.6}}).bands_out_of_order())
        [('crm', 'review band 0.7 is above the auto band 0.6; lower review or raise auto')]
        """
        for name in self.workflows:
            try:
                self.bands_of(name)
            except ValidationError as e:
                yield name, str(e.errors()[0]["ctx"]["error"])
