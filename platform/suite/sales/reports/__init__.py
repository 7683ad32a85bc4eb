"""The reports of selling; importing the package registers them."""

from suite.sales.reports import orders, revenue

__all__ = ["orders", "revenue"]
