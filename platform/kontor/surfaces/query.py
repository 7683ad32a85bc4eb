"""Rows of a resource for every surface: columns, scope, filters, order, page, lines, expansion.

Nothing else reads lists: the scope is always in the query, guarded fields never leave it, and the
number of queries does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kontor.access.scope import Sight, predicate, rows_seen, sight
from kontor.context import Context
from kontor.errors import Invalid, NotFound
from kontor.resources import registry
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.resources.titles import titles_of
from kontor.surfaces.expansions import Tree, expander, tree_of
from kontor.surfaces.filters import conditions
from kontor.surfaces.paging import Mark, Order, beyond, clauses, order_of, seal, unseal
from kontor.surfaces.plans import PARENT, Plan, has_column, plan_for, plan_for_lines, writer
from kontor.surfaces.searching import matching
from kontor.surfaces.statements import Slot, kept
from kontor.values.parsing import as_uuid

MOST_ROWS = 200
CAP = 1_000
CERTAIN = 5_000  # rows up to which an estimate is a count
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a surface wants to see. ``fields`` None means all; ``titles`` adds ``<ref>__title`` and ``__code``."""

    fields: Sequence[str] | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    order: str = ""
    q: str = ""
    limit: int = 50
    cursor: str = ""
    count: str = ""  # capped, estimate, exact
    ids: Sequence[Any] | None = None
    titles: bool = False
    where: Q | None = None  # a surface's own condition, in the terms of the ORM
    most: int = MOST_ROWS  # rows of a page at most; exports and imports of ours read larger ones

    @property
    def is_whole(self) -> bool:
        """Nothing is left out but what the caller may not see."""
        return not (self.filters or self.q.strip()) and self.ids is None and self.where is None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by field name, the cursors to both sides, and the count where it was asked for."""

    rows: list[Row]
    plan: Plan
    next_cursor: str = ""
    previous_cursor: str = ""
    count: int | None = None
    capped: bool = False

    @property
    def count_text(self) -> str:
        """``1000+`` where the count stopped."""
        return "" if self.count is None else f"{self.count}+" if self.capped else str(self.count)


def select(ctx: Context, spec: Spec, ask: Ask) -> Page:
    """One page of a list: one query, one more if a count is asked for."""
    ctx.rights.need(spec.name, "view")
    plan = plan_for(ctx, spec, ask.fields, titles=ask.titles)
    order = order_of(ctx, spec, ask.order)
    mark = unseal(order, ask.cursor) if ask.cursor else None
    columns, names = plan.columns, plan.names
    for key in order.keys:
        if key.path not in columns:
            columns, names = (*columns, key.path), (*names, f"_order:{key.path}")
    limit = max(1, min(ask.limit, ask.most))
    back = mark is not None and mark.back
    if ask.is_whole and not plan.computed and not order.computed:
        count, capped = _count(ctx, spec, ask, *_matching(ctx, spec, ask)) if ask.count else (None, False)
        found = _whole(ctx, spec, order, mark, columns, limit + 1)
    else:
        rows, computed = _matching(ctx, spec, ask)
        count, capped = _count(ctx, spec, ask, rows, computed)
        computed = {**computed, **order.computed}
        rows = _annotated(ctx, rows, {n: f for n, f in computed.items() if f not in plan.computed}, shown=False)
        rows = _annotated(ctx, rows, {f.name: f for f in plan.computed}, shown=True)
        found = list(_paged(rows, order, mark, columns, limit + 1))
    more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()
    out = [dict(zip(names, values, strict=True)) for values in found]
    marks = tuple(names[columns.index(key.path)] for key in order.keys)
    after = bool(out) and (more or back)
    before = bool(out) and (more if back else mark is not None)
    _add_titles(plan, out)
    return Page(
        rows=out,
        plan=plan,
        next_cursor=_cursor(order, marks, out[-1], back=False) if after else "",
        previous_cursor=_cursor(order, marks, out[0], back=True) if before else "",
        count=count,
        capped=capped,
    )


def ids_of(ctx: Context, spec: Spec, ask: Ask, most: int) -> list[UUID]:
    """The ids of all rows that match, at most ``most``: for deeds on "all that match"."""
    ctx.rights.need(spec.name, "view")
    rows, computed = _matching(ctx, spec, ask)
    return list(_annotated(ctx, rows, computed, shown=False).order_by("pk").values_list("pk", flat=True)[:most])


def matching_rows(ctx: Context, spec: Spec, ask: Ask) -> QuerySet[Any]:
    """The query behind a list, without order and columns: for sums, boards and exports."""
    ctx.rights.need(spec.name, "view")
    rows, computed = _matching(ctx, spec, ask)
    return _annotated(ctx, rows, computed, shown=False)


def one(
    ctx: Context, spec: Spec, pk: Any, fields: Sequence[str] | None = None, *, titles: bool = False, scoped: bool = True
) -> Row:
    """One record by id with its lines under their names: one query and one per kind of lines.

    ``scoped=False`` is for the answer to one's own write, which may have moved the record out of sight.
    """
    uid = as_uuid(pk)
    plan = plan_for(ctx, spec, plain_names(spec, fields), titles=titles)
    rows = spec.model._default_manager.filter(pk=uid) if uid else spec.model._default_manager.none()
    if scoped:
        ctx.rights.need(spec.name, "view")
        rows = rows.filter(predicate(ctx, spec))
    rows = _annotated(ctx, rows, {f.name: f for f in plan.computed}, shown=True)
    values = rows.values_list(*plan.columns).first()
    if values is None:
        raise NotFound
    row = dict(zip(plan.names, values, strict=True))
    _add_titles(plan, [row])
    wanted = [n for n in spec.lines if fields is None or n in fields]
    for name, by_record in lines_of(ctx, spec, [row["id"]], wanted, titles=titles).items():
        row[name] = by_record.get(row["id"], [])
    return row


def many(ctx: Context, spec: Spec, pks: Sequence[Any]) -> list[Row]:
    """Records of one's own writing, in the order asked for, without lines and without scope."""
    plan = plan_for(ctx, spec)
    rows = _annotated(
        ctx, spec.model._default_manager.filter(pk__in=list(pks)), {f.name: f for f in plan.computed}, shown=True
    )
    found = {values[0]: dict(zip(plan.names, values, strict=True)) for values in rows.values_list(*plan.columns)}
    return [found[pk] for pk in pks if pk in found]


