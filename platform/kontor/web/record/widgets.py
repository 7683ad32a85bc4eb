"""The inputs of a form: one widget a field, with the value as it stands in an input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import words_for
from kontor.resources import registry
from kontor.resources.layout import Lines, Row, Totals, flat
from kontor.resources.spec import Field, Spec
from kontor.surfaces.query import Ask, select
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.web.record.reading import Seen, input_of

_TYPES = {"date": "date", "instant": "datetime-local", "email": "email", "phone": "tel"}


@dataclass(slots=True)
class Widget:
    """One input with its label, help, value and what was wrong with it."""

    name: str
    label: str
    kind: str
    value: str = ""
    text: str = ""  # of a reference: its title
    help: str = ""
    type: str = "text"
    required: bool = False
    locked: str = ""  # why it cannot be changed
    if_empty: str = ""  # what is taken where nothing is typed
    choices: tuple[tuple[str, str], ...] = ()
    relation: str = ""
    quick: str = ""  # the address of the quick form that makes what is missing
    suffix: str = ""
    max_length: int | None = None
    errors: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)  # of a small structure: key, label, value

    @property
    def is_number(self) -> bool:
        return self.kind in NUMERIC

    @property
    def is_wide(self) -> bool:
        return self.kind in ("longtext", "json")


@dataclass(frozen=True, slots=True)
class Section:
    """Widgets beside each other, or the lines of one name, or the sums."""

    title: str = ""
    widgets: tuple[Widget, ...] = ()
    lines: Any = None
    sums: str = ""


def sections_of(
    ctx: Context, spec: Spec, seen: Seen | None, given: Mapping[str, str], errors: Mapping[str, list[str]]
) -> list[Section]:
    """The form as declared; ``given`` are values typed or asked for, which win over the record's."""
    out: list[Section] = []
    for part in flat(spec.form):
        if isinstance(part, Row):
            names = [n for n in part.fields.split() if n in spec.fields and ctx.rights.sees(spec.fields[n].guard)]
            made = tuple(widget_of(ctx, spec, spec.fields[n], seen, given, errors) for n in names)
            if made:
                out.append(Section(capital(part.title) if part.title else "", made))
        elif isinstance(part, Lines):
            out.append(Section(str(part.title or ""), lines=part))
        elif isinstance(part, Totals):
            out.append(Section(sums=part.fields))
    if not any(s.sums for s in out):
        totals = next((p for p in flat(spec.detail) if isinstance(p, Totals)), None)
        at = max((i for i, s in enumerate(out) if s.lines), default=-1)
        if totals and at >= 0:
            out.insert(at + 1, Section(sums=totals.fields))
    return out


def form_fields(ctx: Context, spec: Spec) -> list[Field]:
    """The fields that the form may write."""
    names = [n for p in flat(spec.form) if isinstance(p, Row) for n in p.fields.split()]
    return [
        spec.fields[n]
        for n in dict.fromkeys(names)
        if n in spec.fields and not spec.fields[n].readonly and ctx.rights.sees(spec.fields[n].guard)
    ]


def widget_of(
    ctx: Context,
    spec: Spec,
    f: Field,
    seen: Seen | None,
    given: Mapping[str, str],
    errors: Mapping[str, list[str]],
) -> Widget:
    """The widget of one field."""
    value = given[f.name] if f.name in given else value_of(ctx, f, seen)
    begins_today = seen is None and f.name in spec.today
    if begins_today and f.required and f.name not in given:
        value = str(ctx.today)
    kind = f.kind
    out = Widget(
        name=f.name,
        label=capital(f.label),
        kind=kind,
        value=value,
        help=str(f.help or ""),
        type=_TYPES.get(kind, "text"),
        required=f.required,
        choices=tuple((str(k), str(v)) for k, v in f.choices),
        relation=f.relation,
        max_length=f.max_length,
        errors=errors.get(f.name, []),
        locked=_locked(spec, f, seen),
    )
    if begins_today:
        out.if_empty = str(ctx.today)
    if kind == "reference":
        out.text = title_of(ctx, f, value, seen)
        out.quick = quick_form(ctx, f.relation)
    elif kind in ("amount", "price"):
        out.suffix = seen.currency(f.name) if seen else given.get("currency", "") or ctx.currency
    elif kind == "json" and seen is not None and not out.locked:
        out.pairs = _pairs(f, seen.row.get(f.name), given)
    return out


def value_of(ctx: Context, f: Field, seen: Seen | None) -> str:
    """The stored value, or the default of a new record, as it stands in the input."""
    if seen is None:
        default = f.default() if callable(f.default) else f.default
        return _text(f, default)
    value = seen.row.get(f.name)
    if f.kind in NUMERIC:
        return input_of(ctx, f, seen.row, seen.currencies)
    if f.kind == "tags" and f.relation and value:
        value = words_for(ctx, f.relation, value)
    return _text(f, value)


def _text(f: Field, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if f.kind == "boolean":
        return "true" if value else ""
    if f.kind == "tags":
        return ", ".join(map(str, value))
    if f.kind == "json":
        return json.dumps(value, ensure_ascii=False)
    if f.kind == "instant":
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
    if f.kind in NUMERIC:
        return "" if f.name not in ("quantity",) and not value else str(value)
    return str(value)


def title_of(ctx: Context, f: Field, value: str, seen: Seen | None) -> str:
    """The title of a chosen record: from the row, else looked up in the reader's scope."""
    if not value:
        return ""
    if seen is not None and str(seen.row.get(f.name)) == value:
        return str(seen.row.get(f"{f.name}__title") or seen.row.get(f"{f.name}__code") or "")
    spec = registry.find(f.relation)
    if spec is None:
        return value
    names = [n for n in (spec.title,) if n in spec.fields]
    rows = select(ctx, spec, Ask(fields=names, ids=[value], limit=1)).rows if ctx.rights.can(spec.name, "view") else []
    return str(rows[0].get(spec.title) or "") if rows else value


def quick_form(ctx: Context, relation: str) -> str:
    """Where a missing record can be made without leaving the form; empty without the right."""
    spec = registry.find(relation)
    if spec is None or not spec.creatable or spec.menu in ("", "settings") or not ctx.rights.can(relation, "create"):
        return ""
    return f"/{spec.path}/new/?quick=1"


def _locked(spec: Spec, f: Field, seen: Seen | None) -> str:
    if f.readonly:
        return _("Set by Kontor.")
    frozen = spec.frozen.get(seen.state, frozenset()) if seen is not None else frozenset()
    if seen is not None and ("*" in frozen or f.name in frozen):
        return _("Locked while it is: %(state)s.") % {"state": dict(spec.states).get(seen.state, seen.state)}
    return ""


def _pairs(f: Field, value: Any, given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """A flat structure as inputs of its own; anything else stays text."""
    if not isinstance(value, dict) or not value or any(isinstance(v, dict | list) for v in value.values()):
        return []
    return [
        (str(k), capital(str(k).replace("_", " ")), given.get(f"{f.name}.{k}", "" if v is None else str(v)))
        for k, v in value.items()
    ]
