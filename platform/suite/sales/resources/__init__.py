"""What people see of selling; importing this package registers it."""

from suite.sales.resources import deliveries, invoices, orders, quotations, returns

__all__ = ["deliveries", "invoices", "orders", "quotations", "returns"]
