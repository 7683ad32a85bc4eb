"""Running a report: parameters typed and named, the right checked, the table made JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid
from kontor.reports import period
from kontor.reports.declaration import Column, Drill, Line, Parameter, Report, Table
from kontor.reports.registry import get, need
from kontor.values.parsing import PARSERS
from kontor.values.wording import either, listed
from kontor.values.writing import as_json


@dataclass(frozen=True, slots=True)
class Result:
    """A report that was run: what it was asked, and its table."""

    report: Report
    parameters: Mapping[str, Any]
    table: Table

    def as_json(self, extras: Sequence[str] = ()) -> dict[str, Any]:
        """The shape of the contract; each of EXTRAS that is asked for stands beside it, a value a row or column."""
        columns, table = self.table.columns, self.table
        out: dict[str, Any] = {
            "name": self.report.name,
            "parameters": {k: as_json(v) for k, v in self.parameters.items() if v is not None},
            "columns": [{"name": c.name, "label": str(c.label), "type": c.type} for c in columns],
            "rows": [values_json(columns, row.values) for row in table.rows],
            "totals": values_json(columns, table.totals) if table.totals is not None else [],
        }
        return out | {name: EXTRAS[name](self) for name in extras}


EXTRAS: dict[str, Callable[[Result], Any]] = {
    "label": lambda result: str(result.report.label),
    "currencies": lambda result: [c.currency or None for c in result.table.columns],
    "drill": lambda result: [drill_json(row.drill) for row in result.table.rows],
    "styles": lambda result: [{"style": row.style, "level": row.level} for row in result.table.rows],
    "notes": lambda result: [str(note) for note in result.table.notes],
}


def run(ctx: Context, name: str, parameters: Mapping[str, Any] | None = None, *, verb: str = "view") -> Result:
    """Run the report of that name; Invalid names each wrong parameter, NotAllowed the missing right."""
    found = get(name)
    need(ctx, found, verb)
    values = parse(ctx, found, parameters or {})
    return Result(found, values, _shown(ctx, found.run(ctx, values)))


def parse(ctx: Context, found: Report, given: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values for every parameter of the report, defaults where nothing is given."""
    errors: list[FieldError] = []
    known = {p.name: p for p in found.parameters}
    errors += [
        FieldError(f"/{name}", "unknown_parameter", _("This report takes: %(names)s.") % {"names": listed(known)})
        for name in given
        if name not in known
    ]
    out = {name: _value(ctx, p, given.get(name), errors) for name, p in known.items()}
    if found.period and not errors:
        period.settle(ctx, found.period, out, errors)
    if errors:
        raise Invalid(errors)
    return out


def _shown(ctx: Context, table: Table) -> Table:
    """Without the columns whose guard hides them from the reader."""
    places = [at for at, c in enumerate(table.columns) if not c.guard or ctx.rights.sees(c.guard)]
    if len(places) == len(table.columns):
        return table

    def cut(values: Sequence[Any]) -> list[Any]:
        return [values[at] for at in places]

    return replace(
        table,
        columns=cut(table.columns),
        rows=[replace(row, values=cut(row.values)) for row in table.rows],
        totals=None if table.totals is None else cut(table.totals),
    )


def _value(ctx: Context, p: Parameter, raw: Any, errors: list[FieldError]) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if p.default is not None:
            return p.default(ctx)
        if p.required:
            errors.append(FieldError(f"/{p.name}", "required", _("A value is needed here.")))
        return None
    try:
        if p.kind == "reference":
            word = raw.strip() if isinstance(raw, str) else raw
            hit = find_many(ctx, p.relation, [word])[word]
            if isinstance(hit, str):
                raise ValueError(hit)
            return hit
        value = PARSERS[p.kind](raw)
        if p.choices and value not in dict(p.choices):
            known = either(key for key, _label in p.choices)
            raise ValueError(_("One of these is expected: %(choices)s.") % {"choices": known})
    except ValueError as error:
        errors.append(FieldError(f"/{p.name}", "invalid", str(error)))
        return None
    return value


def currency_of(columns: Any, column: Column, values: Any) -> str:
    """The ISO code of a cell: the column's own, or what stands in the column that it names."""
    for at, other in enumerate(columns):
        if other.name == column.currency:
            return str(values[at] or "")
    return column.currency


def values_json(columns: Any, values: Any) -> list[Any]:
    """The values of a row as JSON writes them, amounts with the digits of their currency."""
    return [
        as_json(value, column.type, currency_of(columns, column, values) if isinstance(value, Decimal) else "")
        for column, value in zip(columns, values, strict=True)
    ]


def drill_json(drill: Drill | None) -> dict[str, Any] | None:
    """A drill target as JSON."""
    if drill is None:
        return None
    if drill.report:
        return {"report": drill.report, "parameters": {k: as_json(v) for k, v in drill.parameters.items()}}
    if drill.id is not None:
        return {"resource": drill.resource, "id": str(drill.id)}
    return {"resource": drill.resource, "filters": {k: as_json(v) for k, v in drill.filters.items()}}


def total_line(columns: Any, rows: Any, label: str) -> list[Any]:
    """The totals over all plain lines: sums under numbers, ``label`` under the first column."""
    plain = [row for row in rows if row.style == "line"]
    out: list[Any] = []
    for at, column in enumerate(columns):
        if column.type in ("amount", "quantity", "integer"):
            out.append(sum((row.values[at] for row in plain if row.values[at] is not None), Decimal(0)))
        else:
            out.append(label if at == 0 else None)
    return out


__all__ = ["EXTRAS", "Line", "Result", "currency_of", "drill_json", "parse", "run", "total_line", "values_json"]
