"""Which labels are a uniform random sample, as a guarantee needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....errors import LogError
from ....simulation.world.ids import hash_unit
from .held_out import Mask


def uniform(
    chance: NDArray[np.float64], u: NDArray[np.float64], *, floor: float | None = None
) -> Mask:
    """Thin labelled decisions that were known with unequal chances to a uniform random sample.

    A decision stays with probability ``floor / chance``.

    Parameters
    ----------
    chance : array
        With which each label came to be known (1 where people were asked, .1 where a tenth was
        audited), above 0.
    u : array
        A uniform number in [0, 1) for each, see :func:`hash_u`.
    floor : float, optional
        Chance with which every decision is in the sample; default the smallest there is. The
        smallest costs most labels: with a larger floor decisions with a smaller chance are left
        out, and then a certificate does not speak of their kind.

    Returns
    -------
    array of bool
        Which decisions stay.

    Raises
    ------
    LogError
        When a chance is 0, missing or above 1, or the floor is above all chances.

    References
    ----------
    Von Neumann 1951 (rejection sampling).

    Examples
    --------
    >>> uniform(np.array([0.1, 1.0, 1.0]), np.array([0.9, 0.05, 0.5]))
    array([ True,  True, False])
    """
    chance, u = np.asarray(chance, float), np.asarray(u, float)
    if chance.shape != u.shape:
        raise LogError(f"u: {u.size:,} numbers for {chance.size:,} chances; give one for each")
    useless = int((~((chance > 0) & (chance <= 1))).sum())
    if useless:
        raise LogError(
            f"chance: {useless:,} of {chance.size:,} labels were known with a chance that is 0, "
            "above 1 or missing, so nobody knows whom they speak for; leave them out"
        )
    if not ((u >= 0) & (u < 1)).all():
        raise LogError("u: numbers must lie in [0, 1); hash_u gives such")
    if not chance.size:
        return np.zeros(0, bool)
    if floor is None:
        floor = float(chance.min())
    if not 0 < floor <= chance.max():
        raise LogError(
            f"floor {floor:g} must be above 0 and at most the largest chance, {chance.max():g}"
        )
    return np.asarray((chance >= floor) & (u * chance < floor))


def hash_u(ids: ArrayLike, salt: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each id: always the same, and as good as drawn by chance.

    Parameters
    ----------
    ids : array
        Ids of decisions; they count as text.
    salt : str
        One for each purpose: numbers of different salts know nothing of each other.

    Examples
    --------
    >>> bool((hash_u([17, 18], "certificate") == hash_u(["17", "18"], "certificate")).all())
    True
    """
    return hash_unit(np.asarray(ids).astype(str), salt)
