"""What stands beside a line while it is typed: availability with its arithmetic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.context import Context
from kontor.resources import registry
from kontor.surfaces.line_facts import line_facts
from kontor.surfaces.printing.wording import date, quantity
from suite.catalog import api as catalog
from suite.inventory import api as inventory
from suite.sales.rules import ZERO


@line_facts("sales.order", label=gettext_lazy("Available"))
def order_lines(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Availability of each line with its arithmetic; see suite.inventory."""
    return availability_facts(ctx, rows)


@line_facts("sales.quotation", label=gettext_lazy("Available"))
def quotation_lines(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same while quoting."""
    return availability_facts(ctx, rows)


def availability_facts(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """On hand, expected and promised, per line in order; services and empty rows say nothing."""
    products = catalog.products(ctx, {row["product"] for row in rows if row.get("product")})
    stocked = [row for row in rows if row.get("product") in products and products[row["product"]].is_stocked]
    amounts = catalog.to_base(ctx, [(row["product"], row.get("unit"), row.get("quantity") or ZERO) for row in stocked])
    asks = [
        inventory.AvailabilityAsk(
            row["product"], (row.get("_record") or {}).get("warehouse"), amount, _wanted_on(ctx, row),
            owner_id=(row.get("_record") or {}).get("id"),
        )
        for row, amount in zip(stocked, amounts, strict=True)
    ]  # fmt: skip
    told = inventory.availability(ctx, asks) if asks else []
    facts = {
        id(row): _fact(ctx, products[row["product"]], found, amount)
        for row, found, amount in zip(stocked, told, amounts, strict=True)
    }
    return [facts.get(id(row), {}) for row in rows]


def _wanted_on(ctx: Context, row: Mapping[str, Any]) -> dt.date:
    record = row.get("_record") or {}
    day = row.get("promised_on") or record.get("promised_on") or ctx.today
    return max(day, ctx.today) if isinstance(day, dt.date) else ctx.today


def _fact(ctx: Context, product: Any, found: Any, wanted: Decimal) -> dict[str, Any]:
    lacks = wanted - found.free
    out: dict[str, Any] = {
        "text": quantity(found.free), "look": "ok" if lacks <= 0 else "none" if found.free <= 0 else "short",
        "title": product.code,
        "terms": [
            {
                "name": str(_TERMS.get(t.name, t.name)), "quantity": quantity(t.quantity),
                "links": [{"label": d.label or quantity(d.quantity), "href": _href(d.ref)} for d in t.documents],
            }
            for t in found.terms
        ],
        "total": {"name": _("Available"), "quantity": quantity(found.free, product.unit_name)},
    }  # fmt: skip
    if lacks > 0:
        words = {"wanted": quantity(wanted), "lacks": quantity(lacks)}
        out["note"] = _("This line needs %(wanted)s, %(lacks)s are missing.") % words
        if found.promise_on:
            out["note"] += " " + _("All can be promised from %(date)s.") % {"date": date(found.promise_on)}
        out["note_look"] = "warn"
    return out


_TERMS = {
    "on_hand": gettext_lazy("On hand"),
    "at_inspection": gettext_lazy("At inspection"),
    "awaiting_put_away": gettext_lazy("Awaiting put-away"),
    "expected_work_orders": gettext_lazy("Expected from work orders"),
    "expected_purchases": gettext_lazy("Expected from purchases"),
    "ordered": gettext_lazy("Ordered, not delivered"),
}


def _href(ref: Any) -> str:
    return f"/{registry.spec(ref.resource).path}/{ref.id}/"
