"""Refused accesses and failed proofs are in the audit and the log, with nothing of what was typed (ASVS 7.1, 7.2)."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from kontor.documents import gate
from kontor.history.models import AuditEvent
from kontor.identity import events
from kontor.identity.api import invite, issue_key
from kontor.identity.models import User

WORD, NEEDLE = "correct-horse-77", "n33dle-in-the-hay"


@pytest.fixture(autouse=True)
def _counts_from_nothing() -> None:
    cache.clear()


@pytest.fixture
def door(visit: Any) -> Client:
    invite(username="mei", name="林怡君", roles=["sales"], language="en", password=WORD)
    return Client(HTTP_HOST="alpha.localhost", headers={"Accept-Language": "en"})


def _rows(*verbs: str) -> list[tuple[str, str, str]]:
    found = AuditEvent.objects.filter(verb__in=verbs or events.FAILURES).order_by("at")
    return list(found.values_list("verb", "user_name", "resource"))


@pytest.mark.requirement("K15")
def test_failed_sign_ins_are_written_down_with_the_person_where_there_is_one(door: Client) -> None:
    for name in ("MEI", NEEDLE):
        door.post("/accounts/login/", {"login": name, "password": NEEDLE})
    assert _rows() == [("sign-in failed", "林怡君", "security"), ("sign-in failed", "–", "security")]
    for _n in range(4):
        door.post("/accounts/login/", {"login": "mei", "password": NEEDLE})
    assert _rows("sign-in locked") == [("sign-in locked", "林怡君", "security")]
    assert AuditEvent.objects.filter(verb="sign-in failed").first().address == "127.0.0.1"  # type: ignore[union-attr]


@pytest.mark.requirement("K15")
def test_wrong_codes_are_written_down_and_lock_the_second_factor(door: Client) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    user = User.objects.get(username="mei")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    door.post("/accounts/login/", {"login": "mei", "password": WORD})
    for _n in range(5):
        page = door.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Too many wrong" in page.content.decode()
    assert [verb for verb, _who, _kind in _rows()] == ["second factor failed"] * 5 + ["sign-in locked"]
    other = Client(HTTP_HOST="alpha.localhost", headers={"Accept-Language": "en"})
    other.post("/accounts/login/", {"login": "mei", "password": WORD})  # from anywhere, also with the right password
    assert "Too many wrong" in other.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert other.get("/").status_code == 302


@pytest.mark.requirement("K15")
def test_a_missing_right_and_a_record_out_of_scope_are_written_down(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Hidden one"})
    seller = visit("sales")
    path = f"/parties/customers/{customer.pk}/"
    assert seller.get(path).status_code == 404
    assert seller.get("/settings/users/").status_code == 403
    assert (
        seller.get("/parties/customers/01a205b4-0000-7000-8000-000000000000/").status_code == 404
    )  # nowhere: no event
    assert seller.get("/nowhere/").status_code == 404
    first, second = AuditEvent.objects.filter(verb="access refused").order_by("at")
    assert (first.user_id, first.resource, first.record_id) == (seller.user.pk, "parties.customer", customer.pk)
    assert first.changes == {"path": [None, path], "status": [None, 404]}
    assert (second.resource, second.changes["path"]) == ("security", [None, "/settings/users/"])


@pytest.mark.requirement("K15")
def test_the_api_writes_down_refused_rights_keys_and_items(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Hidden one"})
    seller = visit("sales").user
    client = Client(HTTP_HOST="alpha.localhost", headers={"Authorization": f"Bearer {issue_key(seller, name='t')}"})
    assert client.get(f"/api/v1/parties/customers/{customer.pk}/").status_code == 404
    assert client.get("/api/v1/finance/vouchers/").status_code == 403
    items = {"items": [{"method": "update", "id": str(customer.pk), "data": {"name": "Sly"}}] * 3}
    answer = client.post("/api/v1/parties/customers/bulk/", json.dumps(items), content_type="application/json")
    assert [r["status"] for r in answer.json()["results"]] == [404] * 3
    bad = Client(HTTP_HOST="alpha.localhost", headers={"Authorization": f"Bearer kk_{NEEDLE}"})
    assert bad.get("/api/v1/me/").status_code == 401
    assert [(verb, kind) for verb, _who, kind in _rows()] == [
        ("access refused", "parties.customer"),
        ("access refused", "finance.voucher"),
        ("access refused", "parties.customer"),
        ("key refused", "security"),
    ]
    told = AuditEvent.objects.filter(verb="access refused").order_by("at").values_list("changes", flat=True)
    assert [c.get("items") for c in told] == [None, None, [None, 3]]


def test_a_form_without_its_token_is_written_down(visit: Any) -> None:
    strict = Client(HTTP_HOST="alpha.localhost", enforce_csrf_checks=True)
    assert strict.post("/accounts/login/", {"login": "mei", "password": NEEDLE}).status_code == 403
    assert _rows() == [("form refused", "–", "security")]


def test_nobody_fills_the_audit(visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_MOST", 5)
    seller = visit("sales")
    for _n in range(9):
        assert seller.get("/settings/users/").status_code == 403
    assert 5 <= len(_rows()) <= 10  # twice five where a minute ends in between


@pytest.mark.requirement("K15")
def test_the_audit_filters_security_events(visit: Any, ctx: Any) -> None:
    gate.create(ctx, "parties.customer", {"name": "No event of security"})
    visit("sales").get("/settings/audit/")
    admin = visit()
    page = admin.get("/settings/audit/?resource=security")
    deeds = [(r.event.verb, r.deed, r.what) for r in page.context["rows"]]
    assert deeds[0] == ("access refused", "Access refused", "Security")
    assert "created" not in {verb for verb, _deed, _what in deeds}
    assert "Security events" in page.content.decode()


def test_no_password_key_code_or_body_is_in_any_log_line_or_audit_row(
    visit: Any, ctx: Any, door: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Every way to be refused, with one unusual word in all that is sent."""
    caplog.set_level(logging.DEBUG)
    seller, admin = visit("sales"), visit()
    door.post("/accounts/login/", {"login": NEEDLE, "password": NEEDLE})
    door.post("/accounts/login/", {"login": "mei", "password": NEEDLE})
    door.post("/accounts/login/", {"login": "mei", "password": WORD})
    door.post("/accounts/reauthenticate/", {"password": NEEDLE})
    fresh = {"oldpassword": WORD, "password1": NEEDLE, "password2": NEEDLE}
    door.post("/accounts/password/change/", {**fresh, "oldpassword": NEEDLE})
    assert door.post("/accounts/password/change/", fresh).status_code == 302
    seller.post("/settings/users/new/", {"username": NEEDLE, "name": NEEDLE, "role": ["admin"]})
    seller.get(f"/settings/audit/?q={NEEDLE}")
    word = admin.post("/settings/users/new/", {"username": "lin", "name": "Lin", "role": ["sales"]}).context["word"]
    key = admin.post("/me/keys/", {"name": "shop"}).context["fresh"]
    for method, path in (("post", "/api/v1/parties/customers/"), ("get", "/api/v1/nowhere/"), ("post", "/api/v1/me/")):
        for sent in (key, f"kk_{NEEDLE}"):
            client = Client(HTTP_HOST="alpha.localhost", headers={"Authorization": f"Bearer {sent}"})
            getattr(client, method)(f"{path}?x={NEEDLE}", {"name": 1, "x": NEEDLE}, content_type="application/json")
    strict = Client(HTTP_HOST="alpha.localhost", enforce_csrf_checks=True)
    strict.post("/accounts/login/", {"login": NEEDLE, "password": NEEDLE})
    report = {"csp-report": {"blocked-uri": f"https://evil.example/{NEEDLE}", "document-uri": f"https://a/x?q={NEEDLE}",
                             "effective-directive": "script-src", "script-sample": NEEDLE}}  # fmt: skip
    strict.post("/policy-violation/", json.dumps(report), content_type="application/csp-report")
    lines = [r.getMessage() + (r.exc_text or "") for r in caplog.records]
    assert sum("sign-in failed" in line for line in lines) >= 2
    assert any(
        "policy violated address=127.0.0.1 rule=script-src blocked=evil.example page=/x" in line for line in lines
    )
    for secret in (NEEDLE, WORD, word, key):
        assert [line for line in lines if secret in line and "kontor" in line] == []
        assert [line for line in lines if secret in line] == []
        rows = AuditEvent.objects.exclude(verb="created").values("resource", "verb", "changes", "user_name")
        assert [row for row in rows if secret in str(row)] == []


def test_a_line_of_the_log_stays_one_line(visit: Any, caplog: pytest.LogCaptureFixture) -> None:
    visit("sales").get("/settings/users/%0aWARNING%20kontor.security%20forged/")
    strict = Client(HTTP_HOST="alpha.localhost", enforce_csrf_checks=True)
    strict.post("/accounts/login/%0d%0aforged/", {})
    assert all("\n" not in r.getMessage() and "\r" not in r.getMessage() for r in caplog.records)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"csp-report": 3}', b"\xff\xfe", b'{"csp-report": {"blocked-uri": "' + b"x" * 9000 + b'"}}']
)
def test_a_report_of_the_policy_may_be_anything(visit: Any, body: bytes) -> None:
    client = Client(HTTP_HOST="alpha.localhost", enforce_csrf_checks=True)
    assert client.post("/policy-violation/", body, content_type="application/csp-report").status_code == 204
    assert client.get("/policy-violation/").status_code == 405
