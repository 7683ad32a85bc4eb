"""The fields of a resource or of its lines: what the model says of each column, and what the declaration adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import NOT_PROVIDED
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.resources import registry
from kontor.resources.declaration import Computed, Resource, Rows, name_of, words
from kontor.resources.spec import Field
from kontor.values import columns as c

_KINDS: tuple[tuple[type, str], ...] = (
    (c.QuantityField, "quantity"),
    (c.PriceField, "price"),
    (c.AmountField, "amount"),
    (c.PercentField, "percent"),
    (c.RateField, "rate"),
    (c.CurrencyField, "currency"),
    (c.PhoneField, "phone"),
    (c.TagsField, "tags"),
    (models.ForeignKey, "reference"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "instant"),
    (models.DateField, "date"),
    (models.JSONField, "json"),
    (models.UUIDField, "id"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "quantity"),
    (models.EmailField, "email"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
)
# names of columns whose models give them none, so that a label never is a migration
_USUAL = {
    "version": pgettext_lazy("of a record", "version"),
    "position": pgettext_lazy("of a line", "position"),
    "owner_resource": _("made for"),
    "owner_ref_id": _("made for record"),
    "owner_line_id": _("made for line"),
}
_INTERNAL = frozenset({"department_path", "sort_key"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What a declaration says of the columns of its model."""

    flat: Mapping[str, str]
    computed: Mapping[str, Computed]
    relations: Mapping[str, str]
    guards: Mapping[str, str]  # field → the right without which it is hidden
    skipped: frozenset[str]
    locked: frozenset[str]
    needed: frozenset[str]


def choices_of(declared: type[Resource] | Rows) -> Choices:
    """The choices of a resource, or of the lines of one."""
    skipped, needed = {*_INTERNAL, *words(declared.hidden)}, frozenset[str]()
    guards = {name: right for right, names in declared.guards.items() for name in words(names)}
    if isinstance(declared, Rows):
        skipped.add(declared.link)
        locked = words(declared.locked)
    else:
        locked, needed = words(declared.readonly), frozenset(words(declared.required))
    return Choices(
        flat=declared.flat,
        computed=declared.computed,
        relations=declared.relations,
        guards=guards,
        skipped=frozenset(skipped),
        locked=frozenset(locked),
        needed=needed,
    )


def fields_of(model: type[models.Model], said: Choices) -> dict[str, Field]:
    """The columns of the model, those of its flat relations, and what the query computes; in this order."""
    out = {f.name: _stored(f, f.name, f.name, said) for f in _columns(model, said)}
    for relation, names in said.flat.items():
        target: Any = model._meta.get_field(relation).related_model
        for name in words(names):
            out[name] = _stored(target._meta.get_field(name), name, f"{relation}__{name}", said)
    for name, computed in said.computed.items():
        out[name] = Field(
            name=name,
            path=name,
            kind=computed.kind,
            label=computed.label,
            readonly=True,
            nullable=True,
            currency=computed.currency,
            unit=computed.unit,
            choices=computed.choices,
            guard=said.guards.get(name, ""),
            expression=computed.expression,
        )
    return out


def _columns(model: type[models.Model], said: Choices) -> Iterator[Any]:
    for f in model._meta.concrete_fields:
        own_fields = f.name == "custom" and isinstance(f, models.JSONField)  # a company's own have names of their own
        if f.name not in said.skipped and not own_fields:
            yield f


def _stored(f: Any, name: str, path: str, said: Choices) -> Field:
    kind = "choice" if f.choices else next((k for cls, k in _KINDS if isinstance(f, cls)), "json")
    readonly = name in said.locked or not f.editable
    has_default = f.default is not NOT_PROVIDED
    prefix = path.rpartition("__")[0]
    currency = getattr(f, "currency", "") if kind in ("amount", "price") else ""
    return Field(
        name=name,
        path=path,
        kind=kind,
        label=_label(f),
        help=f.help_text,
        required=name in said.needed or not (f.blank or f.null or has_default or readonly),
        readonly=readonly,
        nullable=f.null,
        choices=tuple(f.choices or ()),
        relation=said.relations.get(name, "") or _relation(f),
        currency=f"{prefix}__{currency}" if prefix and currency else currency,
        unit=getattr(f, "unit", ""),
        max_length=getattr(f, "max_length", None),
        default=f.default if has_default else None,
        guard=said.guards.get(name, ""),
        unique=f.unique,
    )


def _label(f: Any) -> Any:
    """The field's own name, else what its model's ``labels`` or everybody calls such a column."""
    if f._verbose_name is not None:
        return f.verbose_name
    return getattr(f.model, "labels", {}).get(f.name) or _USUAL.get(f.name) or f.verbose_name


def _relation(f: Any) -> str:
    """The resource that a foreign key points to: the one declared over its table."""
    if not isinstance(f, models.ForeignKey):
        return ""
    target = f.related_model
    assert not isinstance(target, str)
    found = next((d for d in registry.declarations() if d.model is target and not d.of), None)
    return name_of(found) if found else f"{target._meta.app_label}.{target._meta.model_name}"
