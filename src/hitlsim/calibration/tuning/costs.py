"""What errors and looks cost where a log does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from ...errors import LogError
from ...scenario.base import Named, Number, Part, Positive, Share, assumed
from ...scenario.explain import dotted, explain, instead

Money = Annotated[Number, Field(ge=0, le=1e9)]


class OwnCosts(Part):
    """What differs for one workflow; what is not set is as for all."""

    harm: Money | None = None
    """For each bad decision that goes out."""
    harm_deal_share: Share | None = None
    """Share of the deal's size that is lost besides."""
    minutes: Positive | None = None
    """Hands-on time of one review."""
    override_spoils: Share | None = None
    """Share of right proposals that go out wrong because somebody overrode them."""


class Costs(Part):
    """What errors and looks cost, in the log's currency.

    Every one of them that is not given is an assumption, and a recommendation lists it.
    """

    harm: Money = assumed(20.0, "?", "mending it")
    """For each bad decision that goes out."""
    harm_deal_share: Share = assumed(0.001, "?", "a bad touch loses one deal in a thousand")
    """Share of the deal's size that is lost besides."""
    hour: Positive = assumed(40.0, "?", "an hour of a reviewer")
    """One hour of review."""
    minutes: Positive | None = None
    """Hands-on time of one review; as the log shows it if left out, else 0.9."""
    override_spoils: Share = assumed(0.05, "?", "people err too when they do it themselves")
    """Of right proposals that somebody overrode, the share that goes out wrong.

    1 where there are two answers only, so that overriding a right one is an error.
    """
    workflows: Named[OwnCosts] = Field(default={}, validate_default=True)
    """What differs for single workflows."""

    def of(self, workflow: str, name: str) -> Any:
        """A cost as it holds for one workflow.

        >>> costs = Costs(harm=30.0, workflows={"crm": {"harm": 5.0}})
        >>> costs.of("crm", "harm"), costs.of("mail", "harm")
        (5.0, 30.0)
        """
        own = self.workflows.get(workflow)
        value = None if own is None else getattr(own, name, None)
        return getattr(self, name) if value is None else value


def costs_of(costs: Costs | Mapping[str, Any] | None, workflows: tuple[str, ...]) -> Costs:
    """Costs from an object or a mapping; one message for what is wrong."""
    if costs is None:
        return Costs()
    if not isinstance(costs, Costs):
        try:
            costs = Costs.model_validate(dict(costs))
        except ValidationError as e:
            said = "; ".join(f"{dotted(p.path)}: {p.text}" for p in explain(e, Costs, ()))
            raise LogError(f"costs: {said}") from None
    for name in costs.workflows:
        if name not in workflows:
            raise LogError(f"costs: {name!r} is no workflow of the log; {instead(name, workflows)}")
    return costs
