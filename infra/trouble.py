"""The one exception of the command line: a sentence for people."""

from __future__ import annotations


class Trouble(Exception):
    """What happened, why, and what to do, in one message; the command ends with ``status``."""

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
