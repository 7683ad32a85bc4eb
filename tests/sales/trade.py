"""A small business for the tests of selling: customers, goods in stock, the steps of the thread."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.db import connection

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from suite.sales.models import Invoice, Order

_count = itertools.count(1)


def customer(ctx: Context, **given: Any) -> Any:
    """A new customer."""
    return gate.create(ctx, "parties.customer", {"name": f"Customer {next(_count)}", **given})


def goods(ctx: Context, price: str = "100", stock: str = "", cost: str = "60", **given: Any) -> Any:
    """A new product, with so many in the default warehouse."""
    n = next(_count)
    made = gate.create(ctx, "catalog.product", {"code": f"S-{n}", "name": f"Goods {n}", "list_price": price, **given})
    if stock:
        put_in(ctx, made, stock, cost)
    return made


def put_in(ctx: Context, product: Any, quantity: str, cost: str = "60", on: str | None = None) -> None:
    """Opening stock."""
    body = {"kind": "opening", "lines": [{"product": str(product.pk), "quantity": quantity, "unit_cost": cost}]}
    made = gate.create(ctx, "inventory.adjustment", body)
    gate.perform(ctx, "inventory.adjustment", made.pk, "post", {"posted_on": on} if on else {})


def order(ctx: Context, *rows: tuple[Any, str] | dict[str, Any], **given: Any) -> Order:
    """A draft order of (product, quantity) rows."""
    lines = [r if isinstance(r, dict) else {"product": str(r[0].pk), "quantity": r[1]} for r in rows]
    if "customer" not in given:
        given["customer"] = str(customer(ctx).pk)
    return gate.create(ctx, "sales.order", {"lines": lines, **given})


def do(ctx: Context, record: Any, action: str, body: dict[str, Any] | None = None) -> Any:
    """An action on a record by its resource; the made document if it makes one, else the record anew."""
    name = resource(record)
    outcome = gate.perform(ctx, name, record.pk, action, body or {})
    return outcome.made if outcome.made is not None else fresh(outcome.record)


def resource(record: Any) -> str:
    """The resource of a record by its table and, for operations, its movement."""
    plain = {"quotation": "sales.quotation", "order": "sales.order", "invoice": "sales.invoice"}
    return plain.get(record._meta.model_name) or f"sales.{record.movement}"


def fresh(record: Any) -> Any:
    """The record as it is stored."""
    return type(record)._default_manager.get(pk=record.pk)


def confirmed(ctx: Context, *rows: Any, **given: Any) -> Order:
    """A confirmed order."""
    return do(ctx, order(ctx, *rows, **given), "confirm")


def shipped(ctx: Context, source: Order, body: dict[str, Any] | None = None) -> Any:
    """A shipped delivery of the order."""
    return do(ctx, do(ctx, source, "deliver", body), "ship")


def invoiced(ctx: Context, source: Any, body: dict[str, Any] | None = None) -> Invoice:
    """A posted invoice of an order or a delivery."""
    return do(ctx, do(ctx, source, "invoice", body), "post")


def receipt(ctx: Context, invoice: Invoice, amount: str) -> Any:
    """A posted receipt that pays so much of the invoice."""
    account = registry.spec("finance.money_account").model._default_manager.order_by("code").first()
    body = {"party": str(invoice.customer_id), "amount": amount, "currency": invoice.currency}
    made = gate.create(ctx, "finance.receipt", {**body, "account": str(account.pk)})
    gate.perform(ctx, "finance.receipt", made.pk, "post", {})
    rows = [{"invoice": str(invoice.pk), "amount": amount}]
    gate.perform(ctx, "finance.receipt", made.pk, "allocate", {"allocations": rows})
    return made


def lines(record: Any) -> list[Any]:
    """The lines of a document in order."""
    return list(record.lines.order_by("position"))


def ledger() -> dict[str, Decimal]:
    """Balance by the first role-like word of an account's subkind, in book currency, debit positive."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, sum(l.debit - l.credit) FROM finance_voucherline l "
            "JOIN finance_account a ON a.id = l.account_id JOIN finance_voucher v ON v.id = l.voucher_id "
            "WHERE v.state <> 'draft' GROUP BY a.code"
        )
        return {code: Decimal(n) for code, n in cursor.fetchall() if n}
