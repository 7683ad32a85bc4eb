"""Refusals: what happened, why and what to do, for people and for programs.

Each carries a stable ``code``, a sentence in the reader's language and, where single values are
wrong, ``errors`` by JSON pointer. The API turns them into RFC 9457 problems with ``status``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: where (``/lines/0/quantity``), which rule, a sentence, and facts beside it."""

    pointer: str
    code: str
    detail: Any
    facts: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The state of things, or another's work, forbids it (409)."""

    status = 409
    code = "refused"

    def __init__(
        self,
        detail: Any,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: Sequence[FieldError] = (),
        **facts: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code, self.status = code or self.code, status or self.status
        self.errors = list(errors)
        self.facts = facts

    def __str__(self) -> str:
        return " ".join([str(self.detail), *(f"{e.pointer}: {e.detail}" for e in self.errors)])


class Invalid(Refused):
    """The values are wrong (422)."""

    status = 422
    code = "invalid"

    def __init__(self, errors: Sequence[FieldError], detail: Any = None) -> None:
        super().__init__(detail or _("Some values are not right."), errors=errors)

    @classmethod
    def at(cls, pointer: str, detail: Any, code: str = "invalid", **facts: Any) -> Invalid:
        """The refusal of a single value."""
        return cls([FieldError(pointer, code, detail, facts)])


class NotAllowed(Refused):
    """The user lacks the right (403)."""

    status = 403
    code = "not_allowed"


class NotFound(Refused):
    """Not there, or not in the user's scope: the two are told alike (404)."""

    status = 404
    code = "not_found"

    def __init__(self, detail: Any = None, **facts: Any) -> None:
        super().__init__(detail or _("There is no such record, or you may not see it."), **facts)


class Stale(Refused):
    """The record changed since it was read (412)."""

    status = 412
    code = "changed_since"
