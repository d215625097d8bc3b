"""The code is short: guessing is stopped. Secrets last as long as the class."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hitlsim.training.keeping.classroom import Classroom
from hitlsim.training.serving import links
from tests.training.serving.served import cards

access = pytest.importorskip("hitlsim.training.serving.access")


class Asks:
    """A request, as far as it is looked at."""

    def __init__(self, ip: str, **query: str) -> None:
        self.request = type("Request", (), {"remote_ip": ip})()
        self.query = query

    def get_query_argument(self, name: str, default: str) -> str:
        return self.query.get(name, default)


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


def test_both_kinds_of_addresses_are_answered_where_all_are_asked_for() -> None:
    with links.bound("::", 0) as taken:
        port = taken.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    shown = links.links("::", 8866, "K7M2QX", "secret").desk
    assert "::" not in shown  # nobody can open that


def test_what_opens_the_board_here_opens_it_once_and_has_no_key() -> None:
    """Every user of the machine can read with what a browser was started."""
    provider = access.ByCode(token="")
    provider.ticket = "t1"
    opened = links.links("127.0.0.1", 8866, "K7M2QX", "secret", "t1").board_once
    assert opened == "http://127.0.0.1:8866/board?once=t1"
    asked = [provider.takes_ticket(Asks("127.0.0.1", once=t)) for t in ("", "t2", "t1", "t1", "")]
    assert asked == [False, False, True, False, False]
