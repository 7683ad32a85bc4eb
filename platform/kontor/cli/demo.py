"""`./kontor demo`: the whole product with a sample company, in the foreground or left running."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from infra import code, frontend
from infra.embedded.client import BASE, Services, stop_all, supervisor_runs
from infra.embedded.places import SHARED
from infra.embedded.registry import OUTSIDE, VARIABLES
from infra.embedded.state import State, another_port, port_is_free, read_json
from infra.trouble import Trouble
from kontor.cli import product
from kontor.cli.output import answer, answer_json, say, table
from kontor.cli.parser import DEFAULT_PORT

TENANT = "demo"
PROGRAMS = ("web", "worker", "beat")
# What --reset deletes: data alone. The environment, the front end and the logs stay.
DATA = (
    "postgres",
    "postgres.json",
    "valkey",
    "files",
    "static",
    "cache",
    "demo.json",
    "demo.begun",
    "secrets.json",
    "ports.json",
)


def demo(options: argparse.Namespace) -> int:
    """Start, show how to get in, and stay until Ctrl-C (or leave it running)."""
    state = State(options.state)
    if options.reset:
        _reset(state, sure=options.yes)
    services = Services(state)
    port = _choose_port(services, options.port)
    if options.restart and services.now:
        say("Stopping what runs …")
        stop_all(state)
    older = code.is_newer_than(services.now.get("web", {}))
    already = services.now.get("web", {}).get("status") == "ready"
    with services:
        first = not (state.folder / "secrets.json").exists()
        say("Making the databases and starting them …" if first else "Starting the databases …")
        services.need(*BASE)
        with ThreadPoolExecutor(1) as aside:
            if not frontend.is_ready(state):
                say("Fetching the front-end files (once) …")
            vendor = aside.submit(frontend.ensure, state)
            product.setup(services, port)
            product.prepare(services)
            if not already:
                vendor.result()
        company = product.fill_demo(services)
        if not already:
            say("Starting the web server and the workers …")
        services.need(*PROGRAMS, port=port)
        if options.detach:
            services.keep(*BASE, *PROGRAMS, port=port)
        _show(options, {**product.reach(TENANT, port), **company})
        if older:
            say(code.OLDER_RUNS)
        if options.detach or already:
            return 0
        return _stay(services)


def _choose_port(services: Services, asked: int | None) -> int:
    """The port asked for, unless it is taken or the demo already has another."""
    running = services.now.get("web")
    if running:
        if asked and asked != running["port"]:
            raise Trouble(
                f"Kontor already runs from this folder on port {running['port']}.",
                "Use that one, or stop it first: ./kontor stop",
                code="already_running",
            )
        return int(running["port"])
    port = asked or DEFAULT_PORT
    if not port_is_free(port):
        raise Trouble(
            f"Port {port} is taken by another program.",
            f"Choose another: ./kontor demo --port {another_port(port)}",
            code="port_taken",
        )
    return port


def _show(options: argparse.Namespace, company: dict[str, Any]) -> None:
    if options.json:
        answer_json(company)
        return
    users = [("role", "user", "password")]
    users += [(user["role"], user["username"], user["password"]) for user in company["users"]]
    answer(f"\nKontor runs at {company['url']}\n\n{table(users)}\n\nAPI key: {company['api_key']}\n")
    say("It runs in the background; ./kontor stop ends it." if options.detach else "Ctrl-C stops it.")


def _stay(services: Services) -> int:
    """Until Ctrl-C, a closed terminal, or ``stop`` from elsewhere; says what was mended meanwhile."""
    restarts: dict[str, int] = {}
    try:
        while services.watch():
            for name, one in services.now.items():
                if one.get("restarts", 0) > restarts.get(name, 0):
                    restarts[name] = one["restarts"]
                    say(f"{one['error'] or name} – it is being started again.")
            time.sleep(0.5)
        say("Stopped by ./kontor stop.")
    except KeyboardInterrupt:
        say("\nStopping …")
        services.release()
        say("Everything is stopped.")
    return 0


def _reset(state: State, *, sure: bool) -> None:
    """Delete the embedded data after asking; what lies outside is never touched."""
    outside = [VARIABLES[name] for name in OUTSIDE]
    if outside:
        raise Trouble(
            f"{' and '.join(outside)} given: --reset deletes only embedded data, never a database outside.",
            "Unset this, or empty that database yourself.",
            code="outside_data",
        )
    if not sure:
        if not sys.stdin.isatty():
            raise Trouble(
                "--reset deletes the databases and files, and there is no terminal to ask on.",
                "Say so without a question: ./kontor demo --reset --yes",
                code="not_confirmed",
            )
        say(f"This deletes all companies, documents and files in {state.folder}. It cannot be undone.")
        sys.stderr.write("Type yes to go on: ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            raise Trouble("Nothing was deleted.", "Type yes in full to delete the data.", code="not_confirmed")
    if supervisor_runs(state):
        say("Stopping what runs …")
    stop_all(state)
    home = Path((read_json(state.folder / "postgres.json") or {}).get("home", ""))
    if home.is_relative_to(SHARED) and home != SHARED:
        shutil.rmtree(home, ignore_errors=True)
    for name in DATA:
        path = state.folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say("The data is deleted.")
