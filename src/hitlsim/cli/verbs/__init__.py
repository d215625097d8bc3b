"""The verbs, in the order in which the help lists them.

Each does its imports itself, so that ``hitlsim --help`` answers at once.
"""

from . import start, runs, logs  # noqa: I001 - the order is that of the help

__all__ = ["logs", "runs", "start"]
