"""Suppliers' items: who supplies what, on which terms."""
