"""Over the whole registry: every list, filter, order, expansion and page answers, for every resource there is."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.resources import registry
from kontor.surfaces.filters import operators_of
from kontor.surfaces.query import Ask, select
from tests.api.conftest import Api

_SAMPLES = {
    "reference": "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34",
    "id": "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34",
    "date": "2026-11-22",
    "instant": "2026-11-22T08:30:00Z",
    "boolean": "true",
    "integer": "1",
    **dict.fromkeys(("quantity", "amount", "price", "percent", "rate"), "1.5"),
}


@pytest.fixture
def caller(company: Any, key_of: Any) -> Api:
    return Api(key_of())


def _names() -> list[str]:
    return sorted(spec.name for spec in registry.specs())


@pytest.mark.parametrize("name", _names())
def test_the_list_and_all_it_can_be_asked(caller: Api, name: str) -> None:
    spec = registry.spec(name)
    lists = [f"{spec.path}/", f"{spec.path}/?q=acme", f"{spec.path}/?count=exact", f"{spec.path}/?count=estimate"]
    for f in spec.fields.values():
        if f.kind in ("json", "tags"):
            continue
        lists += [f"{spec.path}/?order={f.name}", f"{spec.path}/?order=-{f.name}"]
        value = str(f.choices[0][0]) if f.choices else _SAMPLES.get(f.kind, "x")
        lists += [f"{spec.path}/?{f.name}={value}"]
        lists += [f"{spec.path}/?{f.name}__{op}={'true' if op == 'isnull' else value}" for op in operators_of(f)]
        if f.kind == "reference" and registry.find(f.relation):
            lists.append(f"{spec.path}/?expand={f.name}")
    for lines in spec.lines.values():
        deeper = [n for n, f in lines.fields.items() if f.kind == "reference" and registry.find(f.relation)]
        lists += [f"{spec.path}/?expand={','.join([lines.name, *(f'{lines.name}.{n}' for n in deeper)])}"]
    for path in lists:
        answer = caller.get(path)
        assert answer.status_code == 200, (path, answer.content)


@pytest.mark.parametrize("name", _names())
def test_screens_get_titles(ctx: Any, name: str) -> None:
    spec = registry.spec(name)
    page = select(ctx, spec, Ask(titles=True, limit=5))
    for row in page.rows:
        assert all(f"{f.name}__title" in row for f in spec.fields.values() if f.kind == "reference")


def test_the_whole_is_described(caller: Api) -> None:
    described = caller.get("schema/")
    assert described.status_code == 200
    for spec in registry.specs():
        assert f"/{spec.path}/" in described.body["paths"]
    assert caller.get("docs/", accept="text/html").status_code == 200
    assert {r["name"] for r in caller.get("").body["resources"]} == set(_names())


def test_every_report_answers(caller: Api) -> None:
    for report in caller.get("reports/").body["results"]:
        needed = [p["name"] for p in report["parameters"] if p["required"]]
        answer = caller.get(f"reports/{report['name']}/")
        if needed and answer.status_code == 422:
            continue
        assert answer.status_code == 200, (report, answer.content)
        assert set(answer.body) >= {"name", "parameters", "columns", "rows", "totals"}
        sheet = caller.get(f"reports/{report['name']}/?format=xlsx")
        assert sheet.status_code == 200 and sheet.content[:2] == b"PK"
        assert caller.get(f"reports/{report['name']}/?format=csv").status_code == 200
    assert caller.get("reports/nothing/").status_code == 404
