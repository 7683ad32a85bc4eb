"""What finance hangs on other surfaces: the vouchers of a document, and the document of a voucher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.resources import registry
from kontor.resources.registry import panel
from kontor.resources.spec import Spec
from kontor.surfaces.expansions import effects_filter, expansion
from kontor.values.money import amount_text
from suite.finance import party_panels  # noqa: F401 - what it hangs on the pages of parties
from suite.finance.accounts import accounts
from suite.finance.models import Allocation, Voucher, VoucherLine


@effects_filter("vouchers")
def foreseen(ctx: Context, effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Vouchers of a dry run, for those who may see vouchers; those of stock for those who may see costs."""
    if not ctx.rights.can("finance.voucher", "view"):
        return []
    return [v for v in effects if ctx.rights.sees("cost") or not str(v["event"]).startswith("inventory.")]


@expansion("vouchers")
def vouchers(ctx: Context, spec: Spec, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The vouchers of documents, a receipt's with those of its allocations; for those who may see vouchers."""
    if not ctx.rights.can("finance.voucher", "view"):
        return {}
    owner: dict[UUID, UUID] = {pk: pk for pk in ids}
    if spec.name == "finance.receipt":
        owner.update(Allocation.objects.filter(payment_id__in=ids).values_list("pk", "payment_id"))
    rows = list(
        Voucher.objects.filter(predicate(ctx, registry.spec("finance.voucher")), source_id__in=list(owner)).order_by(
            "date", "number"
        )
    )
    chart = accounts(ctx)
    lines: dict[UUID, list[dict[str, Any]]] = {}
    for line in VoucherLine.objects.filter(voucher__in=rows).select_related("voucher").order_by("position"):
        book = line.voucher.book_currency
        lines.setdefault(line.voucher_id, []).append(
            {
                "account": chart[line.account_id].code,
                "account_name": chart[line.account_id].label(ctx.language),
                "debit": amount_text(line.debit, book),
                "credit": amount_text(line.credit, book),
                "amount": amount_text(line.amount, line.currency),
                "currency": line.currency,
                "party": str(line.party_id) if line.party_id else None,
            }
        )
    out: dict[UUID, list[dict[str, Any]]] = {}
    for v in rows:
        assert v.source_id is not None
        out.setdefault(owner[v.source_id], []).append(
            {
                "id": str(v.pk),
                "number": v.number,
                "date": str(v.date),
                "event": v.event,
                "state": v.state,
                "text": v.text,
                "currency": v.book_currency,
                "total": amount_text(v.total, v.book_currency),
                "lines": lines.get(v.pk, []),
            }
        )
    return out


@panel("finance.voucher_source")
def voucher_source(ctx: Context, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The document that a voucher shows, as a link; nothing for one written by hand."""
    name, pk = row.get("source_resource"), row.get("source_id")
    if not name or not pk:
        return None
    if name == "finance.allocation":
        payment = Allocation.objects.filter(pk=pk).values_list("payment_id", flat=True).first()
        if payment is None:
            return None
        name, pk = "finance.receipt", payment
    spec = registry.find(name)
    if spec is None or not ctx.rights.can(name, "view"):
        return None
    found = spec.model._default_manager.filter(predicate(ctx, spec), pk=pk).first()
    if found is None:
        return None
    word = getattr(found, "number", "") or str(found)
    return "finance/voucher_source.html", {"label": spec.label, "word": word, "href": f"/{spec.path}/{pk}/"}
