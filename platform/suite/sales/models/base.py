"""What a quotation, an order and an invoice have in common."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Document, Line
from kontor.values.columns import AmountField, CurrencyField, PercentField, PriceField, QuantityField, Reference

ZERO = Decimal(0)


class SalesDocument(Document):
    """A customer, a currency, terms, addresses, and the totals that are stored with the document.

    ``net`` is the goods and services of the lines; ``freight`` is a charge of the whole document that
    stands beside them and is taxed; ``total`` = net + freight + tax.
    """

    customer = Reference("parties.Customer", verbose_name=_("customer"))
    currency = CurrencyField(_("currency"), blank=True)
    price_list = Reference(
        "catalog.PriceList", verbose_name=_("price list"), null=True, blank=True,
        help_text=_("Its prices come first; what it does not hold is priced as usual."),
    )  # fmt: skip
    tax_included = models.BooleanField(
        _("prices include tax"), default=False, blank=True,
        help_text=_("Unit prices hold their taxes; freight is always without."),
    )  # fmt: skip
    payment_term = Reference("fields.DictionaryItem", verbose_name=_("payment term"), null=True, blank=True)
    customer_reference = models.CharField(
        _("customer's number"), max_length=80, blank=True, help_text=_("The number of the customer's own document.")
    )
    bill_to = models.JSONField(_("billing address"), default=dict, blank=True)
    ship_to = models.JSONField(_("delivery address"), default=dict, blank=True)
    note = models.TextField(_("note"), blank=True)
    freight = AmountField(_("freight"), default=ZERO, blank=True)
    net = AmountField(_("net"), default=ZERO, editable=False)
    tax = AmountField(_("tax"), default=ZERO, editable=False)
    total = AmountField(_("total"), default=ZERO, editable=False)
    taxes = models.JSONField(_("taxes"), default=list, editable=False)  # [{tax, name, rate, base, amount}]

    class Meta:
        abstract = True


class SalesLine(Line):
    """A product with quantity, price and discount; ``amount`` is what ``catalog.compute`` made of them.

    ``quantity`` and ``unit_price`` are in ``unit`` as entered, ``base_quantity`` in the product's base
    unit; ``price_rule`` is the sentence that says where the price comes from.
    """

    product = Reference("catalog.Product", verbose_name=_("product"))
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = QuantityField(_("quantity"), unit="unit")
    unit = Reference("catalog.Unit", verbose_name=_("unit"), null=True, blank=True)
    base_quantity = QuantityField(_("quantity in base unit"), default=ZERO, editable=False)
    unit_price = PriceField(_("unit price"), currency="document__currency", default=ZERO, blank=True)
    discount = PercentField(_("discount"), default=ZERO, blank=True, help_text=_("A share: 0.05 is 5 %."))
    amount = AmountField(_("amount"), currency="document__currency", default=ZERO, editable=False)
    tax = AmountField(_("tax"), currency="document__currency", default=ZERO, editable=False)
    tax_ids = models.JSONField(default=list, editable=False)
    price_rule = models.CharField(_("price rule"), max_length=300, blank=True, editable=False)
    manual_price = models.BooleanField(_("price by hand"), default=False, editable=False)
    unit_cost = PriceField(currency="document__currency", null=True, editable=False)  # expected, a base unit
    cost = AmountField(
        _("cost"), currency="document__currency", null=True, editable=False,
        help_text=_("What the line costs us, in the document's currency: expected until shipped, then real."),
    )  # fmt: skip

    class Meta:
        abstract = True

    @classmethod
    def of(cls, documents: Collection[UUID]) -> dict[UUID, list[Self]]:
        """The lines of documents, in their order; one query."""
        out: dict[UUID, list[Self]] = {pk: [] for pk in documents}
        for line in cls._default_manager.filter(document_id__in=out).order_by("document_id", "position"):
            out[line.document_id].append(line)  # type: ignore[attr-defined]  # each kind of line has it
        return out


def discount_check(name: str) -> models.CheckConstraint:
    """A discount lies between nothing and all."""
    return models.CheckConstraint(
        name=name, condition=models.Q(discount__gte=0) & models.Q(discount__lte=1),
        violation_error_message=_("A discount lies between 0 and 1 (0 % and 100 %)."),
    )  # fmt: skip


def counter_check(
    name: str, counter: str, limit: models.Expression | models.F | str, message: Any
) -> models.CheckConstraint:
    """A counter of a line stays between zero and its limit: the database's word on over-conversion."""
    top = models.F(limit) if isinstance(limit, str) else limit
    return models.CheckConstraint(
        name=name, condition=models.Q(**{f"{counter}__gte": 0}) & models.Q(**{f"{counter}__lte": top}),
        violation_error_message=message,
    )  # fmt: skip
