"""Declared reports of the ledger and of receivables."""

from suite.finance.reports import ageing, ledger, statement, statements, trial_balance

__all__ = ["ageing", "ledger", "statement", "statements", "trial_balance"]
