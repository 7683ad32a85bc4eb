"""The command line in plain words; standard library only, so it also reads a line before the set-up."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from infra.trouble import Trouble
from kontor.cli.output import refuse

COMMANDS_WITH_TEST_TOOLS = {"test", "check", "bench", "format", "words", "requirements"}
DEFAULT_PORT = 8000
if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction["Parser"]


class Add(Protocol):
    """Adds a command to the line."""

    def __call__(self, name: str, text: str, *, json: bool = False) -> Parser: ...


class Parser(argparse.ArgumentParser):
    """One whose refusals are raised, so that they are told as every other one."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise Trouble(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.", code="wrong_usage", status=2)


def parse(arguments: list[str], *, default_state: Path) -> argparse.Namespace:
    """The options of a line; a wrong line ends with status 2, a question for help with 0."""
    try:
        return _parse(arguments, default_state)
    except Trouble as trouble:
        refuse(trouble, as_json="--json" in arguments)


def _parse(arguments: list[str], default_state: Path) -> argparse.Namespace:
    rest, state = _take_state(arguments)
    parser = _build()
    if not rest:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    if rest[0] == "help":
        rest = [*rest[1:], "--help"]
    passed_on: list[str] = []
    if rest[0] in ("test", "manage") and rest[1:2] not in (["-h"], ["--help"]):
        rest, passed_on = rest[:1], [argument for argument in rest[1:] if argument != "--"]
    options = parser.parse_args(rest)
    if options.command == "manage" and not passed_on:
        parser.error("manage needs the name of a Django command, for example: ./kontor manage showmigrations")
    options.passed_on = passed_on
    chosen = state or os.environ.get("KONTOR_STATE") or default_state
    options.state = Path(os.path.abspath(Path(chosen).expanduser()))  # noqa: PTH100 - keeps symbolic links as given
    options.needs_test_tools = options.command in COMMANDS_WITH_TEST_TOOLS
    return options


def _take_state(arguments: list[str]) -> tuple[list[str], str | None]:
    """``--state DIR`` may stand anywhere on the line, before or after the command."""
    rest: list[str] = []
    state: str | None = None
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--state":
            state = next(waiting, "")
        elif argument.startswith("--state="):
            state = argument.removeprefix("--state=")
        else:
            rest.append(argument)
    if state is not None and not state.strip():
        _build().error("--state needs the name of a folder")
    return rest, state


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; a port is a number from 1 to 65535")
    return port


def _build() -> Parser:
    parser = Parser(
        prog="./kontor",
        description="Kontor, the back office that many companies share. Start with: ./kontor demo",
        epilog="Every command finds the running services or starts what it needs, and stops what it started. "
        "--state DIR, anywhere on the line, names the folder that holds databases, files and the Python environment "
        "(default: .kontor/ in the checkout). Exit status: 0 done, 1 refused or failed, 2 wrong usage.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, *, json: bool = False) -> Parser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        _state_in_help(command)
        if json:
            _json(command)
        return command

    for group in (_whole, _checkout, _single, _companies, _inside):
        group(add)
    return parser


def _whole(add: Add) -> None:
    """The product with all its parts."""
    demo = add("demo", "Set everything up and run the product with a sample company; Ctrl-C stops it.", json=True)
    demo.add_argument("--detach", action="store_true", help="leave it running in the background; ./kontor stop ends it")
    demo.add_argument("--port", type=_port, help=f"the port to serve on (default: {DEFAULT_PORT})")
    demo.add_argument(
        "--reset", action="store_true", help="delete the embedded databases and files first, after asking"
    )
    demo.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    demo.add_argument("--restart", action="store_true", help="where it runs, start it anew with the code as it is now")

    add("stop", "Stop everything that runs from the state folder.", json=True)
    add("status", "Say what runs, where, and since when.", json=True)


def _checkout(add: Add) -> None:
    """What a developer asks of the checkout."""
    add("test", "Run linters, checks and all tests on databases of their own; arguments go to pytest alone.")
    add("check", "Run the linters, checks and guards that need no database, no tests.")
    add("format", "Write the Python files as the house formats them, and mend what the linter can mend.")
    words = add("words", "List messages without a translation, and words that the house does not use.")
    words.add_argument("--update", action="store_true", help="bring the catalogues in line with the sources first")
    words.add_argument("folders", nargs="*", metavar="FOLDER", help="list what it says, with both translations")
    proofs = add("requirements", "Say whether docs/requirements.md is what the tests' marks say.")
    proofs.add_argument("--update", action="store_true", help="write it anew")

    bench = add(
        "bench", "Measure speed and weight on a database of its own, beside the limits of this machine.", json=True
    )
    bench.add_argument("parts", nargs="*", metavar="PART", help="which of them, such as orders (default: all)")
    bench.add_argument("--scale", choices=["small", "full"], default="small", help="full: up to a million rows")


def _single(add: Add) -> None:
    """Single parts in the foreground."""
    serve = add("serve", "Run the web server in the foreground.")
    serve.add_argument("--port", type=_port, help=f"the port to serve on (default: {DEFAULT_PORT})")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")

    worker = add("worker", "Run the background worker and the clock that wakes it, in the foreground.")
    worker.add_argument("--no-beat", action="store_true", help="without the clock (when another machine runs it)")


def _companies(add: Add) -> None:
    """Companies and their data."""
    tenants = add("tenants", "Make and list companies.").add_subparsers(dest="action", required=True, metavar="ACTION")
    create = _part(tenants, "create", "Make a company with one user, admin, and a key.", json=True)
    create.add_argument("tenant", metavar="NAME", help="short name, also its address: NAME.localhost")
    create.add_argument("--name", required=True, help="the company's name as people write it")
    create.add_argument("--country", required=True, help="two letters: tw, cn, us, …")
    create.add_argument("--language", choices=["zh-hant", "zh-hans", "en"], help="default: the country's")
    _part(tenants, "list", "List the companies.", json=True)

    apikey = add("apikey", "Make an API key for a user of a company.", json=True)
    apikey.add_argument("--tenant", required=True, metavar="T")
    apikey.add_argument("--user", required=True, metavar="U")

    bring = add("import", "Bring a folder of files into a company, as a mapping file says.", json=True)
    bring.add_argument("--tenant", required=True, metavar="T")
    bring.add_argument("--mapping", required=True, metavar="FILE", help="the file that maps columns to fields")
    bring.add_argument("folder", metavar="DIR", help="the folder with the files")


def _inside(add: Add) -> None:
    """The code and the database as they are."""
    resource = add("resource", "Show what a resource is made of.").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    show = _part(resource, "show", "Print all that is known of one, for example sales.order.")
    show.add_argument("resource", metavar="NAME")
    _part(resource, "list", "List all resources.")

    migrate = add("migrate", "Bring the database to this version: public, the template and every company.", json=True)
    migrate.add_argument("--tenant", metavar="T", help="bring only this company to it")
    add("shell", "Open a Python shell inside the product.")
    add("manage", "Run any Django command, for example: ./kontor manage showmigrations")


def _part(of: Subcommands, name: str, text: str, *, json: bool = False) -> Parser:
    """A command of a command: ``tenants create``."""
    command = of.add_parser(name, help=text, allow_abbrev=False)
    if json:
        _json(command)
    _state_in_help(command)
    return command


def _json(command: Parser) -> None:
    command.add_argument("--json", action="store_true", help="print exactly one JSON value")


def _state_in_help(command: Parser) -> None:
    """Only for the help text: the option itself is taken off the line before."""
    command.add_argument("--state", metavar="DIR", help="the state folder (default: .kontor/ in the checkout)")
