"""Numbers as they stand on paper: amounts with the currency's digits, and in Chinese capitals.

The capitals follow the rule of the People's Bank for bills (正确填写票据) and the usage in Taiwan.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from kontor.values.money import SYMBOLS, amount_text, digits, plain, price_text, round_amount

_DIGITS = {"hant": "零壹貳參肆伍陸柒捌玖", "hans": "零壹贰叁肆伍陆柒捌玖"}
_UNITS = ("", "拾", "佰", "仟")
_SECTIONS = {"hant": ("", "萬", "億", "兆"), "hans": ("", "万", "亿", "万亿")}
_LEAD = {"TWD": {"hant": "新臺幣", "hans": "新台币"}, "CNY": {"hant": "人民幣", "hans": "人民币"}}
_PARTS = {"hant": ("元", "角", "分", "整", "負"), "hans": ("元", "角", "分", "整", "负")}


def money(value: Decimal | None, currency: str, *, symbol: bool = False) -> str:
    """``1,486,275`` in TWD, ``18.00`` in USD; with the symbol before it where asked."""
    if value is None:
        return ""
    text = grouped(amount_text(value, currency))
    if not symbol:
        return text
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text)
    mark = SYMBOLS.get(currency, currency)
    return f"{sign}{mark} {body}" if mark[-1:].isalpha() or len(mark) > 2 else f"{sign}{mark}{body}"


def price(value: Decimal | None, currency: str) -> str:
    """A unit price, grouped, with at least the currency's digits."""
    return "" if value is None else grouped(price_text(value, currency))


def quantity(value: Decimal | None, unit: str = "") -> str:
    """A quantity without trailing zeros, with its unit."""
    return "" if value is None else f"{grouped(plain(value))} {unit}".strip()


def percent(value: Decimal | None) -> str:
    """A share of one as per cent: 0.05 is ``5%``."""
    return "" if value is None else f"{plain(value * 100)}%"


def date(value: dt.date | None) -> str:
    """``2026-11-22`` in every language: no doubt about day and month."""
    return value.isoformat() if value else ""


def grouped(text: str) -> str:
    """Thousands between commas, the sign and the decimals untouched."""
    sign = "-" if text.startswith("-") else ""
    whole, point, rest = text.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


def amount_in_words(value: Decimal, currency: str, language: str) -> str:
    """The amount in Chinese capitals (大寫金額); empty for other languages and currencies.

    ``新臺幣壹佰肆拾捌萬陸仟貳佰柒拾伍元整``; ``人民币陆仟零柒元壹角肆分``.
    """
    script = {"zh-hant": "hant", "zh-hans": "hans"}.get(language)
    if script is None or currency not in _LEAD:
        return ""
    rounded = round_amount(value, currency)
    yuan, jiao, fen, whole, minus = _PARTS[script]
    cents = int((abs(rounded) * 100).to_integral_value())
    units, rest = divmod(cents, 100)
    tens, ones = divmod(rest, 10)
    out = _whole(units, script) + yuan if units or not rest else ""
    if tens:
        out += _DIGITS[script][tens] + jiao
    if ones:
        out += ("" if tens or not units else _DIGITS[script][0]) + _DIGITS[script][ones] + fen
    else:
        out += whole
    assert digits(currency) <= 2
    return f"{_LEAD[currency][script]}{minus if rounded < 0 else ''}{out}"


def _whole(number: int, script: str) -> str:
    """Sections of four digits; one 零 for any run of zeros inside, none at a section's end."""
    if not number:
        return _DIGITS[script][0]
    sections: list[int] = []
    while number:
        number, section = divmod(number, 10_000)
        sections.append(section)
    out, gap = "", False
    for place in range(len(sections) - 1, -1, -1):
        section = sections[place]
        if not section:
            gap = bool(out)
            continue
        if out and (gap or section < 1000):
            out += _DIGITS[script][0]
        out += _section(section, script) + _section_name(place, sections, script)
        gap = False
    return out


def _section(section: int, script: str) -> str:
    out, gap = "", False
    for power in (3, 2, 1, 0):
        digit = section // 10**power % 10
        if not digit:
            gap = bool(out)
            continue
        out += (_DIGITS[script][0] if gap else "") + _DIGITS[script][digit] + _UNITS[power]
        gap = False
    return out


def _section_name(place: int, sections: list[int], script: str) -> str:
    """Mainland: 壹万亿 before zeros, 壹万贰仟亿 when 亿 follows in the section below."""
    if script == "hans" and place == 3 and sections[2]:
        return "万"
    return _SECTIONS[script][place]
