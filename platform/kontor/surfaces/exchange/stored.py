"""What is stored already, compared with what a file says: only differences are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kontor.context import Context
from kontor.resources.spec import Field, Spec
from kontor.surfaces import query
from kontor.surfaces.query import Ask
from kontor.values.parsing import PARSERS

Row = Mapping[str, Any]


class Stored:
    """The stored rows of a batch with their lines: a query for the records, one a kind of lines."""

    def __init__(self, ctx: Context, spec: Spec, ids: Sequence[Any], lines: Sequence[str]) -> None:
        self.spec = spec
        self.rows: dict[Any, Row] = {}
        self.lines: dict[str, dict[Any, list[query.Row]]] = {}
        if ids and ctx.rights.can(spec.name, "view"):
            ask = Ask(ids=list(dict.fromkeys(ids)), order="id", titles=True, limit=len(ids), most=len(ids))
            self.rows = {row["id"]: row for row in query.select(ctx, spec, ask).rows}
            self.lines = query.lines_of(ctx, spec, list(self.rows), list(lines), titles=True)

    def changes(self, pk: Any, data: Mapping[str, Any]) -> dict[str, Any]:
        """What of the data differs from the stored record; lines that are the same keep their id."""
        row = self.rows.get(pk)
        if row is None:
            return dict(data)
        out: dict[str, Any] = {}
        for name, raw in data.items():
            if name in self.spec.lines:
                given, same = self._lines(name, pk, raw)
                if not same:
                    out[name] = given
            elif not self._same(self.spec.fields.get(name), raw, row, name):
                out[name] = raw
        return out

    def _lines(self, name: str, pk: Any, given: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
        fields = self.spec.lines[name].fields
        stored = self.lines.get(name, {}).get(pk, [])
        free = list(stored)
        out = [dict(line) for line in given]
        same = len(given) == len(stored)
        for line in out:  # those that say which line they are, and those that are equal
            hit = next((s for s in free if str(s["id"]) == str(line.get("id") or "")), None)
            if hit is None and not line.get("id"):
                hit = next((s for s in free if self._equal(fields, line, s)), None)
            if hit is not None:
                free.remove(hit)
                same = same and self._equal(fields, line, hit)
                line["id"] = str(hit["id"])
        for line in out:  # the rest: by what names the line, a product or a person
            what = _identity(fields, line)
            if not line.get("id"):
                hit = next((s for s in free if what and self._same(fields[what], line[what], s, what)), None)
                if hit is not None:
                    free.remove(hit)
                    line["id"] = str(hit["id"])
                same = False
        in_order = [str(s["id"]) for s in stored] == [str(line.get("id")) for line in out]
        return out, same and in_order

    def _equal(self, fields: Mapping[str, Field], line: Mapping[str, Any], row: Row) -> bool:
        return all(n == "id" or self._same(fields.get(n), raw, row, n) for n, raw in line.items())

    @staticmethod
    def _same(f: Field | None, raw: Any, row: Row, name: str) -> bool:
        if f is None or name not in row:
            return False
        held = row[name]
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return held in (None, "", [], {})
        if f.kind == "reference":
            word = str(raw).strip()
            return held is not None and word in (str(held), str(row.get(f"{name}__code") or ""))
        try:
            value = PARSERS[f.kind](raw)
        except (ValueError, KeyError):
            return False
        if f.choices:
            value = {str(label).lower(): k for k, label in f.choices}.get(str(value).lower(), value)
        return bool(value == held)


def _identity(fields: Mapping[str, Field], line: Mapping[str, Any]) -> str:
    """The field that names a line: a product, a name, else the first that is filled."""
    filled = [n for n in line if n in fields and line[n] not in (None, "")]
    wanted = [n for n in filled if n in ("product", "name", "code", "account")]
    return next(iter(wanted or filled), "")
