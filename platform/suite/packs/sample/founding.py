"""The standing data of the sample company: structure, people, parties, products, prices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kontor.configuration.api import put
from kontor.context import Context
from kontor.documents import gate
from kontor.identity.api import invite
from kontor.organization.api import root_branch
from kontor.resources import registry
from suite.packs.sample import parties, people, pricelists, products


@dataclass(slots=True)
class Found:
    """Ids by the names that the plan uses."""

    branches: dict[str, UUID] = field(default_factory=dict)
    employees: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    houses: dict[str, UUID] = field(default_factory=dict)
    customers: list[Any] = field(default_factory=list)
    suppliers: list[UUID] = field(default_factory=list)
    products: dict[str, UUID] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


def structure(ctx: Context) -> Found:
    """Branches, departments, people with their users, warehouses."""
    out = Found()
    put({"company.name": people.TITLE})
    ctx.cache.pop("settings", None)
    hq, sz = people.BRANCHES
    root = root_branch()
    names = ("name", "legal_name", "tax_number", "address", "phone")
    gate.update(ctx, "organization.branch", root, dict(zip(names, (hq[1], *hq[3:]), strict=True)))
    values = {"code": sz[0], "kind": sz[2], "parent": "HQ"} | dict(zip(names, (sz[1], *sz[3:]), strict=True))
    assert root is not None
    out.branches = {"HQ": root, "SZ": gate.create(ctx, "organization.branch", values).pk}
    for code, name, parent, branch in people.DEPARTMENTS:
        data = {"code": code, "name": name, "branch": str(out.branches[branch])}
        gate.create(ctx, "organization.department", {**data, **({"parent": parent} if parent else {})})
    gate.create(ctx, "parties.payment_term", {"code": "NET45", "name": "45 天", "payload": {"days": 45}})
    positions = _positions(ctx)
    for p in people.PEOPLE:
        _person(ctx, p, positions[p.title], out)
    _houses(ctx, out)
    return out


def _positions(ctx: Context) -> dict[str, str]:
    """Positions by title; their codes count on."""
    titles = list(dict.fromkeys(p.title for p in people.PEOPLE))
    rows = [{"code": f"P{n:02d}", "name": title} for n, title in enumerate(titles, start=1)]
    made = gate.create_many(ctx, "organization.position", rows)
    return {title: str(row.pk) for title, row in zip(titles, made, strict=True)}


def _person(ctx: Context, p: people.Person, position: str, out: Found) -> None:
    family, given = p.latin.split()
    email = f"{given.lower()}.{family.lower()}@heyue.example"
    data = {
        "number": p.number,
        "name": p.name,
        "title": p.title,
        "email": email,
        "phone": f"{'0512-6287-19' if p.language == 'zh-hans' else '03-571-66'}{int(p.number[1:]):02d}",
        "hired_on": p.hired,
        "assignments": [{"department": p.department, "position": position, "is_main": True}],
        **({"manager": str(out.employees[p.manager])} if p.manager else {}),
    }
    employee = gate.create(ctx, "organization.employee", data)
    out.employees[p.number] = employee.pk
    roles = p.roles.split()
    out.users[p.number], word = invite(
        username=p.username,
        name=p.name,
        roles=roles,
        email=email,
        language=p.language,
        employee=employee,
    )
    if p.shown:
        out.passwords[roles[0]] = word


def _houses(ctx: Context, out: Found) -> None:
    (main,) = _ids("inventory.warehouse", "MAIN")
    (code, name, _branch), *others = people.WAREHOUSES
    gate.update(ctx, "inventory.warehouse", main, {"name": name})
    out.houses[code] = main
    for code, name, branch in others:
        data = {"code": code, "name": name, "branch": str(out.branches[branch])}
        out.houses[code] = gate.create(ctx, "inventory.warehouse", data).pk


def _ids(resource: str, *codes: str) -> list[UUID]:
    model = registry.spec(resource).model
    found = dict(model._default_manager.filter(code__in=codes).values_list("code", "pk"))
    return [found[code] for code in codes]


def customer(firm: parties.Firm, out: Found) -> dict[str, Any]:
    """The data of a customer, for the gate."""
    place = {"country": firm.country, "region": firm.province, "city": firm.city}
    place |= {"postal_code": firm.postal, "street": firm.street}
    addresses = [{"kind": "main", **place}]
    person = {"name": firm.contact, "title": firm.job, "phone": firm.phone, "email": firm.email, "is_main": True}
    return {
        "name": firm.name,
        "other_names": {"en": firm.english},
        "country": firm.country,
        "language": firm.language,
        "tax_number": firm.tax_number,
        "phone": firm.phone,
        "email": firm.email,
        "grade": firm.grade,
        "price_grade": pricelists.grade_of(firm),
        "currency": firm.currency,
        "payment_term": firm.term,
        "tax_class": firm.tax_class,
        "credit_limit": firm.credit,
        "owner": str(out.employees[firm.seller]),
        "region": firm.region,
        "source": {"TW": "展覽", "CN": "客户介绍"}.get(firm.country, "Trade fair"),
        "life_stage": "prospect" if int(firm.since) else "vip" if firm.grade == "A" else "regular",
        "addresses": addresses,
        "contacts": [person],
    }


def suppliers(ctx: Context, out: Found) -> None:
    """Those we buy from; entered by the buyer."""
    rows = [
        {
            "name": s.name,
            "other_names": {"en": s.english},
            "country": s.country,
            "tax_number": s.tax_number,
            "phone": s.phone,
            "email": s.email,
            "currency": s.currency,
            "payment_term": s.term,
            "lead_days": s.lead_days,
            "owner": str(out.employees["E009"]),
            "addresses": [{"kind": "main", "country": s.country, "city": s.city, "street": s.street}],
            "contacts": [{"name": s.contact, "is_main": True}],
        }
        for s in parties.SUPPLIERS
    ]
    out.suppliers = [r.pk for r in gate.create_many(ctx, "parties.supplier", rows)]


def catalogue(ctx: Context, out: Found) -> None:
    """Categories and products, entered by the buyer."""
    rows = [
        {"code": code, "name": name, "posting_class": "service" if code == "SVC" else ""}
        for code, name, _english, _simplified in products.CATEGORIES
    ]
    made = gate.create_many(ctx, "catalog.category", rows)
    category = {row[0]: str(c.pk) for row, c in zip(products.CATEGORIES, made, strict=True)}
    sold = list(products.items())
    found = gate.create_many(ctx, "catalog.product", [_product(i, category[i.category]) for i in sold])
    out.products = {i.code: p.pk for i, p in zip(sold, found, strict=True)}


def _product(i: products.Item, category: str) -> dict[str, Any]:
    return {
        "code": i.code,
        "name": i.name,
        "other_names": {"en": i.english, "zh-hans": i.simplified},
        "specification": i.specification,
        "category": category,
        "kind": i.kind,
        "unit": i.unit,
        "list_price": str(i.price),
        **({"barcodes": [i.barcode]} if i.barcode else {}),
    }


def prices(ctx: Context, out: Found, begin: dt.date) -> None:
    """All price lists, entered by the head of sales."""
    gate.create_many(ctx, "catalog.price_list", pricelists.lists(begin, out.products, out.customers))
