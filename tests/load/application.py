"""The product with the bare view beside it, under ``/bare/``: in the same processes, threads and connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from kontor.rsgi import door
from kontor.wsgi import application as product


class _Handler(WSGIHandler):
    """Django with these addresses and the company's transaction, and nothing else."""

    def get_response(self, request: Any) -> Any:
        request.urlconf = "tests.load.bare"
        return super().get_response(request)


with override_settings(MIDDLEWARE=["tenants.middleware.TenantMiddleware"]):
    _bare = _Handler()  # type: ignore[no-untyped-call]


def _either(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The product, and beside it the limit."""
    found: Any = _bare if environ["PATH_INFO"].startswith("/bare/") else product
    answer: Iterable[bytes] = found(environ, start_response)
    return answer


application = door(_either)
