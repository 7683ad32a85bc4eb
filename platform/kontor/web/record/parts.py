"""The parts of a detail page in the order of the declaration, each with its template and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from kontor.resources import registry
from kontor.resources.layout import Facts, Lines, Panel, Related, Row, Tab, Timeline, Totals, Trace
from kontor.resources.spec import Field, Spec
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.web import showing
from kontor.web.record.dossier import has_dossier
from kontor.web.record.grid import grid_of
from kontor.web.record.head import party_field
from kontor.web.record.reading import Seen, visible
from kontor.web.record.related import related_of
from kontor.web.record.tracing import trace_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A part ready to be included: ``template`` gets ``part`` with these values."""

    template: str
    title: str = ""
    values: Any = None

    @property
    def file(self) -> str:
        """The template's place."""
        return f"kontor/record/parts/{self.template}.html"


@dataclass(frozen=True, slots=True)
class Fact:
    """Label over value."""

    label: str
    html: Any
    is_number: bool = False
    is_wide: bool = False
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A row under the lines."""

    label: str
    text: str
    grand: bool = False
    guarded: bool = False
    name: str = ""


def layout_of(spec: Spec) -> tuple[Any, ...]:
    """The declared detail; without one the facts, all lines and the timeline."""
    if spec.detail:
        return spec.detail
    lines = [Lines(name, " ".join(rows.columns)) for name, rows in spec.lines.items()]
    return (Facts(), *lines, Timeline())


def has_timeline(spec: Spec) -> bool:
    """Whether the page has the timeline at its side."""
    return any(isinstance(p, Timeline) for p in layout_of(spec))


def tabs_of(spec: Spec) -> list[Tab]:
    """The named groups of parts."""
    return [p for p in layout_of(spec) if isinstance(p, Tab)]


def parts_of(seen: Seen, parts: Sequence[Any]) -> list[Shown]:
    """Parts for the page; several Related become one strip, and other modules' relations join it."""
    out: list[Shown] = []
    related = [p for p in parts if isinstance(p, Related)]
    joined = False
    for part in parts:
        if isinstance(part, Related) and joined:
            continue
        joined = joined or isinstance(part, Related)
        shown = _part(seen, part, related)
        if shown is not None:
            out.append(shown)
    return out


def _part(seen: Seen, part: Any, related: list[Related]) -> Shown | None:
    title = str(getattr(part, "title", "") or "")
    if isinstance(part, Facts | Row):
        return Shown("facts", title, facts_of(seen, part.fields.split()))
    if isinstance(part, Lines):
        return Shown("lines", title, grid_of(seen, part))
    if isinstance(part, Totals):
        return Shown("totals", title, {"sums": totals_of(seen, part.fields.split()), "note": note_of(seen)})
    if isinstance(part, Related):
        smart = related_of(seen, related)
        return Shown("related", title, smart) if smart else None
    if isinstance(part, Trace):
        cells = trace_of(seen)
        return Shown("trace", title, cells) if cells else None
    if isinstance(part, Panel):
        return panel_of(seen, part.name, title)
    return None


def panel_of(seen: Seen, name: str, title: str = "") -> Shown | None:
    """A module's own panel: ``function(ctx, row) -> (template, context)``; None where nothing is to be said."""
    function = registry.panel_function(name)
    drawn = function(seen.ctx, seen.row) if function else None
    if not drawn:
        return None
    template, context = drawn
    return Shown("panel", title, render_to_string(template, {**context, "ctx": seen.ctx}))


def facts_of(seen: Seen, names: Sequence[str]) -> list[Fact]:
    """Label over value; without names the fields of the form."""
    beside = _note_name(seen) if any(isinstance(p, Totals) for p in layout_of(seen.spec)) else ""
    party = party_field(seen)
    chosen = list(names) or [n for p in seen.spec.form if isinstance(p, Row) for n in p.fields.split()]
    told = head_fields(seen)
    if "bill_to" in chosen and seen.row.get("bill_to") == seen.row.get("ship_to"):
        chosen.remove("bill_to")  # told once, where the goods go
    out = []
    for f in visible(seen.ctx, seen.spec.fields, chosen):
        if f.name in ("state", beside, party, *told) or (_is_idle(f, seen.row.get(f.name))):
            continue
        wide = f.kind == "longtext"
        html = seen.html(f.name)
        out.append(Fact(capital(f.label), html, f.kind in NUMERIC or f.kind == "date", wide, bool(f.guard)))
    return out


def head_fields(seen: Seen) -> tuple[str, ...]:
    """What the head of a party's page says already."""
    if not has_dossier(seen.spec.name):
        return ()
    if seen.spec.has_state:
        return (seen.spec.title, *seen.spec.code)
    return (seen.spec.title, "owner", *(("grade",) if seen.row.get("grade") else ()))


def _is_idle(f: Field, value: Any) -> bool:
    """Nothing to say: an empty value that only Kontor fills, an empty structure, a warning that is not there."""
    return (f.readonly or f.is_computed or f.kind == "json") and value in (None, "", False, {}, [])


def totals_of(seen: Seen, names: Sequence[str]) -> list[Sum]:
    """The sums; a tax is told by its rates where the document keeps them, a margin with its share."""
    out: list[Sum] = []
    for f in visible(seen.ctx, seen.spec.fields, list(names)):
        value, currency = seen.row.get(f.name), seen.currency(f.name)
        if value is None:
            continue
        taxes = seen.row.get("taxes") if f.name == "tax" else None
        if isinstance(taxes, list) and taxes:
            out += [Sum(_tax_label(t), _amount(t.get("amount"), currency), name="tax") for t in taxes]
            continue
        text = _amount(value, currency)
        if f.name == "margin" and isinstance(value, Decimal) and seen.row.get("net"):
            text += f" · {showing.percent(round(value / seen.row['net'], 3))}"
        grand = f.name == "total"
        label = f"{capital(f.label)} {showing.symbol(currency)}" if grand else capital(f.label)
        out.append(Sum(label, text, grand, bool(f.guard), f.name))
    return out


def _tax_label(tax: dict[str, Any]) -> str:
    name, rate = str(tax.get("name", "")), tax.get("rate")
    return name if rate is None or "%" in name else f"{name} {showing.percent(Decimal(str(rate)))}"


def _amount(value: Any, currency: str) -> str:
    if value is None or value == "":
        return "–"
    return showing.group(showing.amount_text(Decimal(str(value)), currency))


def note_of(seen: Seen) -> str:
    """The remark that stands left of the totals."""
    return str(seen.row.get(_note_name(seen)) or "")


def _note_name(seen: Seen) -> str:
    return next((n for n in ("note", "notes", "remark") if n in seen.spec.fields), "")
