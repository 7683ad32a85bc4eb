"""From the line to the command, and from an error to a sentence and a status."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from infra.embedded.registry import OUTSIDE
from infra.embedded.state import CHECKOUT
from infra.trouble import Trouble, disk_full, has_no_room, is_full
from kontor.cli.output import refuse
from kontor.cli.parser import parse

# command -> module and function; loaded only when called
COMMANDS = {
    "demo": "demo.demo",
    "stop": "running.stop",
    "status": "running.status",
    "serve": "running.serve",
    "worker": "running.worker",
    "test": "testing.test",
    "check": "testing.check",
    "format": "tidying.format_code",
    "words": "tidying.words",
    "requirements": "tidying.requirements",
    "bench": "benching.bench",
    "tenants": "business.tenants",
    "apikey": "business.apikey",
    "import": "business.bring_in",
    "resource": "business.resource",
    "migrate": "business.migrate",
    "shell": "business.shell",
    "manage": "business.manage",
}


INTERRUPTED = Trouble(
    "Stopped before it was done.", "Start again to go on; nothing is half-written.", code="interrupted", status=130
)


def main() -> None:
    """Run the command of this process's line; never shows a traceback unless KONTOR_DEBUG asks for it."""
    options = parse(sys.argv[1:], default_state=CHECKOUT / ".kontor")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    as_json = getattr(options, "json", False)
    module, function = COMMANDS[options.command].split(".")
    try:
        status = getattr(import_module(f"kontor.cli.{module}"), function)(options)
    except KeyboardInterrupt:
        refuse(INTERRUPTED, as_json=as_json)
    except Trouble as trouble:
        refuse(trouble, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        if os.environ.get("KONTOR_DEBUG"):
            raise
        refuse(_explained(error, options.state), as_json=as_json)
    raise SystemExit(status or 0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those it arose from: an aborted transaction hides what aborted it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _tells_of_a_full_disk(error: BaseException) -> bool:
    return (isinstance(error, OSError) and is_full(error)) or "No space left" in str(error)


def _interrupt(*_: object) -> None:
    """A closed terminal or a polite kill ends a command as Ctrl-C does."""
    raise KeyboardInterrupt


def _explained(error: Exception, state: Path) -> Trouble:
    """A sentence for an error that nobody foresaw; the traceback goes to the state folder."""
    record = state / "log" / "errors.log"
    try:
        record.parent.mkdir(exist_ok=True, mode=0o700)
        with record.open("a", encoding="utf-8") as out:
            traceback.print_exception(error, file=out)
        where = f"The details are in {record}; KONTOR_DEBUG=1 shows them here."
    except OSError:
        traceback.print_exception(error)
        where = "The details are above."
    if any(_tells_of_a_full_disk(one) for one in _chain(error)) or has_no_room(state):
        return disk_full(state)
    if type(error).__module__.startswith("psycopg") or type(error).__name__ == "OperationalError":
        named = "DATABASE_URL names" if "postgres" in OUTSIDE else "the embedded database is"
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        return Trouble(
            f"The database refused or cannot be reached ({named} the one used): {reason}.",
            f"Check that it runs, then try again. {where}",
            code="database",
        )
    if type(error).__name__ == "WrongDeclaration":  # known by name: this file loads without the product
        return Trouble(f"{error}.", "Correct it there and run the command again.", code="wrong_declaration")
    return Trouble(f"Kontor met an error it did not expect: {type(error).__name__}: {error}", where, code="unexpected")
