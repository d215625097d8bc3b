"""The verbs, in the order in which the help lists them.

Each does its imports itself, so that ``hitlsim --help`` answers at once.
"""

from . import start, mapping, runs, logs, silent, watch, score, fit  # noqa: I001 - the order is that of the help

__all__ = ["fit", "logs", "mapping", "runs", "score", "silent", "start", "watch"]
