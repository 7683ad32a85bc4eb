"""Every operator on every kind of field: good values answer, rubbish is refused at its parameter."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.surfaces.filters import OPERATORS, operators_of
from tests.contract.conftest import Caller
from tests.factories import make

pytestmark = [pytest.mark.requirement("I14", "K20")]
RUBBISH = [
    "",
    "x",
    "-",
    "NaN",
    "1e999",
    "2026-13-45",
    "null",
    "💥",
    "a" * 2_000,
    "\x00",
    "1,2",
    "0x10",
    "١٢",
    "' OR 1=1 --",
]
# kinds in which any text is a value of its own
TEXTS = {"text", "longtext", "phone", "email", "currency", "tags", "json"}
# parts of documents, which are read with them (expand=lines): they keep no time of their own changes
WITHOUT_STAMP = {"finance.allocation", "inventory.planned_move"}
GOOD = {
    "quantity": "1.5", "amount": "2", "price": "0.5", "percent": "0.1", "rate": "31.5", "integer": "3",
    "boolean": "true", "date": "2026-11-22", "instant": "2026-11-22T08:00:00Z",
    "id": "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34", "reference": "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34",
}  # fmt: skip


def _samples() -> list[tuple[Spec, Field, str]]:
    """One field of each kind, computed or stored, with each operator; a different resource where there is one."""
    found: dict[tuple[str, bool, str], tuple[Spec, Field, str]] = {}
    for spec in registry.specs():
        for f in spec.fields.values():
            for operator in ("", *OPERATORS):
                found.setdefault((f.kind, f.is_computed, operator), (spec, f, operator))
    return list(found.values())


@pytest.fixture
def samples() -> list[tuple[Spec, Field, str]]:
    return _samples()


def _asked(api: Caller, spec: Spec, f: Field, operator: str, value: str) -> tuple[str, Any]:
    name = f"{f.name}__{operator}" if operator else f.name
    return name, api("GET", f"{spec.path}/?{name}={quote(value)}&limit=1")


def test_good_values_answer(api: Caller, samples: list[tuple[Spec, Field, str]]):
    assert {f.kind for _s, f, _o in samples} >= {"text", "amount", "date", "instant", "reference", "choice", "boolean"}
    for spec, f, operator in samples:
        if operator and operator not in operators_of(f):
            continue
        good = "true" if operator == "isnull" else str(f.choices[0][0]) if f.choices else GOOD.get(f.kind, "word")
        name, answer = _asked(api, spec, f, operator, good)
        if f.kind == "json":
            assert answer.status_code == 422
            continue
        assert answer.status_code == 200, (spec.name, name, answer.data)


def test_operators_that_make_no_sense_name_those_that_do(api: Caller, samples: list[tuple[Spec, Field, str]]):
    for spec, f, operator in samples:
        if operator and operator not in operators_of(f):
            name, answer = _asked(api, spec, f, operator, "1")
            assert answer.status_code == 422, (spec.name, name)
            assert [(e["pointer"], e["code"]) for e in answer.data["errors"]] == [(f"/{name}", "unknown_operator")]


def test_rubbish_is_refused_at_its_parameter(api: Caller, samples: list[tuple[Spec, Field, str]]):
    for spec, f, operator in samples:
        if operator and operator not in operators_of(f):
            continue
        for value in RUBBISH:
            name, answer = _asked(api, spec, f, operator, value)
            assert answer.status_code in (200, 422), (spec.name, name, value, answer.data)
            if answer.status_code == 422:
                assert {e["pointer"] for e in answer.data["errors"]} == {f"/{name}"}, (spec.name, name, value)
            elif operator != "in" and f.kind not in TEXTS and value in ("x", "NaN", "1e999", "💥", "a" * 2_000):
                raise AssertionError((spec.name, name, value, "was taken"))


def test_updated_since_is_on_every_list(api: Caller, ctx: Context):
    record = make(ctx, "parties.customer")
    for spec in registry.specs():
        answer = api("GET", f"{spec.path}/?updated_since=2999-01-01T00:00:00Z")
        if spec.name in WITHOUT_STAMP:  # refused rather than answered wrongly
            assert [e["pointer"] for e in answer.data["errors"]] == ["/updated_since"]
            continue
        assert (answer.status_code, answer.data["results"]) == (200, []), spec.name
        wrong = api("GET", f"{spec.path}/?updated_since=soon")
        assert wrong.data["errors"][0]["pointer"] == "/updated_since", spec.name
    stamp = api("GET", f"parties/customers/{record.pk}/").data["updated_at"]
    told = api("GET", f"parties/customers/?updated_since={quote(stamp)}&limit=200").data["results"]
    assert str(record.pk) in [row["id"] for row in told]
