"""What hangs on records: timeline, comments, followers, files, trace."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from kontor.documents.conversion import Link, link
from kontor.documents.records import Ref
from kontor.history.models import Attachment, AuditEvent, Notification


def upload(api: Any, path: str, name: str, content: bytes) -> Any:
    tenant = connection.tenant
    try:
        file = SimpleUploadedFile(name, content)
        return api.client.post(f"/api/v1/{path}", {"file": file}, headers=api.headers, HTTP_HOST=api.host)
    finally:
        connection.set_tenant(tenant)


@pytest.mark.requirement("K14")
def test_the_timeline_tells_in_sentences(api: Any, api_of: Any, stock: Any) -> None:
    path = f"shop/bills/{stock['bill']['id']}/"
    other = api.post("shop/clients/", {"code": "B", "name": "Bolt"}).body
    api.patch(path, {"client": other["id"], "note": "soon"}, if_match='"1"')
    api.post(f"{path}open/")
    api.post(f"{path}comments/", {"text": "Please check"})
    found = api.get(f"{path}timeline/", accept_language="en").body["results"]
    assert [e["sentence"] for e in found] == [
        "Administrator wrote",
        "Administrator: Open",
        "Administrator changed it",
        "Administrator created it",
    ]
    changed = {c["field"]: (c["label"], c["old"], c["new"]) for c in found[2]["changes"]}
    assert changed == {"client": ("client", "Acme", "Bolt"), "note": ("note", "", "soon")}
    assert {c["field"]: (c["old"], c["new"]) for c in found[1]["changes"]}["state"] == ("Draft", "Open")
    assert found[0]["text"] == "Please check"
    page = api.get(f"{path}timeline/?limit=2").body
    assert len(page["results"]) == 2 and len(api.get(page["next"]).body["results"]) == 2


def test_guarded_values_stay_out_of_the_timeline(api: Any, api_of: Any, stock: Any) -> None:
    path = f"shop/clients/{stock['client']['id']}/"
    api.patch(path, {"credit_limit": "99", "phone": "1"}, if_match='"1"')
    seen = api_of("viewer").get(f"{path}timeline/").body["results"][0]["changes"]
    assert [c["field"] for c in seen] == ["phone"]
    assert {c["field"] for c in api.get(f"{path}timeline/").body["results"][0]["changes"]} == {"phone", "credit_limit"}


@pytest.mark.requirement("K14")
def test_mentions_and_followers_are_told_if_they_may_see_it(api: Any, api_of: Any, stock: Any) -> None:
    from kontor.identity.models import User

    viewer, clerk = api_of("viewer"), api_of("sales")
    names = [c.get("me/").body["user"]["username"] for c in (viewer, clerk)]
    path = f"shop/bills/{stock['bill']['id']}/"
    assert viewer.put(f"{path}follow/").body == {"following": True}
    assert clerk.put(f"{path}follow/").status_code == 404
    said = api.post(f"{path}comments/", {"text": f"@{names[0]} and @{names[1]}: look. @nobody"}, accept_language="en")
    assert said.status_code == 201
    told = {n.user_id: n.text for n in Notification.objects.all()}
    assert set(told) == {User.objects.get(username=names[0]).pk} and "mentioned you" in next(iter(told.values()))
    api.post(f"{path}comments/", {"text": "again"})
    assert Notification.objects.filter(text__contains="again").count() == 1
    assert viewer.delete(f"{path}follow/").status_code == 204
    api.post(f"{path}comments/", {"text": "third"})
    assert not Notification.objects.filter(text__contains="third").exists()
    for wrong in ({}, {"text": ""}, {"text": 1}, {"text": "x" * 10_001}):
        assert api.post(f"{path}comments/", wrong).status_code == 422


@pytest.mark.requirement("K15")
def test_nobody_changes_the_audit(stock: Any) -> None:
    from django.db import DatabaseError, transaction

    for deed in (lambda: AuditEvent.objects.update(user_name="x"), lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="audit_kept"), transaction.atomic():
            deed()
    assert AuditEvent.objects.filter(verb="created").count() >= 3


@pytest.mark.requirement("K13")
def test_files(api: Any, api_of: Any, stock: Any, tmp_path: Any) -> None:
    path = f"shop/bills/{stock['bill']['id']}/attachments/"
    sent = upload(api, path, "../../order <1>.html", b"<script>")
    assert sent.status_code == 201
    body = sent.json()
    assert body["name"] == "order 1.html" and body["media_type"] == "application/octet-stream" and body["size"] == 8
    assert (tmp_path / Attachment.objects.get().storage_key).read_bytes() == b"<script>"
    assert Attachment.objects.get().storage_key.startswith("t_alpha/")
    listed = api.get(path).body["results"]
    assert [f["id"] for f in listed] == [body["id"]] and listed[0]["sha256"] == body["sha256"]
    got = api.get(f"files/{body['id']}/content/")
    assert b"".join(got.streaming_content) == b"<script>"
    assert got["Content-Disposition"] == "attachment; filename*=UTF-8''order%201.html"
    assert got["X-Content-Type-Options"] == "nosniff" and "sandbox" in got["Content-Security-Policy"]
    stranger = api_of("sales")
    assert stranger.get(f"files/{body['id']}/").status_code == 404
    assert stranger.get(f"files/{body['id']}/content/").status_code == 404
    assert api.delete(f"files/{body['id']}/").status_code == 204
    assert api.get(path).body["results"] == [] and api.get(f"files/{body['id']}/content/").status_code == 404
    verbs = list(AuditEvent.objects.filter(record_id=stock["bill"]["id"]).values_list("verb", flat=True))
    assert {"file_added", "file_removed"} <= set(verbs)


def test_links_hold_for_an_hour_without_a_key(api: Any, stock: Any, monkeypatch: Any) -> None:
    from tests.api.conftest import Api

    link_ = upload(api, "files/", "a.txt", b"text").json()["download"]
    nobody = Api("")
    assert b"".join(nobody.get(link_).streaming_content) == b"text"
    assert nobody.get(link_.replace("signature=", "signature=0")).status_code == 404
    assert nobody.get(link_.replace("expires=", "expires=9")).status_code == 404
    assert nobody.get(link_.partition("?")[0]).status_code == 401
    now = time.time()
    monkeypatch.setattr("kontor.history.files.time.time", lambda: now + 3601)
    assert nobody.get(link_).status_code == 404


def test_a_file_is_ones_own_until_it_is_put_on_a_record(api: Any, api_of: Any, stock: Any) -> None:
    pk = upload(api, "files/", "b.pdf", b"%PDF").json()["id"]
    assert api.get(f"files/{pk}/").body["resource"] is None
    manager = api_of("manager")
    assert manager.get(f"files/{pk}/").status_code == 404
    path = f"shop/bills/{stock['bill']['id']}/attachments/"
    assert manager.post(path, {"file": pk}).status_code == 404
    assert api.post(path, {"file": "x"}).status_code == 422
    put = api.post(path, {"file": pk})
    assert put.status_code == 201 and put.body["record_id"] == stock["bill"]["id"]
    assert manager.get(f"files/{pk}/").body["media_type"] == "application/pdf"
    assert api.post(path, {"file": pk}).status_code == 404
    assert upload(api, path, "x", b"").status_code in (201, 422)


def test_a_file_that_is_too_large(api: Any, stock: Any, monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setattr("kontor.history.storage.LARGEST", 10)
    answer = upload(api, "files/", "a", b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert not Attachment.objects.exists() and not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.requirement("K24")
def test_the_trace_shows_what_is_in_scope(api: Any, stock: Any) -> None:
    bill = stock["bill"]["id"]
    copy = api.post(f"shop/bills/{bill}/copy/").body["id"]
    link([Link(Ref("shop.bill", UUID(bill)), Ref("shop.bill", UUID(copy)))])
    found = api.get(f"shop/bills/{copy}/trace/").body
    assert {n["id"] for n in found["nodes"]} == {bill, copy} and found["edges"] == [{"from": bill, "to": copy}]
    assert found["nodes"][0]["url"].endswith(f"/shop/bills/{found['nodes'][0]['id']}/")
    rules = api.get(f"shop/bills/{bill}/explain/").body["rules"]
    assert len(rules) == 3


def test_followers_hear_of_events_at_least_once(api: Any, stock: Any, company: Any) -> None:
    from kontor.history.following import _followers, follows
    from kontor.history.models import OutboxEvent
    from kontor.history.sweeping import tell_events

    heard: list[str] = []
    fail = [True]

    @follows("shop.bill.opened")
    def opened(ctx: Any, event: Any) -> None:
        heard.append(str(event.record_id))
        if fail[0]:
            raise RuntimeError("not yet")

    try:
        api.post(f"shop/bills/{stock['bill']['id']}/open/")
        assert tell_events() == 0 and heard == [stock["bill"]["id"]]
        row = OutboxEvent.objects.get(name="shop.bill.opened")
        assert row.attempts == 1 and "not yet" in row.error and row.next_at is not None and row.done_at is None
        assert not OutboxEvent.objects.filter(done_at=None).exclude(pk=row.pk).exists()
        assert tell_events() == 0 and len(heard) == 1  # not before its time
        OutboxEvent.objects.filter(pk=row.pk).update(next_at=None)
        fail[0] = False
        assert tell_events() == 1 and len(heard) == 2
        row.refresh_from_db()
        assert row.done_at is not None and row.error == ""
        assert tell_events() == 0 and len(heard) == 2
    finally:
        _followers.clear()
