"""Calls to the API of alpha as a program makes them, over the shop of the surfaces' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client


class Api:
    """A program with a key; every call goes through all middleware under the company's host."""

    def __init__(self, key: str, host: str = "alpha.localhost") -> None:
        self.client, self.host = Client(raise_request_exception=False), host
        self.headers = {"authorization": f"Bearer {key}"} if key else {}

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """The answer, its JSON in ``.body``."""
        tenant = connection.tenant
        address = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        sent = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        content = {} if data is None else {"data": orjson.dumps(data), "content_type": "application/json"}
        try:
            response = self.client.generic(method, address, HTTP_HOST=self.host, headers=sent, **content)
        finally:
            connection.set_tenant(tenant)
        kind = response.headers.get("Content-Type", "")
        response.body = orjson.loads(response.content) if "json" in kind and response.content else None
        return response

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, None, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("POST", path, {} if data is None else data, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.call("PATCH", path, data, **headers)

    def put(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("PUT", path, {} if data is None else data, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, None, **headers)


@pytest.fixture(autouse=True)
def _plain_site(settings: Any, tmp_path: Path) -> Iterator[None]:
    from django.core.cache import cache

    from kontor.api.limits import forget

    settings.ROOT_URLCONF = "tests.api.api_urls"
    settings.FILES = tmp_path
    forget()
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shop(company: Any) -> Iterator[Any]:
    """The shop, registered, with tables in alpha."""
    from tests import shop as module

    with module.registered():
        module.make_tables()
        yield module


@pytest.fixture
def key_of(company: Any) -> Callable[..., str]:
    """``key_of("sales")`` → the key of a new user with that role; ``key_of("admin")`` of the administrator."""
    from kontor.identity.api import invite, issue_key
    from kontor.identity.models import User

    def make(role: str = "admin", source: str = "api") -> str:
        if role == "admin":
            return issue_key(User.objects.get(username="admin"), name="test", source=source)
        return issue_key(invite(username=f"{role}-{id(object())}", name=role, roles=[role])[0], name="t", source=source)

    return make


@pytest.fixture
def api(shop: Any, key_of: Callable[..., str]) -> Api:
    """The administrator's program."""
    return Api(key_of())


@pytest.fixture
def api_of(shop: Any, key_of: Callable[..., str]) -> Callable[..., Api]:
    """``api_of("sales")`` → a program with the key of a new user of that role."""
    return lambda role="admin", source="api": Api(key_of(role, source))


@pytest.fixture
def stock(api: Api) -> dict[str, Any]:
    """A client, a good and a bill of two pens at 10.50."""
    client = api.post("shop/clients/", {"code": "A1", "name": "Acme", "external_ref": "7"}).body
    good = api.post("shop/goods/", {"code": "P1", "name": "Pen"}).body
    lines = [{"good": "P1", "quantity": 2, "unit_price": "10.5", "cost": "7"}]
    bill = api.post("shop/bills/", {"client": "A1", "billed_on": "2026-01-02", "lines": lines}).body
    return {"client": client, "good": good, "bill": bill}
