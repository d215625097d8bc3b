"""The code is short: guessing is stopped. Secrets last as long as the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitlsim.training.keeping.classroom import Classroom
from tests.training.serving.served import cards

access = pytest.importorskip("hitlsim.training.serving.access")


class Asks:
    """A request, as far as it is looked at."""

    def __init__(self, ip: str) -> None:
        self.request = type("Request", (), {"remote_ip": ip})()


def test_after_ten_wrong_codes_even_the_right_one_waits_a_minute(tmp_path: Path) -> None:
    now = 0.0
    provider = access.ByCode(token="")
    provider.room = Classroom.create(tmp_path / "class.db", [cards(1)])
    provider.tries = access.Tries(clock=lambda: now)
    code, guesser, other = provider.room.code, Asks("10.0.0.7"), Asks("10.0.0.8")
    assert provider.knows_code(guesser, code.lower())
    for _ in range(10):
        assert not provider.knows_code(guesser, "AAAAAA")
    assert not provider.knows_code(guesser, code)
    assert provider.knows_code(other, code)
    now = 61.0
    assert provider.knows_code(guesser, code)


def test_an_empty_code_is_no_guess(tmp_path: Path) -> None:
    provider = access.ByCode(token="")
    provider.room = Classroom.create(tmp_path / "class.db", [cards(1)])
    provider.tries = access.Tries()
    for _ in range(20):
        assert not provider.knows_code(Asks("10.0.0.7"), " ")
    assert provider.knows_code(Asks("10.0.0.7"), provider.room.code)


def test_secrets_outlive_the_server_and_differ_between_classes(tmp_path: Path) -> None:
    one = Classroom.create(tmp_path / "one.db", [cards(1)])
    two = Classroom.create(tmp_path / "two.db", [cards(1)])
    again = Classroom.open(tmp_path / "one.db")
    assert access.secret_of(one, "cookies") == access.secret_of(again, "cookies")
    assert access.secret_of(one, "cookies") != access.secret_of(two, "cookies")
    assert access.secret_of(one, "cookies") != access.secret_of(one, "other")
