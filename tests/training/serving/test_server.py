"""The server as a stranger, a trainee and the facilitator meet it: who gets in, and to what."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import websocket_connect

from hitlsim.training.keeping.classroom import Classroom
from tests.training.serving.served import Served, cards
from tests.training.serving.trainee import Trainee

pytest.importorskip("voila")
pytest.importorskip("anywidget")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("class")
    (folder / "deck.json").write_text(json.dumps(cards(2).to_dict()), encoding="utf-8")
    served = Served(folder, "deck.json", "--together")
    served.start()
    yield served
    assert served.stop() == 0


def fetch(url: str, **given: Any) -> HTTPResponse:
    """What is answered, whatever it is; nothing is followed."""

    async def go() -> HTTPResponse:
        given.setdefault("follow_redirects", False)
        request = HTTPRequest(url, request_timeout=60, **given)
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    return asyncio.run(go())


def test_a_stranger_gets_no_further_than_the_question_for_the_code(server: Served) -> None:
    front = fetch(f"{server.base}/")
    assert front.code == 302
    assert front.headers["Location"].startswith("/login")
    asked = fetch(f"{server.base}/login")
    assert b"The code of your class" in asked.body
    assert server.code.encode() not in asked.body
    some = "0f6e0d3c-7c1a-4f0e-9c3e-1b8f4f3f2a10"
    for path in ("board", f"api/kernels/{some}", f"api/kernels/{some}/channels"):
        assert fetch(f"{server.base}/{path}").code in (302, 403), path
    wrong = fetch(f"{server.base}/?code=AAAAAA")
    assert wrong.headers["Location"].startswith("/login")
    assert fetch(f"{server.base}/", headers={"Host": "elsewhere.example"}).code == 403


def test_nothing_is_served_but_the_two_pages(server: Served) -> None:
    paths = ("voila/files/desk.ipynb", "voila/files/kernels/hitlsim/kernel.json", "voila/tree",
             "voila/render/desk.ipynb", "voila/api/contents/", "api/contents", "api/kernels",
             "tree", "desk.ipynb", "class.db", "api/terminals")  # fmt: skip
    for path in paths:
        assert fetch(f"{server.base}/{path}?code={server.code}").code == 404, path


def test_pages_fetch_nothing_from_elsewhere_and_cannot_be_framed(server: Served) -> None:
    policy = fetch(f"{server.base}/login").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "http" not in policy


def test_the_board_needs_the_key_and_hides_it_from_the_wall(server: Served) -> None:
    refused = fetch(f"{server.base}/board?code={server.code}")
    assert refused.code == 403
    assert "The facilitator's key is missing" in refused.body.decode().replace("&#39;", "'")
    assert fetch(f"{server.base}/board?code={server.code}&key=guessed").code == 403
    let_in = fetch(server.board)
    assert (let_in.code, let_in.headers["Location"]) == (302, "/board")
    assert any("hitlsim-board" in c for c in let_in.headers.get_list("Set-Cookie"))


def test_the_board_opens_the_round_that_everybody_waits_for_once(server: Served) -> None:
    room = Classroom.open(server.folder / "class.db")

    async def go() -> None:
        wren = Trainee(server.base, server.code)
        await wren.open()
        await wren.play(2, 0)
        assert wren.state["waits"] is True
        board = Trainee(server.base, "")
        for line in (await AsyncHTTPClient().fetch(
            server.board, follow_redirects=False, raise_error=False
        )).headers.get_list("Set-Cookie"):  # fmt: skip
            name, _, rest = line.partition("=")
            board.cookies[name] = rest.partition(";")[0]
        await board.load(f"{server.base}/board")
        reply = await board.do("look")
        people = reply["state"]["people"]  # and others, of other tests
        person = next(p for p in people if p["name"] == wren.state["trainee"])
        assert (person["is"], person["round"]) == ("waits", "Only what is asked")
        for _ in range(2):  # a double click
            reply = await board.do("open_round", opened=1)
        assert reply["state"]["opened"] == room.rounds_open == 2
        await wren.do("poll")
        assert wren.state["waits"] is False
        wren.close()
        board.close()
        await asyncio.sleep(0.2)

    asyncio.run(go())


def test_no_kernel_runs_what_a_browser_sends(server: Served, tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    async def go() -> list[str]:
        wren = Trainee(server.base, server.code)
        await wren.open()
        code = {"code": f"open({str(mark)!r}, 'w')", "silent": False, "store_history": False,
                "user_expressions": {}, "allow_stdin": False}  # fmt: skip
        for channel in ("shell", "control"):
            await wren.send("execute_request", code, channel)
        await wren.send("debug_request", {"type": "request", "command": "evaluate"}, "control")
        kinds: list[str] = []

        async def listen() -> None:
            while True:
                kinds.append((await wren.receive())["msg_type"])

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(listen(), 2.0)
        assert (await wren.do("poll"))["ok"]  # it lives, and does what a desk does
        wren.close()
        await asyncio.sleep(0.2)
        return kinds

    kinds = asyncio.run(go())
    assert not mark.exists()
    assert not {"execute_reply", "execute_input", "execute_result", "debug_reply"} & set(kinds)


def test_another_sites_page_cannot_use_a_trainees_cookies(server: Served) -> None:
    async def go() -> None:
        wren = Trainee(server.base, server.code)
        await wren.open()
        wren.close()
        elsewhere = {**wren.headers(), "Origin": "http://elsewhere.example"}
        ws = f"{server.base.replace('http', 'ws', 1)}/api/kernels/{wren.kernel}/channels"
        with pytest.raises(HTTPClientError, match="403"):
            await websocket_connect(HTTPRequest(ws, headers=elsewhere))
        end = HTTPRequest(f"{server.base}/voila/api/shutdown/{wren.kernel}", method="POST",
                          body="", headers=elsewhere)  # fmt: skip
        assert (await AsyncHTTPClient().fetch(end, raise_error=False)).code in (403, 404)
        await asyncio.sleep(0.2)

    asyncio.run(go())


def test_the_kernel_of_a_page_that_was_closed_goes(server: Served) -> None:
    async def go() -> psutil.Process:
        wren = Trainee(server.base, server.code)
        before = set(server.family)
        await wren.open()
        (kernel,) = set(server.family) - before
        assert kernel.memory_info().rss < 80e6
        wren.close()
        end = HTTPRequest(
            f"{server.base}/voila/api/shutdown/{wren.kernel}", method="POST",
            body=f"_xsrf={wren.cookies['_xsrf']}", headers=wren.headers(),
        )  # fmt: skip
        assert (await AsyncHTTPClient().fetch(end)).code == 204
        await asyncio.sleep(0.2)
        return kernel

    kernel = asyncio.run(go())
    until = time.monotonic() + 20
    while kernel.is_running() and kernel.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.1)
