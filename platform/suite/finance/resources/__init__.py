"""What people see of the books; importing this package registers it."""

from suite.finance.resources import accounts, vouchers, posting_rules, items, payments  # noqa: I001 - the menu's order

__all__ = ["accounts", "items", "payments", "posting_rules", "vouchers"]
