"""Which columns a list or a page asks for: compiled once per resource, fields and hidden guards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.resources import registry
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.values.money import amount_text, plain, price_text
from kontor.values.writing import as_json

_KEEP = 2_000  # plans; a client that asks for ever new sets of fields must not fill the memory
_plans: dict[Any, Plan] = {}

PARENT = "_parent"  # key of a line's row: the record it belongs to
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``.values_list()`` is asked for and under which key each value stands in a row."""

    of: Spec | LinesSpec
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    names: tuple[str, ...]
    computed: tuple[Field, ...]
    currencies: Mapping[str, str]  # field → key of its currency in the row; "" the company's own
    late_titles: tuple[tuple[str, Spec], ...]  # references whose title no join can reach


def plan_for(ctx: Context, spec: Spec, asked: Sequence[str] | None = None, *, titles: bool = False) -> Plan:
    """The plan of a resource's rows; unknown names are refused, guarded ones dropped."""
    return _plan(ctx, spec, spec.name, spec.fields, asked, titles)


def plan_for_lines(
    ctx: Context, spec: Spec, lines: LinesSpec, asked: Sequence[str] | None = None, *, titles: bool = False
) -> Plan:
    """The plan of a document's lines."""
    return _plan(ctx, lines, f"{spec.name}/{lines.name}", lines.fields, asked, titles, (PARENT, f"{lines.link}_id"))


def _plan(
    ctx: Context,
    of: Spec | LinesSpec,
    key: str,
    fields: Mapping[str, Field],
    asked: Sequence[str] | None,
    titles: bool,
    extra: tuple[str, str] | None = None,
) -> Plan:
    hidden = frozenset(f.guard for f in fields.values() if f.guard and not ctx.rights.sees(f.guard))
    place = (key, None if asked is None else tuple(asked), hidden, titles)
    found = _plans.get(place)
    if found is not None and found.of is of:
        return found
    if len(_plans) > _KEEP:
        _plans.clear()
    _plans[place] = made = _compile(of, fields, asked, hidden, titles, extra)
    return made


def _compile(
    of: Spec | LinesSpec,
    fields: Mapping[str, Field],
    asked: Sequence[str] | None,
    hidden: frozenset[str],
    titles: bool,
    extra: tuple[str, str] | None,
) -> Plan:
    for name in asked or ():
        if name not in fields and not name.startswith("_"):
            raise Invalid.at("/fields", _("There is no field “%(name)s”.") % {"name": name[:80]}, "unknown_field")
    names = fields if asked is None else dict.fromkeys(n for n in asked if n in fields)
    shown = tuple(fields[n] for n in names if fields[n].guard not in hidden)
    keys: dict[str, str] = {"id": "pk"}
    if has_column(of.model, VERSION):
        keys[VERSION] = VERSION
    if extra:
        keys[extra[0]] = extra[1]
    late: list[tuple[str, Spec]] = []
    currencies: dict[str, str] = {}
    for f in shown:
        keys.setdefault(f.name, f.path if f.is_computed else f.column)
        if f.kind in ("amount", "price"):
            currencies[f.name] = f.currency if f.currency and has_path(of.model, f.currency) else ""
        if titles and f.kind == "reference":
            target, paths = title_paths(of.model, f)
            if paths:
                keys |= {f"{f.name}__{part}": path for part, path in paths.items()}
            elif target is not None:
                late.append((f.name, target))
    for path in currencies.values():
        if path:
            keys.setdefault(path, path)
    return Plan(
        of=of,
        fields=shown,
        columns=tuple(keys.values()),
        names=tuple(keys),
        computed=tuple(f for f in shown if f.is_computed),
        currencies=currencies,
        late_titles=tuple(late),
    )


def title_paths(model: Any, f: Field) -> tuple[Spec | None, dict[str, str]]:
    """The resource a reference points to, and the paths of its title and code from the row.

    No paths where the reference's table is another than the resource's and no flat relation leads there.
    """
    target = registry.find(f.relation)
    table = None if f.is_computed else related_model(model, f.path)
    if target is None:
        found = next((n for n in ("name", "number", "code", "username") if table and has_column(table, n)), "")
        return None, {"title": f"{f.path}__{found}"} if found else {}
    wanted = {"title": target.title, **({"code": target.code[0]} if target.code else {})}
    if target.mark and not target.fields[target.mark].guard:
        wanted["mark"] = target.mark
    paths = {part: target.path_of(n) for part, n in wanted.items()}
    if table is target.model:
        return target, {part: f"{f.path}__{path}" for part, path in paths.items()}
    for relation in target.flat:
        prefix = f"{relation}__"
        if table is not None and related_model(target.model, relation) is table:
            inside = {part: path for part, path in paths.items() if path.startswith(prefix)}
            if "title" in inside:
                return target, {part: f"{f.path}__{path.removeprefix(prefix)}" for part, path in inside.items()}
    return target, {}


def writer(ctx: Context, plan: Plan, *, native: bool = False) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """From a row to what JSON shows; ``native`` leaves ids and dates to the encoder, which is quicker."""
    book = ctx.currency
    steps = [("id", None if native else str, "")]
    steps += [(VERSION, None, "")] if VERSION in plan.names else []
    done = {name for name, _w, _c in steps}
    for f in plan.fields:
        if f.name not in done:
            steps.append((f.name, _writer_of(f, native), plan.currencies.get(f.name, "")))

    def write(row: Mapping[str, Any]) -> dict[str, Any]:
        out = {}
        for name, function, currency in steps:
            value = row[name]
            if function is not None and value is not None:
                value = (
                    function(value, (row[currency] or book) if currency else book)
                    if function in _MONEY
                    else (function(value))
                )
            out[name] = value
        return out

    return write


def _amount(value: Any, currency: str) -> Any:
    return amount_text(value, currency) if isinstance(value, Decimal) else as_json(value)


def _price(value: Any, currency: str) -> Any:
    return price_text(value, currency) if isinstance(value, Decimal) else as_json(value)


_MONEY = frozenset({_amount, _price})
_NUMBERS = frozenset({"quantity", "percent", "rate"})
_PLAIN = frozenset({"text", "longtext", "phone", "email", "choice", "currency", "integer", "boolean", "json", "tags"})


def _writer_of(f: Field, native: bool) -> Any:
    if f.kind == "amount":
        return _amount
    if f.kind == "price":
        return _price
    if f.kind in _NUMBERS:
        return _number
    if f.kind in _PLAIN and not f.is_computed:
        return None
    if native and not f.is_computed:
        return None
    return as_json


def _number(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else as_json(value)


def related_model(model: Any, path: str) -> Any:
    """The model at the end of a path of relations; None if the path is none."""
    for part in path.split("__"):
        try:
            model = model._meta.get_field(part).related_model
        except FieldDoesNotExist:
            return None
        if model is None:
            return None
    return model


def has_column(model: Any, name: str) -> bool:
    """Whether the model has a column of that name."""
    return any(name in (f.name, f.attname) for f in model._meta.concrete_fields)


def has_path(model: Any, path: str) -> bool:
    """Whether a column can be reached from the model."""
    relation, _sep, last = path.rpartition("__")
    holder = related_model(model, relation) if relation else model
    return holder is not None and has_column(holder, last)
