"""The data scope in the search: words of an entry say whose it is, so that one index serves words and scope.

A word that stands in every name alone would let a clerk wait while a million entries are looked at for
the two thousand of his own. The columns beside are compared as well: they decide, the words only find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from kontor.access.roles import ALL, BELOW, BRANCH, DEPARTMENT, OWN
from kontor.context import Context
from kontor.resources.spec import Spec

_COLUMNS = "e.resource, e.record_id, e.title, e.subtitle"


def words_of(resource: str, owner_id: UUID | None, path: str, branch_id: UUID | None) -> str:
    """What the vector of an entry says of its place: resource, owner, each department from the top, branch."""
    said = [_resource(resource), *([_owner(owner_id)] if owner_id else [])]
    said += [_department(code) for code in _codes(path)]
    said += [_branch(branch_id)] if branch_id else []
    return " ".join(said)


def move(old: str, new: str) -> None:
    """A department has another place in the tree: so have the entries of all that is in it or below; one statement."""
    left, come = _codes(old), _codes(new)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surfaces_searchentry SET department_path = %s || substr(department_path, length(%s) + 1), "
            "tokens = ts_delete(tokens, %s::text[]) || %s::tsvector WHERE starts_with(department_path, %s)",
            [
                new,
                old,
                [f"@d{code}" for code in left if code not in come],
                " ".join(_department(code) for code in come if code not in left),
                old,
            ],
        )


def candidates(ctx: Context, specs: Iterable[Spec], wanted: str, most: int) -> tuple[str, list[Any]]:
    """A statement for (resource, record_id, title, subtitle, rank) of entries that hold the words and may be seen.

    One branch for what is seen whole, one for each narrower scope, one for what is shared by hand: each
    by the index, each ends when it has ``most``. Where a branch has few entries (one's own; beside a
    narrow scope the masters) they are read and compared, because intersecting the lists of words that
    stand everywhere would take longer.
    """
    by_scope: dict[str, list[str]] = {}
    for spec in specs:
        by_scope.setdefault(ctx.rights.scope(spec.name) if spec.scoped else ALL, []).append(spec.name)
    whole = by_scope.pop(ALL, [])
    if ctx.employee_id is None:
        by_scope = {}
    reads: list[str] = []
    parts: list[str] = []
    read_values: list[Any] = []
    values: list[Any] = []

    def branch(words: str, names: list[str], condition: str = "", given: Sequence[Any] = (), *, few: str = "") -> None:
        if few:
            reads.append(_read(few, condition))
            read_values.extend([words, *given])
            parts.append(_compared(few, most))
            values.append(names)
            condition += f" AND (SELECT count(*) FROM {few}) > {_FEW}"  # noqa: S608 - a name of ours
        parts.append(_part(most, condition))
        values.extend([f"({wanted}) & ({words})" if words else wanted, names, *given])

    if whole and by_scope:
        branch(" | ".join(map(_resource, whole)), whole, few="masters")
    elif whole:
        branch("", whole)
    for scope, names in by_scope.items():
        branch(*_mine(ctx, scope, names), few="mine" if scope == OWN else "")
    if by_scope:
        shared = [name for names in by_scope.values() for name in names]
        branch("", shared, _SHARED, (ctx.employee_id, _codes(ctx.department_path)))
    if not parts:
        return "", []
    ctes = ", ".join(["q AS (SELECT %s::tsquery AS q)", *reads])
    return f"WITH {ctes} {' UNION '.join(parts)}", [wanted, *read_values, *values]


_FEW = 5_000  # entries that are read rather than intersected


def _read(name: str, condition: str) -> str:
    return (
        f"{name} AS MATERIALIZED (SELECT {_COLUMNS}, e.tokens FROM surfaces_searchentry e "  # noqa: S608
        f"WHERE e.tokens @@ %s::tsquery {condition} LIMIT {_FEW + 1})"
    )


def _compared(name: str, most: int) -> str:
    return (
        f"(SELECT {_COLUMNS}, ts_rank(e.tokens, q.q) AS rank FROM {name} e, q "  # noqa: S608
        f"WHERE e.tokens @@ q.q AND e.resource = ANY(%s) LIMIT {int(most)})"
    )


_SHARED = (
    "AND (e.record_id, e.resource) IN (SELECT s.record_id, s.resource FROM access_share s "
    "LEFT JOIN organization_department d ON d.id = s.department_id WHERE s.employee_id = %s OR d.code = ANY(%s))"
)


def _part(most: int, condition: str = "") -> str:
    return (
        f"(SELECT {_COLUMNS}, ts_rank(e.tokens, q.q) AS rank FROM surfaces_searchentry e, q "  # noqa: S608
        f"WHERE e.tokens @@ %s::tsquery AND e.resource = ANY(%s) {condition} LIMIT {int(most)})"
    )


def _mine(ctx: Context, scope: str, names: list[str]) -> tuple[str, list[str], str, list[Any]]:
    """Words, resources and condition of a scope, as kontor.access.scope has it."""
    assert ctx.employee_id is not None
    words, conditions = [_owner(ctx.employee_id)], ["e.owner_id = %s"]
    values: list[Any] = [ctx.employee_id]
    codes = _codes(ctx.department_path)
    if scope in (DEPARTMENT, BELOW) and codes:
        words.append(_department(codes[-1]))
        exact = scope == DEPARTMENT
        conditions.append("e.department_path = %s" if exact else "starts_with(e.department_path, %s)")
        values.append(ctx.department_path)
    elif scope == BRANCH and ctx.branch_id:
        words.append(_branch(ctx.branch_id))
        conditions.append("e.branch_id = %s")
        values.append(ctx.branch_id)
    return " | ".join(words), names, f"AND ({' OR '.join(conditions)})", values


def _codes(path: str) -> list[str]:
    return [code for code in path.strip("/").split("/") if code]


def _resource(name: str) -> str:
    return f"'@r{name}'"


def _owner(pk: UUID) -> str:
    return f"'@o{pk.hex}'"


def _branch(pk: UUID) -> str:
    return f"'@b{pk.hex}'"


def _department(code: str) -> str:
    safe = code.replace("\\", "\\\\").replace("'", "''")
    return f"'@d{safe}'"
