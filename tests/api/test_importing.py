"""Import and export over the API: a file or rows, tried or written, what is wrong by line and field."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from kontor.history.models import AuditEvent
from kontor.jobs import running
from kontor.surfaces.exchange.models import ImportRun
from suite.parties.models import Party

CUSTOMERS = "parties/customers/"
pytestmark = [pytest.mark.requirement("K17", "I14")]


@pytest.fixture
def call(key_of: Any) -> Any:
    """The administrator's program on the resources of the product itself."""
    from tests.api.conftest import Api

    return Api(key_of())


@pytest.fixture
def call_of(key_of: Any) -> Any:
    """The same for a role."""
    from tests.api.conftest import Api

    return lambda role: Api(key_of(role))


def send(api: Any, path: str, name: str, content: bytes, query: str = "", **form: str) -> Any:
    """A form with a file."""
    tenant = connection.tenant
    headers = {**api.headers, **({"Idempotency-Key": form.pop("once")} if "once" in form else {})}
    try:
        response = api.client.post(
            f"/api/v1/{path}import/{query}",
            {"file": SimpleUploadedFile(name, content), **form},
            headers=headers,
            HTTP_HOST=api.host,
        )
    finally:
        connection.set_tenant(tenant)
    response.body = orjson.loads(response.content)
    return response


def named(word: str) -> int:
    return Party.objects.filter(name__startswith=word).count()


def test_rows_are_written_and_what_is_wrong_is_named(call: Any) -> None:
    rows = [{"name": "Imp A", "phone": "1"}, {"name": "", "phone": "2"}, {"name": "Imp B", "credit_limit": "much"}]
    tried = call.post(f"{CUSTOMERS}import/?dry_run=1", {"rows": rows})
    assert tried.status_code == 200, tried.content
    counts = {"created": 1, "updated": 0, "unchanged": 0, "refused": 2, "waiting": 0}
    assert (tried.body["counts"], tried.body["dry_run"], tried.body["job"]) == (counts, True, None)
    assert [(e["line"], e["field"], e["column"]) for e in tried.body["errors"]] == [
        (2, "name", "name"), (3, "credit_limit", "credit_limit"),
    ]  # fmt: skip
    assert named("Imp") == 0
    done = call.post(f"{CUSTOMERS}import/", {"rows": rows})
    assert (done.status_code, done.body["counts"], done.body["state"]) == (200, counts, "done")
    assert named("Imp") == 1
    again = call.get(done.body["url"])
    assert again.body == done.body
    undone = call.post(f"{CUSTOMERS}import/{done.body['id']}/undo/")
    assert (undone.status_code, undone.body) == (200, {"removed": 1, "kept": []})
    assert named("Imp") == 0


def test_all_or_nothing(call: Any) -> None:
    rows = [{"name": "Whole A"}, {"name": ""}]
    answer = call.post(f"{CUSTOMERS}import/", {"rows": rows, "atomic": True})
    assert (answer.status_code, answer.body["counts"]["refused"], answer.body["counts"]["created"]) == (200, 1, 0)
    assert named("Whole") == 0
    answer = call.post(f"{CUSTOMERS}import/", {"rows": rows[:1], "atomic": True})
    assert (answer.body["counts"]["created"], named("Whole")) == (1, 1)


def test_a_trial_is_written_later(call: Any) -> None:
    tried = call.post(f"{CUSTOMERS}import/?dry_run=1", {"rows": [{"name": "Later"}]})
    done = call.post(f"{CUSTOMERS}import/{tried.body['id']}/run/")
    assert (done.status_code, done.body["counts"]["created"], named("Later")) == (200, 1, 1)
    twice = call.post(f"{CUSTOMERS}import/{tried.body['id']}/run/")
    assert (twice.status_code, twice.body["code"], named("Later")) == (409, "illegal_state", 1)


