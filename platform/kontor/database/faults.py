"""Faults of the machine, told apart from faults of ours: the database is away, or a disk has no room."""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError

_NO_ROOM = ("53100",)  # PostgreSQL: disk_full


def has_no_room(error: BaseException | None) -> bool:
    """Whether a disk is full: the database's, or the one of the files."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in _NO_ROOM


def is_away(error: BaseException | None) -> bool:
    """Whether the database cannot be asked now: gone, starting, or all of its connections in use."""
    return isinstance(error, OperationalError | InterfaceError)
