"""Type-ahead finds what was not written through the gate itself: a party by its customer, what a pack installed."""

from __future__ import annotations

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from kontor.surfaces.query import Ask, select
from kontor.web.pages.pick import found
from suite.finance.models import Account, MoneyAccount

pytestmark = pytest.mark.django_db


def _names(ctx: Context, resource: str, word: str) -> list[str]:
    return [row["name"] for row in found(ctx, registry.spec(resource), word, {})]


def test_a_party_is_found_by_the_words_of_its_customer(ctx: Context) -> None:
    gate.create(ctx, "parties.customer", {"name": "鼎曜自動化", "code": "DY-7", "contacts": [{"name": "蔡明哲"}]})
    assert _names(ctx, "parties.party", "DY-7") == ["鼎曜自動化"]
    assert _names(ctx, "parties.party", "自動化") == ["鼎曜自動化"]
    assert _names(ctx, "parties.party", "DY-8") == []
    assert _names(ctx, "parties.contact", "蔡明哲") == ["蔡明哲"]


def test_what_the_pack_installed_is_found(ctx: Context) -> None:
    account = Account.objects.exclude(name="").order_by("code").first()
    money = MoneyAccount.objects.order_by("code").first()
    assert account is not None and money is not None
    assert account.code in [row["code"] for row in found(ctx, registry.spec("finance.account"), account.code, {})]
    assert _names(ctx, "finance.money_account", money.name)


def test_stock_is_found_by_its_product(ctx: Context) -> None:
    gate.create(ctx, "catalog.product", {"code": "ZZ-91", "name": "聯軸器"})
    lines = [{"product": "ZZ-91", "quantity": "4", "unit_cost": "60"}]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    for resource in ("inventory.balance", "inventory.location_balance", "inventory.move"):
        spec = registry.spec(resource)
        assert select(ctx, spec, Ask(fields=("product",), q="ZZ-91")).rows, resource
        assert not select(ctx, spec, Ask(fields=("product",), q="ZZ-92")).rows, resource
