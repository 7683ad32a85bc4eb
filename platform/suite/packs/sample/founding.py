"""The standing data of the sample company: structure, people, parties, products, opening stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kontor.configuration.api import put
from kontor.context import Context
from kontor.documents import gate
from kontor.identity.api import hire, invite
from suite.packs.sample import parties, people, products


@dataclass(slots=True)
class Found:
    """Ids by the names that the plan uses."""

    employees: dict[str, UUID] = field(default_factory=dict)
    customers: list[UUID] = field(default_factory=list)
    products: dict[str, UUID] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


def found(ctx: Context) -> Found:
    """Make everything that stands still, in bulk where the gate takes many."""
    out = Found()
    _structure(ctx, out)
    _parties(ctx, out)
    _products(ctx, out)
    return out


def _structure(ctx: Context, out: Found) -> None:
    put({"company.name": people.TITLE})
    hq, sz = people.BRANCHES
    _branch(ctx, hq)
    branches = {"HQ": "HQ"}
    made = gate.create(
        ctx,
        "organization.branch",
        {
            "code": sz[0],
            "name": sz[1],
            "kind": sz[2],
            "parent": "HQ",
            "legal_name": sz[3],
            "address": sz[5],
            "phone": sz[6],
        },
    )
    branches["SZ"] = str(made.pk)
    for code, name, parent, branch in people.DEPARTMENTS:
        data = {"code": code, "name": name, "branch": branches[branch]}
        gate.create(ctx, "organization.department", {**data, **({"parent": parent} if parent else {})})
    for p in people.PEOPLE:
        employee = hire(
            number=p.number,
            name=p.name,
            title=p.title,
            department=p.department,
            manager_id=out.employees.get(p.manager),
        )
        out.employees[p.number] = employee.pk
        if p.role:
            _user, out.passwords[p.role] = invite(
                username=p.username, name=p.name, roles=[p.role], language=p.language, employee=employee
            )


def _branch(ctx: Context, row: tuple[str, ...]) -> None:
    from kontor.organization.api import root_branch

    gate.update(
        ctx,
        "organization.branch",
        root_branch(),
        {"name": row[1], "legal_name": row[3], "tax_number": row[4], "address": row[5], "phone": row[6]},
    )


def _parties(ctx: Context, out: Found) -> None:
    gate.create(ctx, "parties.payment_term", {"code": "NET45", "name": "45 天", "payload": {"days": 45}})
    rows: list[dict[str, Any]] = []
    for firm in parties.CUSTOMERS:
        language = {"TW": "zh-hant", "CN": "zh-hans"}.get(firm.country, "en")
        data: dict[str, Any] = {
            "name": firm.name,
            "other_names": {"en": firm.english},
            "country": firm.country,
            "language": language,
            "phone": firm.phone,
            "grade": firm.grade,
            "currency": firm.currency,
            "payment_term": firm.term,
            "owner": str(out.employees[firm.seller]),
            "life_stage": "vip" if firm.grade == "A" else "regular",
            "addresses": [{"kind": "main", "country": firm.country, "city": firm.city, "street": firm.street}],
            "contacts": [{"name": firm.contact, "title": firm.job, "phone": firm.phone, "is_main": True}],
        }
        if firm.credit:
            data["credit_limit"] = firm.credit
        if firm.country != "TW":
            data["tax_class"] = "export"
        rows.append(data)
    out.customers = [r.pk for r in gate.create_many(ctx, "parties.customer", rows)]
    gate.create_many(
        ctx,
        "parties.supplier",
        [
            {
                "name": s.name,
                "other_names": {"en": s.english},
                "country": s.country,
                "phone": s.phone,
                "currency": s.currency,
                "lead_days": s.lead_days,
                "owner": str(out.employees["E009"]),
                "addresses": [{"kind": "main", "country": s.country, "city": s.city, "street": s.street}],
                "contacts": [{"name": s.contact, "is_main": True}],
            }
            for s in parties.SUPPLIERS
        ],
    )


def _products(ctx: Context, out: Found) -> None:
    categories = gate.create_many(
        ctx,
        "catalog.category",
        [{"code": code, "name": name} for code, name, _english, _simplified in products.CATEGORIES],
    )
    category = {row[0]: str(c.pk) for row, c in zip(products.CATEGORIES, categories, strict=True)}
    rows = list(products.items())
    made = gate.create_many(
        ctx,
        "catalog.product",
        [
            {
                "code": i.code,
                "name": i.name,
                "other_names": {"en": i.english, "zh-hans": i.simplified},
                "specification": i.specification,
                "category": category[i.category],
                "kind": i.kind,
                "list_price": str(i.price),
                **({"barcodes": [i.barcode]} if i.barcode else {}),
            }
            for i in rows
        ],
    )
    out.products = {i.code: p.pk for i, p in zip(rows, made, strict=True)}
