"""The one exception of the command line: sentences for people, and the same for programs."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

NO_ROOM = 32_000_000  # bytes; with less, what failed will have failed for that


class Trouble(Exception):
    """What happened and why, what to do about it, and a code for programs; the command ends with ``status``."""

    def __init__(self, detail: str, what_to_do: str = "", *, code: str = "failed", status: int = 1) -> None:
        super().__init__(f"{detail} {what_to_do}".strip())
        self.detail = detail
        self.what_to_do = what_to_do
        self.code = code
        self.status = status

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints under ``error``."""
        return {"code": self.code, "detail": self.detail, "what_to_do": self.what_to_do}

    @classmethod
    def read(cls, value: Any) -> Trouble:
        """What ``as_json`` gave in another process, or a bare sentence."""
        if isinstance(value, dict):
            return cls(str(value.get("detail", "")), str(value.get("what_to_do", "")), code=str(value.get("code", "")))
        return cls(str(value))


def is_full(error: OSError) -> bool:
    """Whether the error is that of a full disk or quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_full(folder: Path) -> Trouble:
    """The sentence for a disk that is full or nearly so."""
    free = shutil.disk_usage(folder).free // 1_000_000
    return Trouble(
        f"The disk is full: {free} MB are left for {folder}.",
        "Free about 1.5 GB, or name a folder on another disk with --state DIR, and start again; nothing is lost.",
        code="disk_full",
    )


def has_no_room(folder: Path) -> bool:
    """Whether what just failed there, without saying why, had no room."""
    try:
        return shutil.disk_usage(folder).free < NO_ROOM
    except OSError:
        return False
