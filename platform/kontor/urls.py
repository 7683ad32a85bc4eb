"""Where everything stands: the API's root, sign-in, the shell and the generic surfaces."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
if find_spec("kontor.api.urls"):
    urlpatterns.append(path("api/v1/", include("kontor.api.urls")))
if find_spec("kontor.web.urls"):
    urlpatterns.append(path("", include("kontor.web.urls")))

handler400 = "kontor.web.errors.bad_request"
handler403 = "kontor.web.errors.permission_denied"
handler404 = "kontor.web.errors.not_found"
handler500 = "kontor.web.errors.server_error"
