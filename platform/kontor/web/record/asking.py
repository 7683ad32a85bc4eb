"""The panel of an action: its values as widgets, its lines prefilled, and what it would move and post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from kontor.context import Context
from kontor.resources.actions import Action, Input
from kontor.resources.layout import Lines, flat
from kontor.resources.spec import Field
from kontor.surfaces.prefill import filled
from kontor.values.money import plain
from kontor.values.parsing import NUMERIC, counted
from kontor.values.wording import capital
from kontor.web.record.grid import grid_of
from kontor.web.record.parts import layout_of
from kontor.web.record.posting import value_for
from kontor.web.record.reading import Seen
from kontor.web.record.widgets import Widget, title_of


@dataclass(slots=True)
class AskedRow:
    """One line of an action's list: what it is about, and its inputs."""

    label: str
    note: str
    hidden: list[tuple[str, str]]
    widgets: list[Widget]


@dataclass(slots=True)
class AskedLines:
    """A list that the action asks for."""

    name: str
    label: str
    heads: list[str]
    rows: list[AskedRow] = field(default_factory=list)


@dataclass(slots=True)
class Panel:
    """Everything the panel of an action shows."""

    action: Action
    widgets: list[Widget]
    lines: list[AskedLines]


def panel_for(seen: Seen, act: Action, typed: QueryDict | None, errors: Mapping[str, list[str]]) -> Panel:
    """The panel as prefilled by the module, or as typed before a refusal."""
    body = filled(seen.ctx, seen.spec.name, act.name, seen.row)
    out = Panel(act, [], [])
    for name, given in act.body.items():
        if given.lines is None:
            out.widgets.append(_widget(seen, name, given, body.get(name), typed, errors))
        else:
            out.lines.append(_lines(seen, name, given, body.get(name), typed, errors))
    return out


def body_of(ctx: Context, act: Action, post: QueryDict) -> dict[str, Any]:
    """What the panel sent, in the shape that the API takes; empty values are left out."""
    out: dict[str, Any] = {}
    for name, given in act.body.items():
        if given.lines is not None:
            rows = _rows(ctx, name, given, post)
            if rows:
                out[name] = rows
            continue
        text = post.get(name, "").strip()
        if text:
            out[name] = value_for(ctx, _field(name, given), text)
    return out


def _rows(ctx: Context, name: str, given: Input, post: QueryDict) -> list[dict[str, Any]]:
    assert given.lines is not None
    out = []
    for i in range(min(counted(post.get(f"{name}.count", "")) or 0, 5000)):
        row: dict[str, Any] = {}
        for key, value in given.lines.items():
            text = post.get(f"{name}.{i}.{key}", "").strip()
            if text:
                row[key] = value_for(ctx, _field(key, value), text)
        asked = [k for k, v in given.lines.items() if v.kind in ("quantity", "amount") and v.required]
        if row and all(row.get(k) not in (None, "", "0") for k in asked):
            out.append(row)
    return out


def _field(name: str, given: Input) -> Field:
    return Field(name=name, path=name, kind=given.kind, label=given.label or name, relation=given.relation)


def _widget(
    seen: Seen,
    name: str,
    given: Input,
    value: Any,
    typed: QueryDict | None,
    errors: Mapping[str, list[str]],
) -> Widget:
    text = typed.get(name, "") if typed is not None else "" if value is None else str(value)
    out = Widget(
        name=name,
        label=capital(given.label or name),
        kind=given.kind,
        value=text,
        help=str(given.help or ""),
        type={"date": "date", "email": "email"}.get(given.kind, "text"),
        required=given.required,
        choices=tuple((str(k), str(v)) for k, v in given.choices),
        relation=given.relation,
        errors=errors.get(name, []),
    )
    if given.kind == "date" and not given.required:
        out.if_empty = str(seen.ctx.today)
    if given.kind == "reference":
        out.text = title_of(seen.ctx, _field(name, given), text, None)
    elif given.kind in ("amount", "price"):
        out.suffix = str(seen.row.get("currency") or seen.ctx.currency)
    return out


def _lines(
    seen: Seen, name: str, given: Input, value: Any, typed: QueryDict | None, errors: Mapping[str, list[str]]
) -> AskedLines:
    assert given.lines is not None
    shown = {k: v for k, v in given.lines.items() if v.kind != "id"}
    out = AskedLines(name, capital(given.label or name), [capital(v.label or k) for k, v in shown.items()])
    rows = value if isinstance(value, list) else _own_lines(seen, given)
    known = _labels(seen)
    for i, row in enumerate(rows):
        at = known.get(str(row.get("line", "")), ("", ""))
        hidden = [(f"{name}.{i}.{k}", str(row[k])) for k, v in given.lines.items() if v.kind == "id" and row.get(k)]
        widgets = []
        for key, asked in shown.items():
            held = row.get(key)
            text = _number(held) if asked.kind in NUMERIC else held
            w = _widget(seen, f"{name}.{i}.{key}", asked, text, typed, {})
            w.errors = errors.get(f"{name}/{i}/{key}", []) or errors.get(f"{name}/{i}", [])
            widgets.append(w)
        out.rows.append(AskedRow(row.get("_label") or at[0], row.get("_note") or at[1], hidden, widgets))
    return out


def _number(value: Any) -> Any:
    """``3.000000`` as people write it."""
    try:
        return "" if value is None else plain(Decimal(str(value)))
    except InvalidOperation:
        return value


def _own_lines(seen: Seen, given: Input) -> list[dict[str, Any]]:
    """Without a module's word: all lines of the document with their quantities."""
    assert given.lines is not None
    if "line" not in given.lines or not seen.spec.lines:
        return [{} for _i in range(3)]
    name = next(iter(seen.spec.lines))
    return [{"line": r["id"], "quantity": r.get("quantity")} for r in seen.row.get(name, [])]


def _labels(seen: Seen) -> dict[str, tuple[str, str]]:
    """Line id → code and name, as the page shows them."""
    part = next((p for p in flat(layout_of(seen.spec)) if isinstance(p, Lines)), None)
    if part is None:
        return {}
    grid = grid_of(seen, part, facts=False)
    item = next((c.name for c in grid.columns if c.role == "item"), "")
    return {row["id"]: (row["shown"].get(item, ""), row["notes"].get(item, "")) for row in grid.rows}
