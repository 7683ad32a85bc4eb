"""What is refused or only tried leaves nothing, also where the refusal comes after the write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kontor.context import Context
from kontor.history import api as history
from kontor.history.models import Attachment
from kontor.identity.api import issue_key
from kontor.identity.models import User
from tests.contract.conftest import Caller
from tests.factories import make
from tests.hostile.judging import KEPT_ANYWAY, SECURITY, Ledger
from tests.hostile.world import World, enter

pytestmark = [pytest.mark.requirement("I14")]


@pytest.fixture
def api(ctx: Context, settings: Any, tmp_path: Path) -> Caller:
    """The administrator's key of alpha; files lie in a folder of the test."""
    settings.FILES = tmp_path
    return Caller(issue_key(User.objects.get(username="admin"), name="test"))


def _written(before: dict[str, tuple[int, int]]) -> list[str]:
    after = Ledger().look()
    return sorted(t for t in after if after[t] != before[t] and t not in KEPT_ANYWAY)


def test_a_write_whose_answer_is_refused_is_not_there(api: Caller, ctx: Context) -> None:
    """It was: the record was made, then the answer's ``expand`` refused, and who repeated the call had two."""
    customer, order = make(ctx, "parties.customer"), make(ctx, "sales.order")
    before = Ledger().look()
    calls = (
        ("POST", "parties/customers/?expand=nothing", {"name": "Twice"}, {}),
        ("POST", "parties/customers/?expand=nothing", {"name": "Twice"}, {"Idempotency_Key": "k1"}),
        ("PUT", "parties/customers/by-ref/R-1/?expand=nothing", {"name": "Twice"}, {}),
        ("PATCH", f"parties/customers/{customer.pk}/?expand=nothing", {"name": "Other"}, {"If_Match": '"1"'}),
        ("POST", f"sales/orders/{order.pk}/confirm/?expand=nothing", {}, {}),
    )
    for method, path, body, headers in calls:
        answer = api(method, path, body, **headers)
        assert (answer.status_code, answer.data["errors"][0]["pointer"]) == (422, "/expand"), path
        assert _written(before) == [], path


def test_a_trial_writes_nothing_wherever_it_is_asked_for(api: Caller, ctx: Context) -> None:
    """``dry_run=1`` was passed over by whatever is no record: a file was taken off, a comment said."""
    customer = make(ctx, "parties.customer")
    kept = history.keep(ctx, "offer.txt", [b"x"], "parties.customer", customer.pk)
    mine = history.keep(ctx, "mine.txt", [b"x"])
    root = f"parties/customers/{customer.pk}"
    before = Ledger().look()
    for method, path, body, status in (
        ("DELETE", f"files/{kept.id}/", None, 204),
        ("POST", f"{root}/comments/", {"text": "hello"}, 201),
        ("PUT", f"{root}/follow/", None, 200),
        ("POST", f"{root}/attachments/", {"file": str(mine.id)}, 201),
        ("DELETE", f"{root}/", None, 200),
    ):
        assert api(method, f"{path}?dry_run=1", body).status_code == status, path
        assert _written(before) == [], path


def test_a_file_is_not_sent_on_trial(api: Caller, tmp_path: Path) -> None:
    answer = api.client.post(
        "/api/v1/files/?dry_run=1",
        data=b'--e\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--e--\r\n',
        content_type="multipart/form-data; boundary=e",
        headers={"Host": api.host, "Authorization": f"Bearer {api.key}"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/dry_run")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()] and not Attachment.objects.exists()


@pytest.fixture
def page(company: Any, settings: Any, tmp_path: Path) -> Client:
    """A browser signed in as an administrator."""
    settings.FILES = tmp_path
    world = World("alpha.localhost")
    enter(world)
    client = Client(HTTP_HOST=world.host)
    client.cookies[settings.SESSION_COOKIE_NAME] = world.session
    return client


def test_a_file_is_reached_by_its_own_record_alone(page: Client, ctx: Context) -> None:
    """The address of another record took it off all the same, and answered 404."""
    customer, other = make(ctx, "parties.customer"), make(ctx, "parties.supplier")
    kept = history.keep(ctx, "offer.txt", [b"x"], "parties.customer", customer.pk)
    before = Ledger().look()
    wrong = f"/parties/suppliers/{other.pk}/files/{kept.id}/"
    assert page.get(wrong).status_code == 404
    assert page.post(f"{wrong}remove/").status_code == 404
    assert set(_written(before)) <= {SECURITY}
    assert page.post(f"/parties/customers/{customer.pk}/files/{kept.id}/remove/").status_code == 302
    assert Attachment.objects.get(pk=kept.id).deleted_at is not None


def test_what_a_page_wrote_before_its_refusal_is_taken_back(page: Client, ctx: Context, monkeypatch: Any) -> None:
    """Two files at once, the second too large: the first is not kept either."""
    from io import BytesIO

    from kontor.history import storage

    monkeypatch.setattr(storage, "LARGEST", 10)
    customer = make(ctx, "parties.customer")
    before = Ledger().look()
    small, large = BytesIO(b"x"), BytesIO(b"x" * 11)
    small.name, large.name = "small.txt", "large.txt"
    answer = page.post(f"/parties/customers/{customer.pk}/files/", {"file": [small, large]})
    assert answer.status_code == 413
    assert _written(before) == []


@pytest.mark.parametrize("number", ["²", "٣", "9" * 30, "9" * 5000, "1e3", "-1", "0x10"])
def test_numbers_of_an_address_are_plain_digits(page: Client, ctx: Context, number: str) -> None:
    order = make(ctx, "sales.order")
    for query in (
        {"n": number, "cursor": "x"},
        {"f": "ordered_on", "op": "last", "v": number},
        {"show": "board", "n": number},
    ):
        assert page.get("/sales/orders/", query).status_code in (200, 422), query
    assert page.get(f"/sales/orders/{order.pk}/", {"tab": number}).status_code == 200
    assert page.post(f"/sales/orders/{order.pk}/edit/", {"version": number}).status_code in (200, 302, 409, 412, 422)
    action = page.post(f"/sales/orders/{order.pk}/do/deliver/", {"lines.count": number, "version": number})
    assert action.status_code in (302, 409, 412, 422)


def test_a_list_takes_no_thousands_of_filters(page: Client, api: Caller) -> None:
    """Three thousand of them held a worker for two minutes: each stands in each link of the page."""
    many = "&".join(f"p{n}=x" for n in range(3000))
    answer = page.get(f"/sales/orders/?{many}")
    assert answer.status_code == 422 and "At most 100 filters can be given." in answer.content.decode()
    told = api("GET", f"sales/orders/?{many}")
    assert (told.status_code, told.data["errors"][0]["detail"]) == (422, "At most 100 filters can be given.")
    assert len(told.data["errors"]) == 1


@pytest.mark.parametrize("script", [True, False])
def test_the_wrong_way_to_an_address_is_told(page: Client, script: bool) -> None:
    headers = {"HX-Request": "true"} if script else {}
    for address in ("/sales/orders/calc/", "/sales/orders/bulk/", "/views/sales/orders/", "/notifications/read/"):
        answer = page.get(address, headers=headers)
        assert answer.status_code == 405
        assert "This address takes no call of this kind." in answer.content.decode(), address
