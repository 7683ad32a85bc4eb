"""A ledger to post into: accounts by role, customers, documents that are only ids."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.records import Ref
from kontor.values.columns import new_id
from suite.finance.api import (
    AccountRow,
    ChartPack,
    Fact,
    MoneyAccountRow,
    NewItem,
    Posting,
    install_chart,
    open_item,
    post,
)
from suite.finance.models import Account, AccountRule, Journal, MoneyAccount, Voucher, VoucherLine

DAY = dt.date(2026, 3, 10)
_KINDS = {
    "receivable": ("asset", "receivable"), "payable": ("liability", "payable"),
    "customer_advance": ("liability", "advance"), "supplier_advance": ("asset", "prepaid"),
    "revenue": ("income", "revenue"), "freight_income": ("income", "revenue"),
    "sales_returns": ("income", "revenue_deduction"), "output_tax": ("liability", "tax"),
    "input_tax": ("asset", "current_asset"), "stock": ("asset", "stock"),
    "cost_of_sales": ("expense", "cost_of_sales"), "stock_difference": ("expense", "cost_of_sales"),
    "goods_received": ("liability", "current_liability"), "opening_balance": ("equity", "capital"),
    "money": ("asset", "cash"), "discount": ("expense", "other_expense"),
    "write_off": ("expense", "operating_expense"), "exchange": ("income", "other_income"),
    "retained_earnings": ("equity", "retained"),
}  # fmt: skip


def chart() -> ChartPack:
    """One account a role, coded in order, and a heading that takes no postings."""
    rows = [
        AccountRow(f"T{i:02}", role.replace("_", " ").capitalize(), {"zh-hant": f"科目{i}"}, *kind)
        for i, (role, kind) in enumerate(_KINDS.items(), start=1)
    ]
    rows.append(AccountRow("T00", "Assets", kind="asset", postable=False))
    return ChartPack(
        accounts=rows,
        roles={role: f"T{i:02}" for i, role in enumerate(_KINDS, start=1)},
        money_accounts=[MoneyAccountRow("BANK-T", "Bank", "bank", "", "T15")],
    )


class Books:
    """What tests say about a ledger."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def account(self, role: str) -> Any:
        rule = AccountRule.objects.get(role=role, posting_class="", tax=None, warehouse_id=None)
        return rule.account

    def customer(self, name: str = "Alder Ltd", **more: Any) -> Any:
        return gate.create(self.ctx, "parties.customer", {"name": name, **more}).pk

    def posting(
        self, *facts: tuple[str, Any], event: str = "sales.invoiced", on: dt.date = DAY, **more: Any
    ) -> Posting:
        given = {"source": Ref("test.document", new_id()), "currency": self.ctx.currency, "rate": Decimal(1)}
        rows = [Fact(name, Decimal(amount)) for name, amount in facts]
        return Posting(**{**given, "event": event, "on": on, "text": "Test", "rows": rows, **more})  # type: ignore[arg-type]

    def invoice(
        self,
        party: Any,
        amount: Any,
        *,
        on: dt.date = DAY,
        days: int = 30,
        rate: Any = 1,
        currency: str = "",
        number: str = "",
    ) -> Any:
        """An invoice as sales would make it: voucher and open item."""
        ref = Ref("sales.invoice", new_id())
        amount, rate = Decimal(amount), Decimal(rate)
        currency = currency or self.ctx.currency
        post(
            self.ctx,
            self.posting(
                ("receivable", amount),
                ("revenue", amount),
                source=ref,
                on=on,
                party_id=party,
                currency=currency,
                rate=rate,
            ),
        )
        return open_item(
            self.ctx,
            NewItem(
                ref,
                number=number or f"IV-{str(ref.id)[-6:]}",
                kind="invoice",
                party_id=party,
                amount=amount,
                currency=currency,
                rate=rate,
                on=on,
                due_on=on + dt.timedelta(days=days),
            ),
        )

    def receipt(self, party: Any, amount: Any, on: dt.date = DAY, post: bool = True, **more: Any) -> Any:
        made = gate.create(
            self.ctx,
            "finance.receipt",
            {"party": str(party), "amount": str(amount), "account": self.money().code, "received_on": str(on), **more},
        )
        return gate.perform(self.ctx, "finance.receipt", made.pk, "post").record if post else made

    def money(self) -> Any:
        return MoneyAccount.objects.order_by("code").first()

    def balance(self, role: str) -> Decimal:
        """Debit less credit of the role's account over posted vouchers."""
        return self.total(account=self.account(role))

    def total(self, **where: Any) -> Decimal:
        lines = VoucherLine.objects.filter(**where).exclude(voucher__state="draft")
        return sum((x.debit - x.credit for x in lines), Decimal(0))

    def lines(self, voucher_id: Any) -> dict[str, Decimal]:
        """Account code → debit less credit of one voucher."""
        out: dict[str, Decimal] = {}
        for x in VoucherLine.objects.filter(voucher_id=voucher_id).select_related("account"):
            out[x.account.code] = out.get(x.account.code, Decimal(0)) + x.debit - x.credit
        return out

    def code(self, role: str) -> str:
        return str(self.account(role).code)

    def counts(self) -> tuple[int, int]:
        return Voucher.objects.count(), VoucherLine.objects.count()


def ready(ctx: Context) -> Books:
    """The company's own chart where its pack brings one, else the test's."""
    if not Journal.objects.exists():
        install_chart(ctx, chart())
        MoneyAccount.objects.filter(currency="").update(currency=ctx.currency)
    if not MoneyAccount.objects.exists():
        MoneyAccount.objects.create(
            code="BANK-T",
            name="Bank",
            currency=ctx.currency,
            account=Account.objects.get(pk=Books(ctx).account("money").pk),
        )
    return Books(ctx)


@pytest.fixture
def books(ctx: Context) -> Books:
    """The ledger of alpha (TWD)."""
    return ready(ctx)


@pytest.fixture
def us_books(us_ctx: Context) -> Books:
    """The ledger of gamma (USD)."""
    return ready(us_ctx)


@pytest.fixture
def sql() -> Callable[..., list[Any]]:
    """Raw SQL, around Python."""

    def run(statement: str, *values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            return cursor.fetchall() if cursor.description else []

    return run
