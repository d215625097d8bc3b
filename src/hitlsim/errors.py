"""The three things that can be wrong with what a user gave us.

All are ``ValueError``s. Every message says where, what, the rule and the remedy, so that the
command line can print it as it is and stop with exit code 2.
"""

from __future__ import annotations


class ScenarioError(ValueError):
    """A scenario, or a setting of a run, cannot be used as written."""


class LogError(ValueError):
    """A decision log, its mapping, or a question put to it cannot be used as given."""


class NotEnoughEvidence(ValueError):
    """The data cannot support the answer asked for; the message says how much would."""
