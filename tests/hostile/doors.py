"""Every address of the product, from its own urlconf: what is added there is walked without a word here."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from kontor.resources import registry
from kontor.resources.spec import Spec

PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_ASKED = re.compile(r"""(?:GET|POST|FILES|given|post|data|params?|asked)\.get(?:list)?\(\s*["']([\w.\-]+)["']""")
_NAMED = re.compile(r"""\.(?:parameter|flag)\(\s*["'](\w+)["']""")


@dataclass(frozen=True, slots=True)
class Door:
    """An address with its parts open (``<spec:spec>/<uuid:pk>/``), the methods it answers, what it reads by name."""

    route: str
    methods: tuple[str, ...]
    spec: Spec | None
    names: tuple[str, ...]
    is_api: bool

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Converter and name of each open part."""
        return [(m.group(1) or "str", m.group(2)) for m in PART.finditer(self.route)]

    def filled(self, values: dict[str, str]) -> str:
        """The address with its parts filled in."""
        return "/" + PART.sub(lambda m: values[m.group(2)], self.route)

    def __str__(self) -> str:
        return f"/{self.route} {self.spec.name if self.spec else ''}".strip()


def patterns() -> list[tuple[str, URLPattern]]:
    """Address and pattern of every route; those that are the same but for the last stroke once."""
    found: dict[str, URLPattern] = {}
    for route, pattern in _walk(get_resolver().url_patterns, ""):
        if route and f"{route}/" in found:
            continue
        found.setdefault(route, pattern)
    return list(found.items())


def doors() -> list[Door]:
    """Each address once, those of resources once a resource."""
    out: list[Door] = []
    for route, pattern in patterns():
        is_api = route.startswith("api/")
        specs: list[Spec | None] = list(registry.specs()) if _of_resources(route) else [None]
        names = _names(pattern.callback)
        out += [Door(route, _methods(pattern.callback), spec, names, is_api) for spec in specs]
    return out


def _walk(patterns: list[Any], before: str) -> Iterator[tuple[str, URLPattern]]:
    for p in patterns:
        route = before + str(p.pattern)
        if isinstance(p, URLResolver):
            yield from _walk(p.url_patterns, route)
        else:
            yield _plain(route), p


def _plain(route: str) -> str:
    """A regular expression as an address with open parts."""
    route = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route)
    route = route.replace("(password/(reset|set)|email|confirm-email)/", "password/reset/").replace(".*", "<rest>")
    return route.replace("^", "").replace("$", "").replace("\\", "")


def _of_resources(route: str) -> bool:
    return any(name == "spec" for _kind, name in PART.findall(route))


def _methods(callback: Any) -> tuple[str, ...]:
    handlers = getattr(callback, "initkwargs", getattr(callback, "view_initkwargs", {})).get("handlers")
    return tuple(m.upper() for m in handlers) if handlers else ("GET", "POST")


def _names(callback: Any) -> tuple[str, ...]:
    """What the view's module and those it imports of the same surface read by name."""
    handlers = getattr(callback, "initkwargs", {}).get("handlers")
    functions = list(handlers.values()) if handlers else [inspect.unwrap(getattr(callback, "view_class", callback))]
    return tuple(sorted({name for f in functions for name in _read_by(f.__module__)}))


@cache
def _read_by(module: str) -> frozenset[str]:
    found = set(_in_source(module))
    if module.startswith("kontor.web"):  # the parts of a page that several views share
        for name in [m for m in sys.modules if m.startswith(("kontor.web.record", "kontor.web.lists"))]:
            found |= _in_source(name)
    if module.startswith("kontor.api"):
        found |= _in_source("kontor.api.shape") | _in_source("kontor.api.records")
    return frozenset(found)


@cache
def _in_source(module: str) -> frozenset[str]:
    held = sys.modules.get(module)
    if not isinstance(held, ModuleType) or not getattr(held, "__file__", ""):
        return frozenset()
    text = inspect.getsource(held)
    return frozenset(_ASKED.findall(text) + _NAMED.findall(text))
