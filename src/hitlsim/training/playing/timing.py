"""How long an item is looked at: by a clock that never goes back, never by the wall's."""

from __future__ import annotations

from collections.abc import Callable

from .given import is_number


class Stopwatch:
    """Times one look at one item.

    Parameters
    ----------
    clock : callable
        Seconds that never go back.

    Examples
    --------
    >>> ticks = iter([0.0, 2.0, 7.0])
    >>> watch = Stopwatch(lambda: next(ticks))
    >>> watch.start("1-01", "a", in_sight=False)
    >>> watch.sees()
    >>> watch.measured(None)
    (7.0, 5.0)
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.item_id, self.look = "", None
        self._began: float = 0.0
        self._saw: float | None = None

    look: str | None
    """The name of the look that is going on."""

    def start(self, item_id: str, look: str, *, in_sight: bool) -> None:
        """A look begins."""
        self.item_id, self.look = item_id, look
        self._began = self._clock()
        self._saw = self._began if in_sight else None

    def sees(self) -> None:
        """From now on its text is in sight."""
        if self.look is not None and self._saw is None:
            self._saw = self._clock()

    def stop(self) -> None:
        """The look is over."""
        self.item_id, self.look, self._saw = "", None, None

    @property
    def spent_seconds(self) -> float:
        """Since the look began."""
        return self._clock() - self._began if self.look is not None else 0.0

    def measured(self, seen_seconds: float | None) -> tuple[float, float]:
        """Seconds since the item was shown, and since its text was in sight.

        A view knows better how long the text was really in sight, as when its window was covered;
        it is believed as long as it claims no more than went by.
        """
        if self.look is None:
            return 0.0, 0.0
        now = self._clock()
        spent = now - self._began
        sight = 0.0 if self._saw is None else now - self._saw
        if seen_seconds is not None and is_number(seen_seconds):
            sight = min(sight, max(0.0, seen_seconds))
        return round(spent, 3), round(sight, 3)
