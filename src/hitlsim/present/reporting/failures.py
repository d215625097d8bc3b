"""What can go wrong with a report that is not the user's mistake, each with its exit code."""

from __future__ import annotations

import errno

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class ReportError(RuntimeError):
    """A report could not be made, and not for what the user gave us; names the failed notebook."""

    exit_code = 1


class ReportLocked(ReportError):
    """Another run is making the same report."""

    exit_code = 3


class DiskFull(ReportError):
    """There is no room for the report; the last good one stands."""

    exit_code = 6


NO_PDF = 4
"""Exit code where the page stands, but no PDF could be made of it."""
MONTHS_FAILED = 5
"""Exit code where some of all months could not be reported."""


def no_room(error: OSError) -> bool:
    """Whether a file could not be written because the disk, or one's share of it, is full.

    >>> no_room(OSError(errno.ENOSPC, "No space left on device"))
    True
    """
    return error.errno in _NO_ROOM
