"""Products, categories, units, prices, taxes and rates as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Board, Facts, Lines, Related, Row, Tab, Timeline
from kontor.resources.registry import register
from suite.catalog.models import Category, ExchangeRate, PriceList, PriceRule, Product, Tax, TaxRule, Unit
from suite.catalog.products import find_by_code

_READERS = dict.fromkeys(("sales_lead", "sales", "purchasing", "warehouse", "accountant"), "view")
_PARTY = {"party": "parties.party"}


@register
class ProductResource(Resource):
    model = Product
    menu = "catalog"
    label, label_plural, icon = _("Product"), _("Products"), "package"
    columns = "code name category kind unit list_price list_currency state"
    form = [
        Row("code name kind"),
        Row("category unit barcodes"),
        Row("list_price list_currency taxes tax_class over_delivery", _("Price and tax")),
        Row("weight tags"),
        Lines("codes", "kind code party unit"),
        Lines("units", "unit numerator denominator"),
        Lines("related", "kind other quantity"),
        Row("specification"),
    ]
    detail = [
        Facts(
            "code name kind category unit barcodes list_price list_currency taxes tax_class over_delivery weight "
            "specification"
        ),
        Tab(
            _("Codes and units"),
            (
                Lines("codes", "kind code party unit"),
                Lines("units", "unit numerator denominator"),
                Lines("related", "kind other quantity"),
            ),
        ),
        Related("catalog.price_rule"),
        Timeline(),
    ]
    filters = "category kind state unit tax_class list_currency"
    search = {"code": "A", "name": "A", "code_words": "A", "specification": "D"}
    phone = "name list_price code state"
    imports = (
        "code name other_names kind unit__code category__code list_price list_currency taxes tax_class barcodes "
        "specification weight tags codes units related"
    )
    board = Board(by="state", card="code name list_price")
    steps = "active ending retired"
    looks = {"active": "full", "ending": "half", "retired": "cancelled"}
    title, order = "name", "code"
    hidden = "code_words unit_locked"
    relations = {"taxes": "catalog.tax"}
    rows = {
        "codes": Rows(
            "catalog.ProductCode",
            "product",
            "kind code party unit",
            _("Further codes"),
            relations=_PARTY,
            hidden="managed",
            where={"managed": False},
        ),
        "units": Rows("catalog.ProductUnit", "product", "unit numerator denominator", _("Further units")),
        "related": Rows("catalog.ProductRelation", "product", "kind other quantity", _("Parts and related products")),
    }
    roles = {
        "sales_lead": "* delete",
        "purchasing": "* delete",
        "sales": "view export",
        "warehouse": "view export",
        "accountant": "view edit export set_standard",
    }

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """A product by any of its codes."""
        return find_by_code(values)


@register
class CategoryResource(Resource):
    model = Category
    menu = "catalog"
    label, label_plural, icon = _("Product category"), _("Product categories"), "folders"
    columns = "path code name parent cost_method posting_class tax_class"
    form = [Row("code name parent"), Row("cost_method posting_class tax_class"), Row("description")]
    detail = [
        Facts("code name parent path cost_method posting_class tax_class description"),
        Related("catalog.product"),
        Timeline(),
    ]
    filters = "parent cost_method posting_class tax_class"
    search = {"code": "A", "name": "A"}
    imports = "code name parent__code cost_method posting_class tax_class description"
    title, order = "name", "path"
    roles = {**_READERS, "purchasing": "* delete", "accountant": "* delete"}


@register
class UnitResource(Resource):
    model = Unit
    menu = "settings"
    label, label_plural, icon = _("Unit"), _("Units"), "ruler"
    columns = "code name dimension numerator denominator is_active"
    form = [Row("code name dimension"), Row("numerator denominator is_active")]
    detail = [Facts("code name dimension numerator denominator is_active"), Timeline()]
    filters = "dimension is_active"
    search = {"code": "A", "name": "A"}
    imports = "code name dimension numerator denominator is_active"
    title, order = "name", "code"
    roles = {**_READERS, "purchasing": "view create edit"}

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """A unit by its name in the company's language."""
        found: dict[str, list[Any]] = {}
        for name, pk in Unit.objects.filter(name__in=values).values_list("name", "pk"):
            found.setdefault(name, []).append(pk)
        return {name: pks[0] if len(pks) == 1 else None for name, pks in found.items()}


