"""What every part of a scenario shares: frozen, no unknown keys, finite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)

T = TypeVar("T")


class FrozenMap(dict[str, T]):
    """A dict that cannot be changed (unlike ``MappingProxyType`` it can be pickled)."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a scenario cannot be changed; make a new one with scenario.with_()")

    __setitem__ = __delitem__ = _refuse
    pop = popitem = clear = update = setdefault = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenMap[T]], tuple[dict[str, T]]]:
        return type(self), (dict(self),)


def freeze(value: Mapping[str, T]) -> FrozenMap[T]:
    """A mapping that cannot be changed."""
    return FrozenMap(value)


def _not_in_quotes(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        shown = repr(value) if isinstance(value, str) else str(value).lower()
        raise ValueError(f"{shown} is not a whole number")  # noqa: TRY004 - pydantic wants it
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""Lower-case letters, digits, ``-`` and ``_``; starts with a letter; at most 40 characters."""

Named = Annotated[dict[Name, T], AfterValidator(freeze)]
"""A mapping from names to parts, frozen once it is read."""

Whole = Annotated[int, BeforeValidator(_not_in_quotes)]
"""A whole number, and neither ``true`` nor ``"4"``."""

Number = Annotated[float, Strict()]
"""A number, and neither ``true`` nor ``"0.5"``."""

Share = Annotated[Number, Field(ge=0, le=1)]
Positive = Annotated[Number, Field(gt=0, le=1e12)]


class Part(BaseModel):
    """Base of all parts of a scenario."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


def as_written(value: Any) -> Any:
    """Parts as mappings, the way a file writes them; everything else as it is.

    What was left to a default stays so.
    """
    if isinstance(value, BaseModel):
        return value.model_dump(
            by_alias=True, exclude_none=True, exclude_unset=True, warnings=False
        )
    if isinstance(value, Mapping):
        return {name: as_written(part) for name, part in value.items()}
    return value


def assumed(default: Any, mark: str, source: str, **limits: Any) -> Any:
    """A field with a default that rests on evidence of a stated kind.

    ``mark`` is ``A`` (peer-reviewed or primary), ``B`` (platform or standard), ``C`` (vendor),
    ``S`` (operating playbook) or ``?`` (assumption). The JSON Schema carries both.
    """
    return Field(default=default, json_schema_extra={"mark": mark, "source": source}, **limits)


class Lognormal(Part):
    """A lognormal quantity given by its median and the spread of its logarithm."""

    median: Positive
    """The value that half of the draws exceed, in the unit the field's name says."""
    sigma: Annotated[Number, Field(ge=0, le=3)] = 0.5
    """Standard deviation of the logarithm; 0 makes the value fixed."""

    @property
    def mean(self) -> float:
        """The mean of the draws.

        >>> Lognormal(median=40.0, sigma=0.0).mean
        40.0
        """
        return self.median * math.exp(self.sigma**2 / 2)
