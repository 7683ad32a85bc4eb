"""The draft computed by the write gate in a dry run: prices with their rules, amounts, totals, facts."""

from __future__ import annotations

from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, Refused
from kontor.resources.layout import Lines, flat
from kontor.resources.spec import Spec
from kontor.surfaces.line_facts import facts_for
from kontor.values.wording import clauses
from kontor.web.record.grid import columns_of, facts_of, rows_of
from kontor.web.record.parts import totals_of
from kontor.web.record.posting import Wrong
from kontor.web.record.reading import see, text_of
from kontor.web.record.widgets import form_fields


def calculate(ctx: Context, spec: Spec, data: dict[str, Any], pk: Any, sums: list[str]) -> dict[str, Any]:
    """What the grid shows of the draft; lines that are wrong are left out and named, the rest is computed."""
    out: dict[str, Any] = {"ok": False, "needs": [], "errors": {}, "skipped": []}
    skipped: list[int] = []
    for _attempt in range(2):
        try:
            return {**out, **_try(ctx, spec, data, pk, sums), "ok": True, "skipped": skipped}
        except Invalid as refusal:
            wrong = Wrong(spec, refusal.errors)
            out["errors"] = {**out["errors"], **wrong.cells}
            out["needs"] = [str(spec.fields[n].label) for n in wrong.fields]
            bad = wrong.lines()
            if wrong.fields or not bad or skipped:
                out["message"] = clauses([*wrong.other, *(d for ds in wrong.fields.values() for d in ds)])
                return out
            skipped = sorted(bad)
            data = {k: _without(v, bad) if k in spec.lines else v for k, v in data.items()}
        except Refused as refusal:
            out["message"] = str(refusal.detail)
            return out
    return out


def _try(ctx: Context, spec: Spec, data: dict[str, Any], pk: Any, sums: list[str]) -> dict[str, Any]:
    held: list[Context] = []

    def write(trial: Context) -> Any:
        held.append(trial)
        return gate.update(trial, spec.name, pk, data) if pk else gate.create(trial, spec.name, data)

    def show(record: Any) -> dict[str, Any]:
        seen = see(held[0], spec, record.pk, scoped=False)
        first = next(iter(spec.lines), "")
        facts = facts_of(seen, first) if facts_for(spec.name) and first else []
        lines = {}
        for part in (p for p in flat(spec.form) if isinstance(p, Lines)):
            ls = spec.lines[part.name]
            columns = columns_of(seen.ctx, ls, part.columns.split() or list(ls.columns))
            rows = rows_of(seen, ls, columns, seen.row.get(part.name, []))
            if part.name == first:
                for row, fact in zip(rows, facts, strict=False):
                    row["fact"] = fact
            lines[part.name] = rows
        shown = {
            f.name: str(seen.row.get(f.name) or "") if f.kind == "date" else text_of(ctx, f, seen.row, seen.currencies)
            for f in form_fields(ctx, spec)
            if f.kind != "json"
        }
        totals = [
            {"label": s.label, "text": s.text, "grand": s.grand, "guarded": s.guarded} for s in totals_of(seen, sums)
        ]
        return {"lines": lines, "fields": shown, "sums": totals}

    answer: dict[str, Any] = gate.dry_run(ctx, write, show)
    answer.pop("effects", None)
    return answer


def _without(rows: Any, bad: set[int]) -> Any:
    return [row for i, row in enumerate(rows) if i not in bad] if isinstance(rows, list) else rows
