"""What changes seldom – accounts, taxes, places, settings – read once a process and company, not once a call.

Each group of tables has a stamp, a random word that a trigger renews with every write (``watch``). A call reads
the stamps in one statement; what a process keeps counts while its stamp stands. Random, so that the stamp of
a write that was rolled back never comes again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import migrations

from kontor.configuration.models import Stamp
from kontor.context import Context
from kontor.database.tenancy import connection

T = TypeVar("T")
_MOST = 4000  # entries of a process: some hundred companies
_store: OrderedDict[tuple[Any, ...], tuple[Any, Any]] = OrderedDict()


def kept(ctx: Context, group: str, name: str, load: Callable[[], T]) -> T:
    """What ``load`` gives, for this call; taken from the process while the group's stamp stands. Read only."""
    if name in ctx.cache:
        found: T = ctx.cache[name]
        return found
    stamp = _stamps(ctx).get(group)
    key = (connection.schema_name, getattr(connection.tenant, "pk", None), name)
    entry = _store.get(key)
    if entry is not None and entry[0] == stamp:
        value: T = entry[1]
    else:
        value = load()
        # Rows may have been written while they were read, by others or by this very transaction.
        if Stamp.objects.filter(name=group).values_list("stamp", flat=True).first() == stamp:
            _store[key] = (stamp, value)
            if len(_store) > _MOST:
                _store.popitem(last=False)
    ctx.cache[name] = value
    return value


def forget(ctx: Context, *names: str) -> None:
    """This call has written such rows: it reads them again."""
    for name in names:
        ctx.cache.pop(name, None)
    ctx.cache.pop("stamps", None)


def watch(table: str, group: str) -> migrations.RunSQL:
    """For a module's ``0002_guards``: every write of the table renews the stamp of the group."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_stamp AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION configuration_stamp('{group}')",
        f"DROP TRIGGER {table}_stamp ON {table}",
    )


def _stamps(ctx: Context) -> dict[str, Any]:
    found: dict[str, Any] | None = ctx.cache.get("stamps")
    if found is None:
        found = ctx.cache["stamps"] = dict(Stamp.objects.values_list("name", "stamp"))
    return found
