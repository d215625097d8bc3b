"""Damaged Excel 97 files in which their reader would go round in circles, or fill the memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ....errors import LogError

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How Excel 97 to 2003 begins."""
_HEADER, _IN_HEADER, _SMALL = 512, 109, 64
"""Bytes of the header, entries of the sector table it holds, bytes of a small sector."""
_COLUMNS_MOST, _ROWS_MOST = 256, 65_536
_WITH_PLACE = {0x06, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xBD, 0xBE, 0xD6}
"""Records that begin with row and column."""
_SEVERAL = {0xBD, 0xBE}
"""Those that end with their last column."""
_SHEET, _SIZE, _TEXTS, _END = 0x85, 0x200, 0xFC, 0x0A
_ROOT, _NO_SECTOR = 5, 0xFFFFFFFF
Sectors = NDArray[np.uint32]


class _Trap(ValueError):
    pass


def refuse_old_trap(data: bytes, file: str) -> None:
    """Raise if an Excel 97 file has chains without end, or cells where there can be none.

    References
    ----------
    Microsoft, [MS-CFB] 2.2-2.6 for the container and [MS-XLS] 2.4 for the records.
    """
    try:
        stream = _workbook(data)
        for offset in _globals(stream):
            for kind, body in _records(stream, offset):
                _check(kind, body)
    except (_Trap, struct.error, IndexError, ValueError) as e:
        told = str(e) if isinstance(e, _Trap) else "it is damaged"
        raise LogError(
            f"{file}: is not a sound Excel 97 file ({told}); open it, save it as .xlsx"
        ) from None


def _globals(stream: bytes) -> list[int]:
    """Where the sheets begin."""
    offsets = []
    for kind, body in _records(stream, 0):
        if kind == _SHEET:
            offsets.append(struct.unpack_from("<I", body)[0])
        elif kind == _TEXTS and struct.unpack_from("<I", body, 4)[0] > len(stream):
            raise _Trap("it promises more texts than fit into it")
    return offsets


def _check(kind: int, body: bytes) -> None:
    row, column = 0, 0
    if kind == _SIZE:
        form = "<IIHH" if len(body) >= 14 else "<HHHH"
        row, column = struct.unpack_from(form, body)[1::2]
    elif kind in _WITH_PLACE:
        column = 1 + struct.unpack_from("<HH", body)[1]
        if kind in _SEVERAL:
            column = max(column, 1 + struct.unpack_from("<H", body, len(body) - 2)[0])
    if column > _COLUMNS_MOST or row > _ROWS_MOST:
        raise _Trap(f"it has cells beyond column {_COLUMNS_MOST} or row {_ROWS_MOST:,}")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        if kind == _END:
            return
        at += 4 + size


def _workbook(data: bytes) -> bytes:
    """The stream that holds the records."""
    shift, folder, cutoff, small_at, more = struct.unpack_from("<30xH16xI4xII4xI", data)
    if shift not in (9, 12):
        raise _Trap("its sectors have no known size")
    size = 1 << shift
    sectors = [data[at : at + size] for at in range(size, len(data), size)]
    next_of = _next_of(data, sectors, more)
    entries = _chain(sectors, next_of, folder)
    next_small = np.frombuffer(_chain(sectors, next_of, small_at), "<u4")
    _refuse_loops(next_small)
    root, books = (_NO_SECTOR, 0), []
    for at in range(0, len(entries) - 127, 128):
        length, kind = struct.unpack_from("<HB", entries, at + 64)
        name = entries[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        place = struct.unpack_from("<II", entries, at + 116)
        if kind == _ROOT:
            root = place
        elif name.casefold() in ("workbook", "book"):
            books.append(place)
    if not books:
        raise _Trap("it holds no workbook")
    start, length = books[0]
    if length >= cutoff:
        return _chain(sectors, next_of, start)[:length]
    held = _chain(sectors, next_of, root[0])
    small = [held[at : at + _SMALL] for at in range(0, len(held), _SMALL)]
    return _chain(small, next_small, start)[:length]


def _next_of(data: bytes, sectors: list[bytes], more: int) -> Sectors:
    """For each sector the next one of its chain."""
    numbers = [*struct.unpack_from(f"<{_IN_HEADER}I", data, _HEADER - 4 * _IN_HEADER)]
    for _ in sectors:  # no chain is longer
        if more >= len(sectors):
            break
        *held, more = np.frombuffer(sectors[more], "<u4").tolist()
        numbers += held
    parts = [sectors[number] for number in numbers if number < len(sectors)]
    table = b"".join(parts)
    found = np.frombuffer(table[: len(table) // 4 * 4], "<u4")
    _refuse_loops(found)
    return found


def _refuse_loops(next_of: Sectors) -> None:
    """Follow all chains at once, in steps of 1, 2, 4 ...: whatever is not at an end then, loops."""
    end = len(next_of)
    after = np.append(np.minimum(next_of, end), end).astype(np.int64)
    for _ in range(end.bit_length() + 1):
        after = after[after]
    if (after != end).any():
        raise _Trap("a chain in it has no end")


def _chain(sectors: list[bytes], next_of: Sectors, at: int) -> bytes:
    parts = []
    while at < len(sectors) and at < len(next_of):
        parts.append(sectors[at])
        at = int(next_of[at])
    return b"".join(parts)
