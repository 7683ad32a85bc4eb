"""Companies that exist follow the code: their schemas are migrated, then what is shipped is brought up to date.

A migration in a company is one transaction, which also holds the company's row in ``public``, so two
machines may work at once and a stopped run goes on where it was. A company that fails keeps its state
before the failed migration, carries the reason, and stops no other.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection as _connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.utils.translation import gettext as _

from kontor.database.tenancy import public_scope, schema_session, tenant_scope
from kontor.errors import Refused
from kontor.identity.api import system_context
from tenants import workers
from tenants.contents import bring_all, contents_mark
from tenants.models import Tenant
from tenants.versions import is_current, level, schema_mark

connection: Any = _connection
log = logging.getLogger(__name__)

_IN_THIS_PROCESS = 8  # companies; below that a second process costs more than it brings
_MOST_PROCESSES = 8
_LOCK_WAIT = "10s"  # a table that is used longer than this fails its company, rather than blocking everybody behind it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one company; ``error`` is empty if it is at the present state."""

    name: str
    applied: int
    seconds: float
    error: str = ""


@dataclass(slots=True)
class Report:
    """What became of all that were behind."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.error]


def behind(only: str = "") -> list[Tenant]:
    """The companies that lack a migration or a content, by one query; Refused if ``only`` names none."""
    rows = Tenant.objects.filter(name=only) if only else Tenant.objects.all()
    found = list(rows.order_by("created_at", "name"))
    if only and not found:
        raise Refused(_("There is no company named “%(name)s”.") % {"name": only}, code="no_tenant")
    return [t for t in found if not is_current(t)]


def bring_up(say: Callable[[str], None], *, only: str = "", processes: int | None = None) -> Report:
    """Bring every company that is behind (or the one named) to the present state."""
    waiting, report = behind(only), Report()
    if not waiting:
        return report
    count = processes if processes is not None else min(os.cpu_count() or 1, _MOST_PROCESSES)
    if len(waiting) < _IN_THIS_PROCESS and processes is None:
        count = 1
    say(_("Bringing %(n)d companies to this version") % {"n": len(waiting)})
    for done, outcome in enumerate(_outcomes([t.name for t in waiting], min(count, len(waiting))), start=1):
        report.outcomes.append(outcome)
        said = outcome.error or _("%(n)d migrations, %(s).1f s") % {"n": outcome.applied, "s": outcome.seconds}
        say(f"  {done}/{len(waiting)}  {outcome.name}: {said}")
    return report


def _outcomes(names: list[str], count: int) -> Iterator[Outcome]:
    if count <= 1:
        mover = Mover()
        yield from (mover.move(name) for name in names)
        return
    fresh = multiprocessing.get_context("spawn")  # no connection of ours is inherited
    with ProcessPoolExecutor(count, mp_context=fresh, initializer=workers.begin, initargs=(_database_name(),)) as pool:
        for future in as_completed([pool.submit(workers.move, name) for name in names]):
            yield future.result()


def _database_name() -> str:
    return str(connection.settings_dict["NAME"])


class Mover:
    """Moves one company after the other on this process's connection; the plan's states are computed once."""

    def __init__(self) -> None:
        self._executor: MigrationExecutor | None = None
        self._states: dict[frozenset[tuple[str, str]], ProjectState] = {}

    def move(self, name: str) -> Outcome:
        """All that the company lacks; what it has reached is kept whatever follows."""
        started, applied = time.monotonic(), 0
        with public_scope():
            tenant = Tenant.objects.get(name=name)
        try:
            applied = self._migrate(tenant)
            self._note(tenant, level=level(), schema_mark=schema_mark(), fault="")
            self._bring(tenant)
        except Exception as error:
            log.warning("migration of %s failed", tenant.schema_name, exc_info=error)
            said = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            self._note(tenant, fault=said[:2000])
            return Outcome(name, applied, time.monotonic() - started, said)
        return Outcome(name, applied, time.monotonic() - started)

    def _migrate(self, tenant: Tenant) -> int:
        with tenant_scope(tenant):
            if self._executor is None:
                self._executor = MigrationExecutor(connection)
            executor: Any = self._executor  # django-stubs do not know all of it
            known = executor.loader.applied_migrations = MigrationRecorder(connection).applied_migrations()
            plan = [m for m, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
            if not plan:
                return 0
            start = frozenset(known)
            if start not in self._states:
                self._states[start] = executor._create_project_state(with_applied_migrations=True)
                _ = self._states[start].apps  # rendered once, cloned for every company
            state = self._states[start].clone()
        for migration in plan:
            with _hold(tenant) if migration.atomic else schema_session(tenant):
                key = (migration.app_label, migration.name)
                if key in MigrationRecorder(connection).applied_migrations():  # another process was here
                    state = migration.mutate_state(state, preserve=False)
                else:
                    state = executor.apply_migration(state, migration)
        with tenant_scope(tenant):
            emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        return len(plan)

    def _bring(self, tenant: Tenant) -> None:
        if tenant.contents == contents_mark():
            return
        with _hold(tenant):
            bring_all(system_context("system"), tenant.country, tenant.contents)
        self._note(tenant, contents=contents_mark())

    def _note(self, tenant: Tenant, **values: Any) -> None:
        with public_scope():
            Tenant.objects.filter(pk=tenant.pk).update(**values)


@contextmanager
def _hold(tenant: Tenant) -> Iterator[None]:
    """A transaction of the company in which nobody else migrates it, and that waits for no table for long."""
    with tenant_scope(tenant):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
            cursor.execute("SELECT 1 FROM public.tenants_tenant WHERE id = %s FOR UPDATE", [tenant.pk])
        yield
