"""From the line to the command, and from an error to a sentence and a status."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from infra.embedded.state import CHECKOUT
from infra.trouble import Trouble
from kontor.cli.output import say
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
    "tenants": "business.tenants",
    "apikey": "business.apikey",
    "import": "business.bring_in",
    "resource": "business.resource",
    "migrate": "business.migrate",
    "shell": "business.shell",
    "manage": "business.manage",
}


def main() -> None:
    """Run the command of this process's line; never shows a traceback unless KONTOR_DEBUG asks for it."""
    options = parse(sys.argv[1:], default_state=CHECKOUT / ".kontor")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    module, function = COMMANDS[options.command].split(".")
    try:
        status = getattr(import_module(f"kontor.cli.{module}"), function)(options)
    except KeyboardInterrupt:
        say("Stopped.")
        raise SystemExit(130) from None
    except Trouble as trouble:
        say(str(trouble))
        raise SystemExit(trouble.status) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        if os.environ.get("KONTOR_DEBUG"):
            raise
        _explain(error, options.state)
    raise SystemExit(status or 0)


def _interrupt(*_: object) -> None:
    """A closed terminal or a polite kill ends a command as Ctrl-C does."""
    raise KeyboardInterrupt


def _explain(error: Exception, state: Path) -> NoReturn:
    module = type(error).__module__
    if module.startswith("psycopg") or type(error).__name__ == "OperationalError":
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        where = "DATABASE_URL names" if os.environ.get("DATABASE_URL") else "the embedded database is"
        say(
            f"The database refused or cannot be reached ({where} the one used): {first}. "
            "Check that it runs, then try again."
        )
    else:
        say(f"Kontor met an error it did not expect: {type(error).__name__}: {error}")
    record = state / "log" / "errors.log"
    try:
        record.parent.mkdir(exist_ok=True, mode=0o700)
        with record.open("a", encoding="utf-8") as out:
            traceback.print_exception(error, file=out)
        say(f"The details are in {record}; KONTOR_DEBUG=1 shows them here.")
    except OSError:
        traceback.print_exception(error)
    raise SystemExit(1)
