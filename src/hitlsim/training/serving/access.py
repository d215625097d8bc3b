"""Who is let in: whoever knows the class's code; to the board, whoever has the facilitator's key.

The code is short, so that it can be read from a wall; so wrong ones are counted.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import deque
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.auth.login import LoginFormHandler
from tornado.web import RequestHandler

from ..keeping.classroom import Classroom

WRONG_CODES_A_MINUTE = 10
"""From one address; a code has 31^6 values."""
_BOARD_COOKIE = "hitlsim-board"


def secret_of(room: Classroom, what: str) -> bytes:
    """Something only this class knows, the same after a restart: so cookies stay good."""
    return hmac.new(room.key.encode(), what.encode(), hashlib.sha256).digest()


class Tries:
    """Counts wrong codes by where they come from.

    Examples
    --------
    >>> tries = Tries(2, clock=lambda: 0.0)
    >>> tries.wrong("a"), tries.wrong("a")
    (None, None)
    >>> tries.too_many("a"), tries.too_many("b")
    (True, False)
    """

    def __init__(self, most: int = WRONG_CODES_A_MINUTE, *, clock: Any = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._at: dict[str, deque[float]] = {}

    def wrong(self, whence: str) -> None:
        """One more."""
        self._at.setdefault(whence, deque(maxlen=self._most)).append(self._clock())

    def too_many(self, whence: str) -> bool:
        """Whether no more are listened to for the moment."""
        at = self._at.get(whence, deque())
        return len(at) == self._most and self._clock() - at[0] < 60


class ByCode(IdentityProvider):
    """Lets in by the code or the key in the address, the code in the form, or the cookie."""

    room: Classroom
    tries: Tries
    ticket: str
    """Lets onto the board once; empty when it was used."""

    def get_handlers(self) -> list[tuple[str, object]]:
        """The form that asks for the code."""
        return [("/login", AskForCode)]

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        """Whoever comes with the code or the key in the address."""
        code = handler.get_query_argument("code", "")
        if self.takes_ticket(handler):
            self.let_onto_board(handler)
        elif not (self.has_key(handler) or self.knows_code(handler, code)):
            return None
        known = self.get_user_cookie(handler)
        return known if isinstance(known, User) else self.generate_anonymous_user(handler)

    def process_login_form(self, handler: RequestHandler) -> User | None:
        """Whoever types the code."""
        typed = handler.get_body_argument("code", "")
        return self.generate_anonymous_user(handler) if self.knows_code(handler, typed) else None

    def knows_code(self, handler: RequestHandler, code: str) -> bool:
        """Whether it is the class's code, and not one of too many guesses."""
        whence = str(handler.request.remote_ip)
        if not code.strip() or self.tries.too_many(whence):
            return False
        if self.room.knows(code):
            return True
        self.tries.wrong(whence)
        return False

    def has_key(self, handler: RequestHandler) -> bool:
        """Whether the facilitator's key is in the address."""
        key = handler.get_query_argument("key", "")
        return hmac.compare_digest(key.encode(), self.room.key.encode())

    def takes_ticket(self, handler: RequestHandler) -> bool:
        """Whether the ticket is in the address; it is used up then."""
        once = handler.get_query_argument("once", "")
        if not self.ticket or not hmac.compare_digest(once.encode(), self.ticket.encode()):
            return False
        self.ticket = ""
        return True

    def let_onto_board(self, handler: RequestHandler) -> None:
        """Remember the facilitator, so that the address on the wall need not have the key."""
        handler.set_signed_cookie(
            self._board_cookie(handler), "facilitator", httponly=True, samesite="Lax"
        )

    def may_see_board(self, handler: RequestHandler) -> bool:
        """Whether it is the facilitator."""
        return handler.get_signed_cookie(self._board_cookie(handler)) == b"facilitator"

    @staticmethod
    def _board_cookie(handler: RequestHandler) -> str:
        return f"{_BOARD_COOKIE}-{handler.request.host.rpartition(':')[2]}"


class AskForCode(LoginFormHandler):
    """The form that asks for the class's code."""

    @allow_unauthenticated
    def post(self) -> None:
        """Go on to the desk with the code, or ask again."""
        provider: Any = self.identity_provider
        user = provider.process_login_form(self)
        if user is None:
            self.set_status(401)
            many = provider.tries.too_many(str(self.request.remote_ip))
            said = (
                "Too many wrong codes. Wait a minute, then try again." if many
                else "That is not this class's code. Ask your facilitator for it."
            )  # fmt: skip
            self._render(message={"error": said})  # type: ignore[no-untyped-call]
            return
        self.current_user = user
        provider.set_login_cookie(self, user)
        self.redirect(f"{self.base_url}?code={provider.room.code}")
