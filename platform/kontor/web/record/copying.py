"""A new record that begins as a copy: values that a person would type, without number, state and sums."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kontor.values.money import plain
from kontor.web.record.reading import Seen
from kontor.web.record.widgets import form_fields, value_of

_NEVER = frozenset({"number", "code", "state", "external_ref"})


def copied(seen: Seen) -> tuple[dict[str, str], dict[str, Any]]:
    """The form's values and the lines of a record, for a new one."""
    values = {
        f.name: value_of(seen.ctx, f, seen)
        for f in form_fields(seen.ctx, seen.spec)
        if f.name not in _NEVER and not f.unique and f.kind != "json"
    }
    lines: dict[str, Any] = {}
    for name, spec in seen.spec.lines.items():
        if spec.readonly:
            continue
        keep = [n for n in spec.columns if not spec.fields[n].readonly and not spec.fields[n].is_computed]
        lines[name] = [
            {n: _plain(row.get(n)) for n in keep if row.get(n) not in (None, "")} for row in seen.row.get(name, [])
        ]
    return {k: v for k, v in values.items() if v}, lines


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, bool | list | dict) else str(value)
