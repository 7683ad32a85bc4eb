"""The one write gate: create, update, perform and delete for every resource and every caller.

The web, the API, imports, jobs and services all pass here, so right, scope, lock, state, number,
audit row and outbox row are looked after once, in one transaction. Refusals leave nothing behind:
each call runs in a savepoint of the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.documents import numbering
from kontor.documents.drafting import Work, check_required, draft_change, draft_new, snapshot
from kontor.documents.externals import refuse_known, remember
from kontor.documents.inputs import parse_body
from kontor.documents.journal import Columns, note, note_state, whole
from kontor.documents.models import Conversion, StatusChange
from kontor.documents.records import Draft
from kontor.documents.references import forget
from kontor.documents.storing import changed_columns, insert, save_changes, save_columns
from kontor.errors import FieldError, Invalid, NotFound, Refused, Stale
from kontor.history.recording import Deed
from kontor.organization.api import place_of
from kontor.resources import registry
from kontor.resources.spec import Action, Spec
from kontor.values.writing import as_json


@dataclass(frozen=True, slots=True)
class Outcome:
    """The record after an action, and the document it made if it makes one."""

    record: Any
    made: Any = None


_STAMPS = ("version", "updated_at")


class _Rollback(Exception):
    """Ends a dry run."""


def create(ctx: Context, resource: str, data: Mapping[str, Any]) -> Any:
    """Make one record; see create_many."""
    return create_many(ctx, resource, [data], single=True)[0]


def create_many(ctx: Context, resource: str, items: Sequence[Mapping[str, Any]], *, single: bool = False) -> list[Any]:
    """Make records with their lines, a statement a table for all of them; all or none.

    Raises NotAllowed, Invalid (every wrong value, pointers prefixed with the index unless single).
    """
    spec = registry.spec(resource)
    ctx.rights.need(resource, "create")
    ats = [""] if single else [f"/{i}" for i in range(len(items))]
    with whole(ctx):
        if spec.accept is not None:
            items = [spec.accept(ctx, item) if isinstance(item, Mapping) else item for item in items]
        works = draft_new(ctx, spec, list(items), ats)
        _place(ctx, spec, works)
        _derive(ctx, spec, works)
        refuse_known(ctx, spec, works)
        return _write_new(ctx, spec, works)


def store(ctx: Context, resource: str, drafts: Sequence[Draft]) -> list[Any]:
    """Write new records that a service built from stored ones: typed, placed and derived already.

    Nothing is parsed or looked up again; number, rows, audit and outbox as for ``create_many``. The
    right to create is the caller's affair: the action that makes the document was allowed.
    """
    spec = registry.spec(resource)
    with whole(ctx):
        return _write_new(ctx, spec, [Work(draft) for draft in drafts])


def _write_new(ctx: Context, spec: Spec, works: list[Work]) -> list[Any]:
    records = [w.draft.record for w in works]
    _number(spec, records, at_create=True, ctx=ctx)
    insert(spec, works)
    remember(ctx, spec, works)
    _wrote(ctx, spec, records, [Deed(spec.name, r.pk, "created", _created(spec, r)) for r in records])
    _follow(ctx, spec, works)
    return records


def update(ctx: Context, resource: str, pk: Any, data: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Change a record; ``version`` is what the caller read (Stale if it changed since)."""
    spec = registry.spec(resource)
    ctx.rights.need(resource, "edit")
    with whole(ctx):
        found = lock(ctx, spec, [pk])[0]
        _check_version(found, version)
        _check_frozen(spec, found, data)
        work = draft_change(ctx, spec, found, data)
        if "owner" in work.draft.given:
            _place(ctx, spec, [work])
        _derive(ctx, spec, [work])
        changes = save_changes(spec, work)
        if work.external:
            refuse_known(ctx, spec, [work])
            remember(ctx, spec, [work])
        if changes:
            found.version += 1
            columns = changed_columns(spec, work)
            save_columns([found], frozenset(columns))
            deed = Deed(resource, found.pk, "updated", changes, version=found.version)
            _wrote(ctx, spec, [found], [deed], None if work.flat_changed else frozenset(columns))
            _follow(ctx, spec, [work])
    return found


def update_many(ctx: Context, resource: str, pks: Sequence[Any], data: Mapping[str, Any]) -> list[Any]:
    """The same change to many records; all or none."""
    with transaction.atomic():
        return [update(ctx, resource, pk, data) for pk in pks]


