"""The chart of accounts, journals, and the accounts that hold money."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kontor.configuration.kept import forget
from kontor.documents.records import Draft, Record
from kontor.errors import Invalid
from kontor.values.columns import CurrencyField, Reference, TagsField


class Account(Record):
    """A ledger account. Its kind says on which side of the balance sheet or income statement it stands."""

    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        EQUITY = "equity", _("Equity")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    class Subkind(models.TextChoices):
        """The line of the balance sheet or income statement in which the account is summed."""

        CASH = "cash", _("Cash and bank")
        RECEIVABLE = "receivable", _("Receivables")
        STOCK = "stock", _("Inventories")
        PREPAID = "prepaid", _("Prepayments")
        CURRENT_ASSET = "current_asset", _("Other current assets")
        FIXED_ASSET = "fixed_asset", _("Property, plant and equipment")
        OTHER_ASSET = "other_asset", _("Other non-current assets")
        PAYABLE = "payable", _("Payables")
        ADVANCE = "advance", _("Advances received")
        TAX = "tax", _("Taxes payable")
        CURRENT_LIABILITY = "current_liability", _("Other current liabilities")
        LONG_LIABILITY = "long_liability", _("Non-current liabilities")
        CAPITAL = "capital", _("Capital")
        RESERVE = "reserve", _("Reserves")
        RETAINED = "retained", _("Retained earnings")
        REVENUE = "revenue", _("Revenue")
        REVENUE_DEDUCTION = "revenue_deduction", _("Returns and allowances")
        COST_OF_SALES = "cost_of_sales", _("Cost of sales")
        OPERATING_EXPENSE = "operating_expense", _("Operating expenses")
        OTHER_INCOME = "other_income", _("Other income")
        OTHER_EXPENSE = "other_expense", _("Other expenses")
        INCOME_TAX = "income_tax", _("Income tax")

    chart = models.CharField(_("chart"), max_length=20, default="local", editable=False)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=160)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    subkind = models.CharField(_("statement line"), max_length=20, choices=Subkind.choices, blank=True)
    postable = models.BooleanField(_("can be posted to"), default=True)
    open_item = models.BooleanField(_("kept by open items"), default=False)
    required_dimensions = TagsField(_("required dimensions"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("account"), _("accounts")
        constraints = [models.UniqueConstraint(fields=["code", "chart"], name="finance_account_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """A statement line must belong to the kind; each kind has one for what is not told apart."""
        from suite.finance.statements import SUBKINDS

        for draft in drafts:
            account = draft.record
            allowed = SUBKINDS.get(account.kind, ())
            if not account.subkind and allowed:
                account.subkind = allowed[-1]
            if allowed and account.subkind not in allowed:
                raise Invalid.at(
                    "/subkind", _now("This statement line does not belong to accounts of this kind."), "wrong_kind"
                )
        forget(ctx, "finance.accounts")


class Journal(Record):
    """A book of vouchers with gapless numbers of its own per year."""

    class Kind(models.TextChoices):
        GENERAL = "general", _("General")
        SALES = "sales", _("Sales")
        PURCHASE = "purchase", _("Purchases")
        CASH = "cash", _("Bank and cash")
        STOCK = "stock", _("Stock")
        CLOSING = "closing", _("Year-end")

    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.GENERAL)
    pattern = models.CharField(_("number pattern"), max_length=60, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("journal"), _("journals")
        constraints = [models.UniqueConstraint(fields=["code"], name="finance_journal_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """The pattern defaults to ``JV-<code>-{yyyy}-{n:05}``, plain ``JV-…`` for the journal JV."""
        for draft in drafts:
            journal = draft.record
            journal.pattern = journal.pattern or pattern_of(journal.code)
            if "{n" not in journal.pattern or not ("{yyyy}" in journal.pattern or "{yy}" in journal.pattern):
                raise Invalid.at("/pattern", _now("The pattern needs {yyyy} or {yy} and a running number {n:05}."))
        forget(ctx, "finance.journals")


def pattern_of(code: str) -> str:
    """The default number pattern of a journal."""
    return "JV-{yyyy}-{n:05}" if code == "JV" else f"JV-{code}-{{yyyy}}-{{n:05}}"


class MoneyAccount(Record):
    """A bank account, a cash box, a till or a wallet, in one currency, with its ledger account."""

    class Kind(models.TextChoices):
        BANK = "bank", _("Bank")
        CASH = "cash", _("Cash")
        TILL = "till", _("Till")
        WALLET = "wallet", _("Wallet")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.BANK)
    currency = CurrencyField(_("currency"), blank=True)
    account = Reference(Account, verbose_name=_("ledger account"))
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    bank_number = models.CharField(_("account number"), max_length=60, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("money account"), _("money accounts")
        constraints = [models.UniqueConstraint(fields=["code"], name="finance_moneyaccount_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """The company's currency by default."""
        for draft in drafts:
            draft.record.currency = draft.record.currency or ctx.currency
