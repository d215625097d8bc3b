"""Learning in tests keeps to one thread: many short fits on a busy machine wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sklearn.ensemble
import sklearn.linear_model  # noqa: F401 - what is loaded later would not be held to one thread
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield
