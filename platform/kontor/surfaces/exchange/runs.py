"""The life of one import: upload, columns, trial, the run itself, its files, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import ExternalRef
from kontor.errors import FieldError, Invalid, NotFound, Refused
from kontor.history.recording import Deed, record
from kontor.jobs import api as jobs
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.exchange import columns, preview, tables
from kontor.surfaces.exchange.items import Gathered, Item, gather, names_of, own_references
from kontor.surfaces.exchange.mapping import LineSource, Step, Value
from kontor.surfaces.exchange.models import ImportChunk, ImportHabit, ImportRun
from kontor.surfaces.exchange.tables import SheetRow, plain_cell
from kontor.surfaces.exchange.writing import CREATED, Written
from kontor.values.wording import either

CHUNK = 100
SMALL = 300  # documents that are tried at once, while the user waits
MOST_WHOLE = 20_000  # documents in one transaction
SOURCE = "import"  # of external references that come from files


def upload(ctx: Context, spec: Spec, path: Path, name: str) -> ImportRun:
    """Take a file in: read all of it once, keep its rows, and guess what the columns are."""
    _need_import(ctx, spec)
    headers = tables.headers(path, name)
    rows = [[r.line, {h: plain_cell(v) for h, v in r.values.items()}] for r in tables.read(path, name)]
    return take_in(ctx, spec, name, headers, rows)


def _need_import(ctx: Context, spec: Spec) -> None:
    ctx.rights.need(spec.name, "import")
    if not spec.creatable or not spec.imports:
        raise Refused(_("%(what)s cannot be imported.") % {"what": spec.label_plural}, code="no_import")


def take_in(ctx: Context, spec: Spec, name: str, headers: list[str], rows: list[list[Any]]) -> ImportRun:
    """Keep rows, each ``[line, {header: cell}]``, whatever they came from; the columns are guessed."""
    _need_import(ctx, spec)
    if not rows:
        raise Refused(_("%(file)s has a header and no rows.") % {"file": name}, code="empty")
    habit = ImportHabit.objects.filter(resource=spec.name, user_id=_user(ctx)).first()
    found = columns.guess(ctx, spec, headers, habit.columns if habit else None)
    by, key = _usual_key(spec, found, headers, habit)
    run = ImportRun.objects.create(
        resource=spec.name,
        file_name=name[:255],
        user_id=_user(ctx),
        headers=headers,
        columns=found,
        key=key,
        by=by,
        rows=len(rows),
    )
    ImportChunk.objects.bulk_create(
        ImportChunk(run=run, position=i, items=[["", [row]] for row in rows[i : i + CHUNK]])
        for i in range(0, len(rows), CHUNK)
    )
    return run


def _user(ctx: Context) -> UUID:
    """Whose import it is; the system has no files."""
    if ctx.user_id is None:
        raise Refused(_("An import belongs to a user."))
    return ctx.user_id


def _usual_key(
    spec: Spec, found: Mapping[str, str], headers: Sequence[str], habit: ImportHabit | None
) -> tuple[str, str]:
    if habit and habit.by and any(columns.plain(h) == habit.key for h in headers):
        return habit.by, next(h for h in headers if columns.plain(h) == habit.key)
    by_target = {t: h for h, t in found.items()}
    for name in ("id", columns.REF, *spec.code):
        if name in by_target:
            return name, by_target[name]
    return "", ""


def own(ctx: Context, pk: UUID) -> ImportRun:
    """One's own run (an administrator's: any)."""
    run = ImportRun.objects.filter(pk=pk).first()
    if run is None or (run.user_id != ctx.user_id and not ctx.rights.everything):
        raise NotFound(_("There is no such import, or it belongs to somebody else."))
    ctx.rights.need(run.resource, "import")
    return run


def recent(ctx: Context, spec: Spec, most: int = 5) -> list[ImportRun]:
    """One's own last imports into the resource."""
    rows = ImportRun.objects.filter(user_id=_user(ctx), resource=spec.name).exclude(state="mapping")
    return list(rows.order_by("-id")[:most])


def settle(ctx: Context, run: ImportRun, chosen: Mapping[str, str], key: str, by: str, *, whole: bool) -> None:
    """Take the user's choice of columns, put rows together to documents, and remember the choice."""
    if run.state not in (ImportRun.State.MAPPING, ImportRun.State.TRIED):
        raise Refused(_("This import was carried out already."), code="illegal_state", state=run.state)
    spec = registry.spec(run.resource)
    run.columns = {h: t for h, t in chosen.items() if h in run.headers and t}
    run.key, run.by, run.whole = key, by, whole
    _check(ctx, spec, run)
    rows = _rows(run)
    found = gather(step_of(run), spec, lambda _file: iter(rows))
    if whole and len(found.items) > MOST_WHOLE:
        said = _("All or nothing is possible for at most %(n)d records; divide the file or skip bad rows.")
        raise Refused(said % {"n": MOST_WHOLE}, code="too_many")
    _store(run, found)
    run.state, run.job_id, run.is_trial = ImportRun.State.MAPPING, None, False
    run.save()
    ImportHabit.objects.update_or_create(
        resource=run.resource,
        user_id=_user(ctx),
        defaults={
            "columns": {columns.plain(h): t for h, t in run.columns.items()},
            "key": columns.plain(run.key),
            "by": run.by,
        },
    )


