"""A trainee without a browser: opens the page, joins, plays by the desk's own messages."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE_S = 120.0


class GoneError(Exception):
    """The server does not answer."""


@dataclass
class Trainee:
    """One person at one server.

    Attributes
    ----------
    base : str
        The server's address.
    code : str
    """

    base: str
    code: str
    way_back: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    kernel: str = ""
    _socket: WebSocketClientConnection | None = None
    _desk: str = ""

    async def open(self) -> None:
        """Load the page, and be where one was."""
        await self.load(f"{self.base}/?code={self.code}")
        if self.way_back:
            await self.do("back", way_back=self.way_back)
        else:
            await self.do("join", code=self.code, pseudonym="")
            self.way_back = self.state["way_back"]

    async def load(self, url: str) -> None:
        """Load a page, as a browser does: its kernel, and the widget in it."""
        page = await self.get(url)
        told = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
        widget = re.search(r'"model_id":\s*"(\w+)"', page)
        assert told, page[-3000:]
        assert widget, page[-3000:]
        self.kernel, self._desk = json.loads(told[1])["kernelId"], widget[1]
        api = f"{self.base.replace('http', 'ws', 1)}/api/kernels/{self.kernel}"
        ws = f"{api}/channels?session_id={uuid.uuid4().hex}"
        self._socket = await websocket_connect(HTTPRequest(ws, headers=self.headers()))

    async def get(self, url: str) -> str:
        """A page's text; cookies are kept."""
        request = HTTPRequest(url, headers=self.headers(), request_timeout=PATIENCE_S)
        try:
            reply = await AsyncHTTPClient(max_clients=200).fetch(request)
        except OSError as e:
            raise GoneError from e
        for line in reply.headers.get_list("Set-Cookie"):
            self.cookies.update({n: m.value for n, m in SimpleCookie(line).items()})
        return reply.body.decode()

    def headers(self) -> dict[str, str]:
        """The cookies it has."""
        return {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}

    async def do(self, what: str, **given: Any) -> dict[str, Any]:
        """Ask the desk, and wait for its answer."""
        asked = uuid.uuid4().hex
        content = {"id": asked, "do": what, **given}
        began = time.perf_counter()
        await self.send("comm_msg", {"comm_id": self._desk,
                                     "data": {"method": "custom", "content": content}})  # fmt: skip
        while True:
            message = await self.receive()
            data = message["content"].get("data", {})
            if message["msg_type"] == "comm_msg" and data.get("method") == "custom":
                reply: dict[str, Any] = data["content"]
                if reply.get("id") == asked:
                    break
        if what == "answer":
            self.took_ms.append(1000 * (time.perf_counter() - began))
        self.state = reply["state"]
        return reply

    async def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> None:
        """One message to the kernel."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "t",
                  "date": "2026-11-22T00:00:00Z", "version": "5.3"}  # fmt: skip
        assert self._socket is not None
        try:
            await self._socket.write_message(json.dumps({
                "header": header, "parent_header": {}, "metadata": {}, "content": content,
                "channel": channel, "buffers": [],
            }))  # fmt: skip
        except Exception as e:
            raise GoneError from e

    async def receive(self) -> dict[str, Any]:
        """The next message of the kernel."""
        assert self._socket is not None
        text = await asyncio.wait_for(self._socket.read_message(), PATIENCE_S)
        if text is None:
            raise GoneError
        message: dict[str, Any] = json.loads(text)
        return message

    def close(self) -> None:
        """Leave without a word."""
        if self._socket is not None:
            self._socket.close()

    async def answer(self) -> None:
        """Answer the item that is shown, in one of the ways it allows."""
        name, acts = self.state["item"]["item_id"], [a["act"] for a in self.state["acts"]]
        if "approve" not in acts and len(self.answered) % 3 == 0 and "leave alone" in acts:
            act = "leave alone"
        else:
            act = acts[len(self.answered) % len(acts)]
        reply = await self.do(
            "answer", item_id=name, act=act, reason="it is wrong", seen_seconds=0.05
        )
        assert reply["ok"], reply
        self.answered.append(name)

    async def play(self, items: int, think_s: float) -> None:
        """Go on until one has answered so many in all, or is through; no two keep step."""
        think_s *= 0.5 + random.Random(self.way_back).random()  # noqa: S311 - thinks
        while len(self.answered) < items:
            stage = self.state["stage"]
            if stage == "briefing":
                assert (await self.do("begin"))["ok"]
            elif stage == "item":
                await asyncio.sleep(think_s)
                await self.answer()
            elif stage == "told":
                await self.do("next")
            else:
                return
