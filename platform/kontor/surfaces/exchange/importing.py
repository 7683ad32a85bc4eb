"""Running an import: rows become documents, each whole or not at all, and may be run again.

Every document is written by the gate under its external reference together with a fingerprint of
its rows. Run again, an equal fingerprint is left alone, a changed one updated. Work is committed a
batch at a time, each document in a savepoint, so a kill loses no more than a batch and a bad row
leaves nothing of its document behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import ExternalRef
from kontor.errors import Refused
from kontor.resources import registry
from kontor.surfaces.exchange.mapping import Deed, Mapping, Step
from kontor.surfaces.exchange.references import Item, Refs
from kontor.surfaces.exchange.report import Count, Report, RowError
from kontor.surfaces.exchange.tables import SheetRow, read

BATCH = 100


Scope = Callable[[], AbstractContextManager[Context]]
Say = Callable[[str, int, int], None]


def run(scope: Scope, mapping: Mapping, folder: Path, say: Say, *, trial: bool = False) -> Report:
    """Carry out a mapping over the files of a folder.

    ``scope()`` opens a transaction of the company and gives the acting context; ``say(resource,
    done, total)`` is told of progress; ``trial`` writes nothing and reports what would be.
    """
    report = Report()
    for step in mapping.steps:
        _Run(scope, mapping, step, folder, say, report, trial).run()
    return report


class _Run:
    """One step under way."""

    def __init__(
        self, scope: Scope, mapping: Mapping, step: Step, folder: Path, say: Say, report: Report, trial: bool
    ) -> None:
        self.scope, self.source, self.step, self.folder = scope, mapping.source, step, folder
        self.say, self.report, self.trial = say, report, trial
        self.spec = registry.spec(step.resource)
        self.count = report.counts.setdefault(step.resource, Count())

    def run(self) -> None:
        items = self._items()
        self.say(self.step.resource, 0, len(items))
        waiting, done = items, 0
        while waiting:
            later: list[Item] = []
            for batch in _batches(waiting):
                before = {n: getattr(self.count, n) for n in ("created", "updated", "unchanged", "refused")}
                try:
                    with self.scope() as ctx:
                        later += self._batch(ctx, batch)
                        if self.trial:
                            transaction.set_rollback(True)
                except Refused as error:
                    for name, value in before.items():
                        setattr(self.count, name, value)
                    for item in batch:
                        self._refuse(item, error)
                done += len(batch)
                self.say(self.step.resource, min(done, len(items)), len(items))
            if len(later) == len(waiting):
                for item in later:
                    self._fail(item.rows[0], "", _("It refers to a record that is not there."))
                    self.count.refused += 1
                return
            waiting, done = later, done - len(later)

    def _items(self) -> list[Item]:
        step = self.step
        rows = list(self._read(step.file))
        if step.skip:
            rows = [r for r in rows if str(r.values.get(step.skip) or "").strip()]
        if step.sort:
            rows.sort(key=lambda r: tuple(str(r.values.get(c, "")) for c in step.sort))
        if step.group:
            items = [Item(step.group, rows)] if rows else []
        else:
            by_ref: dict[str, Item] = {}
            for row in rows:
                ref = str(row.values.get(step.key, "")).strip() if step.key else f"line {row.line}"
                if step.key and not ref:
                    self._fail(row, step.key, _("The key column is empty."))
                    self.count.refused += 1
                elif ref in by_ref and not any(not s.file for s in step.lines.values()):
                    self._fail(row, step.key, _("The key “%(key)s” stands twice in the file.") % {"key": ref})
                    self.count.refused += 1
                else:
                    by_ref.setdefault(ref, Item(ref, [])).rows.append(row)
            items = list(by_ref.values())
        for name, lines in step.lines.items():
            self._attach(name, lines.file, lines.match, items)
        return items

    def _attach(self, name: str, file: str, match: str, items: list[Item]) -> None:
        if not file:
            for item in items:
                item.lines[name] = [(self.step.file, row) for row in item.rows]
            return
        by_ref = {item.ref: item for item in items}
        for item in items:
            item.lines[name] = []
        for row in self._read(file):
            item = by_ref.get(str(row.values.get(match, "")).strip())
            if item is None:
                self._fail(row, match, _("There is no document for this line."), file)
            else:
                item.lines[name].append((file, row))

    def _read(self, file: str) -> Iterator[SheetRow]:
        path = self.folder / file
        if not path.is_file():
            raise Refused(_("There is no file %(file)s.") % {"file": path}, code="no_file")
        return read(path)

    def _batch(self, ctx: Context, batch: list[Item]) -> list[Item]:
        """Write a batch in the open transaction; returns the items that must wait for others."""
        ctx.source = self.source
        refs = Refs(ctx, self.source)
        known = refs.known(self.step.resource, [i.ref for i in batch]) if self._keyed else {}
        later = []
        fresh: list[tuple[Item, dict[str, Any], str]] = []
        refs.load(self.step, self.spec, batch)
        for item in batch:
            mark = _fingerprint(self.step, item)
            old = known.get(item.ref)
            if old is not None and old.fingerprint == mark:
                self.count.unchanged += 1
                continue
            try:
                data = self._data(refs, item)
            except _Waiting:
                later.append(item)
                continue
            except _Wrong as wrong:
                self.report.errors += wrong.errors
                self.count.refused += 1
                continue
            if old is None and not self.step.by:
                fresh.append((item, data, mark))
            else:
                self._change(ctx, item, data, mark, old)
        self._make(ctx, fresh)
        return later

    @property
    def _keyed(self) -> bool:
        return bool(self.step.key or self.step.group)

    def _make(self, ctx: Context, fresh: list[tuple[Item, dict[str, Any], str]]) -> None:
        if not self.step.then and len(fresh) > 1:
            try:
                with transaction.atomic():
                    made = gate.create_many(ctx, self.step.resource, [d for _i, d, _m in fresh])
                    self._mark([(r.pk, m) for r, (_i, _d, m) in zip(made, fresh, strict=True)])
                self.count.created += len(fresh)
                return
            except Refused:
                pass  # one of them is wrong: write them one by one and name it
        for item, data, mark in fresh:
            self._guarded(item, lambda d=data, m=mark, i=item: self._create(ctx, i, d, m), "created")

    def _create(self, ctx: Context, item: Item, data: dict[str, Any], mark: str) -> bool:
        made = gate.create(ctx, self.step.resource, data)
        self._mark([(made.pk, mark)])
        self._then(ctx, item, made)
        return True

    def _change(self, ctx: Context, item: Item, data: dict[str, Any], mark: str, old: Any) -> None:
        def change() -> bool:
            pk = old.record_id if old is not None else self._by_field(ctx, data)
            if pk is None:
                return self._create(ctx, item, data, mark)
            record = gate.lock(ctx, self.spec, [pk])[0]
            before = record.version
            changed = {k: v for k, v in data.items() if k not in ("external_ref", "external_source", "id")}
            frozen = self.spec.frozen.get(getattr(record, "state", ""), frozenset())
            if "*" not in frozen and not (set(changed) & frozen):
                record = gate.update(ctx, self.step.resource, pk, changed)
            if old is not None:
                self._mark([(pk, mark)])
            self._then(ctx, item, record)
            if record.version == before and not self.step.then:
                self.count.unchanged += 1
                self.count.updated -= 1
            return True

        self._guarded(item, change, "updated")

    def _by_field(self, ctx: Context, data: dict[str, Any]) -> Any:
        value = data.get(self.step.by)
        if value in (None, ""):
            return None
        path = self.spec.fields[self.step.by].path if self.step.by in self.spec.fields else "pk"
        return self.spec.model._default_manager.filter(**{path: value}).values_list("pk", flat=True).first()

    def _then(self, ctx: Context, item: Item, record: Any) -> None:
        made: dict[str, tuple[str, Any]] = {"": (self.step.resource, record)}
        for deed in self.step.then:
            if deed.when and not str(item.rows[0].values.get(deed.when) or "").strip():
                continue
            if deed.on not in made:
                continue  # its document was not made because that deed was passed over
            resource, target = made[deed.on]
            if self._is_done(resource, target, deed):
                continue
            body = {n: v.of(item.rows[0].values) for n, v in deed.body.items()}
            outcome = gate.perform(ctx, resource, target.pk, deed.action, body)
            made[deed.on] = (resource, outcome.record)
            if outcome.made is not None:
                made[deed.name or deed.action] = (registry.spec(resource).actions[deed.action].makes, outcome.made)

    def _is_done(self, resource: str, target: Any, deed: Deed) -> bool:
        action = registry.spec(resource).actions[deed.action]
        if action.sources and target.state not in action.sources:
            return True
        if deed.unless:
            target.refresh_from_db()
            return all(str(getattr(target, k)) == str(v) for k, v in deed.unless.items())
        return False

    def _guarded(self, item: Item, work: Callable[[], bool], counted: str) -> None:
        try:
            with transaction.atomic():
                work()
            setattr(self.count, counted, getattr(self.count, counted) + 1)
        except Refused as error:
            self._refuse(item, error)

    def _refuse(self, item: Item, error: Refused) -> None:
        self.count.refused += 1
        if not error.errors:
            self._fail(item.rows[0], "", str(error.detail))
        for e in error.errors:
            parts = [p for p in e.pointer.split("/") if p]
            if parts and parts[0] in item.lines and len(parts) > 1 and parts[1].isdigit():
                file, row = item.lines[parts[0]][int(parts[1])]
                self._fail(row, "/".join(parts[2:]) or parts[0], str(e.detail), file)
            else:
                self._fail(item.rows[0], "/".join(parts), str(e.detail))

    def _fail(self, row: SheetRow, name: str, message: str, file: str = "") -> None:
        self.report.errors.append(RowError(file or self.step.file, row.line, name, message))

    def _mark(self, marks: Sequence[tuple[Any, str]]) -> None:
        if not self._keyed:
            return
        for pk, mark in marks:
            ExternalRef.objects.filter(resource=self.step.resource, source=self.source, record_id=pk).update(
                fingerprint=mark
            )

    def _data(self, refs: Refs, item: Item) -> dict[str, Any]:
        errors: list[RowError] = []
        data = self._values(refs, self.step.fields, self.spec.fields, item.rows[0], self.step.file, errors)
        for name, lines in self.step.lines.items():
            fields = self.spec.lines[name].fields
            data[name] = [self._values(refs, lines.fields, fields, row, file, errors) for file, row in item.lines[name]]
        if errors:
            raise _Wrong(errors)
        if self._keyed:
            data["external_ref"], data["external_source"] = item.ref, self.source
        return data

    def _values(
        self, refs: Refs, values: Any, fields: Any, row: SheetRow, file: str, errors: list[RowError]
    ) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value in values.items():
            try:
                made = value.of(row.values)
            except KeyError as error:
                errors.append(RowError(file, row.line, name, _("There is no column %(name)s.") % {"name": error}))
                continue
            except ValueError as error:
                errors.append(RowError(file, row.line, name, str(error)))
                continue
            if value.ref and made not in (None, ""):
                target = value.resource or (fields[name].relation if name in fields else "")
                found = refs.find(target, str(made).strip())
                if found is None and target == self.step.resource:
                    raise _Waiting
                if found is None:
                    errors.append(
                        RowError(
                            file,
                            row.line,
                            name,
                            _("There is no %(what)s “%(ref)s” from %(source)s.")
                            % {"what": registry.spec(target).label, "ref": made, "source": self.source},
                        )
                    )
                    continue
                made = found
            out[name] = made
        return out


class _Waiting(Exception):
    """The row refers to another of the same file that is not written yet."""


class _Wrong(Exception):
    def __init__(self, errors: list[RowError]) -> None:
        super().__init__()
        self.errors = errors


def _fingerprint(step: Step, item: Item) -> str:
    content = [[r.values for r in item.rows], {k: [r.values for _f, r in v] for k, v in item.lines.items()}]
    text = json.dumps(content, sort_keys=True, default=str) + repr(step)
    return hashlib.sha256(text.encode()).hexdigest()


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    for i in range(0, len(items), BATCH):
        yield items[i : i + BATCH]
