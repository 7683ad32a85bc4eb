"""Bad input is a problem, never a fault; who has no key, no right or too much haste is told so."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from kontor.api.problems import exception_handler
from kontor.bodies import Bodies, CutOff, Whole
from tests.api.conftest import Api


def send(api: Any, body: bytes, content_type: str = "application/json", path: str = "shop/clients/") -> Any:
    tenant = connection.tenant
    try:
        return api.client.post(
            f"/api/v1/{path}", data=body, content_type=content_type, headers=api.headers, HTTP_HOST=api.host
        )
    finally:
        connection.set_tenant(tenant)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"code": "A", "code": "B"}',
        b'{"code": NaN}',
        b'{"code": Infinity}',
        b'{"code": "a\\u0000b"}',
        b'{"a\\u0000": 1}',
        b'{"code": "\\ud800"}',
        b"\xff\xfe",
        b'{"code": 99999999999999999999999999}',
        b'{"code": ' + b"9" * 5000 + b"}",
        b'{"code": ' + b"[" * 100 + b"]" * 100 + b"}",
        b"[" * 100_000,
        b'{"code": 1.' + b"0" * 500 + b"}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_bodies_that_are_no_json(api: Any, body: bytes) -> None:
    answer = send(api, body)
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize(
    "data",
    [
        None,
        1,
        "x",
        [],
        [{}],
        {},
        {"code": {}},
        {"code": []},
        {"code": True},
        {"code": "x" * 21},
        {"code": "A", "name": "A", "credit_limit": "1e400"},
        {"code": "A", "name": "A", "credit_limit": 10**15},
        {"code": "A", "name": "A", "since": "2026-02-30"},
        {"code": "A", "name": "A", "since": "0000-01-01"},
        {"code": "A", "name": "A", "owner": "nobody"},
        {"code": "A", "name": "A", "owner": {"id": 1}},
        {"code": "A", "name": "A", "currency": "TOO LONG"},
        {"code": "A", "name": "A", "credit_limit": "0.1234567"},
        {"code": "A\u202eB", "name": "A"},
        {"code": "A", "name": "A", "external_ref": {}},
        {"code": "A", "name": "A", "id": 1},
    ],
)
def test_values_that_are_wrong(api: Any, data: Any) -> None:
    answer = api.call("POST", "shop/clients/", data)
    assert answer.status_code == 422 and answer.body["errors"], answer.content
    assert api.get("shop/clients/").body["results"] == []


def test_other_content_and_other_formats(api: Any) -> None:
    assert send(api, b"a=1", "application/x-www-form-urlencoded").status_code == 415
    assert send(api, b"<a/>", "text/xml").json()["code"] == "unsupported_media_type"
    assert api.get("shop/clients/", accept="text/html").status_code == 406
    assert api.get("shop/clients/", accept="text/html, */*;q=0.1").status_code == 200
    assert api.call("PUT", "shop/clients/", {}).status_code == 405
    assert "POST" in api.call("PUT", "shop/clients/", {})["Allow"]
    assert api.call("OPTIONS", "shop/clients/").status_code == 204
    assert api.call("HEAD", "shop/clients/").status_code == 200


def test_a_body_that_is_too_large(api: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = send(api, b'{"code": "' + b"x" * 2000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "shop/nothings/",
        "shop/clients/abc/",
        "shop/bills/bulk/x/",
        "a/b/c/d/",
        "shop/clients/018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34/",
        "jobs/1/",
        "%00/",
        "..%2f/",
    ],
)
def test_addresses_that_lead_nowhere(api: Any, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"


def test_a_missing_stroke_loses_no_body(api: Any) -> None:
    assert api.post("shop/clients", {"code": "A", "name": "A"}).status_code == 201


@pytest.mark.parametrize(
    "header", ["", "Bearer nonsense", "Bearer kk_" + "x" * 43, "Basic YTpi", "Bearer", "Api-Key ü"]
)
def test_without_a_good_key(api: Any, header: str) -> None:
    other = Api("")
    other.headers = {"authorization": header} if header else {}
    answer = other.get("shop/clients/")
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.body["code"] == "not_authenticated"


def test_keys_end(api: Any, key_of: Any) -> None:
    import datetime as dt

    from django.utils import timezone

    from kontor.identity.models import ApiKey, User

    key = key_of("sales")
    caller = Api(key)
    assert caller.get("me/").status_code == 200
    row = ApiKey.objects.order_by("-created_at").first()
    assert row is not None and row.used_at is not None
    used = row.used_at
    assert caller.get("me/").status_code == 200
    row.refresh_from_db()
    assert row.used_at == used
    ApiKey.objects.filter(pk=row.pk).update(used_at=timezone.now() - dt.timedelta(minutes=2))
    caller.get("me/")
    row.refresh_from_db()
    assert row.used_at is not None and timezone.now() - row.used_at < dt.timedelta(minutes=1)
    ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now() - dt.timedelta(1))
    assert caller.get("me/").status_code == 401
    ApiKey.objects.filter(pk=row.pk).update(expires_at=None)
    User.objects.filter(pk=row.user_id).update(is_active=False)
    assert caller.get("me/").status_code == 401
    User.objects.filter(pk=row.user_id).update(is_active=True)
    assert caller.get("me/", authorization=f"Api-Key {key}").status_code == 200
    ApiKey.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    assert caller.get("me/").status_code == 401


def test_the_quick_context_is_the_slow_one(shop: Any, key_of: Any) -> None:
    from kontor.access.models import FieldRight, Role, RoleRight
    from kontor.api.keys import user_and_context
    from kontor.identity.api import context_for, user_of_key
    from kontor.organization.models import Assignment, Department, Employee

    head = Department.objects.create(code="A", name="A", path="/A/")
    key = key_of("sales")
    user = user_of_key(key)[0]
    Assignment.objects.create(employee=Employee.objects.get(pk=user.employee_id), department=head)
    role = Role.objects.get(code="sales")
    RoleRight.objects.create(role=role, resource="shop.good", verbs=["view", "create"], scope="all")
    FieldRight.objects.create(role=role, guard="cost", visible=True)
    quick, slow = user_and_context(key)[1], context_for(user, source="api")
    for name in ("user_id", "user_name", "employee_id", "department_path", "branch_id", "language", "zone", "currency"):
        assert getattr(quick, name) == getattr(slow, name), name
    assert quick.rights == slow.rights and quick.rights.sees("cost") and quick.rights.can("shop.good", "create")
    assert quick.source == "api" and not quick.rights.everything


def test_rights_and_scope(api: Any, api_of: Any, stock: Any) -> None:
    clerk, store = api_of("sales"), api_of("warehouse")
    path = f"shop/bills/{stock['bill']['id']}/"
    assert store.get("shop/bills/").status_code == 403
    assert store.get("shop/bills/").body["right"] == "shop.bill.view"
    for method, address in (
        ("GET", path),
        ("PATCH", path),
        ("POST", f"{path}open/"),
        ("GET", f"{path}timeline/"),
        ("GET", f"{path}trace/"),
        ("GET", f"{path}explain/"),
        ("GET", f"{path}attachments/"),
    ):
        assert clerk.call(method, address, {}, if_match='"1"').status_code == 404, address
    assert clerk.delete(path).status_code == 403
    assert clerk.post(f"{path}pay/", {"amount": "1"}).status_code == 403
    assert api.get(path).body["state"] == "draft" and api.get(path).body["version"] == 1


def test_the_session_needs_its_token(shop: Any) -> None:
    from kontor.identity.models import User

    admin, tenant = User.objects.get(username="admin"), connection.tenant
    client = Client(enforce_csrf_checks=True, HTTP_HOST="alpha.localhost")
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    try:
        assert client.get("/api/v1/shop/clients/").status_code == 200
        refused = client.post("/api/v1/shop/clients/", {"code": "A", "name": "A"}, content_type="application/json")
        assert refused.status_code == 403 and refused["Content-Type"] == "application/problem+json"
        token = "a" * 32
        client.cookies["csrftoken"] = token
        made = client.post(
            "/api/v1/shop/clients/",
            {"code": "A", "name": "A"},
            content_type="application/json",
            headers={"X-CSRFToken": token},
        )
        assert made.status_code == 201
    finally:
        connection.set_tenant(tenant)


def test_limits(api: Any, settings: Any) -> None:
    from kontor.api.limits import forget

    settings.API_RATE_PER_KEY = 3
    forget()
    answers = [api.get("me/") for _i in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert answers[3]["RateLimit-Limit"] == "3" and 0 < int(answers[3]["Retry-After"]) <= 61
    assert answers[3].body["code"] == "too_fast" and int(answers[3]["RateLimit-Reset"]) <= 61


def test_a_fault_tells_nothing_and_rolls_back(api: Any, shop: Any, monkeypatch: Any) -> None:
    def broken(self: Any, ctx: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("kontor.documents.gate.create", broken)
    answer = api.post("shop/clients/", {"code": "A", "name": "A"})
    assert answer.status_code == 500 and b"secret" not in answer.content
    assert answer.body["code"] == "fault" and answer.body["request_id"] == answer["X-Request-ID"]


@pytest.mark.requirement("T1")
def test_another_company_gets_nothing(api: Any, stock: Any, us_company_key: str) -> None:
    stranger = Api(us_company_key, "alpha.localhost")
    assert stranger.get("me/").status_code == 401
    at_home = Api(us_company_key, "gamma.localhost")
    connection_before = connection.tenant
    try:
        assert at_home.get("me/").status_code == 200
        assert Api(api.headers["authorization"].split()[1], "gamma.localhost").get("me/").status_code == 401
        assert at_home.get(f"jobs/{stock['bill']['id']}/").status_code == 404
        assert at_home.get(f"files/{stock['bill']['id']}/").status_code == 404
        assert at_home.get("search/?q=acme").body["results"] == []
        file = api_file(api)
        link = file["download"].replace("alpha.localhost", "gamma.localhost")
        assert at_home.get(link.partition("gamma.localhost")[2]).status_code == 404
    finally:
        connection.set_tenant(connection_before)
    assert Api("", "nowhere.localhost").get("me/").status_code == 404


def api_file(api: Any) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    tenant = connection.tenant
    try:
        answer = api.client.post(
            "/api/v1/files/", {"file": SimpleUploadedFile("a.txt", b"text")}, headers=api.headers, HTTP_HOST=api.host
        )
    finally:
        connection.set_tenant(tenant)
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.fixture
def us_company_key(db: Any) -> str:
    from kontor.identity.api import issue_key
    from kontor.identity.models import User
    from tenants.models import Tenant

    before = connection.tenant
    connection.set_schema_to_public()
    connection.set_tenant(Tenant.objects.get(name="gamma"))
    try:
        return issue_key(User.objects.get(username="admin"), name="t")
    finally:
        connection.set_tenant(before)


def test_half_a_body_is_no_body(api: Any) -> None:
    """The caller breaks off after a sentence that could stand alone: nothing is made."""
    sent = b'{"code": "HALF", "name": "Half"}'
    stream = Whole(io.BytesIO(sent), 100)
    tenant = connection.tenant
    try:
        answer = api.client.post(
            "/api/v1/shop/clients/", data=sent, content_type="application/json", headers=api.headers,
            HTTP_HOST=api.host, **{"wsgi.input": stream, "CONTENT_LENGTH": "100"},
        )  # fmt: skip
    finally:
        connection.set_tenant(tenant)
    assert answer.status_code == 400 and answer.json()["code"] == "incomplete"
    assert api.get("shop/clients/").body["results"] == []


def test_a_body_in_chunks_is_refused_and_not_taken_for_none() -> None:
    def never(environ: Any, start_response: Any) -> Any:
        raise AssertionError("reached Django")

    told: list[str] = []
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "HTTP_ACCEPT_LANGUAGE": "zh-hant", "wsgi.input": io.BytesIO(b"{}")}
    (said,) = Bodies(never)(environ, lambda status, headers: told.append(status))
    body = json.loads(said)
    assert told == ["411 Length Required"] and (body["status"], body["code"]) == (411, "length_required")


def test_a_whole_body_passes_by_pieces_and_lines() -> None:
    class Drops(io.BytesIO):
        """Gives three bytes at a time, as a network does."""

        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(3, size) if size is not None and size >= 0 else 3)

    assert Whole(Drops(b"abcdefgh"), 8).read() == b"abcdefgh"
    assert Whole(Drops(b"abcdefgh and the next request"), 8).read(100) == b"abcdefgh"
    stream = Whole(io.BytesIO(b"a\nbc"), 4)
    assert (stream.readline(), stream.readline(), stream.readline(), stream.read()) == (b"a\n", b"bc", b"", b"")
    with pytest.raises(CutOff):
        Whole(io.BytesIO(b"a\n"), 3).read()


def test_lines_that_are_no_list(api: Any) -> None:
    answer = api.call("POST", "shop/bills/", {"lines": "x"})
    (error,) = (e for e in answer.body["errors"] if e["pointer"] == "/lines")
    assert error["code"] == "invalid" and "5000" not in error["detail"]


def test_a_database_that_went_away_is_no_fault_of_the_call() -> None:
    answer = exception_handler(OperationalError("terminating connection"), {})
    assert (answer.status_code, json.loads(answer.content)["code"], answer["Retry-After"]) == (503, "unavailable", "60")
