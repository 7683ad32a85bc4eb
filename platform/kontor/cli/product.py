"""Calling the product: Django in this process, its commands by name, their answer apart from their chatter."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from infra.embedded.client import Services
from infra.trouble import Trouble
from kontor.cli.output import say
from kontor.cli.parser import DEFAULT_PORT

# What to do after a refusal of the product, whose own sentences are written for its screens.
WAYS_OUT = {
    "already_exists": "Choose another name; ./kontor tenants list shows those that are taken.",
    "no_tenant": "See ./kontor tenants list, or make it: ./kontor tenants create NAME --name … --country …",
    "invalid": "Correct this and run the command again.",
    "no_template": "Run ./kontor migrate first.",
    "no_resource": "./kontor resource list names all of them.",
    "migration_changed": "Restore the files and add a migration after them. Where the data may go (your own trial of "
    "what nobody else has yet), start anew: ./kontor demo --reset",
}


class Failed(Trouble):
    """A management command that refused; what it had answered until then is in ``told``."""

    def __init__(self, message: str, told: str, *, code: str) -> None:
        super().__init__(message, WAYS_OUT.get(code, ""), code=code)
        self.told = told


def setup(services: Services, port: int | None = None) -> None:
    """Give this process the product's settings and load it."""
    running = services.now.get("web", {}).get("port")
    os.environ.update(services.environ)
    os.environ["KONTOR_PORT"] = str(port or running or os.environ.get("KONTOR_PORT") or DEFAULT_PORT)
    import django  # whose settings were given just now

    django.setup()
    import kontor.celery  # noqa: F401 - tasks sent from here go to our broker


def call(name: str, *arguments: str) -> str:
    """Run a management command; what it writes to its ``stdout`` comes back, prints go to standard error."""
    from django.core.management import CommandError, call_command  # loaded by setup()

    from kontor.errors import Refused  # which speaks through Django

    told = io.StringIO()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            call_command(name, *arguments, stdout=told)
    except (CommandError, Refused) as error:
        raise Failed(_sentence(error), told.getvalue(), code=getattr(error, "code", "refused")) from None
    finally:
        _close_connections()
    return told.getvalue()


def _sentence(error: Exception) -> str:
    """What the product said, on one line and without the pointers that belong to its API."""
    said = [str(one.detail) for one in getattr(error, "errors", ())] or [str(error)]
    return " ".join(" ".join(said).split())


def call_json(name: str, *arguments: str) -> Any:
    """Run a management command that answers with one JSON value."""
    told = call(name, *arguments)
    try:
        return json.loads(told)
    except ValueError:
        raise Trouble(
            f"The command {name} did not answer as agreed (one JSON value): {told.strip()[:200]!r}",
            "This is a fault of Kontor; please report it.",
            code="unexpected",
        ) from None


def prepare(services: Services) -> None:
    """Bring the database and its companies up to this version; two queries where they are.

    A company that cannot follow stays closed and is told; it keeps nobody else from starting.
    """
    with _alone(services):
        call("prepare_database")
        try:
            call("migrate_companies")
        except Failed as failed:
            say(str(failed))


def migrate(services: Services, tenant: str) -> Any:
    """The same for one company or all, with what became of each; Failed if one could not follow."""
    with _alone(services):
        call("prepare_database")
        return call_json("migrate_companies", "--json", *(["--tenant", tenant] if tenant else []))


def fill_demo(services: Services) -> Any:
    """The sample company; made once, remembered later."""
    with _alone(services):
        return call_json("demo_fill")


@contextlib.contextmanager
def _alone(services: Services) -> Iterator[None]:
    """Two commands started at once do not migrate or fill at once; the second finds the work done."""
    with (services.state.folder / "prepare.lock").open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is preparing the database; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def reach(tenant: str, port: int) -> dict[str, str]:
    """Where a tenant answers: for browsers, and for programs that do not resolve its name."""
    domain = os.environ.get("KONTOR_DOMAIN", "localhost")
    host = f"{tenant}.{domain}"
    return {"url": f"http://{host}:{port}", "address": f"http://127.0.0.1:{port}", "host": host, "tenant": tenant}


def _close_connections() -> None:
    """No connection of ours may keep the database from stopping."""
    from django.db import connections  # loaded by setup()

    connections.close_all()
    for connection in connections.all(initialized_only=True):
        with contextlib.suppress(Exception):
            connection.close_pool()  # type: ignore[attr-defined]
