"""Screens speak in words: no raw names of deeds, events, states or structures."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from kontor.resources import registry
from kontor.web import showing
from kontor.web.settings_pages import audit_words as words


@pytest.mark.requirement("K26")
def test_the_audit_names_deeds_kinds_values_and_sources():
    order, goods = registry.spec("sales.order"), registry.spec("sales.delivery")
    with translation.override("zh-hant"):
        assert [words.deed(order, v) for v in ("created", "confirmed", "file_added", "commented")] == [
            "建立", "確認", "新增檔案", "留言",
        ]  # fmt: skip
        assert words.deed(registry.spec("sales.invoice"), "credit_drawn_up") == "開立折讓單"
        assert [words.name_of(goods, n) for n in ("phase", "movement", "currency")] == ["階段", "異動類型", "幣別"]
        assert words.value_of(goods, "phase", "done") == "完成"
        assert words.value_of(None, "is_active", True) == "是"
        assert [words.source(s) for s in ("web", "import", "shop.example")] == ["瀏覽器", "匯入", "shop.example"]
        assert [words.kind(k) for k in ("identity.apikey", "sales.order")] == ["API金鑰", "銷售訂單"]


def test_one_word_with_two_meanings_has_two_translations():
    period, payment = registry.spec("calendars.period"), registry.spec("finance.payment")
    with translation.override("zh-hant"):
        assert dict(period.fields["ledger"].choices)["open"] == "未結帳"
        assert str(period.actions["close"].label) == "結帳"
        assert dict(payment.fields["direction"].choices) == {"in": "收款", "out": "付款"}
        assert str(registry.spec("sales.order").actions["close"].label) == "結案"
        assert str(registry.spec("inventory.balance").fields["value"].label) == "庫存金額"
        assert dict(registry.spec("inventory.adjustment").fields["kind"].choices)["count"] == "盤點"


def test_a_voucher_tells_its_occasion_and_a_return_where_the_goods_went():
    with translation.override("zh-hans"):
        voucher = registry.spec("finance.voucher").fields["occasion"]
        assert showing.choice_label(voucher, "inventory.shipped") == "发货"
        assert showing.choice_label(voucher, "inventory.shipped.reversed") == "冲销：发货"
        assert showing.choice_label(voucher, "plugin.own") == "plugin.own"
        assert showing.choice_label(registry.spec("sales.return").fields["put_into"], "usable") == "可用库存"


def test_a_fiscal_year_is_no_quantity(ctx: Any):
    year = registry.spec("calendars.period").fields["year"]
    assert showing.plain_text(ctx, year, 2026) == "2026"


def test_the_steps_of_a_price_are_told(ctx: Any):
    spec = registry.spec("catalog.price_rule")
    row = {"steps": [{"from": "10", "price": "95"}, {"from": "1000", "discount": "0.2"}], "unit__title": "個"}
    with translation.override("zh-hant"):
        said = showing.cell(ctx, spec, spec.fields["steps"], row, {})
    assert said == "10\u2009個起95；1,000\u2009個起−20%"
