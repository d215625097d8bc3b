"""Where a class is found: the addresses people open, and who can reach them."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

from ...errors import LogError

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - looked at, not listened at


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of a class.

    Attributes
    ----------
    base : str
        What all begin with, such as ``http://127.0.0.1:8866``.
    desk, board : str
        For trainees, with the class's code; for the facilitator, with their key.
    open_to_others : bool
        Whether other machines reach it.
    board_once : str
        The board, for the browser that is opened here: good for one look, since every user of this
        machine can read with what a program was started.
    """

    base: str
    desk: str
    board: str
    open_to_others: bool
    board_once: str


def links(host: str, port: int, code: str, key: str, ticket: str = "") -> Links:
    """The addresses of a class that is served at a host and port.

    Examples
    --------
    >>> links("127.0.0.1", 8866, "K7M2QX", "secret").desk
    'http://127.0.0.1:8866/?code=K7M2QX'
    """
    name = shown_host(host)
    base = f"http://{f'[{name}]' if ':' in name else name}:{port}"
    return Links(
        base, f"{base}/?{urlencode({'code': code})}", f"{base}/board?{urlencode({'key': key})}",
        not is_loopback(host), f"{base}/board?{urlencode({'once': ticket})}",
    )  # fmt: skip


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown_host(host: str) -> str:
    """What others type: for all of this machine's addresses, the one it has in its network."""
    if host in _EVERYWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.connect(("192.0.2.1", 9))  # sends nothing: asks which address it would come from
                return str(s.getsockname()[0])
            except OSError:
                return socket.gethostname()
    return host


def bound(host: str, port: int) -> socket.socket:
    """Take the port, before anything else is done.

    Raises
    ------
    LogError
        When another program has it, or this machine has no such address.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        both = family == socket.AF_INET6 and host in _EVERYWHERE and socket.has_dualstack_ipv6()
        taken = socket.create_server(
            address, family=family, backlog=128, dualstack_ipv6=both
        )  # fmt: skip
    except socket.gaierror:
        raise LogError(
            f"--host {host}: there is no such address; give 127.0.0.1, 0.0.0.0, or one of this "
            "machine's own"
        ) from None
    except PermissionError:
        raise LogError(
            f"--port {port}: may not be used by you; give one above 1023, such as --port 8866"
        ) from None
    except OSError as e:
        if e.errno == errno.EADDRINUSE:
            raise LogError(
                f"--port {port}: another program has it, perhaps a class that is still being "
                f"served; stop that, or give another, such as --port {port + 1}"
            ) from None
        raise LogError(
            f"--host {host}: is no address of this machine; give 127.0.0.1, 0.0.0.0, or one of "
            "its own"
        ) from None
    taken.setblocking(False)
    return taken
