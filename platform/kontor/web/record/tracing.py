"""The trace window: one cell a kind of document, number and state, in the order of the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.documents.conversion import trace
from kontor.documents.records import Ref
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.query import Ask, select
from kontor.values.wording import capital
from kontor.web import showing
from kontor.web.record.reading import Seen


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of document in the strip."""

    label: str
    text: str = ""
    href: str = ""
    state: Any = ""
    here: bool = False


def trace_of(seen: Seen) -> list[Cell]:
    """What the record came from and led to, as far as the reader may see; empty if it stands alone."""
    start = Ref(seen.spec.name, seen.id)
    nodes, edges = trace(start)
    by_kind: dict[str, list[Any]] = {}
    for node in nodes:
        by_kind.setdefault(node.resource, []).append(node.id)
    order = _in_order(list(by_kind), {(a.resource, b.resource) for a, b in edges if a.resource != b.resource})
    cells = []
    for name in order:
        spec = registry.find(name)
        if spec is None or not seen.ctx.rights.can(name, "view"):
            continue
        cell = _here(seen) if by_kind[name] == [seen.id] else _cell(seen, spec, by_kind[name])
        if cell is not None:
            cells.append(cell)
    for name in _to_come(seen.spec, order):
        cells.append(Cell(capital(registry.spec(name).label)))
    return cells if len(cells) > 1 else []


def _in_order(names: list[str], edges: set[tuple[str, str]]) -> list[str]:
    """Sources before targets; what cannot be told keeps its order."""
    left, out = list(names), []
    while left:
        free = next((n for n in left if not any(b == n and a in left and a != n for a, b in edges)), left[0])
        left.remove(free)
        out.append(free)
    return out


def _to_come(spec: Spec, known: list[str]) -> list[str]:
    """Kinds that an action of this document makes and that are not there yet."""
    made = dict.fromkeys(a.makes for a in spec.actions.values() if a.makes)
    return [n for n in made if n not in known and registry.find(n)]


def _here(seen: Seen) -> Cell:
    state = showing.state(seen.spec, seen.state) if seen.state else ""
    text = str(seen.row.get(seen.spec.title) or "") or _("no number yet")
    return Cell(capital(seen.spec.label), text, state=state, here=True)


def _cell(seen: Seen, spec: Spec, ids: list[Any]) -> Cell | None:
    names = [n for n in dict.fromkeys((spec.title, "state")) if n in spec.fields]
    rows = select(seen.ctx, spec, Ask(fields=names, ids=ids, limit=200)).rows
    if not rows:
        return None
    label = capital(spec.label)
    here = any(row["id"] == seen.id for row in rows)
    if len(rows) == 1:
        row = rows[0]
        state = showing.state(spec, row["state"]) if row.get("state") and spec.has_state else ""
        return Cell(label, str(row.get(spec.title) or "") or _("no number yet"), f"/{spec.path}/{row['id']}/", state)
    many = ngettext("%(n)d document", "%(n)d documents", len(rows)) % {"n": len(rows)}
    return Cell(label, many, f"/{spec.path}/?id__in={','.join(str(r['id']) for r in rows)}", here=here)
