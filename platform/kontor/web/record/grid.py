"""The lines of a record: one description of columns and rows for the table, the grid and its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.resources import registry
from kontor.resources.layout import Lines
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.surfaces.line_facts import facts_for
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.web import showing
from kontor.web.record.reading import Seen, input_of, text_of, visible


@dataclass(frozen=True, slots=True)
class Column:
    """One column as template and script need it."""

    name: str
    label: str
    kind: str
    end: bool = False
    role: str = ""  # item, total, avail
    relation: str = ""
    readonly: bool = False
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    guarded: bool = False
    unit: str = ""  # the column of the unit that stands with a quantity
    note: str = ""  # the field that explains the value: where a price comes from
    help: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of one name: where they stand, which columns, which rows, what may be done."""

    name: str
    label: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    editable: bool = False
    facts_label: str = ""
    required: bool = False

    @property
    def facts_after(self) -> str:
        """The column that the modules' facts stand behind: the first quantity."""
        return next((c.name for c in self.columns if c.kind == "quantity"), "")

    @property
    def facts(self) -> list[dict[str, Any]]:
        """What the modules said of each row, for the script's pop-over."""
        return [row.get("fact") or {} for row in self.rows] if self.facts_label else []


def lines_spec(spec: Spec, part: Lines) -> LinesSpec:
    """The lines that a part of a layout shows."""
    return spec.lines[part.name]


def columns_of(seen_ctx: Any, lines: LinesSpec, names: Sequence[str]) -> list[Column]:
    """The columns that the reader may see; a unit goes to its quantity, a rule under its price, a
    description under what it describes."""
    rules = {_rule_of(f) for f in lines.fields.values() if f.kind == "price"}
    fields = [f for f in visible(seen_ctx, lines.fields, list(names)) if f.name not in rules]
    units = {f.unit for f in fields if f.unit}
    amounts = [f.name for f in fields if f.kind == "amount"]
    total = "amount" if "amount" in amounts else amounts[-1] if amounts else ""
    first = fields[0].name if fields else ""
    item = next((f.name for f in fields if f.kind == "reference" and f.name not in units), first)
    return [_column(seen_ctx, lines, f, item, total, units) for f in fields]


def _column(ctx: Any, lines: LinesSpec, f: Field, item: str, total: str, units: set[str]) -> Column:
    rule = _rule_of(f)
    return Column(
        name=f.name,
        label=capital(f.label),
        kind=f.kind,
        end=f.kind in NUMERIC,
        role=_role(f, item, total, units),
        relation=f.relation,
        readonly=f.readonly or f.is_computed or lines.readonly,
        required=f.required,
        choices=tuple((str(k), str(v)) for k, v in f.choices),
        guarded=bool(f.guard),
        unit=f.unit if f.unit in lines.fields else "",
        note=rule if f.kind == "price" and rule in lines.fields else "",
        help=str(f.help or ""),
    )


def _role(f: Field, item: str, total: str, units: set[str]) -> str:
    if f.name == item:
        return "item"
    if f.name == total:
        return "total"
    if f.name in units:
        return "unit"
    return "text" if f.name == "description" and item != f.name else ""


def _rule_of(f: Field) -> str:
    return f"{f.name.removeprefix('unit_')}_rule"


def _worth_showing(columns: list[Column], rows: list[dict[str, Any]]) -> list[Column]:
    """For reading: without the columns in which no row has anything (nothing returned yet, no discount)."""
    return [c for c in columns if c.role or c.required or not rows or any(_says(c, row) for row in rows)]


def _says(c: Column, row: Mapping[str, Any]) -> bool:
    value = row["values"].get(c.name, "")
    return value not in ("", "0", "0%", "false")


