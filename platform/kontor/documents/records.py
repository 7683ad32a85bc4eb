"""The bases of every stored thing: Record, Document, Line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.database.instances import Stored
from kontor.resources import registry
from kontor.values.columns import IdField, Reference, StampField


@dataclass(frozen=True, slots=True)
class Ref:
    """A loose reference: the resource's name and the id. The only form that crosses modules."""

    resource: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a number is made: ``SO-{yy}{mm}-{n:04}``; the date parts decide when counting restarts."""

    pattern: str
    gapless: bool = False
    field: str = "number"
    at_create: bool = False  # masters get theirs at once, documents at a transition


@dataclass(slots=True)
class Draft:
    """A record on its way through the gate, with its lines in memory.

    ``given`` and ``lines_given`` tell what the caller set, so that ``derive`` fills only the rest.
    ``before`` holds the stored values of an update, empty for a new record; ``lines_before`` those of
    the stored lines by id. ``at`` and ``line_at`` are the JSON pointers of record and lines in the
    caller's data, for refusals of single values.
    """

    record: Any
    lines: dict[str, list[Any]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    lines_given: dict[Any, set[str]] = field(default_factory=dict)  # line id → names
    before: dict[str, Any] = field(default_factory=dict)
    lines_before: dict[Any, dict[str, Any]] = field(default_factory=dict)  # line id → stored values
    at: str = ""
    line_at: dict[Any, str] = field(default_factory=dict)  # line id → pointer

    @property
    def is_new(self) -> bool:
        return not self.before


class Record(Stored):
    """A row of its own: id, version, time stamps."""

    id = IdField()
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = StampField(_("created"), auto_now_add=True, editable=False)
    updated_at = StampField(_("updated"), auto_now=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Fill what was not given and compute totals, for all drafts at once, before they are written.

        Also run for previews while somebody types: it changes the drafts in memory and nothing else.
        """

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """What must follow a create or update in the same transaction, once the rows are stored."""

    def dropping(self, ctx: Any) -> None:
        """What must go with the record, just before the gate deletes it; may refuse."""


class Owned(Record):
    """A record that belongs to somebody: what the data scope compares stands in its columns."""

    owner = Reference("organization.Employee", verbose_name=_("owner"), null=True, blank=True)
    branch = Reference("organization.Branch", verbose_name=_("branch"), null=True, blank=True)
    department_path = models.CharField(max_length=400, blank=True, editable=False)
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Document(Owned):
    """Something that happens: it has a number, a state and a lifecycle of actions."""

    numbering: ClassVar[Numbering | None] = None
    frozen: ClassVar[dict[Any, set[str]]] = {}  # state → fields that may no longer change

    number = models.CharField(_("number"), max_length=40, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=20, editable=False)

    class Meta:
        abstract = True

    @property
    def ref(self) -> Ref:
        """The loose reference to this document."""
        return Ref(registry.name_of(self), self.id)


class Line(Stored):
    """A row of a document, in order of ``position``."""

    id = IdField()
    position = models.PositiveIntegerField(pgettext_lazy("of a line", "position"), default=0, editable=False)

    class Meta:
        abstract = True
