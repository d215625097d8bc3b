"""The verbs, under the headings of the help.

Each does its imports itself, so that ``hitlsim --help`` answers at once.
"""

from typer.models import CommandInfo

from ..options import app
from . import backtest, fit, logs, mapping, report, runs, score, silent, start, train, tune, watch

__all__ = [
    "backtest", "fit", "logs", "mapping", "report", "runs", "score", "silent",
    "start", "train", "tune", "watch",
]  # fmt: skip

PANELS = {
    "Begin": ("demo", "init", "lab", "check", "columns"),
    "Your log": ("map", "measure", "silent", "watch", "diagnose", "score", "recalibrate"),
    "What to change": ("tune", "backtest", "staff"),
    "Simulated teams": ("simulate", "replicate", "compare", "fit"),
    "To show": ("report", "story", "replay"),
    "To practise": ("train",),
}
"""What the help lists, in this order."""


def _arrange() -> None:
    panel = {verb: name for name, verbs in PANELS.items() for verb in verbs}
    order = list(panel)

    def verb(command: CommandInfo) -> str:
        return command.name or str(getattr(command.callback, "__name__", ""))

    app.registered_commands.sort(key=lambda command: order.index(verb(command)))
    for command in app.registered_commands:
        command.rich_help_panel = panel[verb(command)]
    for group in app.registered_groups:
        name = group.typer_instance.info.name if group.typer_instance else None
        group.rich_help_panel = panel[str(name)]


_arrange()
