"""The pages of import and export: four steps, corrections, the run in the background, taking back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kontor.context import Context
from kontor.history.models import AuditEvent, Notification
from kontor.jobs import running
from kontor.jobs.models import Job
from kontor.resources import registry
from kontor.surfaces.exchange import preview, tables
from kontor.surfaces.exchange.models import ImportRun
from tests.exchange.conftest import work_off
from tests.factories import make

pytestmark = [pytest.mark.requirement("K17")]
PAGE = "/x/import/parties.customer/"
LIST = (
    "客戶代號,名稱,電話,信用額度,電子郵件\n"
    'W-1,鼎曜自動化,03-578-2210,"500,000",a@example.com\n'
    "W-2,,02-2790-3355,1000,\n"
    "W-3,立群氣動,03-555-0187,¥20萬,\n"
    "W-4,宏瀚機械,037-620-118,300000,no address\n"
)


def customers() -> Any:
    return registry.spec("parties.customer").model._default_manager


def send(client: Any, text: str | bytes, name: str = "客戶清單.csv") -> ImportRun:
    content = text.encode("big5") if isinstance(text, str) else text
    answer = client.post(PAGE, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return ImportRun.objects.get(pk=re.search(r"run=([0-9a-f-]+)", answer.headers["Location"])[1])


def choose(client: Any, run: ImportRun, **more: Any) -> Any:
    chosen = {f"column-{i}": run.columns.get(h, "") for i, h in enumerate(run.headers)}
    return client.post(f"{PAGE}?run={run.pk}", {"do": "columns", "by": run.by, "key": run.key, **chosen, **more})


def test_the_four_steps(visit: Callable[..., Any], ctx: Context):
    client = visit()
    before = customers().count()
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "multipart/form-data" in page.content.decode()
    run = send(client, LIST)
    assert (run.rows, run.state) == (4, "mapping")
    mapping = client.get(f"{PAGE}?run={run.pk}").content.decode()
    assert "鼎曜自動化 · 立群氣動" in mapping
    columns = {
        "客戶代號": "code",
        "名稱": "name",
        "電話": "phone",
        "信用額度": "credit_limit",
        "電子郵件": "email",
    }
    given = {f"column-{i}": columns[h] for i, h in enumerate(run.headers)}
    answer = client.post(f"{PAGE}?run={run.pk}", {"do": "columns", "by": "code", "key": "客戶代號", **given})
    assert answer.status_code == 302
    run.refresh_from_db()
    assert run.state == "tried"
    told = preview.counts(run)
    assert (told.created, told.updated, told.unchanged, told.refused) == (1, 0, 0, 3)
    assert customers().count() == before
    check = client.get(f"{PAGE}?run={run.pk}").content.decode()
    assert check.count('class="is-wrong"') == 3
    errors = client.get(f"{PAGE}?run={run.pk}&file=errors")
    bad = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
    assert [(row[0], row[5]) for row in bad[1:]] == [("W-2", "3"), ("W-3", "4"), ("W-4", "5")]
    assert all(row[6] for row in bad[1:])

    def correct(line: int, **cells: str) -> None:
        assert client.post(f"{PAGE}?run={run.pk}", {"do": "correct", "line": line, **cells}).status_code == 302

    correct(3, **{"cell-1": "=HYPERLINK(1)"})
    correct(4, **{"cell-3": "200000"})
    assert client.post(f"{PAGE}?run={run.pk}", {"do": "skip", "line": 5}).status_code == 302
    run.refresh_from_db()
    told = preview.counts(run)
    assert (told.created, told.refused, run.total) == (3, 0, 3)
    assert client.post(f"{PAGE}?run={run.pk}", {"do": "run"}).status_code == 302
    run.refresh_from_db()
    assert "data-progress" in client.get(f"{PAGE}?run={run.pk}").content.decode()
    assert client.get(f"{PAGE}?run={run.pk}&progress=1").json()["finished"] is False
    work_off(run)
    assert run.state == "done"
    assert client.get(f"{PAGE}?run={run.pk}&progress=1").json() == {"finished": True}
    assert customers().count() == before + 3
    made = customers().get(code="W-3")
    assert (made.party.name, int(made.credit_limit)) == ("立群氣動", 200000)
    assert AuditEvent.objects.filter(resource="parties.customer", verb="imported").count() == 1
    assert client.get(f"{PAGE}?run={run.pk}").status_code == 200
    assert client.post(f"{PAGE}?run={run.pk}", {"do": "run"}).status_code == 409

    again = send(client, LIST)
    assert again.columns == columns and (again.by, again.key) == ("code", "客戶代號")
    choose(client, again)
    assert preview.counts(again).unchanged == 1

    assert client.post(f"{PAGE}?run={run.pk}", {"do": "undo"}).status_code == 302
    assert customers().count() == before
    run.refresh_from_db()
    assert run.state == "undone"


def test_headers_in_three_languages(visit: Callable[..., Any], ctx: Context):
    client = visit()
    run = send(client, b"Code,Name *,PHONE,addresses.city,nonsense\n1,A,2,Taipei,x\n")
    assert run.columns == {"Code": "code", "Name *": "name", "PHONE": "phone", "addresses.city": "addresses.city"}
    assert (run.by, run.key) == ("code", "Code")


def test_all_or_nothing(visit: Callable[..., Any], ctx: Context):
    client = visit()
    before = customers().count()
    run = send(client, b"code,name\nN-1,good\nN-2,\n")
    choose(client, run, whole="1")
    page = client.get(f"{PAGE}?run={run.pk}").content.decode()
    assert re.search(r'name="do" value="run" disabled', page)
    client.post(f"{PAGE}?run={run.pk}", {"do": "run"})
    run.refresh_from_db()
    while running._one_chunk(run.job_id):
        pass
    run.refresh_from_db()
    assert run.state == "tried"
    assert customers().count() == before
    assert "Nothing was written" in client.get(f"{PAGE}?run={run.pk}").content.decode()
    client.post(f"{PAGE}?run={run.pk}", {"do": "correct", "line": 3, "cell-1": "better"})
    client.post(f"{PAGE}?run={run.pk}", {"do": "run"})
    run.refresh_from_db()
    work_off(run)
    assert customers().count() == before + 2


def test_a_large_file_is_tried_and_written_in_portions_and_can_be_stopped(visit: Callable[..., Any], ctx: Context):
    client = visit()
    before = customers().count()
    text = "code,name\n" + "".join(f"L-{i},Customer {i}\n" for i in range(450))
    run = send(client, text.encode())
    choose(client, run)
    run.refresh_from_db()
    assert run.job_id and run.is_trial
    work_off(run)
    assert preview.counts(run).created == 450
    assert customers().count() == before
    client.post(f"{PAGE}?run={run.pk}", {"do": "run"})
    run.refresh_from_db()
    assert running._one_chunk(run.job_id) and running._one_chunk(run.job_id)
    assert client.post(f"{PAGE}?run={run.pk}", {"do": "cancel"}).status_code == 302
    assert not running._one_chunk(run.job_id)
    assert customers().count() == before + 200
    assert "250 records were not looked at" in client.get(f"{PAGE}?run={run.pk}").content.decode()
    client.post(f"{PAGE}?run={run.pk}", {"do": "go-on"})
    run.refresh_from_db()
    work_off(run)
    assert customers().count() == before + 450
    assert preview.counts(run).created == 450
    note = Notification.objects.filter(user_id=run.user_id).latest("at")
    assert client.get(note.link).headers["Location"] == f"{PAGE}?run={run.pk}"


def test_refusals_stand_on_the_page(visit: Callable[..., Any], ctx: Context):
    client = visit()
    for name, content in (("a.csv", b""), ("a.pdf", b"%PDF"), ("a.xlsx", b"PK"), ("a.csv", b"name\n")):
        answer = client.post(PAGE, {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code in (409, 422), (name, answer.status_code)
        assert 'role="alert"' in answer.content.decode()
    run = send(client, b"code,name,city\n1,A,x\n")
    answer = client.post(f"{PAGE}?run={run.pk}", {"do": "columns", "column-0": "name", "column-1": "name"})
    assert answer.status_code == 422
    assert "Two columns" in answer.content.decode()
    answer = client.post(f"{PAGE}?run={run.pk}", {"do": "columns", "column-1": "name", "column-2": "addresses.city"})
    assert answer.status_code == 422


@pytest.mark.requirement("K2")
def test_rights(visit: Callable[..., Any], ctx: Context):
    run = send(visit(), b"code,name\n1,A\n")
    viewer = visit("viewer")
    assert viewer.get(PAGE).status_code == 403
    assert viewer.post(PAGE, {"file": SimpleUploadedFile("a.csv", b"name\nx\n")}).status_code == 403
    lead = visit("sales_lead")
    assert lead.get(PAGE).status_code == 200
    assert lead.get(f"{PAGE}?run={run.pk}").status_code == 404
    assert visit("warehouse").post("/x/export/parties.customer/", {"format": "csv"}).status_code == 403


@pytest.mark.requirement("K18")
def test_a_list_goes_out_as_it_is_seen(visit: Callable[..., Any], ctx: Context, tmp_path: Path):
    client = visit()
    make(ctx, "parties.customer", name="Export 甲", grade="A", phone="+886 2 123")
    make(ctx, "parties.customer", name="=Export 乙", grade="B")
    path = "/x/export/parties.customer/?grade=A&q=Export&columns=name,phone"
    panel = client.get(path)
    assert panel.status_code == 200
    assert "1 record" in panel.content.decode()
    answer = client.post(path, {"format": "csv", "what": "seen"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][-2:] == ["Name", "Phone"] and rows[1][-2:] == ["Export 甲", "'+886 2 123"] and len(rows) == 2
    answer = client.post("/x/export/parties.customer/?q=Export", {"format": "xlsx", "what": "import"})
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"".join(answer.streaming_content))
    assert {r.values["name"] for r in tables.read(file)} == {"Export 甲", "=Export 乙"}
    told = AuditEvent.objects.filter(resource="parties.customer", verb="exported").order_by("-at")
    assert [e.changes["rows"] for e in told] == [2, 1]


@pytest.mark.requirement("K18")
def test_a_long_list_goes_out_in_the_background(
    visit: Callable[..., Any], ctx: Context, monkeypatch: pytest.MonkeyPatch
):
    from kontor.web.pages import exchange

    monkeypatch.setattr(exchange, "DIRECT", 2)
    for _i in range(3):
        make(ctx, "parties.customer")
    client = visit()
    answer = client.post("/x/export/parties.customer/", {"format": "csv", "what": "all"})
    assert answer.status_code == 302
    pk = re.fullmatch(r"/jobs/([0-9a-f-]+)/", answer.headers["Location"])[1]
    assert client.get(f"/jobs/{pk}/?progress=1").json()["finished"] is False
    while running._one_chunk(pk):
        pass
    assert Job.objects.get(pk=pk).state == Job.State.DONE
    page = client.get(f"/jobs/{pk}/").content.decode()
    link = re.search(r"/x/files/[0-9a-f-]+/", page)[0]
    rows = list(csv.reader(io.StringIO(b"".join(client.get(link).streaming_content).decode("utf-8-sig"))))
    assert len(rows) == customers().count() + 1
    assert visit("viewer").get(link).status_code == 404
    assert visit("viewer").get(f"/jobs/{pk}/").status_code == 404
    assert client.get("/jobs/").status_code == 200
