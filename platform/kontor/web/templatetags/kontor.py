"""Kontor's own tags and filters, built in to every template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kontor.context import current_context
from kontor.resources.spec import Spec
from kontor.values import wording
from kontor.web import showing

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A Tabler icon as decoration."""
    return format_html('<i class="ti ti-{} {}" aria-hidden="true"></i>', name, classes)


@register.simple_tag
def face(name: str, size: str = "") -> SafeString:
    """A person's mark: ``{% face user.name "md" %}``."""
    return showing.face(name, size)


@register.simple_tag
def state(spec: Spec, value: Any) -> SafeString:
    """The state with its dot: ``{% state spec row.state %}``."""
    return showing.state(spec, value)


@register.simple_tag
def route(name: str, *args: Any) -> str:
    """The address of a view, empty where that view does not exist: no dead buttons."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def labelled(label: Any, text: Any) -> str:
    """``Unit: piece`` in the language's own punctuation."""
    return wording.labelled(label, text)


@register.filter
def row_of(words: Iterable[Any]) -> str:
    """``A, B, C`` in the language's own punctuation."""
    return wording.row_of(words)


@register.filter
def capital(value: Any) -> str:
    """A label with a capital letter."""
    return wording.capital(value)


@register.filter
def noun(value: Any) -> str:
    """A label inside a sentence."""
    return wording.noun(value)


@register.filter
def initial(value: str) -> str:
    """The letter on a face."""
    return showing.initial(value)


@register.filter
def moment(value: dt.datetime | None) -> str:
    """``09:12`` today, else the date with the time."""
    return showing.instant(value, _today())


@register.filter
def number(value: Any) -> str:
    """A number without trailing zeros, grouped."""
    return "–" if value is None else showing.quantity(Decimal(value))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``{{ row|get:name }}``."""
    return mapping.get(key) if hasattr(mapping, "get") else None


def _today() -> dt.date:
    ctx = current_context()
    return ctx.today if ctx is not None else timezone.localdate()


@register.filter
def words(text: str) -> list[str]:
    """``{% for sheet in "tokens base"|words %}``."""
    return text.split()


@register.filter
def begins(text: str, start: str) -> bool:
    """Whether a path lies under another."""
    return text.startswith(start)


@register.filter
def is_open(group: Any, address: str) -> bool:
    """Whether the page belongs to the module of the menu."""
    return any(address.startswith(entry.href) for entry in group.entries)


@register.filter
def cap(value: int, most: int) -> str:
    """``99+`` beyond the most."""
    return f"{most}+" if value > most else str(value)


@register.filter
def notice_look(tags: str) -> str:
    """The look of a Django message: error → bad, success → ok, warning → warn."""
    for word, look in (("error", "bad"), ("warning", "warn"), ("success", "ok")):
        if word in tags:
            return look
    return "info"


@register.filter
def at(rows: Any, index: int) -> Any:
    """``{{ heads|at:forloop.counter0 }}``."""
    return rows[index]


@register.filter
def tall(share: float, height: int) -> int:
    """The height of a bar in a drawing that is ``height`` high; a share below zero is nothing."""
    return round(max(0.0, min(share, 1.0)) * height)


@register.filter
def from_top(share: float, height: int) -> int:
    """Where that bar begins, counted from the top."""
    return height - tall(share, height)


@register.filter
def dial(phone: str) -> str:
    """A phone number as a telephone takes it."""
    return "".join(c for c in str(phone) if c.isdigit() or c == "+")


@register.filter
def query(params: dict[str, str]) -> str:
    """Parameters as the query of an address."""
    return urlencode(params)
