"""The bytes of a file, out of their packing, whatever the file is called."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pyarrow as pa

from ....errors import LogError

_CODECS = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))
"""How a packed file begins."""
_SUFFIXES = (".gz", ".bz2", ".zst", ".zip")
_CHUNK = 1 << 24
_DEEPEST = 3
"""Packings within each other that are opened."""
_MOST_TIMES, _MOST_BYTES = 1000, 1 << 30
"""A file that grows beyond both is a trap, not an export."""


class Content(NamedTuple):
    """What a file holds, and what it would be called unpacked."""

    data: bytes
    name: str
    notes: tuple[str, ...] = ()


def file_bytes(path: Path) -> bytes:
    """All of a file, or a :class:`LogError` that says why not."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise LogError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise LogError(f"{path}: is a directory; give one file") from None
    except OSError as e:
        raise LogError(f"{path}: cannot be read ({e.strerror}); check its permissions") from None


def unpacked(data: bytes, file: str, member: str | None = None) -> Content:
    """Take a file out of gzip, bzip2, Zstandard or ZIP; its first bytes tell which.

    Parameters
    ----------
    data : bytes
    file : str
        Its name.
    member : str, optional
        Which file of a ZIP archive.

    Returns
    -------
    Content

    Raises
    ------
    LogError
        When it is damaged, grows absurdly, or holds several files and nobody said which.

    Examples
    --------
    >>> import gzip
    >>> unpacked(gzip.compress(b"a,b"), "calls.csv.gz")[:2]
    (b'a,b', 'calls.csv')
    """
    inner, notes = file, []
    for _ in range(_DEEPEST):
        codec = next((codec for start, codec in _CODECS if data.startswith(start)), None)
        if codec:
            data = _decompressed(data, codec, file)
        elif is_zip(data) and not _is_document(data, file):
            data, held = _member(data, file, member)
            notes.append(f"{held!r} of the archive was read")
            inner = PurePosixPath(held).name
            continue
        else:
            break
        if inner.lower().endswith(_SUFFIXES):
            inner = inner.rpartition(".")[0]
    return Content(data, inner, tuple(notes))


def is_zip(data: bytes) -> bool:
    """Whether it begins as ZIP archives and modern workbooks do."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_bomb(size: int, packed: int, file: str) -> None:
    """Raise if unpacking gives absurdly much."""
    if size > _MOST_BYTES and size > _MOST_TIMES * packed:
        raise LogError(
            f"{file}: grows to more than {_MOST_TIMES:,} times its size when unpacked; "
            f"it is damaged or a trap, export it again"
        )


def _decompressed(data: bytes, codec: str, file: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        with pa.CompressedInputStream(pa.BufferReader(data), codec) as stream:
            while part := stream.read(_CHUNK):
                parts.append(part)
                size += len(part)
                refuse_bomb(size, len(data), file)
    except (OSError, pa.ArrowException) as e:
        if "Truncated" in str(e):
            raise LogError(
                f"{file}: the {codec} file is cut off; copy or export it again"
            ) from None
        raise LogError(
            f"{file}: is not a sound {codec} file ({e}); copy or export it again"
        ) from None
    return b"".join(parts)


def open_zip(data: bytes, file: str) -> zipfile.ZipFile:
    """The archive, if its list of contents can be read and does not promise absurdly much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise LogError(f"{file}: is not a sound ZIP file ({e}); copy or export it again") from None
    refuse_bomb(size, len(data), file)
    return archive


def _is_document(data: bytes, file: str) -> bool:
    """Whether the archive is a workbook."""
    return not {"[Content_Types].xml", "mimetype"}.isdisjoint(open_zip(data, file).namelist())


def _member(data: bytes, file: str, member: str | None) -> tuple[bytes, str]:
    archive = open_zip(data, file)
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    tables = [n for n in names if not n.startswith("__MACOSX/") and PurePosixPath(n).name[0] != "."]
    if not tables:
        raise LogError(f"{file}: holds no file; export it again")
    chosen = [n for n in tables if member in (n, PurePosixPath(n).name)] or tables
    if len(chosen) > 1:
        shown = ", ".join(map(repr, chosen[:5])) + (", ..." if len(chosen) > 5 else "")
        raise LogError(
            f"{file}: holds {len(chosen)} files ({shown}); unpack it and give one of them, "
            f"or name it under sheet: in the mapping"
        )
    try:
        return _taken_out(archive, chosen[0], len(data), file), chosen[0]
    except NotImplementedError as e:
        raise LogError(f"{file}: is packed in a way that cannot be read ({e}); unpack it") from None
    except RuntimeError:  # of zipfile: a password is missing
        raise LogError(f"{file}: is locked with a password; unpack it and give the file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as e:
        if isinstance(e, LogError):
            raise
        raise LogError(
            f"{file}: {chosen[0]!r} in it is damaged ({e}); copy or export it again"
        ) from None


def _taken_out(archive: Any, name: str, packed: int, file: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    with archive.open(name) as stream:
        while part := stream.read(_CHUNK):
            parts.append(part)
            size += len(part)
            refuse_bomb(size, packed, file)
    return b"".join(parts)
