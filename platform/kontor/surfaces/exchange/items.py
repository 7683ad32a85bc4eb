"""Rows gathered into documents: keyed, with their lines, those that others refer to first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kontor.resources.spec import Spec
from kontor.surfaces.exchange.mapping import FILLED, Step, Value
from kontor.surfaces.exchange.report import RowError
from kontor.surfaces.exchange.tables import SheetRow, plain_cell

Read = Callable[[str], Iterator[SheetRow]]


@dataclass(slots=True)
class Item:
    """One document to be: its reference, rows, and lines with the rows they came from."""

    ref: str
    rows: list[SheetRow]
    lines: dict[str, list[tuple[str, SheetRow]]] = field(default_factory=dict)

    def fingerprint(self, step: Step) -> str:
        """Equal for equal rows under an equal mapping."""
        content = [[r.values for r in self.rows], {k: [r.values for _f, r in v] for k, v in self.lines.items()}]
        text = json.dumps(content, sort_keys=True, default=str) + repr(step)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Gathered:
    """The documents of a step in the order of writing, and the rows that make none."""

    items: list[Item] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    refused: int = 0

    def refuse(self, file: str, row: SheetRow, name: str, message: str) -> None:
        """A row that is no document."""
        self.errors.append(RowError(file, row.line, name, message))
        self.refused += 1


def gather(step: Step, spec: Spec, read: Read) -> Gathered:
    """Read the step's files and put their rows together."""
    rows = list(read(step.file))
    if step.skip:
        rows = [r for r in rows if str(r.values.get(step.skip) or "").strip()]
    if step.sort:
        rows.sort(key=lambda r: tuple(_place(r, c) for c in step.sort))
    out = Gathered()
    out.items = _keyed(step, rows, out)
    for name, lines in step.lines.items():
        if lines.file:
            _attach(step, name, read(lines.file), out)
        else:
            for item in out.items:
                item.lines[name] = [(step.file, r) for r in item.rows if _has_any(lines.fields, r)]
    out.items = _ordered(step, spec, out)
    return out


def _place(row: SheetRow, column: str) -> Any:
    if column.startswith(FILLED):
        return not str(row.values.get(column.removeprefix(FILLED)) or "").strip()
    return str(row.values.get(column, ""))


def _keyed(step: Step, rows: list[SheetRow], out: Gathered) -> list[Item]:
    if step.group:
        return [Item(step.group, rows)] if rows else []
    in_file = any(not lines.file for lines in step.lines.values())
    by_ref: dict[str, Item] = {}
    for row in rows:
        ref = str(plain_cell(row.values.get(step.key)) or "").strip() if step.key else f"line {row.line}"
        if not ref:
            out.refuse(step.file, row, step.key, _("The key column is empty."))
        elif len(ref) > 200:
            out.refuse(step.file, row, step.key, _("A key has at most 200 characters."))
        elif ref in by_ref and not in_file:
            said = _("The key “%(key)s” stands twice in the file.") % {"key": ref}
            out.refuse(step.file, row, step.key, said)
        else:
            by_ref.setdefault(ref, Item(ref, [])).rows.append(row)
    return list(by_ref.values())


def _attach(step: Step, name: str, rows: Iterator[SheetRow], out: Gathered) -> None:
    lines = step.lines[name]
    by_ref = {item.ref: item for item in out.items}
    for item in out.items:
        item.lines[name] = []
    for row in rows:
        found = by_ref.get(str(row.values.get(lines.match, "")).strip())
        if found is None:
            said = _("There is no document for this line.")
            out.errors.append(RowError(lines.file, row.line, lines.match, said))
        else:
            found.lines[name].append((lines.file, row))


def _has_any(fields: Any, row: SheetRow) -> bool:
    """Whether a row of the document has a line: any of the line's columns is filled."""
    columns = [c for v in fields.values() if isinstance(v, Value) for c in v.columns]
    return not columns or any(str(row.values.get(c) if row.values.get(c) is not None else "").strip() for c in columns)


def own_references(step: Step, spec: Spec) -> list[str]:
    """The columns that name another record of the same resource."""
    return [
        v.columns[0]
        for n, v in step.fields.items()
        if v.columns and n in spec.fields and (v.resource or spec.fields[n].relation) == spec.name
    ]


def names_of(step: Step, spec: Spec, item: Item) -> set[str]:
    """By what other rows may refer to this one: its key and its codes."""
    found = {item.ref} if step.key else set()
    for name in spec.code:
        value = step.fields.get(name)
        if value is not None and value.columns:
            found.add(str(plain_cell(item.rows[0].values.get(value.columns[0])) or "").strip())
    return found - {""}


def levels(step: Step, spec: Spec, batch: Sequence[Item]) -> Iterator[list[Item]]:
    """The batch in parts, none of which refers to a document of its own."""
    columns = own_references(step, spec)
    part: list[Item] = []
    names: set[str] = set()
    for item in batch:
        words = {str(plain_cell(item.rows[0].values.get(c)) or "").strip() for c in columns}
        if part and words & names:
            yield part
            part, names = [], set()
        part.append(item)
        if columns:
            names |= names_of(step, spec, item)
    if part:
        yield part


def _ordered(step: Step, spec: Spec, out: Gathered) -> list[Item]:
    """Parents before children; those that refer to each other in a circle are refused."""
    columns = own_references(step, spec)
    if not columns:
        return out.items
    by_name = {name: item for item in out.items for name in names_of(step, spec, item)}
    done: dict[int, bool] = {}  # id → written (False while its parents are looked at)
    made: list[Item] = []
    for start in out.items:
        stack = [(start, iter(_parents(start, columns, by_name)))]
        if id(start) in done:
            continue
        done[id(start)] = False
        while stack:
            item, parents = stack[-1]
            parent = next(parents, None)
            if parent is None:
                stack.pop()
                done[id(item)] = True
                made.append(item)
            elif id(parent) not in done:
                done[id(parent)] = False
                stack.append((parent, iter(_parents(parent, columns, by_name))))
            elif not done[id(parent)]:
                said = _("It refers to itself, in a circle.")
                out.refuse(step.file, item.rows[0], columns[0], said)
                done[id(item)] = True
                stack.pop()
    return made


def _parents(item: Item, columns: list[str], by_name: dict[str, Item]) -> list[Item]:
    words = (str(plain_cell(item.rows[0].values.get(c)) or "").strip() for c in columns)
    return [by_name[w] for w in words if w in by_name]