@register
class PriceListResource(Resource):
    model = PriceList
    name = "catalog.price_list"
    menu = "catalog"
    label, label_plural, icon = _("Price list"), _("Price lists"), "tags"
    columns = "code name side currency tax_included is_active"
    form = [
        Row("code name side"),
        Row("currency tax_included is_active"),
        Lines("rules", "product category party grade quantity_from unit kind price discount floor valid_from valid_to"),
    ]
    detail = [
        Facts("code name side currency tax_included is_active"),
        Lines("rules", "product category party grade quantity_from unit kind price discount steps floor valid_to"),
        Timeline(),
    ]
    filters = "side currency is_active"
    search = {"code": "A", "name": "A"}
    imports = "code name side currency tax_included is_active rules"
    title, order = "name", "code"
    rows = {
        "rules": Rows(
            "catalog.PriceRule",
            "price_list",
            "product category party grade quantity_from unit kind price discount floor valid_from valid_to",
            _("Rules"),
            relations=_PARTY,
            hidden="version created_at updated_at",
        )
    }
    roles = {"sales_lead": "* delete", "sales": "view", "purchasing": "* delete", "accountant": "view export"}


@register
class PriceRuleResource(Resource):
    model = PriceRule
    name = "catalog.price_rule"
    menu = "catalog"
    label, label_plural, icon = _("Price rule"), _("Price rules"), "tag"
    columns = "price_list product category party grade quantity_from kind price discount floor valid_to"
    form = [
        Row("price_list"),
        Row("product category"),
        Row("party grade"),
        Row("quantity_from unit"),
        Row("kind price discount floor"),
        Row("steps"),
        Row("valid_from valid_to"),
    ]
    detail = [
        Facts(
            "price_list product category party grade quantity_from unit kind price discount steps floor "
            "valid_from valid_to"
        ),
        Timeline(),
    ]
    filters = "price_list product category party grade kind valid_from valid_to"
    search = {"product__name": "A", "product__code": "A", "party__name": "B"}
    imports = (
        "price_list__code product__code category__code party grade quantity_from unit__code kind price discount "
        "steps floor valid_from valid_to"
    )
    title = "product__name"
    relations = _PARTY
    roles = {"sales_lead": "* delete", "sales": "view", "purchasing": "* delete", "accountant": "view export"}


@register
class TaxResource(Resource):
    model = Tax
    menu = "settings"
    label, label_plural, icon = _("Tax"), _("Taxes"), "percentage"
    columns = "code name kind rate sequence valid_from valid_to is_active"
    form = [
        Row("code name kind"),
        Row("rate sequence compound"),
        Row("register_code valid_from valid_to is_active"),
    ]
    detail = [
        Facts("code name kind rate sequence compound register_code valid_from valid_to is_active"),
        Timeline(),
    ]
    filters = "kind is_active"
    search = {"code": "A", "name": "A"}
    imports = "code name kind rate sequence compound register_code valid_from valid_to is_active"
    title, order = "name", "code"
    roles = {**_READERS, "accountant": "* delete"}


@register
class TaxRuleResource(Resource):
    model = TaxRule
    name = "catalog.tax_rule"
    menu = "settings"
    label, label_plural, icon = _("Tax rule"), _("Tax rules"), "percentage"
    columns = "name side party_class product_class taxes valid_from valid_to"
    form = [Row("name side"), Row("party_class product_class taxes"), Row("valid_from valid_to")]
    detail = [Facts("name side party_class product_class taxes valid_from valid_to"), Timeline()]
    filters = "side party_class product_class"
    search = {"name": "A"}
    imports = "name side party_class product_class taxes valid_from valid_to"
    relations = {"taxes": "catalog.tax"}
    order = "name"
    roles = {**_READERS, "accountant": "* delete"}


@register
class ExchangeRateResource(Resource):
    model = ExchangeRate
    name = "catalog.exchange_rate"
    menu = "settings"
    label, label_plural, icon = _("Exchange rate"), _("Exchange rates"), "arrows-exchange"
    today = "on"
    columns = "on source target kind rate"
    form = [Row("on source target"), Row("kind rate")]
    detail = [Facts("on source target kind rate"), Timeline()]
    filters = "source target kind on"
    search = {"source": "A", "target": "A"}
    imports = "on source target kind rate"
    title, order = "source", "-on"
    roles = {**_READERS, "accountant": "* delete"}