def grid_of(seen: Seen, part: Lines, *, editable: bool = False, facts: bool = True) -> Grid:
    """The lines of a record for a page; ``facts`` asks the modules what stands beside each."""
    lines = lines_spec(seen.spec, part)
    names = part.columns.split() or list(lines.columns)
    columns = columns_of(seen.ctx, lines, names)
    rows = seen.row.get(part.name, [])
    shown = rows_of(seen, lines, columns, rows)
    label = ""
    if facts and rows and (contributed := facts_for(seen.spec.name)) and part.name == next(iter(seen.spec.lines)):
        label = str(contributed.label)
        for row, fact in zip(shown, facts_of(seen, part.name), strict=False):
            row["fact"] = fact
    elif part.name == next(iter(seen.spec.lines)) and (contributed := facts_for(seen.spec.name)):
        label = str(contributed.label)
    return Grid(
        part.name,
        str(part.title or lines.label),
        columns if editable else [c for c in _worth_showing(columns, shown) if c.role != "text"],
        shown,
        editable=editable and not lines.readonly,
        facts_label=label,
        required=lines.required,
    )


def facts_of(seen: Seen, name: str) -> list[dict[str, Any]]:
    """What the modules say of each line; nothing where they refuse (a right that is missing)."""
    contributed = facts_for(seen.spec.name)
    if contributed is None:
        return []
    return contributed.look(seen.ctx, [{**row, "_record": seen.row} for row in seen.row.get(name, [])])


def rows_of(
    seen: Seen, lines: LinesSpec, columns: list[Column], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows for table and script: input values, shown texts, notes; keyed by column name."""
    ctx, currencies = seen.ctx, seen.line_currencies(lines)
    out: list[dict[str, Any]] = []
    for row in rows:
        values: dict[str, Any] = {}
        shown: dict[str, str] = {}
        notes: dict[str, str] = {}
        for c in columns:
            f = lines.fields[c.name]
            is_list = f.kind == "json" and isinstance(row.get(c.name), list)
            shown[c.name] = showing.told(lines, f, row) if is_list else text_of(ctx, f, row, currencies)
            if c.kind == "reference":
                values[c.name] = str(row[c.name]) if row.get(c.name) else ""
                code, title = str(row.get(f"{c.name}__code") or ""), shown[c.name]
                if c.role == "item":
                    shown[c.name] = code or title
                    notes[c.name] = str(row.get("description") or "") or (title if title != shown[c.name] else "")
                elif c.role == "unit" and code:
                    shown[c.name] = title or code
            else:
                values[c.name] = input_of(ctx, f, row, currencies)
            if c.note and row.get(c.note):
                notes[c.name] = str(row[c.note])
        links = {
            c.name: showing.href(c.relation, row[c.name])
            for c in columns
            if c.kind == "reference"
            and row.get(c.name)
            and registry.find(c.relation)
            and ctx.rights.can(c.relation, "view")
        }
        out.append({"id": str(row["id"]), "values": values, "shown": shown, "notes": notes, "links": links,
                    "calc": _calc(columns, row, shown)})  # fmt: skip
    return out


def _calc(columns: list[Column], row: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    """``120 set × 4,850 − 5%``: the line in one phrase, for phones."""
    by_kind = {c.kind: c for c in reversed(columns)}
    quantity, price, discount = (by_kind.get(k) for k in ("quantity", "price", "percent"))
    if quantity is None:
        return " · ".join(shown[c.name] for c in columns if not c.role and shown[c.name])
    text = f"{shown[quantity.name]} {shown.get(quantity.unit, '')}".strip()
    if price is not None and shown[price.name]:
        text += f" × {shown[price.name]}"
    if discount is not None and isinstance(row.get(discount.name), Decimal) and row[discount.name]:
        text += f" − {shown[discount.name]}"
    return text


def grid_words() -> dict[str, str]:
    """The words that the grid's script writes."""
    return {
        "empty": _("No lines yet."),
        "item": _("Type a code, a name or a barcode"),
        "type": _("Type here"),
        "date": "+7, 0930",
        "delete": _("Remove this line"),
        "duplicate": _("Copy this line"),
        "line": _("Line"),
        "done": _("Done"),
        "byHand": _("by hand"),
        "needs": _("Prices appear once these are filled: %s"),
        "slow": _("The totals could not be computed just now; they are computed again when you go on."),
        "pasted": _("%s lines pasted"),
        "unknown": _("not found"),
        "wrong": _("%s lines are not right yet and are left out of the sums:"),
        "more": _("and %s more"),
        "clipboard": _("Copy rows in your spreadsheet (item, quantity, price …), then press Ctrl V here."),
        "close": _("Close"),
        "remove": _("Remove"),
    }
