"""Which company a request is for: its host decides, before anything else runs."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from kontor.database.tenancy import public_scope, tenant_scope
from tenants.models import Domain, Tenant
from tenants.upgrading import being_upgraded

_CACHE_SECONDS = 30


class TenantMiddleware:
    """Runs the whole request in one transaction on the company's schema.

    A fault (5xx) rolls everything back; refusals keep what the rest of the request wrote (a failed
    sign-in, say), because the write gate takes back its own work by savepoint. An unknown host is
    answered here, so no view ever runs without a company.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host().partition(":")[0].lower().rstrip(".")
        tenant = tenant_of(host)
        if tenant is None:
            return _nobody(request, host)
        if tenant.is_behind:
            tenant = tenant_of(host, fresh=True) or tenant
            if tenant.is_behind:
                return being_upgraded(request, tenant)
        request.tenant = tenant  # type: ignore[attr-defined]
        with tenant_scope(tenant):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def _nobody(request: HttpRequest, host: str) -> HttpResponse:
    """No company at this host: a page for people, a sentence for programs."""
    from kontor.web.errors import alone, tongue  # the shell, for this one page

    with translation.override(tongue(request)):
        heading = _("No company lives at “%(host)s”") % {"host": host[:200]}
        text = _("Check the address, or ask whoever invited you for it.")
        if "text/html" in request.headers.get("Accept", ""):
            return alone(request, 404, heading, text, home=False)
        return HttpResponse(f"{heading}. {text}", status=404, content_type="text/plain; charset=utf-8")


def tenant_of(host: str, *, fresh: bool = False) -> Tenant | None:
    """The company at a host name; looked up at most twice a minute per host, and where it must be ``fresh``."""
    key = f"tenant-of:{host}"
    found: Tenant | None = None if fresh else cache.get(key)
    if found is None:
        with public_scope():
            row = Domain.objects.select_related("tenant").filter(domain=host).first()
        if row is None:
            return None
        found = row.tenant
        cache.set(key, found, _CACHE_SECONDS)
    return found
