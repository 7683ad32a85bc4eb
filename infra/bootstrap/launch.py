"""The first half of every command: read the line, see to the environment, go on inside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from infra.bootstrap.environment import Environment, ensure
from infra.trouble import Trouble, disk_full, is_full
from kontor.cli import idle
from kontor.cli.output import refuse
from kontor.cli.parser import parse

INTERRUPTED = Trouble(
    "Stopped before the set-up was done.",
    "What was set up so far is kept; start again to go on.",
    code="interrupted",
    status=130,
)


def main(arguments: list[str], checkout: str) -> None:
    """Refuse a wrong line before anything is set up, then run ``kontor.cli`` in the environment."""
    root = Path(checkout)
    as_json = False
    try:
        options = parse(arguments, default_state=root / ".kontor")
        as_json = getattr(options, "json", False)
        if idle.is_idle(options):
            raise SystemExit(idle.tell(options))
        os.umask(0o022)  # what must stay private is made so file by file
        open_state(options.state)
        kind = "test" if options.needs_test_tools else "run"
        python = ensure(Environment(root, options.state, kind))
        sys.stdout.flush()
        go_on(python, arguments, options.state, root)
    except Trouble as trouble:
        refuse(trouble, as_json=as_json)
    except OSError as error:
        if not is_full(error):
            raise
        refuse(disk_full(options.state), as_json=as_json)
    except KeyboardInterrupt:
        refuse(INTERRUPTED, as_json=as_json)


def open_state(state: Path) -> None:
    """Make the state folder, private to an ordinary user; root's is passable for the database's user."""
    try:
        if not state.exists():
            state.mkdir(parents=True)
            state.chmod(0o711 if os.geteuid() == 0 else 0o700)
        probe = state / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        full = is_full(error)
        raise Trouble(
            f"The state folder {state} cannot be written ({error.strerror}).",
            "Free some space and start again; nothing is lost."
            if full
            else "Run the command as its owner, or name another folder: ./kontor --state ~/kontor-state …",
            code="disk_full" if full else "not_writable",
        ) from None


def go_on(python: Path, arguments: list[str], state: Path, root: Path) -> NoReturn:
    """Become ``python -m kontor.cli``; the same process, so signals and exit status are its own."""
    environ = dict(os.environ, KONTOR_STATE=str(state), PYTHONUTF8="1")
    environ.pop("PYTHONHOME", None)
    environ.pop("PYTHONPATH", None)
    if os.environ.get("KONTOR_VENV"):  # an environment of somebody else's gets no path file of ours
        environ["PYTHONPATH"] = os.pathsep.join((str(root), str(root / "platform")))
    os.execve(python, [str(python), "-m", "kontor.cli", *arguments], environ)  # noqa: S606 - no shell is the point
