"""A small class to sit down in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitlsim.training.desk.desk import Desk
from hitlsim.training.keeping.classroom import Classroom
from tests.training.playing.cards import small


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """A class with two decks of twelve items."""
    return Classroom.create(tmp_path / "class.db", [small(), small("B")])


@pytest.fixture
def desk(room: Classroom) -> Desk:
    """The desk of wren."""
    return Desk(room, seat=room.join(room.code, "wren"))