def lines_of(
    ctx: Context, spec: Spec, ids: Sequence[Any], names: Sequence[str] | None = None, *, titles: bool = False
) -> dict[str, dict[Any, list[Row]]]:
    """The lines of many records, in order: relation → record → rows; one query a relation."""
    out: dict[str, dict[Any, list[Row]]] = {}
    for name in spec.lines if names is None else names:
        lines = spec.lines[name]
        plan = plan_for_lines(ctx, spec, lines, titles=titles)
        rows = lines.model._default_manager.filter(**{f"{lines.link}_id__in": list(ids)}, **lines.where)
        rows = _annotated(ctx, rows, {f.name: f for f in plan.computed}, shown=True)
        order = ("position", "pk") if has_column(lines.model, "position") else ("pk",)
        found = [dict(zip(plan.names, v, strict=True)) for v in rows.order_by(*order).values_list(*plan.columns)]
        _add_titles(plan, found)
        out[name] = {}
        for row in found:
            out[name].setdefault(row[PARENT], []).append(row)
    return out


def write_rows(
    ctx: Context,
    spec: Spec,
    rows: Sequence[Row],
    fields: Sequence[str] | None = None,
    *,
    expand: Sequence[str] = (),
    native: bool = False,
) -> list[dict[str, Any]]:
    """Rows of select() or one() as JSON shows them, with the lines they hold; references as ids.

    ``expand`` puts objects in the place of references and adds lines.
    """
    return _written(ctx, spec, list(rows), fields, tree_of(expand), native)


