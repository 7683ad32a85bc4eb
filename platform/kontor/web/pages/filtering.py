"""The filter editor: which comparisons a field offers, the values with their counts, and its little form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.resources.titles import titles_of
from kontor.surfaces.filters import operators_of
from kontor.surfaces.query import matching_rows
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.web import chips, lists, periods
from kontor.web.signing import signed_in

FACETS = 8  # values of a reference that are offered with their counts
T = TypeVar("T")
PATIENCE = 1_500  # milliseconds for counts and sums that nobody asked for


@dataclass(frozen=True, slots=True)
class Operator:
    """One choice of the filter editor; ``inputs``: 0 none, 1 a value, 2 two of them."""

    code: str
    label: str
    inputs: int = 1


def editor_operators(f: Field) -> list[Operator]:
    """The comparisons that the editor offers for a field."""
    known = operators_of(f)
    out: list[Operator] = []
    if f.kind in ("date", "instant"):
        out = [Operator(code, label, 0) for code, label in periods.named()]
        out += [Operator("between", _("from … to"), 2), Operator("", _("on the day"), 1)]
    elif f.kind in NUMERIC:
        out = [Operator("between", _("from … to"), 2)]
    elif f.kind == "choice":
        out = [Operator("in", _("is one of"), 1)]
    elif f.kind == "reference":
        out = [Operator("in", _("is one of"), 1), Operator("ne", _("is not"), 1)]
    elif f.kind == "boolean":
        out = [Operator("", _("is"), 1)]
    elif f.kind == "tags":
        out = [Operator("contains", _("contains"), 1)]
    else:
        out = [
            Operator("contains", _("contains"), 1),
            Operator("", _("is"), 1),
            Operator("startswith", _("begins with"), 1),
            Operator("ne", _("is not"), 1),
        ]
    if "isnull" in known and f.nullable:
        out += [Operator("empty", _("is empty"), 0), Operator("filled", _("is not empty"), 0)]
    return out


def filterable(ctx: Context, spec: Spec) -> list[Field]:
    """The fields that can be filtered: those the declaration names first, then the other columns."""
    names = dict.fromkeys([*spec.filters, *spec.columns, *spec.fields])
    return [f for f in (spec.fields[n] for n in names) if _may(ctx, f)]


def nested(ctx: Context, spec: Spec) -> list[tuple[str, list[Field]]]:
    """Fields behind the references that the declaration filters by: of the customer, of the product."""
    out = []
    for name in spec.filters:
        via = spec.fields[name]
        target = registry.find(via.relation) if via.kind == "reference" and _may(ctx, via) else None
        if target is None or via.relation == "organization.employee" or not ctx.rights.can(target.name, "view"):
            continue
        inner = [lists.field_of(spec, f"{name}__{n}") for n in target.filters if _may(ctx, target.fields[n])]
        found = [f for f in inner if f is not None]
        if found:
            out.append((capital(via.label), found))
    return out


def _may(ctx: Context, f: Field) -> bool:
    return f.kind not in ("json", "id", "longtext") and f.name != "version" and ctx.rights.sees(f.guard)


def pickable(f: Field) -> bool:
    """Whether a reference has a type-ahead (its resource is declared)."""
    return f.kind == "reference" and registry.find(f.relation) is not None


@signed_in
def editor(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The little form for a filter on one field, with what is set now."""
    ctx.rights.need(spec.name, "view")
    f = lists.field_of(spec, request.GET.get("field", ""))
    if f is None or not ctx.rights.sees(f.guard):
        raise Invalid.at("/field", _("There is no such field."))
    state = lists.read(spec, request.GET)
    state = replace(state, filters={k: v for k, v in state.filters.items() if k != "field"})
    mine = {k[len(f.name) + 2 :]: state.filters[k] for k in lists.filters_of(state, f.name)}
    rest = state.without(*lists.filters_of(state, f.name))
    value = next((mine[op] for op in ("", "in", "ne", "contains", "startswith", "gte") if mine.get(op)), "")
    values, upper = [v for v in value.split(",") if v], mine.get("lte", "")
    counts = facets(ctx, spec, rest, f)
    context = {
        "spec": spec,
        "field": f,
        "operators": editor_operators(f),
        "op": "ne" if "ne" in mine else "",
        "present": periods.words(mine),
        "values": values,
        "value": "" if value.startswith("@") else value,
        "upper": "" if upper.startswith("@") else upper,
        "picked": [(v, _("me") if v == "@me" else chips.reference_title(ctx, spec, f, v)) for v in values]
        if f.kind == "reference"
        else [],
        "choices": [(str(code), label, counts.get(str(code))) for code, label in f.choices],
        "near": _near(spec, f, counts, values) if f.kind == "reference" else [],
        "counts": counts,
        "pickable": pickable(f),
        "options": _options(spec, f),
        "rest": rest.params(page=False),
        "is_person": f.relation == "organization.employee" and ctx.employee_id is not None,
        "clear": rest.url() if mine else "",
    }
    return render(request, "kontor/list/filter.html", context)


def facets(ctx: Context, spec: Spec, state: lists.State, f: Field) -> dict[str, int]:
    """How many rows of the list there are behind each value; none where that would take long."""
    if f.name not in spec.fields or f.is_computed or f.kind not in ("choice", "reference", "boolean", "currency"):
        return {}
    rows = matching_rows(ctx, spec, lists.ask(ctx, state, ())).order_by()
    told = rows.values_list(f.column).annotate(n=Count("pk")).order_by("-n")[:100]
    found = patient(lambda: list(told)) or []
    return {str(value): n for value, n in found if value not in (None, "")}


def patient(work: Callable[[], T]) -> T | None:
    """What the work gives, None if it takes the database longer than anybody would wait for it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            out = work()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return out
    except OperationalError:
        return None


def _near(spec: Spec, f: Field, counts: dict[str, int], values: list[str]) -> list[tuple[str, str, int]]:
    """The most frequent values of a reference, by name; one query."""
    target = registry.find(f.relation)
    top = [v for v in counts if v not in values][:FACETS]
    if target is None or not top:
        return []
    names = {str(pk): title for pk, title in titles_of(target, top).items()}
    return [(v, names[v], counts[v]) for v in top if names.get(v)]


def _options(spec: Spec, f: Field) -> list[tuple[Any, str]]:
    """Choices of a reference whose table is no resource: its first hundred rows."""
    if f.kind != "reference" or pickable(f) or "__" in f.path or f.name not in spec.fields:
        return []
    model: Any = spec.model._meta.get_field(f.path).related_model
    return [(row.pk, getattr(row, "name", "") or str(row)) for row in model._default_manager.all()[:100]]
