"""The form's grids: rows of the record, or those typed before a refusal, with what was wrong in them."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.layout import Lines
from kontor.resources.spec import LinesSpec, Spec
from kontor.surfaces.line_facts import facts_for
from kontor.surfaces.query import MOST_ROWS, Ask, select
from kontor.values.money import plain
from kontor.web.record.grid import Column, columns_of, grid_of, grid_words, lines_spec
from kontor.web.record.posting import Wrong
from kontor.web.record.reading import Seen
from kontor.web.record.widgets import Section, form_fields, quick_form, value_of


def was_of(ctx: Context, spec: Spec, seen: Seen | None) -> dict[str, str]:
    """The values the form is opened with: what is not changed is not sent to the gate."""
    return {f.name: value_of(ctx, f, seen) for f in form_fields(ctx, spec)} if seen else {}


def grids_of(
    ctx: Context, spec: Spec, seen: Seen | None, sections: list[Section], typed: dict[str, Any], wrong: Wrong
) -> dict[str, dict[str, Any]]:
    """Name of the lines → everything the grid's script needs."""
    out: dict[str, dict[str, Any]] = {}
    for section in sections:
        if section.lines is None:
            continue
        part: Lines = section.lines
        lines = lines_spec(spec, part)
        columns = columns_of(ctx, lines, part.columns.split() or list(lines.columns))
        rows = grid_of(seen, part).rows if seen is not None else []
        given = typed.get(part.name)
        changed = given is not None
        if given is not None:
            rows = merged(ctx, lines, columns, rows, given)
        frozen = spec.frozen.get(seen.state, frozenset()) if seen is not None else frozenset()
        facts = facts_for(spec.name) if part.name == next(iter(spec.lines)) else None
        out[part.name] = {
            "name": part.name,
            "label": str(part.title or lines.label),
            "columns": [{**asdict(c), "quick": quick_form(ctx, c.relation) if c.relation else ""} for c in columns],
            "rows": rows,
            "errors": wrong.cells.get(part.name, {}),
            "changed": changed,
            "readonly": lines.readonly or part.name in frozen or "*" in frozen,
            "factsLabel": str(facts.label) if facts else "",
            "required": lines.required,
            "words": grid_words(),
        }
    return out


def merged(
    ctx: Context, lines: LinesSpec, columns: list[Column], stored: list[dict[str, Any]], given: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The typed rows over the stored ones: as the user left them."""
    by_id = {row["id"]: row for row in stored}
    titles = _titles(ctx, columns, given)
    out = []
    for row in given:
        base = by_id.get(str(row.get("id", "")))
        values = dict(base["values"]) if base else {}
        shown = dict(base["shown"]) if base else {}
        notes = dict(base["notes"]) if base else {}
        touched: list[str] = []
        for c in columns:
            if c.name not in row:
                continue
            text = _typed(c, row[c.name])
            values[c.name], touched = text, [*touched, c.name]
            shown[c.name], notes[c.name] = titles.get((c.relation, text), (text, "")) if c.relation else (text, "")
        out.append({"id": base["id"] if base else "", "values": values, "shown": shown, "notes": notes,
                    "links": {}, "calc": "", "set": touched})  # fmt: skip
    return out


def _typed(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "percent":
        try:
            return f"{plain(Decimal(str(value)) * 100)}%"
        except InvalidOperation:
            return str(value)
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


def _titles(ctx: Context, columns: list[Column], rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Code and name of the chosen records, one query a relation."""
    out: dict[tuple[str, str], tuple[str, str]] = {}
    for c in columns:
        spec = registry.find(c.relation)
        if spec is None or not ctx.rights.can(spec.name, "view"):
            continue
        ids = {str(row[c.name]) for row in rows if row.get(c.name)}
        names = [n for n in dict.fromkeys((*spec.code[:1], spec.title)) if n in spec.fields]
        wanted = sorted(ids)
        pages = [wanted[i : i + MOST_ROWS] for i in range(0, len(wanted), MOST_ROWS)]
        found = [r for part in pages for r in select(ctx, spec, Ask(fields=names, ids=part, limit=MOST_ROWS)).rows]
        for row in found:
            code = str(row.get(spec.code[0]) or "") if spec.code else ""
            title = str(row.get(spec.title) or "")
            out[c.relation, str(row["id"])] = (code or title, title if title != code else "")
    return out


def sections_with_grids(sections: list[Section], grids: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Sections for the template, each grid at its place."""
    out: list[dict[str, Any]] = []
    for s in sections:
        made: dict[str, Any] = {"title": s.title, "widgets": s.widgets, "grid": None, "sums": s.sums, "beside": ()}
        if s.lines:
            made["grid"] = grids.get(s.lines.name)
        if s.sums and len(out) > 1 and out[-1]["widgets"] and out[-2]["grid"]:
            made["beside"] = out.pop()["widgets"]  # freight and note stand left of the sums
        out.append(made)
    return out
