"""External references of an import → ids, a query a resource and batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kontor.context import Context
from kontor.documents.models import ExternalRef
from kontor.surfaces.exchange.items import Item
from kontor.surfaces.exchange.mapping import Step, Value


class Refs:
    """What the source's references name: loaded for a batch at once, kept for the call."""

    def __init__(self, ctx: Context, source: str) -> None:
        self.source = source
        self.cache: dict[str, dict[str, Any]] = ctx.cache.setdefault("import refs", {})

    def known(self, resource: str, refs: Sequence[str]) -> dict[str, ExternalRef]:
        """Those of the references that are there already."""
        rows = ExternalRef.objects.filter(resource=resource, source=self.source, ref__in=list(refs))
        return {r.ref: r for r in rows}

    def load(self, step: Step, spec: Any, batch: Sequence[Item]) -> None:
        """Look up all references of a batch at once."""
        wanted: dict[str, set[str]] = {}

        def want(values: Any, fields: Any, row: Any) -> None:
            for name, value in values.items():
                if isinstance(value, Value) and value.ref:
                    target = value.resource or (fields[name].relation if name in fields else "")
                    wanted.setdefault(target, set()).add(str(row.values.get(value.columns[0], "")).strip())

        for item in batch:
            want(step.fields, spec.fields, item.rows[0])
            for name, lines in step.lines.items():
                for _file, row in item.lines[name]:
                    want(lines.fields, spec.lines[name].fields, row)
        for resource, refs in wanted.items():
            have = self.cache.setdefault(resource, {})
            missing = [r for r in refs if r and r not in have]
            if missing:
                rows = ExternalRef.objects.filter(resource=resource, source=self.source, ref__in=missing)
                have.update(rows.values_list("ref", "record_id"))

    def find(self, resource: str, ref: str) -> Any:
        """The id behind a reference, None if there is none."""
        have = self.cache.setdefault(resource, {})
        if ref not in have:
            row = ExternalRef.objects.filter(resource=resource, source=self.source, ref=ref).first()
            if row is None:
                return None
            have[ref] = row.record_id
        return have[ref]