def plain_names(spec: Spec, fields: Sequence[str] | None) -> list[str] | None:
    """The names that are no lines."""
    return None if fields is None else [n for n in fields if n not in spec.lines]


def _written(
    ctx: Context, spec: Spec, rows: list[Row], fields: Sequence[str] | None, tree: Tree, native: bool
) -> list[dict[str, Any]]:
    write = writer(ctx, plan_for(ctx, spec, plain_names(spec, fields)), native=native)
    out = [write(row) for row in rows]
    ids = [row["id"] for row in rows]
    wanted = [n for n in spec.lines if n in tree or any(n in row for row in rows) or (fields and n in fields)]
    missing = [n for n in wanted if any(n not in row for row in rows)]
    read = lines_of(ctx, spec, ids, missing) if missing and ids else {}
    for name in wanted:
        lines = spec.lines[name]
        write_line = writer(ctx, plan_for_lines(ctx, spec, lines), native=native)
        flat: list[Row] = []
        written: list[dict[str, Any]] = []
        for row, shown in zip(rows, out, strict=True):
            of_row = row[name] if name in row else read.get(name, {}).get(row["id"], [])
            shown[name] = [write_line(line) for line in of_row]
            flat += of_row
            written += shown[name]
        _expand(ctx, lines, flat, written, tree.get(name, {}), native)
    for name in [n for n in tree if n not in spec.lines and n not in spec.fields]:
        function = expander(name)
        if function is None:
            raise Invalid.at("/expand", _("There is nothing to expand named “%(name)s”.") % {"name": name[:80]})
        held = function(ctx, spec, ids) if ids else {}
        for row, shown in zip(rows, out, strict=True):
            shown[name] = held.get(row["id"], [])
    _expand(ctx, spec, rows, out, {n: t for n, t in tree.items() if n in spec.fields}, native)
    return out


def _expand(
    ctx: Context, of: Spec | LinesSpec, rows: list[Row], out: list[dict[str, Any]], tree: Tree, native: bool
) -> None:
    for name, below in tree.items():
        f = of.fields.get(name)
        target = registry.find(f.relation) if f is not None and f.kind == "reference" else None
        if f is None or target is None:
            raise Invalid.at("/expand", _("“%(name)s” cannot be expanded.") % {"name": name[:80]})
        ids = {row[name] for row in rows if row.get(name) is not None}
        if not ids or not ctx.rights.can(target.name, "view"):
            continue
        plan = plan_for(ctx, target)
        held = target.model._default_manager.filter(predicate(ctx, target), pk__in=ids)
        held = _annotated(ctx, held, {c.name: c for c in plan.computed}, shown=True)
        found = [dict(zip(plan.names, v, strict=True)) for v in held.values_list(*plan.columns)]
        objects = dict(zip([r["id"] for r in found], _written(ctx, target, found, None, below, native), strict=True))
        for row, shown in zip(rows, out, strict=True):
            if name in shown and row.get(name) in objects:
                shown[name] = objects[row[name]]


def _paged(
    rows: QuerySet[Any], order: Order, mark: Mark | None, columns: Sequence[str], limit: int
) -> QuerySet[Any, Any]:
    if mark is not None:
        rows = rows.filter(beyond(order, mark))
    back = mark is not None and mark.back
    return rows.order_by(*clauses(order, back=back)).values_list(*columns)[:limit]


