"""Paper: amounts in words, breaks, injection, page count, fonts, scripts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from kontor.surfaces.printing import Block, Cell, Column, Sheet, Total
from kontor.surfaces.printing.render import breakable, set_sheet
from kontor.surfaces.printing.wording import amount_in_words, money, percent, price, quantity

needs_fonts = pytest.mark.skipif(
    not any((Path(settings.VENDOR) / "fonts").glob("*.ttf")), reason="the fonts for printing are not installed"
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "新臺幣零元整"),
        ("5", "新臺幣伍元整"),
        ("10", "新臺幣壹拾元整"),
        ("1486275", "新臺幣壹佰肆拾捌萬陸仟貳佰柒拾伍元整"),
        ("10005", "新臺幣壹萬零伍元整"),
        ("100000000", "新臺幣壹億元整"),
        ("100000001", "新臺幣壹億零壹元整"),
        ("1000010000", "新臺幣壹拾億零壹萬元整"),
        ("1000000000000", "新臺幣壹兆元整"),
        ("-300", "新臺幣負參佰元整"),
        ("1486274.5", "新臺幣壹佰肆拾捌萬陸仟貳佰柒拾伍元整"),
    ],
)
def test_amounts_in_words_in_taiwan(value: str, words: str) -> None:
    assert amount_in_words(Decimal(value), "TWD", "zh-hant") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        # the examples of the People's Bank's rule for bills
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("1680.32", "人民币壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "人民币壹拾万柒仟元伍角叁分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("0.5", "人民币伍角整"),
        ("0.05", "人民币伍分"),
        ("-0.05", "人民币负伍分"),
        ("1000000000000", "人民币壹万亿元整"),
        ("1200000000000", "人民币壹万贰仟亿元整"),
        ("1000200000000", "人民币壹万零贰亿元整"),
    ],
)
def test_amounts_in_words_on_the_mainland(value: str, words: str) -> None:
    assert amount_in_words(Decimal(value), "CNY", "zh-hans") == words


def test_other_languages_and_currencies_have_no_words() -> None:
    assert amount_in_words(Decimal(5), "TWD", "en") == ""
    assert amount_in_words(Decimal(5), "USD", "zh-hant") == ""
    assert amount_in_words(Decimal(5), "CNY", "zh-hant") == "人民幣伍元整"


def test_numbers_as_they_stand_on_paper() -> None:
    assert money(Decimal("1486275"), "TWD", symbol=True) == "NT$ 1,486,275"
    assert money(Decimal("-18"), "USD") == "-18.00"
    assert money(Decimal("612400"), "CNY", symbol=True) == "¥612,400.00"
    assert price(Decimal("4850.125"), "TWD") == "4,850.125"
    assert quantity(Decimal("1200.500000"), "kg") == "1,200.5 kg"
    assert percent(Decimal("0.05")) == "5%"
    assert money(None, "TWD") == ""


def test_long_runs_may_break_and_short_ones_stay_whole() -> None:
    assert breakable("LG-20H-640") == "LG-20H-640"
    assert breakable("線性滑軌組" * 5) == "線性滑軌組" * 5
    assert breakable("X" * 20) == "\u200b".join("X" * 20)


def _sheet(rows: int = 1, language: str = "zh-hant", note: str = "") -> Sheet:
    return Sheet(
        title="報價單",
        number="QT-2611-0093",
        language=language,
        company=Block("禾岳精機股份有限公司"),
        party=Block("骨關門"),
        columns=(Column("品項", share=1), Column("金額", "right")),
        rows=tuple((Cell(f"LG-{i}", note), "1,234") for i in range(rows)),
        totals=(Total("總計", "1,234", grand=True),),
    )


@needs_fonts
@pytest.mark.requirement("K19")
def test_a_sheet_becomes_a_pdf_with_its_own_fonts() -> None:
    hant, hans = set_sheet(_sheet()), set_sheet(_sheet(language="zh-hans"))
    assert hant.startswith(b"%PDF-") and hans.startswith(b"%PDF-")
    assert b"NotoSansTC" in hant and b"NotoSansSC" not in hant
    assert b"NotoSansSC" in hans


@needs_fonts
@pytest.mark.requirement("K19")
def test_values_are_never_typst_code() -> None:
    sheet = _sheet(note='#panic("x") #read("/etc/passwd") $x$ */ \\ "')
    assert set_sheet(sheet).startswith(b"%PDF-")


@needs_fonts
def test_long_tables_run_over_pages() -> None:
    pages = [set_sheet(_sheet(n)).count(b"/Type /Page\n") for n in (1, 200)]
    assert pages[0] <= 1 < pages[1] or pages == [0, 0]  # page objects may lie in a compressed stream


@needs_fonts
def test_concurrent_prints_do_not_disturb_each_other() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: set_sheet(_sheet(n)), (1, 60, 2, 40, 3, 20)))
    assert all(pdf.startswith(b"%PDF-") for pdf in done)
