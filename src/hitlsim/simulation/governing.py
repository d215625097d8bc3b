"""What changes the settings from one day to the next.

Governing sees what a real team would see, never the truth a simulation knows, and returns the
settings of the next day. Nothing else writes settings.
"""

from __future__ import annotations

import math

import numpy as np

from ..scenario.phases import Exceptions
from ..scenario.scenario import Scenario
from .contract import POLICY, Records, Settings
from .table import LOOK_OF_CADENCE


class Governor:
    """Phases by date, and the boundary spec as it was decided."""

    def __init__(self, scenario: Scenario) -> None:
        self._policies = policies_of(scenario)
        self._phases = list(scenario.phases.values())
        self._ends: list[float] = []
        for phase in self._phases:
            last = self._ends[-1] if self._ends else 0
            self._ends.append(math.inf if phase.weeks is None else last + 7 * phase.weeks)

    def settings(self, day: int) -> Settings:
        """Settings of a day (0 is the first)."""
        number = next(i for i, end in enumerate(self._ends) if day < end)
        phase = self._phases[number]
        return Settings(
            phase=number,
            exceptions_wait=phase.exceptions is Exceptions.WAIT,
            look=LOOK_OF_CADENCE[phase.looks.cadence],
            look_share=phase.looks.share,
            look_effort=phase.looks.effort,
            policies=self._policies,
        )


def policies_of(scenario: Scenario) -> Records:
    """The boundary spec as one record for each workflow."""
    spec = scenario.boundary
    triggers = 0
    for bit, signal in enumerate(scenario.signals):
        triggers |= int(signal in spec.triggers.signals) << bit
    out = np.zeros(len(scenario.workflows), POLICY)
    for record, (name, workflow) in zip(out, scenario.workflows.items(), strict=True):
        bands, limit = spec.bands_of(name), spec.deal_limit_of(name)
        audited = workflow.automation_safe and name in (spec.audit.workflows or scenario.workflows)
        record["auto"], record["review"] = bands.auto, bands.review
        record["deal_limit"] = math.inf if limit is None else limit
        record["triggers"] = triggers
        record["audit"] = spec.audit.share if audited else 0.0
    return out