def delete(ctx: Context, resource: str, pk: Any, *, version: int | None = None) -> None:
    """Remove a record that nothing refers to; documents only before they got a number."""
    spec = registry.spec(resource)
    ctx.rights.need(resource, "delete")
    with whole(ctx):
        found = lock(ctx, spec, [pk])[0]
        _check_version(found, version)
        if spec.has_state and found.state != spec.initial:
            raise Refused(_("Only a draft can be deleted; cancel this one instead."), code="not_a_draft")
        try:
            if hasattr(found, "dropping"):
                found.dropping(ctx)
            for lines in spec.lines.values():
                if not lines.shared:
                    lines.model._default_manager.filter(**{f"{lines.link}_id": found.pk}, **lines.where).delete()
            found.delete()
            Conversion.objects.filter(target_id=pk).delete()  # the trace shows nothing that is gone
        except (ProtectedError, RestrictedError) as error:
            raise Refused(_("Other records refer to this one, so it cannot be removed."), code="in_use") from error
        found.pk = found.id = pk
        found.deleted = True
        _wrote(ctx, spec, [found], [Deed(resource, pk, "deleted", _created(spec, found), version=found.version)])


def perform(
    ctx: Context,
    resource: str,
    pk: Any,
    action: str,
    body: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
) -> Outcome:
    """Do an action on one record; Refused (409) names the state that forbids it."""
    return perform_many(ctx, resource, [pk], action, body, versions=None if version is None else [version])[0]


def perform_many(
    ctx: Context,
    resource: str,
    pks: Sequence[Any],
    action: str,
    body: Mapping[str, Any] | None = None,
    *,
    versions: Sequence[int | None] | None = None,
) -> list[Outcome]:
    """Do an action on different records, locked in the order of their ids, with one body; all or none."""
    spec = registry.spec(resource)
    act = spec.actions.get(action)
    if act is None:
        raise NotFound(_("%(what)s has no action “%(action)s”.") % {"what": spec.label, "action": action})
    ctx.rights.need(resource, action)
    errors: list[FieldError] = []
    with whole(ctx):
        values = parse_body(ctx, act.body, body, errors)
        if errors:
            raise Invalid(errors)
        found = lock(ctx, spec, pks)
        for r, version in zip(found, versions or [None] * len(found), strict=True):
            _check_version(r, version)
        outcomes = _perform(ctx, spec, act, found, values)
        _number_after(ctx, spec, act, found)
        _finish(ctx, spec, act, found, values)
    return outcomes


def dry_run(ctx: Context, call: Callable[[Context], Any], show: Callable[[Any], Any]) -> Any:
    """Run a write, let ``show`` read the result, and take everything back."""
    from dataclasses import replace

    trial = replace(ctx, dry_run=True, effects={}, cache={})
    shown: Any = None
    try:
        with transaction.atomic():
            shown = show(call(trial))
            if trial.effects and isinstance(shown, dict):
                shown["effects"] = trial.effects
            raise _Rollback
    except _Rollback:
        return shown


def lock(ctx: Context, spec: Spec, pks: Sequence[Any]) -> list[Any]:
    """The records in the caller's scope, locked in id order, returned in the order asked for."""
    rows = spec.model._default_manager.filter(predicate(ctx, spec), pk__in=list(pks))
    found = {str(r.pk): r for r in rows.select_for_update(of=("self",)).order_by("pk")}
    missing = [pk for pk in pks if str(pk) not in found]
    if missing:
        raise NotFound(id=str(missing[0]))
    for r in found.values():
        r.__dict__["_before"] = snapshot(r)
    return [found[str(pk)] for pk in pks]


def _perform(ctx: Context, spec: Spec, act: Action, found: list[Any], values: dict[str, Any]) -> list[Outcome]:
    for r in found:
        if act.sources and r.state not in act.sources:
            raise Refused(
                _("“%(action)s” is not possible while this %(what)s is %(state)s.")
                % {
                    "action": act.label,
                    "what": str(spec.label).lower(),
                    "state": dict(spec.states).get(r.state, r.state),
                },
                code="illegal_state",
                state=r.state,
            )
    made = act.run(found, ctx, **values) if act.batch else [act.run(r, ctx, **values) for r in found]
    if act.to is not None:
        for r in found:
            r.state = act.to
    if not act.makes:
        return [Outcome(r) for r in found]
    return [Outcome(r, m) for r, m in zip(found, made, strict=True)]


def _number_after(ctx: Context, spec: Spec, act: Action, found: list[Any]) -> None:
    if act.numbers and act.to is not None and spec.numbering:
        _number(
            spec,
            [r for r in found if not getattr(r, spec.number_field) and r.state != spec.initial],
            at_create=False,
            ctx=ctx,
        )


