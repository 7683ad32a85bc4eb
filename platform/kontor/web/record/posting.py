"""What a form sent → the data that the write gate takes; only what the user changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from kontor.context import Context
from kontor.errors import FieldError
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.values.money import plain
from kontor.web.record.widgets import form_fields

_MOST_TEXT = 4_000_000


def typed_of(ctx: Context, spec: Spec, post: QueryDict) -> dict[str, str]:
    """The form's values as typed, for showing it again."""
    out: dict[str, str] = {}
    for f in form_fields(ctx, spec):
        if f.kind == "boolean" and f"{f.name}.shown" in post:
            out[f.name] = "true" if post.get(f.name) else ""
        elif f.name in post:
            out[f.name] = post.get(f.name, "").strip()
    out |= {k: str(v) for k, v in post.items() if k.partition(".")[0] in spec.fields and _is_pair(k)}
    return out


def _is_pair(key: str) -> bool:
    return "." in key and not key.endswith(".shown")


def data_of(ctx: Context, spec: Spec, post: QueryDict, *, is_new: bool) -> dict[str, Any]:
    """The gate's data: values that differ from what the form was opened with, and changed lines."""
    was = _object(post.get("was", ""))
    typed = typed_of(ctx, spec, post)
    out: dict[str, Any] = {}
    for f in form_fields(ctx, spec):
        pairs = {k.partition(".")[2]: v for k, v in typed.items() if k.startswith(f"{f.name}.")}
        if f.kind == "json" and pairs:
            before = _object(str(was.get(f.name, "")))
            value: Any = {**before, **pairs}
            if value != before:
                out[f.name] = value
            continue
        if f.name not in typed:
            continue
        text = typed[f.name]
        if is_new and text == "":
            continue
        if text != str(was.get(f.name, "")) or (is_new and text):
            out[f.name] = value_for(ctx, f, text)
    for name, lines in spec.lines.items():
        rows = lines_from(ctx, lines, post.get(f"lines.{name}", ""))
        if rows is not None:
            out[name] = rows
    return out


def value_for(ctx: Context, f: Field, text: Any) -> Any:
    """One typed value: shares from per cent, moments by the company's clock; the gate does the rest."""
    if not isinstance(text, str):
        return text
    if f.kind == "percent":
        return share(text)
    if f.kind == "boolean":
        return bool(text)
    if f.kind == "instant" and text:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return text
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(ctx.zone))
    return text


def share(text: str) -> str:
    """``5`` and ``5%`` are a twentieth; what is no number is left for the gate to refuse."""
    word = text.replace("%", "").replace("％", "").replace(",", "").strip()
    if not word:
        return ""
    try:
        return plain(Decimal(word) / 100)
    except InvalidOperation:
        return text


def lines_from(ctx: Context, lines: LinesSpec, text: str) -> list[dict[str, Any]] | None:
    """The rows that the grid sent; None where it sent nothing (they did not change)."""
    if not text or len(text) > _MOST_TEXT:
        return None
    try:
        rows = json.loads(text)
    except ValueError:
        return None
    if not isinstance(rows, list):
        return None
    out = []
    for row in rows:
        if isinstance(row, dict):
            out.append({k: value_for(ctx, lines.fields[k], v) if k in lines.fields else v for k, v in row.items()})
    return out


class Wrong:
    """Refused values by place: fields, cells, and what belongs to neither."""

    def __init__(self, spec: Spec, errors: list[FieldError]) -> None:
        self.fields: dict[str, list[str]] = {}
        self.cells: dict[str, dict[str, dict[str, str]]] = {}
        self.other: list[str] = []
        self.count = len(errors)
        for e in errors:
            self._take(spec, e.pointer.strip("/").split("/"), str(e.detail))

    def _take(self, spec: Spec, at: list[str], detail: str) -> None:
        if at[0] in spec.lines and len(at) >= 3:
            self.cells.setdefault(at[0], {}).setdefault(at[1], {})[at[2]] = detail
        elif at[0] in spec.lines and len(at) == 2:
            self.cells.setdefault(at[0], {}).setdefault(at[1], {})[""] = detail
        elif at[0] in spec.fields and at[0] not in spec.lines:
            self.fields.setdefault(at[0], []).append(detail)
        else:
            self.other.append(detail)

    def lines(self) -> set[int]:
        """Indexes of wrong lines."""
        return {int(i) for rows in self.cells.values() for i in rows if i.isdigit()}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}  # type: ignore[return-value]
