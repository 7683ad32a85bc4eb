"""Where everything stands: the API's root, sign-in, the shell and the generic surfaces."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path


def no_such_door(request: HttpRequest, *args: str) -> HttpResponse:
    """What allauth does by e-mail; the product sends none yet: an administrator gives a new password."""
    raise Http404


urlpatterns = [
    re_path(r"^accounts/(password/(reset|set)|email|confirm-email)/", no_such_door),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("kontor.api.urls")),
    path("", include("kontor.web.urls")),
]

handler400 = "kontor.web.errors.bad_request"
handler403 = "kontor.web.errors.permission_denied"
handler404 = "kontor.web.errors.not_found"
handler500 = "kontor.web.errors.server_error"