def _whole(
    ctx: Context, spec: Spec, order: Order, mark: Mark | None, columns: Sequence[str], limit: int
) -> list[Sequence[Any]]:
    """A page of all that the caller may see, by a statement that is kept for all who see in the same way."""
    seen = _open(sight(ctx, spec))
    slots: dict[str, Any] = {"employee": ctx.employee_id, "branch": ctx.branch_id}
    if mark is not None:
        slots |= {"id": mark.id, **{f"value{i}": value for i, value in enumerate(mark.values)}}
        values: tuple[Any, ...] = tuple(
            None if value is None else Slot(f"value{i}") for i, value in enumerate(mark.values)
        )
        mark = Mark(values, cast(UUID, Slot("id")), mark.back)

    def make() -> QuerySet[Any, Any]:
        return _paged(spec.model._default_manager.filter(rows_seen(spec, seen)), order, mark, columns, limit)

    return kept((spec.name, tuple(columns), order, mark, seen, limit), spec, make).rows(slots)


def _open(seen: Sight) -> Sight:
    """The same sight of anybody: who it is and where is filled in when the statement runs."""
    return replace(
        seen,
        employee_id=None if seen.employee_id is None else Slot("employee"),
        branch_id=None if seen.branch_id is None else Slot("branch"),
        within=None if seen.within is None else tuple((name, _open(inner)) for name, inner in seen.within),
    )


def _matching(ctx: Context, spec: Spec, ask: Ask) -> tuple[QuerySet[Any], dict[str, Field]]:
    rows = spec.model._default_manager.filter(predicate(ctx, spec))
    computed: dict[str, Field] = {}
    if ask.ids is not None:
        rows = rows.filter(pk__in=[u for u in map(as_uuid, ask.ids) if u])
    if ask.where is not None:
        rows = rows.filter(ask.where)
    if ask.filters:
        found = conditions(ctx, spec, ask.filters)
        computed = found.computed
        rows = _annotated(ctx, rows, computed, shown=False).filter(found.where)
        computed = {}
    if ask.q.strip():
        rows = rows.filter(matching(ctx, spec, ask.q))
    return rows, computed


def _annotated(ctx: Context, rows: QuerySet[Any], computed: Mapping[str, Field], *, shown: bool) -> QuerySet[Any]:
    if not computed:
        return rows
    expressions = {f.path: f.expression(ctx) for f in computed.values() if f.expression is not None}
    return rows.annotate(**expressions) if shown else rows.alias(**expressions)


def _count(
    ctx: Context, spec: Spec, ask: Ask, rows: QuerySet[Any], computed: Mapping[str, Field]
) -> tuple[int | None, bool]:
    how = ask.count
    if not how:
        return None, False
    plain = _annotated(ctx, rows, computed, shown=False).order_by().values("pk")
    if how == "exact":
        return plain.count(), False
    if how == "estimate":
        return _estimate(ctx, spec, ask, plain), False
    if how == "capped":
        n = plain[: CAP + 1].count()
        return min(n, CAP), n > CAP
    raise Invalid.at("/count", _("One of these is expected: %(choices)s.") % {"choices": "estimate, exact"})


def _estimate(ctx: Context, spec: Spec, ask: Ask, plain: Any) -> int:
    """Exact for small lists, and for whatever the planner would only guess at; its own figure for a large table."""
    n: int = plain[: CERTAIN + 1].count()
    if n <= CERTAIN:
        return n
    if ask.filters or ask.q.strip() or ask.where is not None or ask.ids is not None or predicate(ctx, spec):
        return int(plain.count())
    told = plain.explain(format="json")
    return max(n, int(orjson.loads(told)[0]["Plan"]["Plan Rows"]))


def _cursor(order: Order, marks: Sequence[str], row: Row, *, back: bool) -> str:
    return seal(order, Mark(tuple(row[name] for name in marks), row["id"], back))


def _add_titles(plan: Plan, rows: list[Row]) -> None:
    """Titles of references whose table no join reaches: one query a relation."""
    for name, target in plan.late_titles:
        ids = {row[name] for row in rows if row[name] is not None}
        known = titles_of(target, ids) if ids else {}
        for row in rows:
            row[f"{name}__title"] = known.get(row[name], "")
