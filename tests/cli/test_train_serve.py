"""``hitlsim train serve``: what it makes, goes on with, and refuses; with one message each."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from hitlsim.cli import show_train
from hitlsim.training.keeping.classroom import Classroom
from hitlsim.training.serving import serve as serving
from hitlsim.training.serving.links import links
from tests.cli.conftest import Run
from tests.training.serving.served import Served, cards


@pytest.fixture
def decks(tmp_path: Path) -> tuple[Path, Path]:
    pytest.importorskip("voila")
    paths = (tmp_path / "deck.json", tmp_path / "second.json")
    for path, letter in zip(paths, "AB", strict=True):
        path.write_text(json.dumps(cards(2, letter).to_dict()), encoding="utf-8")
    return paths


def refused(run: Run, *arguments: str) -> str:
    """The one message; nothing was left half-made."""
    code, out, err = run("train", "serve", "--no-browser", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("hitlsim: ")
    assert err.count("\n") == 1
    return err


def test_it_serves_a_new_class_and_ends_by_ctrl_c(decks: tuple[Path, Path], tmp_path: Path) -> None:
    first = Served(tmp_path, "deck.json", "--second", "second.json", "--ask-sure",
                   "--hide-confidence")  # fmt: skip
    first.start()
    room = Classroom.open(tmp_path / "class.db")
    assert "6 items in 3 rounds and then 6 items in 3 rounds" in first.said
    assert f"http://127.0.0.1:{first.port}/?code={room.code}" in first.said
    assert f"http://127.0.0.1:{first.port}/board?key={room.key}" in first.said
    assert "Only this machine reaches it" in first.said
    assert (room.settings.ask_sure, room.settings.show_confidence) == (True, False)
    session = room.session(room.join(room.code).trainee)
    session.begin()
    session.answer("leave alone", sure=0.5)
    assert first.stop() == 0
    assert "1 answer of 1 person is in class.db" in first.said
    assert "hitlsim train debrief class.db" in first.said


def test_who_can_reach_it_is_said_before_anybody_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Classroom.create(tmp_path / "class.db", [cards(2)])
    room.join(room.code)
    monkeypatch.chdir(tmp_path)

    def pretend(open_class: Any, *, host: str, port: int, told: Any, say: Any) -> Classroom:
        served: Classroom = open_class()
        told(served, links(host, port, room.code, room.key))
        say("feedback for avocet, 0.2 s")
        return served

    monkeypatch.setattr(show_train, "serve_class", pretend)
    for host, warned in (("0.0.0.0", True), ("127.0.0.1", False), ("::1", False)):  # noqa: S104
        show_train.serve(Path("class.db"), [], {}, host=host, port=8866, browser=False)
        said = capsys.readouterr().out
        assert ("Everybody in your network who has the code can come in" in said) is warned
        assert ("Only this machine reaches it" in said) is not warned
        assert "1 person so far" in said
        assert "0.0.0.0:8866" not in said  # nobody can open that
        assert "feedback for avocet, 0.2 s" in said
    assert f"http://[::1]:8866/?code={room.code}" in said


def test_the_browser_is_not_given_the_key_and_the_class_ends_as_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, opened = Classroom.create(tmp_path / "my class.db", [cards(2)]), SimpleQueue[str]()

    def pretend(open_class: Any, *, host: str, port: int, told: Any, say: Any) -> Classroom:
        told(open_class(), links(host, port, room.code, room.key, "once"))
        return room

    monkeypatch.setattr(show_train, "serve_class", pretend)
    monkeypatch.setattr(show_train, "class_of", lambda *_: room)
    monkeypatch.setattr("webbrowser.open", opened.put)
    show_train.serve(room.path, [], {}, host="127.0.0.1", port=8866, browser=True)
    assert opened.get(timeout=10) == "http://127.0.0.1:8866/board?once=once"
    assert [file.name for file in tmp_path.iterdir()] == ["my class.db"]
    said = capsys.readouterr().out
    assert f"hitlsim train serve --class '{room.path}'" in said


def test_a_port_that_is_taken_leaves_no_class_behind(
    run: Run, decks: tuple[Path, Path], tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"--port {port}: another program has it" in refused(run, "deck.json", "--port", port)
    assert not (tmp_path / "class.db").exists()


def test_an_address_that_is_not_ours_is_refused(run: Run, decks: tuple[Path, Path]) -> None:
    for host in ("no.such.host.invalid", "203.0.113.7"):
        assert f"--host {host}: " in refused(run, "deck.json", "--host", host)


def test_without_voila_it_says_how_to_install_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    assert refused(run, "deck.json") == (
        "hitlsim: voila and anywidget are not installed; install what serving a class needs with: "
        "python -m pip install 'hitlsim[lab]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is no such class yet; give a deck to make it"),
        (("missing.json",), "no such file; draw a deck with"),
        (("notes.txt",), "cannot be read as a deck"),
        (("deck.json", "--second", "deck.json"), "--other-than"),
        (("deck.json", "--class", "deck.json"), "looks like a deck"),
        (("deck.json", "--class", "folder"), "is a folder"),
        (("deck.json", "--class", "nowhere/class.db"), "there is no folder nowhere"),
        (("deck.json", "--class", "notes.txt"), "is no class"),
        (("deck.json", "--team", "no-such-team"), "no-such-team"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused(
    run: Run, decks: tuple[Path, Path], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "notes.txt").write_text("no deck, and no class either\n" * 40, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    assert said in refused(run, *arguments, "--port", "18866")
    assert not list(tmp_path.glob("*.db*"))


def test_a_class_is_not_gone_on_with_by_other_rules(
    run: Run, decks: tuple[Path, Path], tmp_path: Path
) -> None:
    Classroom.create(tmp_path / "class.db", [cards(2)], settings={"ask_sure": True})
    (tmp_path / "other.json").write_text(json.dumps(cards(3).to_dict()), encoding="utf-8")
    another = refused(run, "other.json", "--port", "18867")
    assert "is a class with another deck; leave the deck out" in another
    both = refused(run, "other.json", "--second", "second.json", "--port", "18867")
    assert "is a class with another deck" in both
    differ = refused(run, "deck.json", "--ask-sure", "--together", "--port", "18867")
    assert "was made without --together, and everybody of a class plays by the same" in differ
