"""What each known outcome stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def looks_weights(frame: pd.DataFrame) -> NDArray[np.float64]:
    """One over the chance that an outcome gets known.

    What had no chance counts as one where it is known all the same, as in
    :func:`~hitlsim.decisions.counting.tally.tally`.

    References
    ----------
    Horvitz & Thompson 1952.

    Examples
    --------
    >>> looks_weights(pd.DataFrame({"inclusion": [0.1, 1.0, None, 0.0]})).tolist()
    [10.0, 1.0, 1.0, 1.0]
    """
    if "inclusion" not in frame:
        return np.ones(len(frame))
    chance = frame["inclusion"].to_numpy(float, na_value=np.nan)
    return np.asarray(1 / np.where(chance > 0, chance, 1.0))
