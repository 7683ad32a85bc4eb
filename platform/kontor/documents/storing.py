"""What the gate writes to the tables: records, their flat relations and lines, a statement a table."""

from __future__ import annotations

from typing import Any

from kontor import clock
from kontor.database.rows import put
from kontor.documents.drafting import Work, snapshot
from kontor.resources.spec import Spec
from kontor.values.writing import as_json


def insert(spec: Spec, works: list[Work]) -> None:
    for w in works:
        for relation, instance in w.flat.items():
            if relation in w.flat_changed and not instance._state.adding:
                instance.save()  # a new role of a known party may correct the party
    _save_new([i for w in works for i in w.flat.values()])
    spec.model._default_manager.bulk_create([w.draft.record for w in works])
    for lines in spec.lines.values():
        rows = [line for w in works for line in w.draft.lines.get(lines.name, [])]
        for w in works:
            for line in w.draft.lines.get(lines.name, []):
                setattr(line, f"{lines.link}_id", w.draft.record.pk)
        _save_new([i for w in works for flats in w.line_flat.values() for i in flats.values()])
        for line in rows:
            for relation in lines.flat:
                setattr(line, f"{relation}_id", getattr(line, relation).pk)
        lines.model._default_manager.bulk_create(rows)


def _save_new(instances: list[Any]) -> None:
    by_model: dict[Any, list[Any]] = {}
    for i in instances:
        if i._state.adding:
            by_model.setdefault(type(i), []).append(i)
    for model, rows in by_model.items():
        model._default_manager.bulk_create(rows)


def save_changes(spec: Spec, work: Work) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    before, after = work.draft.before, snapshot(work.draft.record)
    for f in work.draft.record._meta.concrete_fields:
        if before[f.attname] != after[f.attname] and f.attname not in ("version", "updated_at"):
            changes[f.name] = [as_json(before[f.attname]), as_json(after[f.attname])]
    for relation, instance in work.flat.items():
        if relation in work.flat_changed:
            old = type(instance)._default_manager.get(pk=instance.pk)
            for f in instance._meta.concrete_fields:
                a, b = getattr(old, f.attname), getattr(instance, f.attname)
                if a != b:
                    changes[f.name] = [as_json(a), as_json(b)]
            instance.save()
    for lines in spec.lines.values():
        _save_lines(lines, work, changes)
    return changes


def save_columns(records: list[Any], columns: frozenset[str]) -> None:
    """Store the same columns of changed records, and their version; one statement."""
    for r in records:
        r.updated_at = clock.now()
    names = sorted(columns | {"version", "updated_at"})
    put(type(records[0]), {r.pk: [r.__dict__[name] for name in names] for r in records}, names)


def _save_lines(lines: Any, work: Work, changes: dict[str, Any]) -> None:
    new = work.new_lines.get(lines.name, [])
    gone = work.gone_lines.get(lines.name, [])
    if gone:
        lines.model._default_manager.filter(pk__in=[g.pk for g in gone]).delete()
    kept = [line for line in work.draft.lines.get(lines.name, []) if line.pk in work.line_before]
    dirty = [line for line in kept if snapshot(line) != work.line_before[line.pk]]
    if dirty:
        names = [f.name for f in lines.model._meta.concrete_fields if not f.primary_key]
        lines.model._default_manager.bulk_update(dirty, names)
    _save_new([i for line in new for i in work.line_flat.get(line.pk, {}).values()])
    for line in new:
        for relation in lines.flat:
            setattr(line, f"{relation}_id", getattr(line, relation).pk)
    flats = _save_flats([i for line in kept for i in work.line_flat.get(line.pk, {}).values()])
    lines.model._default_manager.bulk_create(new)
    if new or gone or dirty or flats:
        changes[lines.name] = {
            "added": len(new),
            "removed": len(gone),
            "changed": [
                {
                    n: [as_json(work.line_before[line.pk][n]), as_json(v)]
                    for n, v in snapshot(line).items()
                    if work.line_before[line.pk][n] != v
                }
                for line in dirty
            ]
            + flats,
        }


def _save_flats(instances: list[Any]) -> list[dict[str, Any]]:
    """Save what lines show of other rows (the person of a contact); returns what changed in each."""
    by_model: dict[Any, list[Any]] = {}
    for i in instances:
        by_model.setdefault(type(i), []).append(i)
    out: list[dict[str, Any]] = []
    for model, rows in by_model.items():
        stored = model._default_manager.in_bulk([i.pk for i in rows])
        for i in rows:
            old, new = snapshot(stored[i.pk]), snapshot(i)
            if changed := {n: [as_json(old[n]), as_json(v)] for n, v in new.items() if old[n] != v}:
                i.save()
                out.append(changed)
    return out


def changed_columns(spec: Spec, work: Work) -> list[str]:
    after = snapshot(work.draft.record)
    return [k for k, v in after.items() if work.draft.before[k] != v and k not in ("version", "updated_at")]
