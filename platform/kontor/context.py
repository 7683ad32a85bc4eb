"""Who acts, for which company, from where: handed by name to everything that reads or writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kontor import clock

if TYPE_CHECKING:
    from kontor.access.rights import Rights


@dataclass(slots=True)
class Context:
    """The acting user with rights, the source of the call, and the clock of the company.

    ``effects`` collects the vouchers and moves of a dry run.
    """

    user_id: UUID | None
    user_name: str
    rights: Rights
    employee_id: UUID | None = None
    department_path: str = ""
    branch_id: UUID | None = None
    language: str = "en"
    zone: str = "UTC"
    currency: str = "USD"
    source: str = "web"  # web, api, import, job, system, <external source name>
    address: str = ""
    request_id: str = ""
    dry_run: bool = False
    effects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cache: dict[Any, Any] = field(default_factory=dict)  # of this call: rights, settings, products …

    @property
    def today(self) -> dt.date:
        """The company's date now."""
        return clock.now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def now(self) -> dt.datetime:
        """This instant."""
        return clock.now()

    def note(self, kind: str, effect: dict[str, Any]) -> None:
        """Remember a voucher or a move that a dry run has made."""
        self.effects.setdefault(kind, []).append(effect)

    def as_system(self) -> Context:
        """The same call with every right: for what a service does on the user's behalf."""
        from kontor.access.rights import ALL_RIGHTS  # rights are looked up in a context

        return replace(self, rights=ALL_RIGHTS)


_current: ContextVar[Context | None] = ContextVar("kontor_context", default=None)


@contextmanager
def acting(ctx: Context) -> Iterator[Context]:
    """Make ``ctx`` the one that templates and tags may read; services take theirs by name."""
    token = _current.set(ctx)
    try:
        yield ctx
    finally:
        _current.reset(token)


def current_context() -> Context | None:
    """The context of the request being answered, for templates alone."""
    return _current.get()
