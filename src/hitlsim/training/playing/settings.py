"""How a session is played: what is shown, what is asked, when people are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ...errors import LogError


@dataclass(frozen=True, slots=True)
class Settings:
    """The same for everybody of a class.

    Attributes
    ----------
    show_confidence : bool
        Whether the AI's confidence is shown.
    ask_sure : bool
        Whether people say how likely each item is right, for the Brier score.
    tell_at_once : bool
        Whether a mistake is told as soon as its item is answered. At the end all are told.
    together : bool
        Whether the facilitator opens each round; else everybody goes on at their own pace.
    team : str
        The scenario, by name or file, whose twelve weeks are shown with people's own habits.
    """

    show_confidence: bool = True
    ask_sure: bool = False
    tell_at_once: bool = False
    together: bool = False
    team: str = "on-the-loop"

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def of(cls, given: Mapping[str, Any] | Settings | None) -> Settings:
        """From plain values.

        Raises
        ------
        LogError
            When there is no such setting, or it is of another kind.

        Examples
        --------
        >>> Settings.of({"ask_sure": True}).ask_sure
        True
        """
        if isinstance(given, Settings):
            return given
        kinds = {f.name: str if f.name == "team" else bool for f in fields(cls)}
        for name, value in (given or {}).items():
            if name not in kinds:
                raise LogError(f"{name!r} is no setting of a session; there are {', '.join(kinds)}")
            if not isinstance(value, kinds[name]):
                what = "a text" if kinds[name] is str else "true or false"
                raise LogError(f"{name}={value!r} must be {what}")
        return cls(**(given or {}))
