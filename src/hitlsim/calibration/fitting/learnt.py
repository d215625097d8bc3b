"""What was learnt, number by number, and what had to be taken for granted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...decisions.estimating.intervals import Estimate

Floats = NDArray[np.float64]
Path_ = tuple[str | int, ...]

Z95 = 1.959964
NOT_IN_LOG = "not in the log"
_DIGITS = 4


class Scale(StrEnum):
    """On which scale a number's uncertainty is even to both sides."""

    LINE = "as it is"
    LOG = "logarithm"
    SHARE = "log-odds"
    GROWTH = "logarithm of 1 + growth"
    COUNTED = "counted in full"

    def outward(self, x: Any) -> Any:
        """From that scale to the number.

        >>> float(Scale.GROWTH.outward(0.0)), float(Scale.SHARE.outward(0.0))
        (0.0, 0.5)
        """
        if self is Scale.LOG:
            return np.exp(x)
        if self is Scale.SHARE:
            return 1 / (1 + np.exp(-np.clip(x, -700, 700)))
        return np.expm1(x) if self is Scale.GROWTH else x


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the scenario that the log tells.

    Attributes
    ----------
    path : tuple
        Where it stands in the scenario.
    estimate : Estimate
        With a 95% interval, and on how many observations it rests.
    how : str
        How it was found, in words.
    scale : Scale
    limits : tuple of float
        What a scenario allows.
    """

    path: Path_
    estimate: Estimate
    how: str
    scale: Scale
    limits: tuple[float, float]

    def drawn(self, rng: np.random.Generator) -> float | None:
        """Another value that the log would bear out as well; None if there is but one."""
        e = self.estimate
        if self.scale is Scale.COUNTED or math.isnan(e.low) or not e.known:
            return None
        if self.scale is Scale.SHARE:
            value = rng.beta(e.value * e.n + 0.5, max(0.0, 1 - e.value) * e.n + 0.5)
        elif self.scale is Scale.LOG and e.low > 0:
            z = rng.standard_normal()
            side = e.low if z < 0 else e.high
            value = e.value * math.exp(abs(math.log(side / e.value)) * z / Z95)
        else:
            z = rng.standard_normal()
            value = e.value + z / Z95 * (e.value - e.low if z < 0 else e.high - e.value)
        return float(np.clip(value, *self.limits))


@dataclass(frozen=True, slots=True)
class Joint:
    """Numbers estimated together, whose errors go together.

    ``mean`` and ``cov`` are on the scale of each.
    """

    paths: tuple[Path_, ...]
    scales: tuple[Scale, ...]
    limits: tuple[tuple[float, float], ...]
    mean: Floats
    cov: Floats

    def estimates(self, n: Sequence[float], assumes: str) -> list[Estimate]:
        """Each with its own interval."""
        half = Z95 * np.sqrt(np.maximum(np.diag(self.cov), 0.0))
        out = []
        for s, m, h, k in zip(self.scales, self.mean, half, n, strict=True):
            value, low, high = (float(s.outward(x)) for x in (m, m - h, m + h))
            out.append(Estimate(value, low, high, k, assumes))
        return out

    def drawn(self, rng: np.random.Generator) -> list[float]:
        """Other values that the log would bear out as well."""
        x = rng.multivariate_normal(self.mean, self.cov, method="eigh", check_valid="ignore")
        return [
            float(np.clip(s.outward(v), *limits))
            for s, v, limits in zip(self.scales, x, self.limits, strict=True)
        ]


_ANY = (-math.inf, math.inf)


@dataclass
class Book:
    """What is written down while a log is read: the scenario's parts, and what each rests on."""

    parts: dict[str, Any] = field(default_factory=dict)
    learnt: dict[Path_, Parameter] = field(default_factory=dict)
    assumed: dict[Path_, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    together: list[Joint] = field(default_factory=list)
    crowds: dict[str, list[str]] = field(default_factory=dict)
    """Pools whose people have no places of their own, with those people as the log writes them."""

    def say(self, path: Path_, value: Any) -> None:
        """Something that is no number: a name, a list, a switch."""
        put(self.parts, path, value)

    def assume(self, path: Path_, value: Any, why: str = NOT_IN_LOG) -> None:
        """Something the log does not tell."""
        put(self.parts, path, value)
        self.assumed[path] = why

    def learn(
        self,
        path: Path_,
        estimate: Estimate,
        how: str,
        scale: Scale = Scale.LINE,
        limits: tuple[float, float] = _ANY,
    ) -> None:
        """A number the log tells."""
        put(self.parts, path, short(float(np.clip(estimate.value, *limits))))
        self.learnt[path] = Parameter(path, estimate, how, scale, limits)

    def count(self, path: Path_, value: float, n: float, how: str) -> None:
        """A number that can be read off and has no error of sampling."""
        put(self.parts, path, value)
        e = Estimate(float(value), math.nan, math.nan, n, "counted in full")
        self.learnt[path] = Parameter(path, e, how, Scale.COUNTED, _ANY)

    def describe_cut(
        self, path: Path_, value: float, low: float, high: float, n: int, how: str
    ) -> None:
        """A threshold: it lies above ``low`` and not above ``high``."""
        put(self.parts, path, value)
        e = Estimate(value, low, high, n, "the same threshold all the time")
        self.learnt[path] = Parameter(path, e, how, Scale.COUNTED, _ANY)

    def describe(self, path: Path_, estimate: Estimate, how: str) -> None:
        """An estimate behind something written as text, such as a stretch of the week."""
        self.learnt[path] = Parameter(path, estimate, how, Scale.COUNTED, _ANY)

    def learn_together(self, joint: Joint, n: Sequence[float], how: Sequence[str]) -> None:
        """Numbers estimated together."""
        for path, e, said, scale, limits in zip(
            joint.paths, joint.estimates(n, "the model's form"), how, joint.scales, joint.limits,
            strict=True,
        ):  # fmt: skip
            self.learn(path, e, said, scale, limits)
        self.together.append(joint)

    def note(self, text: str) -> None:
        """A finding, in words."""
        if text not in self.notes:
            self.notes.append(text)

    def drawn(self, rng: np.random.Generator) -> dict[str, Any]:
        """The parts with every learnt number drawn from its uncertainty."""
        parts = deepcopy(self.parts)
        done = {path for joint in self.together for path in joint.paths}
        for joint in self.together:
            for path, value in zip(joint.paths, joint.drawn(rng), strict=True):
                put(parts, path, value)
        for path, parameter in self.learnt.items():
            again = None if path in done else parameter.drawn(rng)
            if again is not None:
                put(parts, path, again)
        return parts


def put(parts: dict[Any, Any], path: Path_, value: Any) -> None:
    """Set something in nested mappings.

    >>> parts = {}
    >>> put(parts, ("a", "b"), 1)
    >>> parts
    {'a': {'b': 1}}
    """
    for step in path[:-1]:
        parts = parts.setdefault(step, {})
    parts[path[-1]] = value


def get(parts: Any, path: Path_) -> Any:
    """Something in nested mappings and lists; None if it is not there."""
    for step in path:
        try:
            parts = parts[step]
        except (KeyError, IndexError, TypeError):
            return None
    return parts


def short(value: float) -> float:
    """With no more digits than an estimate deserves.

    >>> short(1234.5678), short(0.000123456)
    (1235.0, 0.0001235)
    """
    return float(f"{value:.{_DIGITS}g}")
