"""What the notebooks show: figures, tables and notes, ready to be the last line of a cell.

Beside ``import hitlsim as hs``, which answers, this says it: ``from hitlsim import pictures as
pic``. Each name makes one piece; in a notebook, :func:`notebook_style` first makes them look as
they do in a report. Like those of :mod:`hitlsim`, the names are imported when first used.

Examples
--------
>>> import hitlsim as hs
>>> from hitlsim import pictures as pic
>>> pic.surface(hs.surface_map(hs.load("operator"))).title
"The AI may act alone in 1 of 8 workflows, 4% of a week's decisions"
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .decisions.judging.hiding import as_seen
    from .present.drawing.abdication import abdication_figure as abdication
    from .present.drawing.backtest import draw_backtest as backtest
    from .present.drawing.reading import kept as keep_rules
    from .present.drawing.reading import log_sentences
    from .present.drawing.silent import draw_looks as silent_looks
    from .present.drawing.silent import draw_silent as silent
    from .present.drawing.silent import reasons_table as silent_reasons
    from .present.drawing.staffing import busiest_pool
    from .present.drawing.staffing import draw_people as staffing
    from .present.drawing.staffing import draw_targets as staffing_targets
    from .present.drawing.surface import break_even_told as break_even
    from .present.drawing.surface import draw_surface as surface
    from .present.drawing.surface import reasons_told as surface_reasons
    from .present.drawing.teams import diagnoses_told as team_diagnoses
    from .present.drawing.teams import draw_teams as teams
    from .present.drawing.teams import teams as side_by_side
    from .present.drawing.teams import teams_table, with_habits
    from .present.drawing.told import told
    from .present.monthly.figures import exceptions_by_week as month_exceptions
    from .present.monthly.month import monthly, write_results
    from .present.monthly.tables import summary
    from .present.monthly.tables import tiles as month_tiles
    from .present.picture import Html, Note, Picture
    from .present.reporting.page import notebook_style
    from .present.rollout.figures import desk_by_week as rollout_desk
    from .present.rollout.figures import other_rules as rollout_rules
    from .present.rollout.figures import silent_by_week as rollout_silent
    from .present.rollout.rollout import rollout
    from .present.rollout.tables import phase_by_phase as rollout_figures
    from .present.rollout.tables import the_phases as rollout_phases
    from .present.tuning.picture import draw_tuning as tuning
    from .training.showing.change import draw_change as trainee_change
    from .training.showing.figures import draw_line as trainee_line
    from .training.showing.own import Own as OwnDebrief
    from .training.showing.own import beside_ideal as trainee_cost
    from .training.showing.own import caught as trainee_caught
    from .training.showing.own import got_through as trainee_got_through
    from .training.showing.own import needless as trainee_needless
    from .training.showing.own import practise as trainee_practise
    from .training.showing.own import summary as trainee_summary
    from .training.showing.own import tiles as trainee_tiles
    from .training.showing.session import open_answers
    from .training.showing.session import who as pseudonym
    from .training.showing.who import draw_who as trainee_among_others

_HOME = {
    "Html": "present.picture:Html",
    "Note": "present.picture:Note",
    "OwnDebrief": "training.showing.own:Own",
    "Picture": "present.picture:Picture",
    "abdication": "present.drawing.abdication:abdication_figure",
    "as_seen": "decisions.judging.hiding:as_seen",
    "backtest": "present.drawing.backtest:draw_backtest",
    "break_even": "present.drawing.surface:break_even_told",
    "busiest_pool": "present.drawing.staffing:busiest_pool",
    "keep_rules": "present.drawing.reading:kept",
    "log_sentences": "present.drawing.reading:log_sentences",
    "month_exceptions": "present.monthly.figures:exceptions_by_week",
    "month_tiles": "present.monthly.tables:tiles",
    "monthly": "present.monthly.month:monthly",
    "notebook_style": "present.reporting.page:notebook_style",
    "open_answers": "training.showing.session:open_answers",
    "pseudonym": "training.showing.session:who",
    "rollout": "present.rollout.rollout:rollout",
    "rollout_desk": "present.rollout.figures:desk_by_week",
    "rollout_figures": "present.rollout.tables:phase_by_phase",
    "rollout_phases": "present.rollout.tables:the_phases",
    "rollout_rules": "present.rollout.figures:other_rules",
    "rollout_silent": "present.rollout.figures:silent_by_week",
    "side_by_side": "present.drawing.teams:teams",
    "silent": "present.drawing.silent:draw_silent",
    "silent_looks": "present.drawing.silent:draw_looks",
    "silent_reasons": "present.drawing.silent:reasons_table",
    "staffing": "present.drawing.staffing:draw_people",
    "staffing_targets": "present.drawing.staffing:draw_targets",
    "summary": "present.monthly.tables:summary",
    "surface": "present.drawing.surface:draw_surface",
    "surface_reasons": "present.drawing.surface:reasons_told",
    "team_diagnoses": "present.drawing.teams:diagnoses_told",
    "teams": "present.drawing.teams:draw_teams",
    "teams_table": "present.drawing.teams:teams_table",
    "told": "present.drawing.told:told",
    "trainee_among_others": "training.showing.who:draw_who",
    "trainee_caught": "training.showing.own:caught",
    "trainee_change": "training.showing.change:draw_change",
    "trainee_cost": "training.showing.own:beside_ideal",
    "trainee_got_through": "training.showing.own:got_through",
    "trainee_line": "training.showing.figures:draw_line",
    "trainee_needless": "training.showing.own:needless",
    "trainee_practise": "training.showing.own:practise",
    "trainee_summary": "training.showing.own:summary",
    "trainee_tiles": "training.showing.own:tiles",
    "tuning": "present.tuning.picture:draw_tuning",
    "with_habits": "present.drawing.teams:with_habits",
    "write_results": "present.monthly.month:write_results",
}
"""A name here: the module and the name there."""

__all__ = [
    "Html",
    "Note",
    "OwnDebrief",
    "Picture",
    "abdication",
    "as_seen",
    "backtest",
    "break_even",
    "busiest_pool",
    "keep_rules",
    "log_sentences",
    "month_exceptions",
    "month_tiles",
    "monthly",
    "notebook_style",
    "open_answers",
    "pseudonym",
    "rollout",
    "rollout_desk",
    "rollout_figures",
    "rollout_phases",
    "rollout_rules",
    "rollout_silent",
    "side_by_side",
    "silent",
    "silent_looks",
    "silent_reasons",
    "staffing",
    "staffing_targets",
    "summary",
    "surface",
    "surface_reasons",
    "team_diagnoses",
    "teams",
    "teams_table",
    "told",
    "trainee_among_others",
    "trainee_caught",
    "trainee_change",
    "trainee_cost",
    "trainee_got_through",
    "trainee_line",
    "trainee_needless",
    "trainee_practise",
    "trainee_summary",
    "trainee_tiles",
    "tuning",
    "with_habits",
    "write_results",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hitlsim.pictures' has no attribute {name!r}")
    module, _, there = _HOME[name].partition(":")
    value = getattr(import_module(f".{module}", __package__), there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