def _finish(ctx: Context, spec: Spec, act: Action, found: list[Any], values: dict[str, Any]) -> None:
    said = {k: as_json(v) for k, v in values.items() if isinstance(v, str) and v}
    changed_in: dict[frozenset[str], list[Any]] = {}
    for r in found:
        before, after = r.__dict__.pop("_before"), snapshot(r)
        changed = [name for name, value in after.items() if before[name] != value and name not in _STAMPS]
        r.version += 1
        changed_in.setdefault(frozenset(changed), []).append(r)
        if "state" in changed:
            state = StatusChange(resource=spec.name, record_id=r.pk, field="state", user_id=ctx.user_id)
            state.old, state.new, state.user_name = before["state"], after["state"], ctx.user_name
            note_state(ctx, state)
        changes: dict[str, Any] = {name: [as_json(before[name]), as_json(after[name])] for name in changed}
        if said:
            changes["_said"] = said
        _wrote(ctx, spec, [r], [Deed(spec.name, r.pk, act.event, changes, version=r.version)], frozenset(changed))
    for columns, records in changed_in.items():
        save_columns(records, columns)


def _place(ctx: Context, spec: Spec, works: list[Work]) -> None:
    """Owner, branch and department path: from the owner's main assignment, the caller's by default."""
    if not spec.scoped:
        return
    for work in works:
        r, given = work.draft.record, work.draft.given
        if r.owner_id is None and "owner" not in given and work.draft.is_new:
            r.owner_id = ctx.employee_id
        place = place_of(ctx, r.owner_id)
        r.department_path = place.path
        if r.branch_id is None and "branch" not in given:
            r.branch_id = place.branch_id


def _derive(ctx: Context, spec: Spec, works: list[Work]) -> None:
    if hasattr(spec.model, "derive"):
        spec.model.derive(ctx, [w.draft for w in works])
    errors = [e for w in works for e in check_required(spec, w)]
    if errors:
        raise Invalid(errors)


def _follow(ctx: Context, spec: Spec, works: list[Work]) -> None:
    if hasattr(spec.model, "written"):
        spec.model.written(ctx, [w.draft for w in works])


def _number(spec: Spec, records: list[Any], *, at_create: bool, ctx: Context) -> None:
    if not spec.numbering or not records:
        return
    declared = getattr(spec.model, "numbering", None)
    if at_create != bool(declared is not None and declared.at_create):
        return
    name = spec.number_field
    blank = [r for r in records if not getattr(r, name)]
    numbers: list[str] = []
    while len(numbers) < len(blank):
        dates = [getattr(r, "numbered_on", None) or ctx.today for r in blank[len(numbers) :]]
        given = numbering.give(spec.name, spec.numbering, dates, gapless=spec.gapless, ctx=ctx)
        numbers += _free(spec, given, records) if at_create else given
    for r, number in zip(blank, numbers, strict=True):
        setattr(r, name, number)


def _free(spec: Spec, numbers: list[str], records: list[Any]) -> list[str]:
    """The code of a master may have been given by hand: the counter steps over what is taken."""
    name = spec.number_field
    taken = {getattr(r, name) for r in records}
    taken |= set(spec.model._default_manager.filter(**{f"{name}__in": numbers}).values_list(name, flat=True))
    return [n for n in numbers if n not in taken]


def _check_version(found: Any, version: int | None) -> None:
    if version is not None and found.version != version:
        raise Stale(
            _("Somebody changed this record after you opened it. Load it again and repeat your change."),
            version=found.version,
        )


def _check_frozen(spec: Spec, found: Any, data: Mapping[str, Any]) -> None:
    frozen = spec.frozen.get(found.state, frozenset()) if spec.has_state else frozenset()
    for name in data if isinstance(data, Mapping) else ():
        if name in frozen or ("*" in frozen and name not in ("external_ref", "external_source")):
            raise Refused(
                _("This %(what)s is %(state)s, so “%(field)s” can no longer be changed.")
                % {
                    "what": str(spec.label).lower(),
                    "state": dict(spec.states).get(found.state, found.state),
                    "field": spec.fields[name].label if name in spec.fields else name,
                },
                code="frozen",
                errors=[FieldError(f"/{name}", "frozen", _("This value is frozen."))],
            )


def _created(spec: Spec, found: Any) -> dict[str, Any]:
    return {
        name: as_json(value)
        for name, value in snapshot(found).items()
        if value not in (None, "", {}, []) and name not in ("id", "version", "created_at", "updated_at")
    }


def _wrote(ctx: Context, spec: Spec, records: list[Any], deeds: list[Deed], columns: Columns = None) -> None:
    forget(ctx, spec.name)
    note(ctx, spec, records, deeds, columns)