def test_known_records_are_found_by_a_key(call: Any) -> None:
    made = call.post(CUSTOMERS, {"name": "Known", "code": "K-1"}).body
    rows = [{"code": "K-1", "name": "Known", "phone": "77"}, {"code": "K-2", "name": "New"}]
    done = call.post(f"{CUSTOMERS}import/", {"rows": rows, "by": "code"})
    assert (done.body["counts"]["created"], done.body["counts"]["updated"]) == (1, 1)
    assert call.get(f"{CUSTOMERS}{made['id']}/").body["phone"] == "77"
    same = call.post(f"{CUSTOMERS}import/", {"rows": rows, "by": "code"})
    assert same.body["counts"]["unchanged"] == 2


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_with_columns_of_ones_own(call: Any, form: str) -> None:
    rows = [["Firm", "Tel", "Remark"], ["File A", "11", "x"], ["File B", "12", "y"]]
    if form == "csv":
        content = "\n".join(",".join(row) for row in rows).encode()
    else:
        book, out = openpyxl.Workbook(), io.BytesIO()
        for row in rows:
            book.active.append(row)
        book.save(out)
        content = out.getvalue()
    unknown = send(call, CUSTOMERS, f"firms.{form}", content)
    assert unknown.status_code == 422, unknown.content
    assert "/columns/Remark" in [e["pointer"] for e in unknown.body["errors"]]
    assert not ImportRun.objects.filter(file_name=f"firms.{form}").exists()
    chosen = orjson.dumps({"Firm": "name", "Tel": "phone", "Remark": ""}).decode()
    done = send(call, CUSTOMERS, f"firms.{form}", content, columns=chosen, once="imp-1")
    assert (done.status_code, done.body["counts"]["created"]) == (200, 2), done.content
    assert done.body["columns"] == {"Firm": "name", "Tel": "phone"}
    replayed = send(call, CUSTOMERS, f"firms.{form}", content, columns=chosen, once="imp-1")
    assert (replayed.body, named("File")) == (done.body, 2)
    other = send(call, CUSTOMERS, f"firms.{form}", content + b"\n", columns=chosen, once="imp-1")
    assert (other.status_code, other.body["code"]) == (422, "idempotency_key_reused")


def test_documents_with_lines(call: Any) -> None:
    customer = call.post(CUSTOMERS, {"name": "Lines"}).body
    for code in ("LA", "LB"):
        call.post("catalog/products/", {"code": code, "name": code, "list_price": "10"})
    rows = [
        {"external_ref": "W-1", "customer": customer["code"], "lines.product": "LA", "lines.quantity": "2"},
        {"external_ref": "W-1", "customer": customer["code"], "lines.product": "LB", "lines.quantity": "1"},
        {"external_ref": "W-2", "customer": customer["code"], "lines.product": "none", "lines.quantity": "1"},
    ]
    done = call.post("sales/orders/import/", {"rows": rows, "by": "external_ref"})
    assert done.status_code == 200, done.content
    assert (done.body["counts"]["created"], done.body["counts"]["refused"]) == (1, 1)
    assert [(e["line"], e["field"]) for e in done.body["errors"]] == [(3, "lines.product")]
    order = call.get(f"sales/orders/?customer={customer['code']}&expand=lines").body["results"]
    assert [[line["quantity"] for line in o["lines"]] for o in order] == [["2", "1"]]


