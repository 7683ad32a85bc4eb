"""Drafts: data typed, references found, lines merged with the stored ones, ready for ``derive``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.inputs import Parsed, find_wanted, parse
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid
from kontor.resources.spec import Field, LinesSpec, Spec

_MOST_LINES = 5_000


@dataclass(slots=True)
class Work:
    """One record being written: its draft, the flat relations, and which lines are new or gone."""

    draft: Draft
    at: str = ""
    flat: dict[str, Any] = field(default_factory=dict)  # relation → instance
    flat_changed: set[str] = field(default_factory=set)
    new_lines: dict[str, list[Any]] = field(default_factory=dict)
    old_lines: dict[str, list[Any]] = field(default_factory=dict)
    gone_lines: dict[str, list[Any]] = field(default_factory=dict)
    line_flat: dict[Any, dict[str, Any]] = field(default_factory=dict)  # line id → relation → instance
    line_before: dict[Any, dict[str, Any]] = field(default_factory=dict)
    line_at: dict[Any, str] = field(default_factory=dict)
    external: tuple[str, str] | None = None  # source, ref


def snapshot(instance: Any) -> dict[str, Any]:
    """The stored values of an instance by column name."""
    values = instance.__dict__
    return {name: values.get(name) for name in _columns(instance.__class__)}


@cache
def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields)


def draft_new(ctx: Context, spec: Spec, items: list[Any], ats: list[str]) -> list[Work]:
    """Works for new records; raises Invalid with all that is wrong in any of them."""
    errors: list[FieldError] = []
    pending: list[tuple[Work, Parsed, list[tuple[LinesSpec, Any, Parsed]]]] = []
    for data, at in zip(items, ats, strict=True):
        record: Any = spec.model(**spec.where)
        if spec.has_state:
            record.state = spec.initial
        work = _work(Draft(record, at=at), at)
        plain = _take(spec, work, data, errors)
        parsed = parse(ctx, spec.fields, plain, at, errors)
        rows = [row for lines in spec.lines.values() for row in _rows(ctx, lines, work, data, errors)]
        pending.append((work, parsed, rows))
    _settle(ctx, spec, pending, errors)
    return [work for work, _p, _r in pending]


def draft_change(ctx: Context, spec: Spec, record: Any, data: Any) -> Work:
    """The work for a stored, locked record; only what is given changes, lines are replaced by id."""
    errors: list[FieldError] = []
    work = _work(Draft(record, before=snapshot(record)), "")
    plain = _take(spec, work, data, errors)
    parsed = parse(ctx, spec.fields, plain, "", errors)
    rows = [row for lines in spec.lines.values() for row in _rows(ctx, lines, work, data, errors)]
    _settle(ctx, spec, [(work, parsed, rows)], errors)
    return work


def _work(draft: Draft, at: str) -> Work:
    work = Work(draft, at)
    draft.lines_before, draft.line_at = work.line_before, work.line_at  # one dict, seen from both
    return work


def _take(spec: Spec, work: Work, data: Any, errors: list[FieldError]) -> Any:
    """The plain values without lines and external reference, which are looked at by themselves."""
    if not isinstance(data, Mapping):
        return data
    plain = {k: v for k, v in data.items() if k not in spec.lines and k not in ("external_ref", "external_source")}
    ref = data.get("external_ref")
    if ref not in (None, ""):
        if not isinstance(ref, str | int) or len(str(ref)) > 200:
            errors.append(FieldError(f"{work.at}/external_ref", "invalid", _("At most 200 characters are expected.")))
        else:
            work.external = (str(data.get("external_source") or "")[:60], str(ref))
    return plain


def _rows(
    ctx: Context, lines: LinesSpec, work: Work, data: Any, errors: list[FieldError]
) -> list[tuple[LinesSpec, Any, Parsed]]:
    record = work.draft.record
    link = f"{lines.link}_id"
    stored: dict[UUID, Any] = {}
    if work.draft.before:
        stored = {
            row.pk: row
            for row in lines.model._default_manager.filter(**{link: record.pk}, **lines.where).order_by(
                *(["position"] if _placed(lines) else ["pk"])
            )
        }
        for row in stored.values():
            work.line_before[row.pk] = snapshot(row)
    given = data.get(lines.name) if isinstance(data, Mapping) else None
    at = f"{work.at}/{lines.name}"
    if lines.readonly and given is not None:
        errors.append(FieldError(at, "read_only", _("These lines are written by Kontor.")))
        given = None
    if given is None:
        work.draft.lines[lines.name] = list(stored.values())
        work.old_lines[lines.name] = list(stored.values())
        return []
    if not isinstance(given, list):
        errors.append(FieldError(at, "invalid", _("A list of lines is expected here.")))
        return []
    if len(given) > _MOST_LINES:
        errors.append(FieldError(at, "invalid", _("A list of at most %(n)d lines is expected.") % {"n": _MOST_LINES}))
        return []
    out, kept = [], []
    by_id = {str(pk): row for pk, row in stored.items()}
    work.draft.given.add(lines.name)
    for i, row in enumerate(given):
        pointer = f"{at}/{i}"
        values = dict(row) if isinstance(row, Mapping) else row
        line_id = str(values.pop("id", "") or "") if isinstance(values, dict) else ""
        line: Any = by_id.get(line_id)
        if line_id and line is None:
            errors.append(FieldError(f"{pointer}/id", "not_found", _("This document has no such line.")))
            continue
        is_new = line is None
        if line is None:
            line = lines.model(**{link: record.pk}, **lines.where)
            work.new_lines.setdefault(lines.name, []).append(line)
        else:
            work.old_lines.setdefault(lines.name, []).append(line)
        if _placed(lines):
            line.position = i + 1
        work.line_at[line.pk] = pointer
        parsed = parse(ctx, lines.fields, values, pointer, errors)
        if is_new and isinstance(values, dict):
            _need(lines.fields, parsed, pointer, errors, late=True)
        out.append((lines, line, parsed))
        kept.append(line)
    work.draft.lines[lines.name] = kept
    staying = {line.pk for line in kept}
    work.gone_lines[lines.name] = [row for pk, row in stored.items() if pk not in staying]
    return out


def _settle(ctx: Context, spec: Spec, pending: list[Any], errors: list[FieldError]) -> None:
    find_wanted(ctx, [p for _w, parsed, rows in pending for p in (parsed, *(r[2] for r in rows))], errors)
    for work, parsed, rows in pending:
        record = work.draft.record
        work.draft.given |= set(parsed.values)
        _apply(record, spec.fields, spec.flat, parsed.values, work.flat, work.flat_changed)
        for lines, line, p in rows:
            work.draft.lines_given[line.pk] = set(p.values)
            flats: dict[str, Any] = {}
            _apply(line, lines.fields, lines.flat, p.values, flats, set())
            if flats:
                work.line_flat[line.pk] = flats
    if errors:
        raise Invalid(errors)


def _apply(
    target: Any,
    fields: Mapping[str, Field],
    flat: Mapping[str, str],
    values: dict[str, Any],
    flats: dict[str, Any],
    changed: set[str],
) -> None:
    """Set typed values; those of a flat relation go to its instance, made when there is none."""
    for name, value in values.items():
        f = fields[name]
        relation = f.path.rpartition("__")[0]
        if relation:
            continue
        setattr(target, f"{name}_id" if f.kind == "reference" else name, value)
    for relation in flat:
        mine = {n: v for n, v in values.items() if fields[n].path.startswith(f"{relation}__")}
        instance = None
        if getattr(target, f"{relation}_id", None):
            instance = getattr(target, relation) if mine else None
        else:
            instance = target._meta.get_field(relation).related_model()
        if instance is None:
            continue
        for name, value in mine.items():
            setattr(instance, f"{name}_id" if fields[name].kind == "reference" else name, value)
        setattr(target, relation, instance)
        flats[relation] = instance
        if mine:
            changed.add(relation)


def check_required(spec: Spec, work: Work) -> list[FieldError]:
    """After ``derive``: what is still missing."""
    out: list[FieldError] = []
    _check_instance(spec.fields, work.draft.record, work.at, out)
    for lines in spec.lines.values():
        rows = work.draft.lines.get(lines.name, [])
        if lines.required and not rows:
            out.append(FieldError(f"{work.at}/{lines.name}", "required", _("At least one line is needed.")))
        for line in rows:
            if line.pk in work.line_at:
                _check_instance(lines.fields, line, work.line_at[line.pk], out)
    return out


def _check_instance(fields: Mapping[str, Field], instance: Any, at: str, out: list[FieldError]) -> None:
    for f in fields.values():
        if not f.required or f.is_computed:
            continue
        holder = instance
        relation, _sep, name = f.path.rpartition("__")
        if relation:
            holder = getattr(instance, relation, None)
        value = getattr(holder, f"{name}_id" if f.kind == "reference" else name, None) if holder else None
        if value is None or value == "":
            out.append(FieldError(f"{at}/{f.name}", "required", _("A value is needed here.")))


def _need(fields: Mapping[str, Field], p: Parsed, at: str, errors: list[FieldError], *, late: bool) -> None:
    wanted = {w[0] for w in p.wanted}
    for f in fields.values():
        if f.required and f.kind == "reference" and f.name not in p.values and f.name not in wanted:
            pointer = f"{at}/{f.name}"
            if all(e.pointer != pointer for e in errors):
                errors.append(FieldError(pointer, "required", _("A value is needed here.")))


def _placed(lines: LinesSpec) -> bool:
    """Whether the lines keep their order in a column ``position`` (not a job of that name)."""
    return any(f.name == "position" and not f.is_relation for f in lines.model._meta.concrete_fields)
