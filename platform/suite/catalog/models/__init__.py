"""Products with their codes and units, prices, taxes, exchange rates."""

from suite.catalog.models.prices import PriceList, PriceRule
from suite.catalog.models.product import Category, Product, ProductCode, ProductRelation
from suite.catalog.models.taxes import ExchangeRate, Tax, TaxRule
from suite.catalog.models.units import ProductUnit, Unit

__all__ = [
    "Category",
    "ExchangeRate",
    "PriceList",
    "PriceRule",
    "Product",
    "ProductCode",
    "ProductRelation",
    "ProductUnit",
    "Tax",
    "TaxRule",
    "Unit",
]