def test_many_rows_are_a_job(call: Any) -> None:
    rows = [{"name": f"Many {i:03}"} for i in range(230)]
    answer = call.post(f"{CUSTOMERS}import/", {"rows": rows})
    assert (answer.status_code, answer.body["state"], answer.body["counts"]["waiting"]) == (202, "running", 230)
    assert answer["Location"] == answer.body["job"]["url"]
    assert named("Many") == 0
    while running._one_chunk(answer.body["job"]["id"]):
        pass
    done = call.get(answer.body["url"]).body
    assert (done["state"], done["counts"]["created"], done["job"]["state"], named("Many")) == ("done", 230, "done", 230)
    assert len(call.get(answer["Location"]).body["results"]) == 230


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/rows"), ({"rows": []}, "/rows"), ({"rows": [3]}, "/rows/0"), ({"rows": [{"name": [1]}]}, "/rows/0/name"),
        ({"rows": [{"nmae": "x"}]}, "/columns/nmae"), ({"rows": [{"name": "x"}], "x": 1}, "/x"),
        ({"rows": [{"name": "x"}], "columns": {"name": "nope"}}, "/columns"),
        ({"rows": [{"name": "x"}], "columns": {"other": "name"}}, "/columns/other"),
        ({"rows": [{"name": "x"}], "columns": 3}, "/columns"), ({"rows": [{"name": "x"}], "by": "name"}, "/by"),
        ({"rows": [{"name": "x"}], "by": 3}, "/by"), ({"rows": [{"name": "x"}], "atomic": "x y"}, None),
    ],
)  # fmt: skip
def test_what_cannot_be_read(call: Any, body: dict[str, Any], pointer: str | None) -> None:
    before = ImportRun.objects.count()
    answer = call.post(f"{CUSTOMERS}import/?dry_run=1", body)
    if pointer is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 422, answer.content
    assert pointer in [e["pointer"] for e in answer.body["errors"]]
    assert ImportRun.objects.count() == before


@pytest.mark.requirement("K2")
def test_rights_and_resources(call: Any, call_of: Any) -> None:
    rows = {"rows": [{"name": "No right"}]}
    assert call_of("viewer").post(f"{CUSTOMERS}import/", rows).status_code == 403
    assert call.post("sales/deliveries/import/", rows).status_code == 409
    mine = call.post(f"{CUSTOMERS}import/?dry_run=1", rows).body
    assert call_of("sales_lead").get(f"{CUSTOMERS}import/{mine['id']}/").status_code == 404
    assert call.get(f"catalog/products/import/{mine['id']}/").status_code == 404
    assert named("No right") == 0


def _export(api: Any, path: str) -> Any:
    response = api.client.get(f"/api/v1/{path}", headers=api.headers, HTTP_HOST=api.host)
    response.raw = b"".join(response.streaming_content) if response.streaming else response.content
    return response


@pytest.mark.requirement("K18")
def test_a_list_as_a_file(call: Any, call_of: Any) -> None:
    for i in range(3):
        call.post(CUSTOMERS, {"name": f"Out {i}", "phone": str(i), "credit_limit": "4711"})
    answer = _export(call, f"{CUSTOMERS}export/?name__startswith=Out&order=-name&fields=code,name,phone,credit_limit")
    assert answer.status_code == 200, answer.raw
    assert answer["Content-Disposition"].startswith("attachment")
    found = list(csv.reader(io.StringIO(answer.raw.decode("utf-8-sig"))))
    assert [row[1:3] for row in found[1:]] == [["Out 2", "2"], ["Out 1", "1"], ["Out 0", "0"]]
    assert AuditEvent.objects.filter(resource="parties.customer", verb="exported").count() == 1
    viewer = _export(call_of("viewer"), f"{CUSTOMERS}export/?name__startswith=Out&fields=name,credit_limit")
    assert b"4711" not in viewer.raw
    assert _export(call, f"{CUSTOMERS}export/?format=xlsx").raw[:2] == b"PK"
    back = _export(call, f"{CUSTOMERS}export/?name__startswith=Out&for_import=1").raw
    same = send(call, CUSTOMERS, "back.csv", back)
    assert same.body["counts"]["unchanged"] == 3, same.body
    for query, pointer in (("format=pdf", "/format"), ("nope=1", "/nope"), ("fields=nope", "/fields")):
        refused = _export(call, f"{CUSTOMERS}export/?{query}")
        assert (refused.status_code, orjson.loads(refused.raw)["errors"][0]["pointer"]) == (422, pointer)
    assert _export(call_of("warehouse"), f"{CUSTOMERS}export/").status_code == 403
