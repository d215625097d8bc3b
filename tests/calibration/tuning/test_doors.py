"""The doors to tuning agree: ``tune``, ``backtest``, ``BoundaryTuner`` and their options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

import hitlsim as hs
from hitlsim.cli.verbs.backtest import backtest as backtest_verb
from hitlsim.cli.verbs.tune import tune as tune_verb

Door = Callable[..., Any]
SIMULATED = {"within_24h", "within_48h", "utilisation", "seed", "workers", "progress"}
"""What takes a scenario."""


def parameters(door: Door) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(door).parameters)


def described(doc: str | None) -> dict[str, str]:
    """What a docstring says of each parameter, by its name.

    >>> described('''
    ...     Parameters
    ...     ----------
    ...     a, b : int
    ...         A number.
    ... ''')
    {'a': 'A number.', 'b': 'A number.'}
    """
    text = inspect.cleandoc(doc or "")
    section = re.split(r"\n\n\w[\w ]+\n-+\n", text.split("Parameters\n----------\n")[1])[0]
    out: dict[str, str] = {}
    for names, said in re.findall(r"^(\S[^\n]*)\n((?:    [^\n]*\n?)*)", section, re.MULTILINE):
        for name in names.split(" : ")[0].split(", "):
            out[name] = " ".join(said.split())
    return out


@pytest.mark.parametrize(
    ("door", "more", "less"),
    [
        (hs.backtest, {"log", "by", "learn", "together"}, {"source", "next_month", "spending"}),
        (hs.BoundaryTuner, set(), {"source", "goals"}),
    ],
)
def test_what_another_door_asks_for_is_what_tune_does(
    door: Door, more: set[str], less: set[str]
) -> None:
    told, asked = parameters(hs.tune), parameters(door)
    assert asked.keys() - told.keys() == more
    assert told.keys() - asked.keys() == SIMULATED | less
    for name in asked.keys() & told.keys():
        assert asked[name].default == told[name].default, name
        assert asked[name].annotation == told[name].annotation, name
        assert asked[name].kind == told[name].kind, name


@pytest.mark.parametrize("door", [hs.backtest, hs.BoundaryTuner])
def test_what_means_the_same_is_said_word_for_word(door: Door) -> None:
    """What tune says of scenarios besides is left out elsewhere."""
    told, said = described(hs.tune.__doc__), described(door.__doc__)
    assert said.keys() == parameters(door).keys()
    same = said.keys() & told.keys()
    if door is hs.backtest:
        same -= {"boundary"}  # there it stands for doing nothing besides
    assert len(same) >= 10
    for name in same - {"costs", "boundary"}:
        assert said[name] == told[name], name
    for name in same & {"costs", "boundary"}:
        assert told[name].startswith(said[name].rstrip(".")), name


def test_options_of_the_terminal_agree_too() -> None:
    told, asked = parameters(tune_verb), parameters(backtest_verb)
    says, said = helped(tune_verb), helped(backtest_verb)
    same = (told.keys() & asked.keys()) - {"log", "picture", "boundary"}
    assert {"exception_rate", "fn_share", "confidence", "hours", "rules", "costs"} <= same
    for name in same:
        assert asked[name].default == told[name].default, name
        assert said[name] == says[name], name


def helped(verb: Door) -> dict[str, str]:
    """The help of each option."""
    hints = get_type_hints(verb, include_extras=True)
    return {name: hint.__metadata__[0].help for name, hint in hints.items() if name != "return"}
