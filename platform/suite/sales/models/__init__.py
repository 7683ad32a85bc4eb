"""Quotations, orders, invoices; deliveries and returns are faces over inventory's operation."""

from suite.sales.models.invoice import Invoice, InvoiceLine
from suite.sales.models.order import Order, OrderLine
from suite.sales.models.quotation import Quotation, QuotationLine

__all__ = ["Invoice", "InvoiceLine", "Order", "OrderLine", "Quotation", "QuotationLine"]
