"""The frame of every endpoint: sign-in, limits, language, format, and plain functions that answer.

An endpoint is ``endpoint(get=function, post=function)``; each function takes a Call and the parts of the
address, and returns an HttpResponse made by ``answer``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.exceptions import NotAcceptable, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from kontor.api.limits import limit_headers
from kontor.api.problems import TooFast, exception_handler
from kontor.api.rendering import JsonRenderer, dumps
from kontor.configuration import api as configuration
from kontor.context import Context, acting
from kontor.errors import Invalid, NotFound
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.wording import either

JSON = "application/json"
_TAKEN = frozenset({"*/*", "application/*", JSON, "application/problem+json"})


@dataclass(slots=True)
class Call:
    """One request as the functions see it."""

    ctx: Context
    request: Request
    headers: dict[str, str] = field(default_factory=dict)  # what the answer to it carries beside its body

    @property
    def data(self) -> Any:
        """The parsed body."""
        return self.request.data

    def parameter(self, name: str, default: str = "") -> str:
        """A query parameter; NUL and broken text are refused."""
        value = self.request.query_params.get(name, default)
        return clean(name, value)

    def flag(self, name: str) -> bool:
        """A query parameter that is on or off."""
        return self.parameter(name).lower() in ("1", "true", "yes")

    def header(self, name: str) -> str:
        """A header's value."""
        return str(self.request.headers.get(name, ""))

    def url(self, path: str) -> str:
        """The absolute address of a path."""
        return self.request._request.build_absolute_uri(path)


Function = Callable[..., HttpResponseBase]


class Endpoint(APIView):
    """Runs the functions it was given; see ``endpoint``."""

    handlers: dict[str, Function] = {}
    media_types: tuple[str, ...] = ()
    is_open = False  # no sign-in needed
    any_type = False  # answers other than JSON: whatever the caller accepts
    keeps_trials = False  # a dry run leaves what it found (an import); all others leave nothing
    rate_headers: dict[str, str] = {}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        for method, function in self.handlers.items():
            setattr(self, method, partial(self._run, function))
        if "get" in self.handlers:
            self.head = partial(self._run, self.handlers["get"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        before = translation.get_language()
        try:
            if spoken := _spoken(request):
                translation.activate(spoken)
            return super().dispatch(request, *args, **kwargs)
        finally:
            translation.activate(before) if before else translation.deactivate_all()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.auth is not None:
            ctx: Any = request.auth
            translation.activate(_spoken(request._request) or ctx.language)
            self.rate_headers = limit_headers(getattr(request, "limit_key", f"u:{request.user.pk}"))

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.is_open else list(super().get_permissions())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        accept = request.META.get("HTTP_ACCEPT", "")
        if accept and not force and not self.any_type:
            wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
            if not wanted & (_TAKEN | set(self.media_types)) and "" not in wanted:
                raise NotAcceptable(_("Answers here are %(types)s.") % {"types": either((JSON, *self.media_types))})
        return _RENDERER, JSON

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        for name, value in self.rate_headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ("Authorization", "Accept-Language"))
        return response

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, TooFast):
            self.rate_headers = exc.facts.pop("rate_headers", {})
        header = self.get_authenticate_header(self.request) if hasattr(self, "request") else ""
        if isinstance(exc, NotAuthenticated) and self._is_read_by_a_person():
            return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': self.request.get_full_path()})}")
        if getattr(exc, "status_code", 0) in (401,) or type(exc).__name__ == "NotAuthenticated":
            exc.auth_header = header  # type: ignore[attr-defined]
        return exception_handler(exc, {"view": self, "request": getattr(self, "request", None)})

    def _is_read_by_a_person(self) -> bool:
        """A browser that asks for one of our pages and sends no key: its user signs in first."""
        asks = "text/html" in self.media_types and "text/html" in self.request.META.get("HTTP_ACCEPT", "")
        return asks and "HTTP_AUTHORIZATION" not in self.request.META

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def _run(self, function: Function, request: Request, **kwargs: Any) -> HttpResponseBase:
        ctx: Any = request.auth
        if "spec" in kwargs and ctx is not None:
            need_module(ctx, kwargs["spec"])
        call = Call(ctx, request)
        if ctx is None:
            return function(call, **kwargs)
        with acting(ctx):
            if request.method in SAFE_METHODS:
                return function(call, **kwargs)
            with transaction.atomic():  # what was written before a refusal is taken back: the answer may be refused too
                response = function(call, **kwargs)
                if call.flag("dry_run") and not self.keeps_trials:
                    transaction.set_rollback(True)
            return response


_RENDERER = JsonRenderer()


def endpoint(
    *,
    media_types: tuple[str, ...] = (),
    is_open: bool = False,
    any_type: bool = False,
    keeps_trials: bool = False,
    parsers: list[Any] | None = None,
    **handlers: Function,
) -> Callable[..., HttpResponseBase]:
    """A view that answers each method by the function given for it."""
    more = {"parser_classes": parsers} if parsers else {}
    return Endpoint.as_view(
        handlers=handlers,
        media_types=media_types,
        is_open=is_open,
        any_type=any_type,
        keeps_trials=keeps_trials,
        **more,
    )


def answer(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer; header names with underscores for hyphens."""
    content = b"" if body is None else dumps(body)
    return HttpResponse(
        content, status=status, content_type=JSON, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def need_module(ctx: Context, spec: Spec) -> None:
    """A module that the company has switched off has no API."""
    enabled = configuration.get("modules.enabled", ctx)
    if enabled is not None and spec.module not in enabled and any(m.name == spec.module for m in registry.modules()):
        raise NotFound(_("The module “%(name)s” is switched off in this company.") % {"name": spec.module})


def clean(name: str, value: str) -> str:
    """A text from the address; what no database takes is refused at its parameter."""
    if "\x00" in value or any("\ud800" <= ch <= "\udfff" for ch in value):
        raise Invalid.at(f"/{name}", _("The value holds characters that cannot be stored."))
    return value


def _spoken(request: HttpRequest) -> str:
    """The best language of Accept-Language that we have; empty if the caller does not say."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for code, _quality in parse_accept_lang_header(header.lower()[:200]):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return ""
