"""Which prints a resource has: ``@printout("sales.quotation", title=_("Quotation"))``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotFound
from kontor.surfaces.printing.sheet import Sheet

Draw = Callable[[Context, UUID], Sheet]


@dataclass(frozen=True, slots=True)
class Printout:
    """One kind of paper of a resource; its name stands in the address."""

    resource: str
    name: str
    title: Any
    draw: Draw
    needs: str = ""  # a resource that the reader must be able to view besides the record's own


_printouts: dict[str, dict[str, Printout]] = {}


def printout(resource: str, *, title: Any, name: str = "", needs: str = "") -> Callable[[Draw], Draw]:
    """Decorator: ``function(ctx, id) -> Sheet`` prints a record; the name defaults to the function's."""

    def keep(function: Draw) -> Draw:
        key = (name or function.__name__).replace("_", "-")
        _printouts.setdefault(resource, {})[key] = Printout(resource, key, title, function, needs)
        return function

    return keep


def printouts(resource: str) -> list[Printout]:
    """The prints of a resource, in the order they were registered."""
    return list(_printouts.get(resource, {}).values())


def find(resource: str, name: str) -> Printout:
    """The print of that name; NotFound if the resource has none."""
    found = _printouts.get(resource, {}).get(name)
    if found is None:
        raise NotFound(_("There is no print “%(name)s” of this kind of record.") % {"name": name})
    return found
