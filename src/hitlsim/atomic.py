"""Files appear whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to; it takes the target's place only if nothing goes wrong.

    Raises
    ------
    OSError
        With the target's name, when it cannot be written.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(file) as partial:
    ...     _ = partial.write_text("whole")
    >>> file.read_text()
    'whole'
    """
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(target)
    except OSError as e:
        # the name that somebody gave, not ours; a full disk tells no name
        if e.errno and e.filename in (None, str(partial), str(target.parent)):
            raise OSError(e.errno, e.strerror, str(target)) from None
        raise
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
