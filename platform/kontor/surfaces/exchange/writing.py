"""Writing a batch of documents through the gate: each whole or not at all, equal ones left alone.

What is known is found by its external reference (with a fingerprint of its rows) or by a field such
as its code. New ones are created together and, where one of them is refused, without it. When another
run made a record in the meantime, the unique constraint says so and the record is looked at again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import ExternalRef
from kontor.documents.references import find_many, forget
from kontor.errors import FieldError, NotFound, Refused
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.exchange.items import Item, levels
from kontor.surfaces.exchange.mapping import Deed, Step
from kontor.surfaces.exchange.references import Refs
from kontor.surfaces.exchange.report import RowError
from kontor.surfaces.exchange.stored import Stored
from kontor.surfaces.exchange.tables import SheetRow
from kontor.surfaces.search import gathered

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
_TRIES = 3  # when another transaction holds the same rows


@dataclass(slots=True)
class Written:
    """What became of one document."""

    item: Item
    what: str
    id: Any = None
    errors: list[RowError] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """A record that is there already."""

    id: Any
    fingerprint: str = ""


@dataclass(slots=True)
class _Ready:
    """A document whose values could be made."""

    item: Item
    data: dict[str, Any]
    mark: str


class Writer:
    """Writes batches of one step; ``pending`` holds what a trial would have made in other batches."""

    def __init__(self, ctx: Context, step: Step, source: str, *, pending: frozenset[str] = frozenset()) -> None:
        self.ctx, self.step, self.source, self.pending = ctx, step, source, pending
        ctx.source = source or ctx.source
        self.spec: Spec = registry.spec(step.resource)
        self.refs = Refs(ctx, source)
        self.by_ref = bool((step.key or step.group) and not step.by)
        self.out: dict[int, Written] = {}

    def write(self, batch: Sequence[Item]) -> list[Written]:
        """The batch in the open transaction; the answers in its order."""
        self.out = {}
        with gathered(self.ctx):
            for part in levels(self.step, self.spec, batch):
                self._write(part)
        return [self.out[id(item)] for item in batch]

    def _write(self, batch: Sequence[Item]) -> None:
        self.refs.load(self.step, self.spec, batch)
        known = self._known(batch)
        fresh: list[_Ready] = []
        there: list[tuple[_Ready, _Known]] = []
        for item in batch:
            mark = item.fingerprint(self.step)
            old = known.get(item.ref)
            if old is not None and old.fingerprint == mark:
                self._say(item, UNCHANGED, old.id)
                continue
            errors: list[RowError] = []
            data = self._data(item, errors, is_new=old is None)
            if old is None and self.step.by == "id":
                errors.append(self._at(item, _("There is no record with this id.")))
            if errors:
                self._say(item, REFUSED, errors=errors)
            elif old is None:
                fresh.append(_Ready(item, data, mark))
            else:
                there.append((_Ready(item, data, mark), old))
        if there:
            stored = Stored(self.ctx, self.spec, [k.id for _r, k in there], list(self.step.lines))
            for ready, old in there:
                self._guarded(ready, partial(self._change, ready, old, stored))
        self._create(fresh)

    # -- what is there already ---------------------------------------------------------------------

    def _known(self, batch: Sequence[Item]) -> dict[str, _Known]:
        refs = [item.ref for item in batch]
        if self.by_ref:
            return {r: _Known(e.record_id, e.fingerprint) for r, e in self.refs.known(self.step.resource, refs).items()}
        if not self.step.by:
            return {}
        words = {item.ref: self._identity(item) for item in batch}
        if self.step.by == "id" or self.step.by in self.spec.code:
            found = find_many(self.ctx, self.spec.name, [w for w in words.values() if w])
            return {r: _Known(found[w]) for r, w in words.items() if w and not isinstance(found[w], str)}
        path = self.spec.path_of(self.step.by)
        rows = self.spec.model._default_manager.filter(**{f"{path}__in": [w for w in words.values() if w]})
        by_word = {str(word): pk for word, pk in rows.values_list(path, "pk")}
        return {r: _Known(by_word[w]) for r, w in words.items() if w in by_word}

    def _identity(self, item: Item) -> str:
        """The value of the identifying field: its own column's, else the key's."""
        value = self.step.fields.get(self.step.by)
        if value is None:
            return item.ref
        try:
            return str(value.of(item.rows[0].values) or "").strip()
        except (KeyError, ValueError):
            return ""

    # -- new ones ----------------------------------------------------------------------------------

    def _create(self, fresh: list[_Ready]) -> None:
        while len(fresh) > 1:
            wrong: set[int] = set()
            try:
                with transaction.atomic():
                    made = gate.create_many(self.ctx, self.step.resource, [r.data for r in fresh])
                    for ready, record in zip(fresh, made, strict=True):
                        self._then(ready.item, record)
                    self._mark(fresh)
            except Refused as error:
                wrong = self._told_apart(fresh, error)
                if not wrong:
                    break
                fresh = [r for i, r in enumerate(fresh) if i not in wrong]
            else:
                for ready, record in zip(fresh, made, strict=True):
                    self._say(ready.item, CREATED, record.pk)
                return
        for ready in fresh:
            self._guarded(ready, partial(self._create_one, ready))

    def _told_apart(self, fresh: list[_Ready], error: Refused) -> set[int]:
        """The documents that the refusal names by their index, refused; empty when it names none."""
        mine: dict[int, list[FieldError]] = {}
        for e in error.errors:
            head, _sep, rest = e.pointer.lstrip("/").partition("/")
            if not head.isdigit() or int(head) >= len(fresh) or e.code == "already_exists":
                return set()
            mine.setdefault(int(head), []).append(FieldError(f"/{rest}", e.code, e.detail, e.facts))
        for index, errors in mine.items():
            self._refuse(fresh[index].item, Refused(error.detail, errors=errors))
        return set(mine)

    def _create_one(self, ready: _Ready) -> tuple[str, Any]:
        made = gate.create(self.ctx, self.step.resource, ready.data)
        self._then(ready.item, made)
        self._mark([ready])
        return CREATED, made.pk

    # -- known ones --------------------------------------------------------------------------------

    def _change(self, ready: _Ready, old: _Known, stored: Stored) -> tuple[str, Any]:
        data = {k: v for k, v in ready.data.items() if k not in ("external_ref", "external_source", "id")}
        changes = stored.changes(old.id, data)
        self.ctx.rights.need(self.spec.name, "edit")
        what, record = UNCHANGED, None
        if changes:
            before = stored.rows[old.id].get("version") if old.id in stored.rows else None
            record = gate.update(self.ctx, self.step.resource, old.id, changes)
            what = UNCHANGED if record.version == before else UPDATED
        if self.step.then:
            record = record or gate.lock(self.ctx, self.spec, [old.id])[0]
            if self._then(ready.item, record):
                what = UPDATED
        self._mark([ready])
        return what, old.id

    # -- deeds -------------------------------------------------------------------------------------

    def _then(self, item: Item, record: Any) -> int:
        """Do what the step asks for with the document; how many deeds there were."""
        made: dict[str, tuple[str, Any]] = {"": (self.step.resource, record)}
        count = 0
        for deed in self.step.then:
            if deed.when and not str(item.rows[0].values.get(deed.when) or "").strip():
                continue
            if deed.on not in made:
                continue  # its document was not made because that deed was passed over
            resource, target = made[deed.on]
            if self._is_done(resource, target, deed):
                continue
            body = {n: v.of(item.rows[0].values) for n, v in deed.body.items()}
            outcome = gate.perform(self.ctx, resource, target.pk, deed.action, body)
            count += 1
            made[deed.on] = (resource, outcome.record)
            if outcome.made is not None:
                made[deed.name or deed.action] = (registry.spec(resource).actions[deed.action].makes, outcome.made)
        return count

    @staticmethod
    def _is_done(resource: str, target: Any, deed: Deed) -> bool:
        action = registry.spec(resource).actions.get(deed.action)
        if action is None:
            raise NotFound(_("%(what)s has no action “%(action)s”.") % {"what": resource, "action": deed.action})
        if action.sources and target.state not in action.sources:
            return True
        if deed.unless:
            target.refresh_from_db(fields=list(deed.unless))
            return all(str(getattr(target, k)) == str(v) for k, v in deed.unless.items())
        return False

    # -- safety ------------------------------------------------------------------------------------

    def _guarded(self, ready: _Ready, work: Callable[[], tuple[str, Any]]) -> None:
        """One document in a savepoint; what another run has made meanwhile is looked at again."""
        for attempt in range(_TRIES):
            try:
                with transaction.atomic():
                    what, pk = work()
                self._say(ready.item, what, pk)
                return
            except Refused as error:
                if error.code == "busy" and attempt + 1 < _TRIES:
                    time.sleep(0.05 * (attempt + 1))
                    continue
                again = self._made_by_another(ready, error)
                if again is None:
                    self._refuse(ready.item, error)
                    return
                if again.fingerprint and again.fingerprint == ready.mark:
                    self._say(ready.item, UNCHANGED, again.id)
                    return
                stored = Stored(self.ctx, self.spec, [again.id], list(self.step.lines))
                work = partial(self._change, ready, again, stored)
        self._refuse(ready.item, Refused(_("Others are writing the same records. Run the import again."), code="busy"))

    def _made_by_another(self, ready: _Ready, error: Refused) -> _Known | None:
        exists = error.code == "already_exists" or any(e.code == "already_exists" for e in error.errors)
        if not exists or not (self.by_ref or self.step.by):
            return None
        forget(self.ctx, self.spec.name)
        return self._known([ready.item]).get(ready.item.ref)

    def _mark(self, ready: Sequence[_Ready]) -> None:
        """Remember the rows' fingerprints beside their references: two queries for all of them."""
        if not self.by_ref or not ready:
            return
        marks = {r.item.ref: r.mark for r in ready}
        rows = list(self.refs.known(self.step.resource, list(marks)).values())
        for row in rows:
            row.fingerprint = marks[row.ref]
        ExternalRef.objects.bulk_update(rows, ["fingerprint"])

    def _say(self, item: Item, what: str, pk: Any = None, *, errors: Sequence[RowError] = ()) -> None:
        self.out[id(item)] = Written(item, what, pk, list(errors))

    def _refuse(self, item: Item, error: Refused) -> None:
        """A refusal at the rows it is about: pointers into lines lead to the line's own row."""
        errors = [] if error.errors else [self._at(item, str(error.detail))]
        for e in error.errors:
            parts = [p for p in e.pointer.split("/") if p]
            lines = item.lines.get(parts[0], []) if parts else []
            if len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(lines):
                file, row = lines[int(parts[1])]
                errors.append(RowError(file, row.line, ".".join([parts[0], *parts[2:]]), str(e.detail)))
            else:
                errors.append(self._at(item, str(e.detail), "/".join(parts)))
        self._say(item, REFUSED, errors=errors)

    def _at(self, item: Item, message: str, name: str = "") -> RowError:
        return RowError(self.step.file, item.rows[0].line, name, message)

    # -- values ------------------------------------------------------------------------------------

    def _data(self, item: Item, errors: list[RowError], *, is_new: bool) -> dict[str, Any]:
        data = self._values(self.step.fields, self.spec.fields, item.rows[0], self.step.file, "", errors)
        if is_new:
            data = _filled(data)
        for name, lines in self.step.lines.items():
            fields = self.spec.lines[name].fields
            data[name] = [
                self._values(lines.fields, fields, row, file, f"{name}.", errors) for file, row in item.lines[name]
            ]
            if is_new:
                data[name] = [
                    {k: v for k, v in line.items() if v not in (None, "") and k != "id"} for line in data[name]
                ]
        if self.by_ref:
            data["external_ref"], data["external_source"] = item.ref, self.source
        return data

    def _values(
        self, values: Any, fields: Any, row: SheetRow, file: str, at: str, errors: list[RowError]
    ) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value in values.items():
            where = RowError(file, row.line, f"{at}{name}", "")
            try:
                made = value.of(row.values)
            except KeyError as error:
                errors.append(where.saying(_("There is no column %(name)s.") % {"name": error}))
                continue
            except ValueError as error:
                errors.append(where.saying(str(error)))
                continue
            target = value.resource or (fields[name].relation if name in fields else "")
            word = "" if made is None else str(made).strip()
            if target == self.spec.name and word in self.pending:
                continue  # a trial: the record would be there by now
            if value.ref and word:
                made = self.refs.find(target, word)
                if made is None:
                    said = _("There is no %(what)s “%(ref)s” from %(source)s.")
                    facts = {"what": registry.spec(target).label, "ref": word, "source": self.source}
                    errors.append(where.saying(said % facts))
                    continue
            out[name] = made
        return out


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """What a new row is made of: an empty cell leaves the default, and it has no id yet."""
    return {k: v for k, v in values.items() if v not in (None, "") and k != "id"}
