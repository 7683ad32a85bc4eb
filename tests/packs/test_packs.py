"""Country packs: a company of each kind has on its first day what its first invoice needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kontor.configuration.api import get, put
from kontor.fields.api import items
from suite.catalog import api as catalog
from suite.catalog.api import TaxLine
from suite.catalog.models import Tax, TaxRule, Unit
from suite.finance.api import ROLES
from suite.finance.models import Account, AccountRule, Journal, MoneyAccount
from suite.packs import api
from suite.packs.contents import LANGUAGES
from tests.conftest import context_of

pytestmark = pytest.mark.django_db
D = Decimal
ALL = [api.tw.PACK, api.cn.PACK, api.generic.PACK]


@pytest.mark.parametrize("pack", ALL, ids=lambda p: p.country)
def test_the_data_hold_together(pack: Any) -> None:
    codes = [a.code for a in pack.accounts]
    assert len(codes) == len(set(codes))
    named = {*pack.roles.values(), *pack.class_roles.values(), *(m.account for m in pack.money), *pack.headings}
    assert named <= set(codes)
    assert set(ROLES) == set(pack.roles)
    assert not pack.headings & set(pack.roles.values())
    kinds = {a.code: a.line for a in pack.accounts}
    assert {role: kinds[pack.roles[role]] for role in ("receivable", "payable", "stock", "retained_earnings")} == {
        "receivable": "receivable",
        "payable": "payable",
        "stock": "stock",
        "retained_earnings": "retained",
    }
    assert all(a.name(language) for a in pack.accounts for language in LANGUAGES)
    taxes = {t.code for t in pack.taxes}
    assert {code for rule in pack.tax_rules for code in rule.taxes} <= taxes


@pytest.mark.requirement("F1", "T2")
def test_taiwan(ctx: Any) -> None:
    receivable = Account.objects.get(code="1156")
    assert (receivable.name, receivable.names["en"], receivable.open_item) == ("應收帳款", "Trade receivables", True)
    assert Account.objects.count() == len(api.tw.PACK.accounts) == 134
    assert AccountRule.objects.get(role="output_tax").account.code == "2281"
    assert dict(Tax.objects.values_list("code", "rate")) == {"TX5": D("0.05"), "TX0": D(0), "TXE": D(0)}
    assert list(MoneyAccount.objects.order_by("code").values_list("code", "currency", "account__code")) == [
        ("BANK", "TWD", "1100"),
        ("CASH", "TWD", "1101"),
    ]
    assert Unit.objects.get(code="piece").name == "個"
    assert [t.code for t in items("payment_term")][:2] == ["NOW", "NET7"]
    assert Journal.objects.get(code="SA").name == "銷貨簿"


@pytest.mark.requirement("F1", "C5")
def test_mainland_china(cn_company: Any) -> None:
    ctx = context_of("admin")
    assert Account.objects.get(code="1122").name == "应收账款"
    assert not Account.objects.get(code="2221").postable
    assert sorted(Tax.objects.values_list("rate", flat=True)) == [
        D(0), D(0), D("0.03"), D("0.06"), D("0.09"), D("0.13"),
    ]  # fmt: skip
    vat = Tax.objects.get(code="VAT13").id
    rows = [TaxLine(D(1), D("0.35"), D(0), (vat,))] * 3
    assert catalog.compute(ctx, rows, currency="CNY").tax == D("0.15")  # 0.0455 a line → 0.05


@pytest.mark.requirement("F1", "T2")
def test_any_other_country_has_its_currency_and_no_tax(us_ctx: Any) -> None:
    assert Account.objects.get(code="1100").name == "Trade receivables"
    assert not Tax.objects.exists() and not TaxRule.objects.exists()
    assert set(MoneyAccount.objects.values_list("currency", flat=True)) == {"USD"}
    from kontor.documents import gate

    made = gate.create(us_ctx, "catalog.product", {"code": "P", "name": "P", "list_price": "18"})
    day = us_ctx.today
    assert catalog.taxes_for(us_ctx, [made.id], None, day) == {made.id: ()}
    assert catalog.products(us_ctx, [made.id])[made.id].list_currency == "USD"


def test_installing_again_changes_nothing_in_few_statements(ctx: Any, django_assert_max_num_queries: Any) -> None:
    def state() -> list[int]:
        return [m.objects.count() for m in (Account, AccountRule, Journal, MoneyAccount, Tax, TaxRule, Unit)]

    before = state()
    put({"catalog.tax_rounding": "line"})  # the company has chosen otherwise since
    with django_assert_max_num_queries(60):
        api.install(ctx, "tw")
    assert state() == before
    assert get("catalog.tax_rounding") == "line"


@pytest.mark.requirement("N1")
def test_every_company_has_a_warehouse(us_ctx: Any) -> None:
    from suite.inventory import api as inventory

    assert inventory.default_warehouse(us_ctx)
