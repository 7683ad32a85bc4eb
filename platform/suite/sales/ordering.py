"""Orders in the making, and what may still change once they are confirmed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Refused
from kontor.values.money import plain
from suite.sales import pricing
from suite.sales.models.order import Order

_STANDS = ("product_id", "unit_id", "unit_price", "discount")  # of a line once the order is confirmed


def derive(ctx: Context, drafts: list[Draft]) -> None:
    """Dates, terms, prices and totals; a confirmed order keeps its prices and may change quantities."""
    for draft in drafts:
        order = draft.record
        order.ordered_on = order.ordered_on or ctx.today
        if draft.before.get("state") == Order.State.CONFIRMED:
            _check_amendment(draft)
    pricing.fill_terms(ctx, [d for d in drafts if d.before.get("state") in (None, Order.State.DRAFT)])
    pricing.fill_lines(ctx, drafts, lambda o: o.ordered_on)
    for draft in drafts:
        pricing.total(ctx, draft.record, draft.lines.get("lines", []))


def _check_amendment(draft: Draft) -> None:
    """Refuse what would change the past: delivered lines stay, agreed prices stay."""
    errors: list[FieldError] = []
    lines = draft.lines.get("lines", [])
    kept = {line.pk for line in lines}
    gone = [old for pk, old in draft.lines_before.items() if pk not in kept]
    if any(old["delivered"] or old["invoiced"] for old in gone):
        raise Refused(
            _("A line that was delivered or invoiced cannot be removed. Set its quantity to what was delivered."),
            code="line_in_use",
        )
    for line in lines:
        old = draft.lines_before.get(line.pk)
        if old is None:
            continue
        at = draft.line_at.get(line.pk, "")
        for name in _STANDS:
            if old[name] != getattr(line, name):
                field = name.removesuffix("_id")
                errors.append(FieldError(f"{at}/{field}", "frozen", _("This stands since the order was confirmed.")))
        if line.quantity is not None and old["quantity"] and line.quantity < _least(old):
            errors.append(
                FieldError(
                    f"{at}/quantity", "too_small",
                    _("%(least)s are delivered or invoiced already.") % {"least": plain(_least(old))},
                )
            )  # fmt: skip
    if errors:
        raise Refused(_("Part of this order cannot be changed any more."), code="frozen", errors=errors)


def _least(old: dict[str, Any]) -> Any:
    """The smallest quantity a line may take, in its own unit."""
    done = max(old["delivered"] - old["tolerance"], old["invoiced"])
    return done * old["quantity"] / old["base_quantity"]