def _check(ctx: Context, spec: Spec, run: ImportRun) -> None:
    errors: list[FieldError] = []
    known = {t.name: t for t in columns.targets(ctx, spec)}
    chosen = list(run.columns.values())
    lines_ids = {f"{name}.id" for name in spec.lines}
    for target in dict.fromkeys(chosen):
        if target not in known and target not in ("id", columns.REF) and target not in lines_ids:
            errors.append(FieldError("/columns", "unknown_field", _("There is no field “%(f)s”.") % {"f": target}))
        elif chosen.count(target) > 1:
            label = known[target].field.label if target in known else target
            errors.append(FieldError("/columns", "twice", _("Two columns are given to “%(f)s”.") % {"f": label}))
    if not set(chosen) & set(known):
        errors.append(FieldError("/columns", "required", _("Give at least one column to a field.")))
    if run.by and run.by not in dict(columns.keys_of(spec)):
        said = _("One of these is expected: %(choices)s.") % {"choices": either(dict(columns.keys_of(spec)))}
        errors.append(FieldError("/by", "invalid", said))
    elif run.by and run.key not in run.headers:
        errors.append(FieldError("/key", "required", _("Choose the column that tells the records apart.")))
    if not run.by and any("." in t for t in chosen):
        said = _("Rows of one document are put together by a key: choose how records are found.")
        errors.append(FieldError("/by", "required", said))
    if run.by != "id" and run.by:
        missing = [t.field.label for t in known.values() if t.required and not t.lines and t.name not in chosen]
        if missing and run.by == columns.REF and not chosen:
            errors.append(FieldError("/columns", "required", str(missing[0])))
    if errors:
        raise Invalid(errors)


def step_of(run: ImportRun) -> Step:
    """The engine's step behind the user's choice."""
    fields: dict[str, Value] = {}
    lines: dict[str, dict[str, Value]] = {}
    for header, target in run.columns.items():
        name, _dot, inner = target.partition(".")
        if inner:
            lines.setdefault(name, {})[inner] = Value(columns=(header,))
        elif target not in ("id", columns.REF):
            fields[target] = Value(columns=(header,))
    return Step(
        resource=run.resource,
        file=run.file_name,
        key=run.key if run.by else "",
        by="" if run.by == columns.REF else run.by,
        fields=fields,
        lines={name: LineSource(values) for name, values in lines.items()},
    )


def _rows(run: ImportRun) -> list[SheetRow]:
    parts = ImportChunk.objects.filter(run=run).order_by("position").values_list("items", flat=True)
    rows = [SheetRow(line, values) for part in parts for _ref, of_item in part for line, values in of_item]
    return sorted(rows + _loose(run), key=lambda r: r.line)


def _loose(run: ImportRun) -> list[SheetRow]:
    return [SheetRow(line, values) for line, _name, _said, values in run.errors]


def _store(run: ImportRun, found: Gathered) -> None:
    """The documents in the order of writing, a portion a row; those refused already beside them."""
    by_line = {r.line: r.values for r in _rows(run)}
    run.errors = [[e.line, e.field, e.message, by_line.get(e.line, {})] for e in found.errors]
    run.total = len(found.items)
    ImportChunk.objects.filter(run=run).delete()
    ImportChunk.objects.bulk_create(
        ImportChunk(
            run=run,
            position=i,
            items=[[item.ref, [[r.line, r.values] for r in item.rows]] for item in found.items[i : i + CHUNK]],
        )
        for i in range(0, len(found.items), CHUNK)
    )


def items_of(run: ImportRun, chunk: ImportChunk) -> list[Item]:
    """The documents of a portion, lines put in their place again."""
    step = step_of(run)
    out = []
    for ref, rows in chunk.items:
        item = Item(ref, [SheetRow(line, values) for line, values in rows])
        for name, lines in step.lines.items():
            item.lines[name] = [(step.file, r) for r in item.rows if _filled(lines, r)]
        out.append(item)
    return out


def _filled(lines: LineSource, row: SheetRow) -> bool:
    cells = (row.values.get(c) for v in lines.fields.values() for c in v.columns)
    return any(str(cell if cell is not None else "").strip() for cell in cells)


def answers_of(written: Sequence[Written]) -> list[list[Any]]:
    """What became of documents, as it is kept."""
    return [[w.what, str(w.id) if w.id else None, [[e.line, e.field, e.message] for e in w.errors]] for w in written]


def pending_of(run: ImportRun) -> frozenset[str]:
    """For a trial: the names of all records that the file itself would make, if it refers to them."""
    step, spec = step_of(run), registry.spec(run.resource)
    if not own_references(step, spec):
        return frozenset()
    found: set[str] = set()
    for chunk in ImportChunk.objects.filter(run=run):
        for item in items_of(run, chunk):
            found |= names_of(step, spec, item)
    return frozenset(found)


