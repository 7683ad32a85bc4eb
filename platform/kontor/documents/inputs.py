"""From the data a caller sends to typed values: every error named by its pointer, none swallowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError
from kontor.resources.actions import Input
from kontor.resources.spec import Field
from kontor.values.parsing import PARSERS, TEXTUAL, decimal
from kontor.values.wording import either

_LIMIT_LINES = 5_000


@dataclass(slots=True)
class Parsed:
    """Typed values by field name; references still to be found, each with the place it came from."""

    values: dict[str, Any] = field(default_factory=dict)
    wanted: list[tuple[str, str, Any, str]] = field(default_factory=list)  # name, relation, value, pointer


def parse(ctx: Context, fields: Mapping[str, Field], data: Any, at: str, errors: list[FieldError]) -> Parsed:
    """Type the values of one record; unknown, read-only and hidden names are errors."""
    out = Parsed()
    if not isinstance(data, Mapping):
        errors.append(FieldError(at or "/", "invalid", _("An object with named values is expected here.")))
        return out
    for name, raw in data.items():
        pointer = f"{at}/{name}"
        f = fields.get(name)
        if f is None:
            errors.append(FieldError(pointer, "unknown_field", _("There is no such field.")))
        elif f.readonly:
            errors.append(FieldError(pointer, "read_only", _("This value is set by Kontor and cannot be given.")))
        elif f.guard and not ctx.rights.sees(f.guard):
            errors.append(FieldError(pointer, "not_allowed", _("You have no right to this field.")))
        else:
            _value(f, raw, pointer, out, errors)
    return out


def _value(f: Field, raw: Any, pointer: str, out: Parsed, errors: list[FieldError]) -> None:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if f.required:
            errors.append(FieldError(pointer, "required", _("A value is needed here.")))
        elif f.nullable or f.kind == "reference":
            out.values[f.name] = None
        elif f.kind in TEXTUAL and not f.choices:
            out.values[f.name] = ""
        elif raw is None or f.default is not None or f.choices:
            return  # leave the default
        return
    if f.kind == "reference":
        if isinstance(raw, list | dict | bool):
            errors.append(FieldError(pointer, "invalid", _("An id, number or code is expected here.")))
        else:
            out.wanted.append((f.name, f.relation, raw if not isinstance(raw, str) else raw.strip(), pointer))
        return
    try:
        value = PARSERS[f.kind](raw)
        if f.choices and f.kind != "reference":
            value = _choice(f.choices, value)
        if f.kind in ("quantity", "amount", "price", "percent") and not isinstance(raw, int):
            value = decimal(value)
        if f.max_length and isinstance(value, str) and len(value) > f.max_length:
            raise ValueError(_("At most %(n)d characters fit here.") % {"n": f.max_length})
    except ValueError as error:
        errors.append(FieldError(pointer, "invalid", str(error)))
        return
    out.values[f.name] = value


def _choice(choices: tuple[tuple[str, Any], ...], value: Any) -> Any:
    known = {str(k): k for k, _label in choices}
    if str(value) in known:
        return known[str(value)]
    by_label = {str(label).lower(): k for k, label in choices}
    if str(value).lower() in by_label:
        return by_label[str(value).lower()]
    raise ValueError(_("One of these is expected: %(choices)s.") % {"choices": either(known)})


def find_wanted(ctx: Context, parsed: list[Parsed], errors: list[FieldError]) -> None:
    """Resolve all references of many records at once, a query or two a relation."""
    by_relation: dict[str, set[Any]] = {}
    for p in parsed:
        for _name, relation, raw, _at in p.wanted:
            by_relation.setdefault(relation, set()).add(raw)
    found = {relation: find_many(ctx, relation, values) for relation, values in by_relation.items()}
    for p in parsed:
        for name, relation, raw, pointer in p.wanted:
            hit = found[relation][raw]
            if isinstance(hit, str):
                errors.append(FieldError(pointer, "not_found", hit))
            else:
                p.values[name] = hit
        p.wanted.clear()


def parse_body(ctx: Context, body: Mapping[str, Input], data: Any, errors: list[FieldError]) -> dict[str, Any]:
    """Type the values that an action asks for; references become ids, lines lists of dicts."""
    if data is None:
        data = {}
    if not body and data == {}:
        return {}  # most actions ask for nothing
    fields = _body_fields({n: i for n, i in body.items() if i.lines is None})
    rows = {n: i for n, i in body.items() if i.lines is not None}
    plain = {k: v for k, v in data.items() if k not in rows} if isinstance(data, Mapping) else data
    top = parse(ctx, fields, plain, "", errors)
    parsed, values = [top], top.values
    for name, given in rows.items():
        raw = data.get(name) if isinstance(data, Mapping) else None
        if raw is None:
            if given.required:
                errors.append(FieldError(f"/{name}", "required", _("At least one line is needed here.")))
            continue
        if not isinstance(raw, list) or len(raw) > _LIMIT_LINES:
            errors.append(FieldError(f"/{name}", "invalid", _("A list of lines is expected here.")))
            continue
        assert given.lines is not None
        row_fields = _body_fields(given.lines)
        lines = []
        for i, row in enumerate(raw):
            p = parse(ctx, row_fields, row, f"/{name}/{i}", errors)
            _missing(row_fields, p, f"/{name}/{i}", errors)
            parsed.append(p)
            lines.append(p.values)
        values[name] = lines
    _missing(fields, top, "", errors)
    find_wanted(ctx, parsed, errors)
    return values


def _missing(fields: Mapping[str, Field], p: Parsed, at: str, errors: list[FieldError]) -> None:
    for f in fields.values():
        if f.required and f.name not in p.values and f.name not in {w[0] for w in p.wanted}:
            pointer = f"{at}/{f.name}"
            if all(e.pointer != pointer for e in errors):
                errors.append(FieldError(pointer, "required", _("A value is needed here.")))


def _body_fields(body: Mapping[str, Input]) -> dict[str, Field]:
    return {
        name: Field(
            name=name,
            path=name,
            kind=i.kind,
            label=i.label or name,
            required=i.required,
            relation=i.relation,
            choices=i.choices,
            nullable=not i.required,
        )
        for name, i in body.items()
    }
