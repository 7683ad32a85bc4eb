"""JSON in and out: strict where numbers, doubles and broken text would otherwise slip through."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer

from kontor.values.money import plain
from kontor.values.writing import as_json

DEEPEST = 32
_LARGEST = 2**63 - 1
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class TooLarge(APIException):
    """The body is larger than what is taken."""

    status_code = 413
    default_code = "too_large"


def dumps(value: Any) -> bytes:
    """JSON bytes; decimals as strings, instants in UTC."""
    return orjson.dumps(value, default=_default, option=_OPTIONS)


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return as_json(value)


def loads(raw: bytes) -> Any:
    """A JSON text → values. Refused: doubled names, NaN, numbers beyond 64 bits, NUL, broken text, too deep."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
        _check(value)
    except RecursionError:
        raise ParseError(_too_deep()) from None
    except UnicodeDecodeError:
        raise ParseError(_("The body is not UTF-8.")) from None
    except json.JSONDecodeError as error:
        raise ParseError(
            _("The body is not JSON: %(why)s at character %(at)d.") % {"why": error.msg, "at": error.pos}
        ) from None
    return value


def _decimal(text: str) -> Decimal:
    if len(text) > 100:
        raise ParseError(_("A number in the body is too long."))
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > _LARGEST:
        raise ParseError(_("A number in the body is too large."))
    return int(text)


def _constant(text: str) -> Any:
    raise ParseError(_("“%(value)s” is no JSON number.") % {"value": text})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        double = Counter(name for name, _v in pairs).most_common(1)[0][0]
        raise ParseError(_("The name “%(name)s” stands twice in one object.") % {"name": double[:80]})
    return out


def _check(value: Any) -> None:
    """Without recursion: depth, and texts that no database stores."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, str):
            if "\x00" in item:
                raise ParseError(_("The body holds a NUL character."))
            if not item.isascii() and any("\ud800" <= ch <= "\udfff" for ch in item):
                raise ParseError(_("The body holds half a surrogate pair."))
        elif isinstance(item, dict | list):
            if depth >= DEEPEST:
                raise ParseError(_too_deep())
            if isinstance(item, dict):
                stack.extend((k, depth + 1) for k in item)
                stack.extend((v, depth + 1) for v in item.values())
            else:
                stack.extend((v, depth + 1) for v in item)


def _too_deep() -> str:
    return _("The body is nested deeper than %(n)d levels.") % {"n": DEEPEST}


class JsonRenderer(BaseRenderer):
    """application/json by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dumps(data)


class JsonParser(BaseParser):
    """application/json, as strict as the records need it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(_("The body is larger than %(n)d MB.") % {"n": limit // 2**20})
        return loads(raw) if raw.strip() else {}


class FormParser(MultiPartParser):
    """multipart/form-data, for files alone."""