def _begin(run: ImportRun, *, trial: bool) -> ImportRun:
    """The run, locked, if it may be tried or carried out now; answers of an earlier trial are forgotten."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in (ImportRun.State.MAPPING, ImportRun.State.TRIED):
        raise Refused(_("This import was carried out already."), code="illegal_state", state=run.state)
    if not run.columns:
        raise Refused(_("Choose the columns first."), code="illegal_state")
    if not run.total and not trial:
        raise Refused(_("There is nothing to import in this file."), code="empty")
    ImportChunk.objects.filter(run=run).update(answers=[])
    run.is_trial, run.finished_at = trial, None
    return run


def begin_now(ctx: Context, run: ImportRun) -> None:
    """For a caller that carries out a small file itself, in its own transaction: no job is started."""
    run = _begin(run, trial=False)
    run.state, run.job_id = ImportRun.State.RUNNING, None
    run.save()


def start(ctx: Context, run: ImportRun, *, trial: bool) -> None:
    """Try or carry out: a small trial at once, everything else as a job."""
    run = _begin(run, trial=trial)
    if trial and run.total <= SMALL:
        from kontor.surfaces.exchange.work import try_now  # which is made of this module

        try_now(ctx, run)
        run.state, run.job_id, run.finished_at = ImportRun.State.TRIED, None, ctx.now
        run.save()
        return
    kind = "import" if trial or not run.whole else "import_whole"
    items = list(range(run.total)) if kind == "import" else [0]
    run.job_id = jobs.start(ctx, kind, items, {"run": str(run.pk), "trial": trial})
    run.state = ImportRun.State.TRIED if trial else ImportRun.State.RUNNING
    run.save()


def correct(ctx: Context, run: ImportRun, line: int, values: Mapping[str, str] | None) -> None:
    """Change cells of one row of a tried file, or leave the row out (None)."""
    if run.state != ImportRun.State.TRIED:
        raise Refused(_("Rows can be corrected before the import only."), code="illegal_state")
    rows = []
    for row in _rows(run):
        if row.line != line:
            rows.append(row)
        elif values is not None:
            rows.append(SheetRow(line, {**row.values, **{h: v for h, v in values.items() if h in run.headers}}))
    run.rows = len(rows)
    _store(run, gather(step_of(run), registry.spec(run.resource), lambda _file: iter(rows)))
    run.save()
    start(ctx, run, trial=True)


def cancel(ctx: Context, run: ImportRun) -> None:
    """Stop before the next portion; what was written stays and can be taken back."""
    if run.job_id is None:
        raise Refused(_("This import is not under way."), code="illegal_state", state=run.state)
    jobs.cancel(ctx, run.job_id)
    run.finished_at = ctx.now
    run.state = ImportRun.State.MAPPING if run.is_trial else ImportRun.State.DONE
    run.save(update_fields=["finished_at", "state"])


def go_on(ctx: Context, run: ImportRun) -> None:
    """Let a stopped or failed run go on where it stopped."""
    if run.job_id is None or run.state == ImportRun.State.UNDONE:
        raise Refused(_("This import is not under way."), code="illegal_state", state=run.state)
    jobs.retry(ctx, run.job_id)
    run.state = ImportRun.State.TRIED if run.is_trial else ImportRun.State.RUNNING
    run.finished_at = None
    run.save(update_fields=["finished_at", "state"])


def finished(ctx: Context, run: ImportRun) -> None:
    """The last portion is written: one audit row for the whole."""
    told = preview.counts(run)
    run.finished_at, run.state = ctx.now, ImportRun.State.DONE
    run.save(update_fields=["finished_at", "state"])
    said = {"file": run.file_name, "created": told.created, "updated": told.updated, "refused": told.refused}
    record(ctx, [Deed(run.resource, None, "imported", said)], events=False)


def undo(ctx: Context, run: ImportRun) -> tuple[int, list[str]]:
    """Remove what the run created and nothing refers to; how many went, and why others stayed."""
    if run.state != ImportRun.State.DONE:
        raise Refused(_("Only a finished import can be taken back."), code="illegal_state", state=run.state)
    made = [
        pk
        for answers in ImportChunk.objects.filter(run=run).order_by("-position").values_list("answers", flat=True)
        for what, pk, _e in reversed(answers)
        if what == CREATED
    ]
    gone, kept = 0, []
    for pk in made:  # the last first: children go before their parents
        try:
            with transaction.atomic():
                gate.delete(ctx, run.resource, pk)
                _forget(run, pk)
            gone += 1
        except NotFound:
            continue  # somebody removed it already
        except Refused as refusal:
            kept.append(str(refusal.detail))
    run.state = ImportRun.State.UNDONE
    run.save(update_fields=["state"])
    record(ctx, [Deed(run.resource, None, "import_undone", {"file": run.file_name, "removed": gone})], events=False)
    return gone, list(dict.fromkeys(kept))


def _forget(run: ImportRun, pk: Any) -> None:
    ExternalRef.objects.filter(resource=run.resource, record_id=pk).delete()
