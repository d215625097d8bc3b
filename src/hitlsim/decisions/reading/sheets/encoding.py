"""Bytes of a text file as UTF-8, whatever program saved it."""

from __future__ import annotations

import codecs
import re

import numpy as np
import pyarrow as pa

from ....errors import LogError
from .sheet import BAD_BYTES

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 1 << 16
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROLS_MOST = 0.05
"""Text has next to no control characters; random bytes have 11%."""
_OTHER_SCRIPT = 0.5
"""Share of bytes above ASCII among the letters of a line, from which on it is no Latin script."""
_BESIDE, _ABSENT = 0.2, 0.02
"""UTF-16 has a zero beside every ASCII character, and hardly one elsewhere."""
_USUAL = "windows-1252"


def as_utf8(data: bytes, file: str, encoding: str | None) -> tuple[bytes, tuple[str, ...]]:
    r"""The text in UTF-8 without byte order mark, and what was found out by looking.

    What is no character becomes :data:`BAD_BYTES`.

    Raises
    ------
    LogError
        When there is no text.

    References
    ----------
    Unicode 16, 23.8 for byte order marks. For what is neither UTF-8 nor UTF-16, Windows-1252 as
    web browsers do (WHATWG Encoding Standard); other scripts by charset-normalizer.

    Examples
    --------
    >>> as_utf8("café".encode("cp1252"), "calls.csv", None)[0].decode()
    'café'
    """
    for mark, said in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], said
            break
    if not data or data.isspace():
        raise LogError(f"{file}: is empty; export it again")
    found = encoding or _without_mark(data, file)
    if _canonical(found, file) == "utf-8" and _is_utf8(data):
        return data, ()
    try:
        text = data.decode(found, "replace")
    except (LookupError, ValueError):
        raise LogError(f"{file}: cannot be read as {found}; give another encoding") from None
    if not text.strip():
        raise LogError(f"{file}: is empty; export it again")
    bad = text.count("\ufffd")
    notes = []
    if not encoding and found != "utf-8":
        notes.append(f"the text was read as {found}; if letters look wrong, set encoding")
    if bad:
        notes.append(f"the text holds bytes that are no characters, in {bad:,} places")
    return text.replace("\ufffd", BAD_BYTES).encode("utf-8", "replace"), tuple(notes)


def _canonical(encoding: str, file: str) -> str:
    """Its usual name."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise LogError(
            f"{file}: {encoding!r} is no encoding; write one like 'utf-8' or 'windows-1252'"
        ) from None


def _is_utf8(data: bytes) -> bool:
    """Looks without making a copy."""
    ends = pa.array([0, len(data)], pa.int64()).buffers()[1]
    whole = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _without_mark(data: bytes, file: str) -> str:
    head = np.frombuffer(data[:_LOOKED_AT], np.uint8)
    if len(head) > 1:
        even, odd = (float(np.mean(head[start::2] == 0)) for start in (0, 1))
        if odd >= _BESIDE and even <= _ABSENT:
            return "utf-16-le"
        if even >= _BESIDE and odd <= _ABSENT:
            return "utf-16-be"
    if _is_utf8(data):
        return "utf-8"
    if len(_CONTROLS.findall(data[:_LOOKED_AT])) > _CONTROLS_MOST * len(head):
        raise LogError(
            f"{file}: is no table that can be read; export it as CSV, Excel, Parquet or JSON lines"
        )
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return "utf-8" if good >= bad else _by_letters(data)


def _by_letters(data: bytes) -> str:
    """The encoding of text with one byte a character, or two in East Asia."""
    lines, size = [], 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _LOOKED_AT:
                break
    sample = b"\n".join(lines)[:_LOOKED_AT]
    letters = _LETTERS.findall(sample)
    if sum(not letter.isascii() for letter in letters) <= _OTHER_SCRIPT * len(letters):
        return _USUAL
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding.replace("_", "-") if best else _USUAL
