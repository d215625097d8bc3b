"""What a notebook shows of an object: asked for here, answered in ``present``, which lies above.

Rooms below ``present`` know no HTML, and import nothing from above. So an object only says that it
can be shown; the door, which opens every room, says who shows it.
"""

from __future__ import annotations

from collections.abc import Callable

_shows: list[Callable[[object], str]] = []


class Shown:
    """Is shown in a notebook; how it looks stands in :mod:`hitlsim.present.showing`."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _shows[-1](self)


def shown_by(show: Callable[[object], str]) -> None:
    """Say who shows what is :class:`Shown`."""
    _shows[:] = [show]
