"""A small business for the tests of the generic surfaces: clients, goods, bills with lines, their faces."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, models
from django.db.models import F

from kontor.documents.records import Document, Draft, Line, Numbering, Owned, Record
from kontor.errors import Refused
from kontor.resources import compile as compiling
from kontor.resources import registry
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Computed, Resource, Rows
from kontor.values.columns import (
    AmountField,
    CurrencyField,
    PhoneField,
    PriceField,
    QuantityField,
    Reference,
    TagsField,
)


class Client(Owned):
    code = models.CharField("code", max_length=20)
    name = models.CharField("name", max_length=120)
    phone = PhoneField("phone", blank=True)
    currency = CurrencyField("currency", default="USD")
    credit_limit = AmountField("credit limit", null=True, blank=True)
    since = models.DateField("since", null=True, blank=True)
    tags = TagsField("tags")

    class Meta:
        app_label = "shop"
        verbose_name = "client"
        constraints = [models.UniqueConstraint(fields=["code"], name="shop_client_code")]


class Good(Record):
    code = models.CharField("code", max_length=20)
    name = models.CharField("name", max_length=120)

    class Meta:
        app_label = "shop"
        verbose_name = "good"


class Bill(Document):
    class State(models.TextChoices):
        DRAFT, OPEN, PAID = "draft", "open", "paid"

    client = Reference(Client, verbose_name="client")
    billed_on = models.DateField("date", null=True, blank=True)
    currency = CurrencyField("currency", default="USD")
    total = AmountField("total", default=0, editable=False)
    note = models.TextField("note", blank=True)
    copied_from = Reference("self", null=True, blank=True, editable=False)
    numbering = Numbering("B-{n:04}")
    frozen = {State.OPEN: {"client"}}

    class Meta:
        app_label = "shop"
        verbose_name = "bill"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        for draft in drafts:
            for line in draft.lines.get("lines", []):
                line.amount = line.quantity * (line.unit_price or 0)
            draft.record.total = sum((line.amount for line in draft.lines.get("lines", [])), Decimal(0))

    @action("draft", to="open", event="opened", main=True)
    def open(self, ctx: Any) -> None:
        """Make it due."""
        ctx.note("vouchers", {"amount": str(self.total)})

    @action("open", to="paid", event="paid", body={"amount": Input("amount", required=True)}, sensitive=True)
    def pay(self, ctx: Any, amount: Decimal) -> None:
        """Only the whole."""
        if amount != self.total:
            raise Refused("Pay the whole bill.", code="not_whole", wanted=str(self.total))

    @action(event="copied", makes="shop.bill", numbers=False)
    def copy(self, ctx: Any) -> Any:
        """A new draft."""
        from kontor.documents import gate

        return gate.create(
            ctx.as_system(), "shop.bill", {"client": str(self.client_id), "note": "copy", "lines": [{"quantity": 1}]}
        )


class BillLine(Line):
    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")
    good = Reference(Good, verbose_name="good", null=True, blank=True)
    quantity = QuantityField("quantity", default=1)
    unit_price = PriceField("price", currency="bill__currency", null=True, blank=True)
    amount = AmountField("amount", currency="bill__currency", default=0, editable=False)
    cost = PriceField("cost", currency="bill__currency", null=True, blank=True)

    class Meta:
        app_label = "shop"


class ClientResource(Resource):
    model = Client
    columns = "code name phone"
    search = {"name": "A", "code": "A", "phone": "B"}
    order = "name"
    guards = {"credit": "credit_limit"}
    roles = {"sales": "view create edit", "sales_lead": "*"}
    menu = "shop"


class GoodResource(Resource):
    model = Good
    columns = "code name"
    search = {"name": "A"}
    order = "code"
    roles = {"sales": "view"}


class BillResource(Resource):
    model = Bill
    columns = "number client billed_on total state"
    filters = "client state billed_on"
    search = {"number": "A", "client__name": "B"}
    computed = {"double": Computed("amount", "double", lambda ctx: F("total") * 2, currency="currency")}
    rows = {
        "lines": Rows(
            "shop.BillLine", "bill", "good quantity unit_price amount", "lines", guards={"cost": "cost"}, required=True
        )
    }
    roles = {"sales": "view create edit open copy", "sales_lead": "*"}


class OpenBillResource(Resource):
    of = "shop.bill"
    name = "shop.open_bill"
    where = {"state": "open"}
    columns = "number client total"
    creatable = editable = deletable = False


class ShopConfig(AppConfig):
    """Lets the registry of apps find the models while the block runs."""

    name = label = "shop"
    path = str(Path(__file__).parent)


DECLARATIONS = [ClientResource, GoodResource, BillResource, OpenBillResource]
MODELS = [Client, Good, Bill, BillLine]


@contextmanager
def registered() -> Iterator[None]:
    """The shop stands in the registry inside the block."""
    before = list(registry._declared)
    config = ShopConfig("shop", sys.modules[__name__])
    config.apps, config.models = apps, apps.all_models["shop"]
    apps.app_configs["shop"] = config
    apps.clear_cache()
    registry._declared.extend(DECLARATIONS)
    compiling.compile_all()
    try:
        yield
    finally:
        del apps.app_configs["shop"]
        apps.clear_cache()
        registry._declared[:] = before
        compiling.compile_all()


def make_tables() -> None:
    """The shop's tables in the present schema; a rolled back transaction takes them away again."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
