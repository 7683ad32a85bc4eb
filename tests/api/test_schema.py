"""The OpenAPI description is true: it is valid, its examples run, and nothing it allows makes a fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from tests.api.conftest import Api

_METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def described(api: Any, stock: Any) -> Any:
    return api.get("schema/").body


def test_it_describes_what_the_key_may_do(described: Any, api_of: Any) -> None:
    assert described["openapi"] == "3.1.0"
    paths = described["paths"]
    assert set(paths["/shop/bills/"]) == {"get", "post"} and "/shop/bills/{id}/pay/" in paths
    assert set(paths["/shop/open-bills/"]) == {"get"} and "/shop/open-bills/bulk/" not in paths
    names = {p["name"] for p in paths["/shop/bills/"]["get"]["parameters"]}
    assert {"limit", "cursor", "order", "fields", "expand", "q", "count", "updated_since"} <= names
    assert {"client", "client__in", "total__gte", "state__ne", "note__contains", "billed_on__isnull"} <= names
    less = api_of("viewer").get("schema/").body
    assert "/shop/bills/{id}/pay/" not in less["paths"] and "post" not in less["paths"]["/shop/bills/"]
    assert "credit_limit" not in less["components"]["schemas"]["shop_client"]["properties"]
    assert "credit_limit__gte" not in {p["name"] for p in less["paths"]["/shop/clients/"]["get"]["parameters"]}


def test_every_operation_has_examples_errors_and_a_name_of_its_own(described: Any) -> None:
    seen: set[str] = set()
    for path, item in described["paths"].items():
        for method in (m for m in _METHODS if m in item):
            operation = item[method]
            assert operation["operationId"] not in seen and not seen.add(operation["operationId"])
            assert "401" in operation["responses"] and operation["summary"], path
            for status, response in operation["responses"].items():
                kind = "application/problem+json" if status >= "400" else "application/json"
                if "content" in response:
                    if path.endswith("/export/") and status == "200":
                        kind = "text/csv"
                    elif path.endswith(".pdf") and status == "200":
                        kind = "application/pdf"
                    assert kind in response["content"], (path, method, status)
                    if status < "400":
                        assert "example" in response["content"][kind], (path, method, status)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            assert body is None or "example" in body, (path, method)


def test_it_is_valid(described: Any) -> None:
    import jsonschema_rs
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

    assert [str(error)[:500] for error in OPENAPI_31_VALIDATOR.iter_errors(described)] == []
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    text = str(described)
    assert "#/components/schemas/Problem" in text
    for name in {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in described["components"]["schemas"]


def test_the_examples_run(api: Any, described: Any, stock: Any) -> None:
    ids = {
        "/shop/clients": stock["client"]["id"],
        "/shop/goods": stock["good"]["id"],
        "/shop/bills": stock["bill"]["id"],
    }
    ran = 0
    for path, item in described["paths"].items():
        base = "/".join(path.split("/")[:3])
        if base not in ids:
            continue
        for method in (m for m in _METHODS if m in item):
            if method == "delete" or (path.endswith(("/bulk/", "/{ref}/")) and method == "get"):
                continue
            example = item[method].get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            address = path.replace("{id}", ids[base]).replace("{ref}", "example").lstrip("/")
            example = _with_real_references(example, stock)
            answer = api.call(
                method.upper(), f"{address}?dry_run=1" if method != "get" else address, example, if_match='"1"'
            )
            assert str(answer.status_code) in item[method]["responses"], (method, path, answer.content)
            # actions may be refused by the state alone; all else is done
            assert answer.status_code < 400 or answer.status_code == 409, (method, path, answer.content)
            ran += 1
    assert ran > 25


def _with_real_references(example: Any, stock: Any) -> Any:
    if isinstance(example, dict):
        return {
            k: stock["client"]["id"] if k == "client" else _with_real_references(v, stock) for k, v in example.items()
        }
    return [_with_real_references(v, stock) for v in example] if isinstance(example, list) else example


def test_a_browser_that_is_not_signed_in_signs_in_first(shop: Any) -> None:
    nobody = Api("")
    page = nobody.get("docs/", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=%2Fapi%2Fv1%2Fdocs%2F")
    for path, accept in (("docs/", "*/*"), ("schema/", "text/html,*/*"), ("parties/customers/", "text/html,*/*")):
        answer = nobody.get(path, accept=accept)
        assert (answer.status_code, answer.body["status"]) == (401, 401), path
    wrong_key = Api("kk_wrong").get("docs/", accept="text/html")
    assert wrong_key.status_code == 401


def test_the_page_runs_nothing(api: Any, stock: Any) -> None:
    page = api.get("docs/", accept="text/html")
    html = page.content.decode()
    assert page.status_code == 200 and page["Content-Type"].startswith("text/html")
    assert "<script" not in html and "style=" not in html and "script-src" not in page["Content-Security-Policy"]
    assert "/shop/bills/{id}/pay/" in html and 'id="shop.bill"' in html
    style = api.get("docs/style.css", accept="text/css")
    assert style.status_code == 200 and style["Content-Type"].startswith("text/css")


@pytest.fixture
def steady(described: Any) -> Any:
    """The WSGI application and the description; the company stays set after each call."""
    from django.core.wsgi import get_wsgi_application

    inner, tenant = get_wsgi_application(), connection.tenant

    def application(environ: Any, start: Any) -> Any:
        try:
            return inner(environ, start)
        finally:
            connection.set_tenant(tenant)

    return application, described


@pytest.mark.slow("fuzzes every operation of the shop")
def test_nothing_that_it_allows_makes_a_fault(api: Any, steady: Any, stock: Any, settings: Any) -> None:
    import schemathesis
    from hypothesis import HealthCheck, Phase, given
    from hypothesis import settings as rules

    settings.API_RATE_PER_KEY = 10**9
    application, described = steady
    described["paths"] = {
        path: item
        for path, item in described["paths"].items()
        if path.startswith(("/shop/bills", "/shop/clients", "/search", "/me", "/jobs"))
    }
    schema = schemathesis.openapi.from_dict(described)
    statuses: set[int] = set()
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @rules(
            max_examples=12,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def fuzz(case: Any) -> None:
            nonlocal count
            response = _call(application, case, api)
            count += 1
            statuses.add(response[0])
            assert response[0] < 500, (case.method, case.path, case.query, case.body, response)
            if response[0] >= 400:
                assert b'"request_id"' in response[1] or case.method == "HEAD"

        fuzz()
    assert count > 200 and {200, 404, 422} <= statuses


def _call(application: Any, case: Any, api: Any) -> tuple[int, bytes]:
    """The case as a WSGI request, written with requests' own preparation."""
    import io
    from urllib.parse import urlsplit

    import requests

    kwargs = case.as_transport_kwargs(base_url="http://alpha.localhost/api/v1")
    kwargs.pop("cookies", None)
    request = requests.Request(**kwargs).prepare()
    parts = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    from urllib.parse import unquote_to_bytes

    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "alpha.localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{
            f"HTTP_{k.upper().replace('-', '_')}": v if isinstance(v, str) else v.decode("latin-1")
            for k, v in request.headers.items()
        },
        "HTTP_HOST": "alpha.localhost",
        "HTTP_AUTHORIZATION": api.headers["authorization"],
    }
    told: list[int] = []
    # as Django's own test client does: the test's connection outlives the request
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        answer = application(environ, lambda status, headers, exc=None: told.append(int(status.split()[0])))
        content = b"".join(answer)
        answer.close()
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)
    return told[0], content
