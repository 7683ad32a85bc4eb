"""All declared reports by name, and who may run which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kontor.access.roles import BUILT_IN
from kontor.context import Context
from kontor.errors import NotAllowed, NotFound
from kontor.reports import period as periods
from kontor.reports.declaration import Parameter, Report, Table

_reports: dict[str, Report] = {}

Run = Callable[[Context, Mapping[str, Any]], Table]


def report(
    name: str,
    *,
    module: str,
    label: Any,
    parameters: Sequence[Parameter] = (),
    roles: Mapping[str, str] | None = None,
    description: Any = "",
    icon: str = "report",
    menu: bool = True,
    period: str = "",
    ask_whole: bool = False,
    guard: str = "",
) -> Callable[[Run], Run]:
    """Decorator: ``function(ctx, parameters) -> Table`` is a report.

    With a ``period`` (balance or flow) it takes ``as_of``, ``from`` and ``to``, settled before it runs; its form
    asks for all three with ``ask_whole``.

    The reader's data scope is the function's own affair: it filters by ``access.scope.predicate``.
    """

    def keep(function: Run) -> Run:
        if name in _reports:
            raise RuntimeError(f"There are two reports named {name!r}.")
        asked = (*(periods.parameters(period, whole=ask_whole) if period else ()), *parameters)
        _reports[name] = Report(
            name, module, label, function, asked, dict(roles or {}), description, icon, menu, period, guard
        )
        return function

    return keep


def get(name: str) -> Report:
    """The report of that name; NotFound if there is none."""
    try:
        return _reports[name]
    except KeyError:
        raise NotFound(_("There is no report “%(name)s”.") % {"name": name}) from None


def reports() -> list[Report]:
    """All reports, by module and name."""
    return sorted(_reports.values(), key=lambda r: (r.module, r.name))


def reports_for(ctx: Context) -> list[Report]:
    """The reports that the user may open, without those that are only drilled into."""
    return [r for r in reports() if r.menu and allowed(ctx, r)]


def allowed(ctx: Context, found: Report, verb: str = "view") -> bool:
    """Whether a role of the user grants the verb: by declaration, or as the company changed it."""
    if ctx.rights.everything:
        return True
    if ctx.rights.limit is not None and not ctx.rights.limit.lets(found.right, verb):
        return False
    if found.guard and not ctx.rights.sees(found.guard):
        return False
    for role in ctx.rights.roles:
        changed = role.verbs.get(found.right)
        if changed is not None:
            if verb in changed[0]:
                return True
            continue
        everywhere = BUILT_IN[role.code].everywhere if role.code in BUILT_IN else frozenset()
        if "**" in everywhere or verb in everywhere or verb in found.roles.get(role.code, "").split():
            return True
    return False


def need(ctx: Context, found: Report, verb: str = "view") -> None:
    """Raise NotAllowed with the name of the right that is missing."""
    if not allowed(ctx, found, verb):
        right = f"{found.right}.{verb}"
        if found.guard and not ctx.rights.sees(found.guard):
            right = f"fields.{found.guard}"
        raise NotAllowed(
            _("You need the right “%(right)s”; an administrator can grant it.") % {"right": right}, right=right
        )
