"""Pure rules of the register: countries, tax numbers, telephone keys, due dates."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kontor.values.days import month_end

_ALIASES = {
    "uk": "GB",
    "england": "GB",
    "great britain": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "america": "US",
    "south korea": "KR",
    "korea": "KR",
    "taiwan": "TW",
    "台灣": "TW",
    "臺灣": "TW",
    "台湾": "TW",
    "中國": "CN",
    "中国": "CN",
    "中國大陸": "CN",
    "hong kong": "HK",
    "macau": "MO",
    "czech republic": "CZ",
    "holland": "NL",
    "turkey": "TR",
}
_LANGUAGES = ("en", "zh_Hant", "zh_Hans")


def country_code(word: str) -> str | None:
    """ISO 3166 code of a country given by code or by name in English or Chinese; None if unknown."""
    text = unicodedata.normalize("NFKC", word).strip()
    if len(text) == 2 and text.upper() in _codes():
        return text.upper()
    return _ALIASES.get(text.casefold()) or _names().get(text.casefold())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    from babel import Locale

    out: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                out.setdefault(name.casefold(), code)
    return out


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_names().values())


def tax_number(number: str, country: str) -> tuple[str, str]:
    """The compact form of a company's tax number and what it is called where it is wrong.

    ``("04595257", "")`` if right, ``(number, "統一編號")`` if its check digit or form is wrong.
    Numbers of countries without a known rule are kept as given. Rules: python-stdnum.
    """
    from stdnum import get_cc_module
    from stdnum.exceptions import ValidationError

    text = unicodedata.normalize("NFKC", number).strip()
    module: Any = get_cc_module(country.lower(), "vat") if country else None
    if module is None:
        return text, ""
    try:
        return module.validate(text), ""
    except ValidationError:
        name = (module.__doc__ or "").strip().splitlines()[0].rstrip(".")
        return text, name or "tax number"


def phone_key(number: str, country: str) -> str:
    """A telephone number for comparing: E.164 where it can be read, else its digits; extensions dropped."""
    import phonenumbers

    if not number.strip():
        return ""
    try:
        parsed = phonenumbers.parse(number, country.upper() or None)
        if phonenumbers.is_possible_number(parsed):
            bare = phonenumbers.PhoneNumber(
                country_code=parsed.country_code,
                national_number=parsed.national_number,
                italian_leading_zero=parsed.italian_leading_zero,
            )
            return str(phonenumbers.format_number(bare, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", number))[:30]


def due_date(start: dt.date, term: Mapping[str, Any]) -> dt.date:
    """When an invoice of ``start`` is due: ``{"days": 30, "month_end": true}`` counts from the month's end.

    A deposit share in the term does not change the date.
    """
    if term.get("month_end"):
        start = month_end(start)
    return start + dt.timedelta(days=int(term.get("days") or 0))


def country_name(code: str, language: str) -> str:
    """A country for people, in a language of ours: ``TW`` → ``Taiwan``, ``臺灣``."""
    from babel import Locale

    locale = {"zh-hant": "zh_Hant", "zh-hans": "zh_Hans"}.get(language, "en")
    return str(Locale.parse(locale).territories.get(code, code))


def address_lines(place: Mapping[str, Any], *, home: str, language: str) -> list[str]:
    """An address in the order of its country: large to small in Chinese, small to large elsewhere.

    The country is written only where it is not ``home``.
    """
    country = place.get("country") or ""
    shown = country_name(country, language) if country and country != home else ""
    street, city = place.get("street") or "", place.get("city") or ""
    region, postal_code = place.get("region") or "", place.get("postal_code") or ""
    if (country or home) in ("TW", "CN", "HK", "MO"):
        gap = "" if re.search(r"[\u3400-\u9fff]", f"{region}{city}{street}") else " "
        area = gap.join(part for part in (region, city) if part)
        return [part for part in (shown, gap.join(p for p in (postal_code, area, street) if p)) if part]
    town = " ".join(part for part in (city, region, postal_code) if part)
    return [part for part in (street, town, shown) if part]
