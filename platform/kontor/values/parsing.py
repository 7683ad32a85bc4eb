"""From what people and programs send to Python values, kind by kind.

Every parser takes what JSON, a form or a spreadsheet cell may hold and either returns the value or
raises ``ValueError`` with a sentence for people.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

_MAX_WHOLE_DIGITS = 14
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_ROC_DATE = re.compile(r"^(\d{2,3})[./-](\d{1,2})[./-](\d{1,2})$")
_ANY_DATE = re.compile(r"^(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$")


def text(raw: Any) -> str:
    """Text in NFC without control and direction-override characters, trimmed."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValueError(_("Text is expected here."))
    value = unicodedata.normalize("NFC", str(raw)).strip()
    if _FORBIDDEN.search(value):
        raise ValueError(_("The text holds characters that cannot be stored (control or direction marks)."))
    if any("\ud800" <= ch <= "\udfff" for ch in value):
        raise ValueError(_("The text holds characters that cannot be stored (broken encoding)."))
    return value


def integer(raw: Any) -> int:
    """A whole number that fits 32 bits."""
    value = decimal(raw)
    if value != value.to_integral_value() or abs(value) > 2_147_483_647:
        raise ValueError(_("A whole number is expected here."))
    return int(value)


def counted(text: str) -> int | None:
    """What an address carries to count with: up to nine digits from 0 to 9; None for all else (², ٣, 10^400)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def decimal(raw: Any, places: int = 6) -> Decimal:
    """A finite decimal of at most fourteen digits before the point and ``places`` after it."""
    if isinstance(raw, bool) or raw is None:
        raise ValueError(_("A number is expected here."))
    if isinstance(raw, str):
        raw = unicodedata.normalize("NFKC", raw).replace(",", "").replace(" ", "").strip()
        if len(raw) > 60:
            raise ValueError(_("The number is too long."))
        if "_" in raw:  # Python's own way to write numbers, nobody's in trade: 1_0 is no ten
            raise ValueError(_("A number is expected here."))
    try:
        value = raw if isinstance(raw, Decimal) else Decimal(str(raw))
    except (InvalidOperation, ValueError):
        raise ValueError(_("A number is expected here.")) from None
    if not value.is_finite():
        raise ValueError(_("A number is expected here."))
    if value and value.adjusted() >= _MAX_WHOLE_DIGITS:
        raise ValueError(_("The number is too large."))
    exponent = int(value.as_tuple().exponent)
    if exponent < -places:
        rounded = round(value, places)
        if rounded != value:
            raise ValueError(_("At most %(places)d decimals are kept.") % {"places": places})
        value = rounded
    return value


def rate(raw: Any) -> Decimal:
    """An exchange rate of at most ten decimals."""
    return decimal(raw, places=10)


def boolean(raw: Any) -> bool:
    """A truth value, also as people write it in a sheet."""
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in ("true", "1", "yes", "y", "on", "是"):
        return True
    if word in ("false", "0", "no", "n", "off", "", "否"):
        return False
    raise ValueError(_("Yes or no is expected here."))


def date(raw: Any) -> dt.date:
    """A calendar date: ISO, with dots or slashes, or with a year of the Republic (113/5/1)."""
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    if not isinstance(raw, str):
        raise ValueError(_("A date like 2026-11-22 is expected here."))
    word = unicodedata.normalize("NFKC", raw).strip()
    roc = 0
    match = _ANY_DATE.match(word)
    if not match and (match := _ROC_DATE.match(word)):
        roc = 1911
    if match:
        year, month, day = (int(part) for part in match.groups())
        try:
            return dt.date(year + roc, month, day)
        except ValueError:
            pass
    raise ValueError(_("A date like 2026-11-22 is expected here."))


def instant(raw: Any) -> dt.datetime:
    """A moment with its offset, RFC 3339."""
    value = raw if isinstance(raw, dt.datetime) else None
    if value is None and isinstance(raw, str):
        try:
            value = parse_datetime(raw.strip().replace(" ", "+"))
        except ValueError:
            value = None
    if value is None or value.tzinfo is None:
        raise ValueError(_("A moment like 2026-11-22T08:30:00Z is expected here."))
    return value


def uuid(raw: Any) -> UUID:
    """An id."""
    if isinstance(raw, UUID):
        return raw
    try:
        return UUID(str(raw))
    except ValueError:
        raise ValueError(_("An id is expected here.")) from None


def as_uuid(value: Any) -> UUID | None:
    """The id that a text writes; None if it writes none."""
    if isinstance(value, UUID):
        return value
    word = str(value)
    if len(word) not in (32, 36):
        return None
    try:
        return UUID(word)
    except ValueError:
        return None


def email(raw: Any) -> str:
    """A mail address, kept as written."""
    value = text(raw)
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError(_("A mail address like name@example.com is expected here."))
    return value


def structure(raw: Any) -> Any:
    """A JSON value as a column can keep it; a string is read as JSON text (a spreadsheet cell)."""
    if isinstance(raw, str) and raw[:1] in ("[", "{"):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise ValueError(_("JSON is expected here.")) from None
    return _storable(raw, 0)


def _storable(value: Any, depth: int) -> Any:
    """Finite numbers, texts without NUL and halves of surrogate pairs, not nested without end."""
    if depth > 32:
        raise ValueError(_("The value is nested too deeply."))
    if isinstance(value, dict):
        return {_storable(str(k), depth + 1): _storable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(v, depth + 1) for v in value]
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() and value.adjusted() < 18 else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(_("A number is expected here."))
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(_("The number is too large."))
    if isinstance(value, str) and any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in value):
        raise ValueError(_("The text holds characters that cannot be stored (broken encoding)."))
    return value


def words(raw: Any) -> list[str]:
    """A list of words; in a sheet they stand between commas."""
    parts = raw if isinstance(raw, list | tuple) else re.split(r"[,、;；\n]", str(raw))
    return [word for word in (text(part) for part in parts) if word]


PARSERS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "longtext": text,
    "phone": text,
    "currency": lambda raw: text(raw).upper(),
    "choice": text,
    "email": email,
    "integer": integer,
    "quantity": decimal,
    "amount": decimal,
    "price": decimal,
    "percent": decimal,
    "rate": rate,
    "boolean": boolean,
    "date": date,
    "instant": instant,
    "id": uuid,
    "json": structure,
    "tags": words,
}
NUMERIC = frozenset({"integer", "quantity", "amount", "price", "percent", "rate"})
TEXTUAL = frozenset({"text", "longtext", "phone", "email", "choice", "currency"})
