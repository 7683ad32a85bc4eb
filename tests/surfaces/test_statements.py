"""A list's statement is kept for all who see in the same way; each gets the rows that are theirs, from any place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from kontor.access.models import Share
from kontor.access.roles import BELOW, BRANCH, DEPARTMENT, OWN
from kontor.access.scope import predicate
from kontor.context import Context
from kontor.organization.models import Branch
from kontor.resources import registry
from kontor.surfaces import statements
from kontor.surfaces.query import Ask, select
from kontor.values.columns import new_id
from suite.parties.models import Customer, Party

As = Callable[..., Context]


@pytest.fixture
def kept() -> Iterator[dict[Any, Any]]:
    """The statements that are kept, from none on."""
    statements._kept.clear()
    yield statements._kept


@pytest.fixture
def clients(shop: Any, as_role: As) -> tuple[Context, Context]:
    """Two sellers, each with three clients of their own; the second's third is shared with the first."""
    one, two = as_role("sales"), as_role("sales")
    for ctx, letter in ((one, "A"), (two, "B")):
        for i in range(3):
            place = {"owner_id": ctx.employee_id, "branch_id": ctx.branch_id, "department_path": f"/{letter}/"}
            shop.Client.objects.create(code=f"{letter}{i}", name=f"{letter}{i}", tags=[letter] if i else [], **place)
    shared = shop.Client.objects.get(code="B2")
    Share.objects.create(resource="shop.client", record_id=shared.pk, employee_id=one.employee_id)
    return one, two


def _codes(ctx: Context, **ask: Any) -> list[str]:
    return [r["code"] for r in select(ctx, registry.spec("shop.client"), Ask(**ask)).rows]


def test_two_sellers_share_a_statement_and_see_their_own(clients: Any, kept: dict[Any, Any]) -> None:
    one, two = clients
    assert _codes(one, order="code") == ["A0", "A1", "A2", "B2"]
    assert _codes(two, order="code") == ["B0", "B1", "B2"]
    assert len(kept) == 1
    (statement,) = kept.values()
    assert not {one.employee_id, two.employee_id} & {v for v in statement.values if not isinstance(v, list)}


@pytest.mark.parametrize("scope", [OWN, DEPARTMENT, BELOW, BRANCH])
@pytest.mark.parametrize("order", ["", "code", "-since,code", "phone"])
def test_pages_are_those_of_the_query_written_anew(
    clients: Any, kept: dict[Any, Any], shop: Any, monkeypatch: pytest.MonkeyPatch, scope: str, order: str
) -> None:
    """``where=Q()`` asks for nothing and has the query written by Django each time."""
    monkeypatch.setattr("kontor.access.rights.Rights.scope", lambda self, resource: scope)
    shop.Client.objects.filter(code__in=["A1", "B1"]).update(since="2026-01-01", phone="+886227000000")
    spec = registry.spec("shop.client")
    ctx = replace(clients[0], department_path="/B/" if scope != OWN else "")
    for _again in range(2):
        cursors = [("", "")]
        for at, _from in cursors:
            ours, django = (
                select(ctx, spec, Ask(order=order, limit=2, cursor=at, where=where)) for where in (None, Q())
            )
            assert (ours.rows, ours.next_cursor, ours.previous_cursor) == (
                django.rows,
                django.next_cursor,
                django.previous_cursor,
            )
            if len(cursors) < 4 and ours.next_cursor:
                cursors += [(ours.next_cursor, "next"), (ours.previous_cursor, "back")]
    assert kept


def test_who_loses_a_right_no_longer_sees(clients: Any, kept: dict[Any, Any], as_role: As) -> None:
    one, _two = clients
    assert len(_codes(one)) == 4
    assert _codes(replace(one, employee_id=None)) == []
    assert _codes(as_role("sales")) == []
    assert len(_codes(as_role("admin"))) == 6
    Share.objects.all().delete()
    assert len(_codes(one)) == 3


def test_every_resource_gives_what_the_query_gives(ctx: Context, as_role: As, kept: dict[Any, Any]) -> None:
    """Of all roles; also those seen within others (parties), behind rights (costs), faces of one table."""
    seen = 0
    for role in ("admin", "sales", "sales_lead", "warehouse", "accountant"):
        who = as_role(role)
        for spec in registry.specs():
            if who.rights.can(spec.name, "view"):
                ours, django = (select(who, spec, Ask(where=where)) for where in (None, Q()))
                assert ours.rows == django.rows, (role, spec.name)
                seen += 1
    assert seen > 100 and len(kept) > 40


def test_a_sellers_few_among_many_are_found_by_the_index(ctx: Context, as_role: As) -> None:
    """The planner must not read the whole table because something might be shared."""
    seller = as_role("sales")
    branch = Branch.objects.get()
    parties = [Party(id=new_id(), name=f"P{n}") for n in range(4_000)]
    Party.objects.bulk_create(parties)
    Customer.objects.bulk_create(
        Customer(id=p.pk, party=p, code=f"X{n}", branch=branch, owner_id=seller.employee_id if n % 1_000 == 0 else None)
        for n, p in enumerate(parties)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_customer")
    rows = Customer.objects.filter(predicate(seller, registry.spec("parties.customer"))).order_by("-pk")[:51]
    assert rows.count() == 4
    plan = rows.explain()
    assert "parties_customer_owner" in plan and "Seq Scan" not in plan, plan
