"""The one exception of the command line: sentences for people, and the same for programs."""

from __future__ import annotations

from typing import Any


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
