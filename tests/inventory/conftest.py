"""A stock room: products, opening balances, orders that are only ids, and a face for receipts."""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum, TextChoices

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.records import Numbering, Ref
from kontor.resources import compile as compiling
from kontor.resources import registry
from kontor.resources.declaration import Resource, Rows
from kontor.values.columns import new_id
from suite.inventory import api
from suite.inventory.models import CostEntry, CostLayer, Operation, StockLevel

DAY = dt.date(2026, 3, 10)
_n = itertools.count(1)


class ReceiptResource(Resource):
    """What purchasing will declare one day."""

    class State(TextChoices):
        DRAFT = "draft"
        RECEIVED = "received"

    of, name, where, states = "inventory.operation", "purchasing.receipt", {"movement": "receipt"}, State
    numbering = Numbering("GR-{yy}{mm}-{n:04}")
    columns = "number state"
    rows = {"lines": Rows("inventory.PlannedMove", "operation", "product quantity", "lines", readonly=True)}


@pytest.fixture(scope="module", autouse=True)
def receipt_face() -> Iterator[None]:
    registry._specs["purchasing.receipt"] = compiling.spec_of(ReceiptResource, Operation)
    yield
    registry._specs.pop("purchasing.receipt", None)


class Room:
    """Shorthand for what the tests do, through the gate and the facade."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        api.install(ctx)
        self.warehouse = api.default_warehouse(ctx)

    def warehouse_named(self, code: str, **data: Any) -> UUID:
        return gate.create(self.ctx, "inventory.warehouse", {"code": code, "name": code, **data}).pk

    def product(self, method: str = "average", **data: Any) -> UUID:
        i = next(_n)
        category = gate.create(
            self.ctx, "catalog.category", {"code": f"K{i}{new_id().hex[-6:]}", "name": method, "cost_method": method}
        )
        code = f"P{i}-{new_id().hex[-8:]}"
        return gate.create(
            self.ctx, "catalog.product", {"code": code, "name": f"Thing {i}", "category": str(category.pk), **data}
        ).pk

    def adjust(self, lines: Any, kind: str = "opening", on: dt.date = DAY, **data: Any) -> Any:
        rows = [
            {"product": str(p), "quantity": str(q), **({"unit_cost": str(c)} if c is not None else {}), **more}
            for p, q, c, more in ((*line, {}) if len(line) == 3 else line for line in lines)
        ]
        made = gate.create(
            self.ctx, "inventory.adjustment", {"warehouse": str(self.warehouse), "kind": kind, "lines": rows, **data}
        )
        return gate.perform(self.ctx, "inventory.adjustment", made.pk, "post", {"posted_on": str(on)}).record

    def stock(self, quantity: Any, cost: Any = 100, method: str = "average", on: dt.date = DAY) -> UUID:
        product = self.product(method)
        self.adjust([(product, quantity, cost)], on=on)
        return product

    def plan(
        self,
        *rows: tuple[UUID, Any],
        kind: str = "out",
        on: dt.date = DAY,
        owner: Ref | None = None,
        lines: list[UUID] | None = None,
        **more: Any,
    ) -> tuple[Ref, list[UUID]]:
        owner = owner or Ref("tests.order" if kind == "out" else "tests.purchase", new_id())
        lines = lines or [new_id() for _ in rows]
        more.setdefault("warehouse_id", self.warehouse)
        api.plan(
            self.ctx,
            owner,
            [api.PlanRow(i, p, D(str(q)), kind, on=on, **more) for i, (p, q) in zip(lines, rows, strict=True)],
        )
        return owner, lines

    def order(self, *rows: tuple[UUID, Any], **more: Any) -> tuple[Ref, list[UUID], dict[UUID, api.Reserved]]:
        owner, lines = self.plan(*rows, **more)
        return owner, lines, api.reserve(self.ctx, owner)

    def draw(self, owner: Ref, *rows: tuple[UUID, Any], face: str = "sales.delivery", **more: Any) -> UUID:
        wanted = [api.DrawRow(i, D(str(q))) for i, q in rows]
        warehouse, party = more.pop("warehouse_id", self.warehouse), more.pop("party_id", None)
        assert not more
        ask = api.DrawAsk(owner, wanted, warehouse, party, {}, self.ctx.currency, None)
        return api.draw_up(self.ctx, face, [ask])[0].pk

    def ship(self, owner: Ref, *rows: tuple[UUID, Any], on: dt.date = DAY, **more: Any) -> tuple[UUID, api.Done]:
        pk = self.draw(owner, *rows)
        return pk, api.complete(self.ctx, pk, on=on, **more)

    def level(self, product: UUID, warehouse: UUID | None = None) -> tuple[D, D, D]:
        row = StockLevel.objects.get(product_id=product, warehouse_id=warehouse or self.warehouse)
        return row.on_hand, row.reserved, row.value

    def ledger(self, role: str = "stock", to: dt.date | None = None) -> D:
        from suite.finance.models import AccountRule, VoucherLine

        accounts = AccountRule.objects.filter(role=role).values("account_id")
        rows = VoucherLine.objects.filter(account_id__in=accounts)
        if to is not None:
            rows = rows.filter(voucher__date__lte=to)
        sums = rows.aggregate(d=Sum("debit"), c=Sum("credit"))
        return (sums["d"] or D(0)) - (sums["c"] or D(0))

    def value(self, to: dt.date | None = None) -> D:
        rows = CostEntry.objects.all() if to is None else CostEntry.objects.filter(on__lte=to)
        return rows.aggregate(n=Sum("amount"))["n"] or D(0)

    def check(self, *, dates: list[dt.date] = []) -> None:  # noqa: B006
        """Nothing that is kept differs from the moves, and layers = value = ledger at every date."""
        assert api.prove(self.ctx) == []
        layers = CostLayer.objects.aggregate(n=Sum("remaining_value"))["n"] or D(0)
        assert layers == self.value() == self.ledger()
        for date in dates:
            assert self.value(date) == self.ledger(to=date)


@pytest.fixture
def room(ctx: Context) -> Room:
    return Room(ctx)
