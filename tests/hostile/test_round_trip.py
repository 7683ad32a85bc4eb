"""What is taken comes back as it was sent: in the API, on the page, in CSV and XLSX, and nothing in it is run."""

from __future__ import annotations

import csv
import html
import io
import unicodedata
from typing import Any

import openpyxl
import pytest
from django.conf import settings as site
from django.test import Client

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from tests.contract.conftest import Caller, creatable
from tests.factories import FACTORIES, make
from tests.hostile.values import TEXTS
from tests.hostile.world import World, enter

pytestmark = [pytest.mark.requirement("I14", "K17")]
HARD = (
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\u200f\u200eמרחבא", "مرحبا", "𠮷𠀋髙﨑", "👩\u200d👩\u200d👧😀",
    "O'Neil \"quoted\", & Söhne; <b>", "<script>kx(1)</script>", "{{7*7}} ${7*7} %s %(x)s", "1' OR '1'='1", "001",
    "1E5", "2026-03-02", "TRUE", "null", "\\N", "a\u2028b", "林怡君", "#REF!", "𝕏 ﷺ", "x" * 100, "a\u200bb",
)  # fmt: skip


@pytest.fixture
def world(company: Any) -> World:
    made = World("alpha.localhost")
    enter(made)
    return made


def test_names_come_back_everywhere(ctx: Context, world: World) -> None:
    api = Caller(world.key)
    browser = Client(HTTP_HOST=world.host)
    browser.cookies[site.SESSION_COOKIE_NAME] = world.session
    made = {}
    for at, text in enumerate(HARD):
        answer = api("POST", "parties/suppliers/", {"name": text, "code": f"HARD{at:02}"})
        assert (answer.status_code, answer.data["name"]) == (201, text), answer.data
        made[f"HARD{at:02}"] = answer.data["id"]
        assert api("GET", f"parties/suppliers/{answer.data['id']}/").data["name"] == text
        page = browser.get(f"/parties/suppliers/{answer.data['id']}/").content.decode()
        assert html.escape(text) in page, text
        assert "<script>kx" not in page
    told = browser.get("/parties/suppliers/?q=HARD&sort=code").content.decode()
    assert "<script>kx" not in told
    sheets = (_csv(api), _xlsx(api))
    for rows in sheets:
        for at, text in enumerate(HARD):
            assert rows[f"HARD{at:02}"] in (text, "'" + text), (text, rows[f"HARD{at:02}"])
    for at, text in enumerate(HARD):  # a cell that a sheet would compute is text
        if text[0] in "=+-@":
            assert sheets[0][f"HARD{at:02}"] == "'" + text


def test_a_file_made_for_import_brings_the_same_back(ctx: Context, world: World) -> None:
    """Also what was disarmed on the way out."""
    api = Caller(world.key)
    pks = [make(ctx, "parties.supplier", name=text, code=f"BACK{at:02}").pk for at, text in enumerate(HARD)]
    sent = _content(api, "parties/suppliers/export/?format=csv&for_import=1&code__startswith=BACK")
    edge = b'--e\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + sent + b"\r\n--e--\r\n"
    answer = api.client.post(
        "/api/v1/parties/suppliers/import/", data=edge, content_type="multipart/form-data; boundary=e",
        headers={"Host": api.host, "Authorization": f"Bearer {api.key}", "Accept-Language": "en"},
    )  # fmt: skip
    counts = answer.json()["counts"]
    assert (counts["unchanged"], counts["updated"], counts["created"], counts["refused"]) == (len(HARD), 0, 0, 0), (
        counts
    )
    model = registry.spec("parties.supplier").model
    assert {str(r.party.name) for r in model.objects.filter(pk__in=pks).select_related("party")} == set(HARD)


@pytest.mark.parametrize("spec", [s for s in creatable() if s.name != "finance.voucher"], ids=lambda s: s.name)
def test_each_text_is_kept_or_refused(ctx: Context, world: World, spec: Any) -> None:
    """Every free text of every resource: the answer holds it as it was sent (trimmed, in NFC), or says why not."""
    api = Caller(world.key)
    free = [
        f for f in spec.fields.values()
        if f.kind in ("text", "longtext") and not f.readonly and not f.choices and not f.unique and not f.relation
        and f.name not in ("code", "number")
    ]  # fmt: skip
    if not free:
        pytest.skip("no free text")
    data = FACTORIES[spec.name](ctx)
    record = gate.create(ctx, spec.name, data)
    kept = 0
    for at, text in enumerate(t for t in TEXTS if t.strip() and len(t) <= 100 and not _broken(t)):
        f = free[at % len(free)]
        if at >= 3 * len(free) + 9:
            break
        version = api("GET", f"{spec.path}/{record.pk}/").data["version"]
        answer = api("PATCH", f"{spec.path}/{record.pk}/", {f.name: text}, If_Match=f'"{version}"')
        if answer.status_code == 200:
            assert answer.data[f.name] == unicodedata.normalize("NFC", text).strip(), (f.name, text)
            kept += 1
        else:
            assert answer.status_code in (409, 422) and answer.data["detail"], (f.name, text, answer.data)
            now = api("GET", f"{spec.path}/{record.pk}/").data
            assert now["version"] == version
    assert kept or spec.frozen or not spec.editable


def _broken(text: str) -> bool:
    return any("\ud800" <= ch <= "\udfff" or ch == "\x00" for ch in text)


def _content(api: Caller, path: str) -> bytes:
    answer = api.client.get(
        f"/api/v1/{path}", headers={"Host": api.host, "Authorization": f"Bearer {api.key}", "Accept-Language": "en"}
    )
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _csv(api: Caller) -> dict[str, str]:
    text = _content(api, "parties/suppliers/export/?format=csv&fields=code,name&code__startswith=HARD").decode(
        "utf-8-sig"
    )
    return {row[0]: row[1] for row in csv.reader(io.StringIO(text, newline=""))}


def _xlsx(api: Caller) -> dict[str, Any]:
    sheet = openpyxl.load_workbook(
        io.BytesIO(_content(api, "parties/suppliers/export/?format=xlsx&fields=code,name&code__startswith=HARD"))
    ).active
    for row in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in row), "a formula in a sheet of data"
    return {str(row[0].value): row[1].value for row in sheet.iter_rows()}
