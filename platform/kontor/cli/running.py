"""Looking at what runs, stopping it, and running a single part in the foreground."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path

from infra import code, frontend
from infra.embedded.client import BASE, Services, stop_all
from infra.embedded.state import State, another_port, port_is_free
from infra.trouble import Trouble
from kontor.cli import idle, product
from kontor.cli.output import answer, answer_json, say, table
from kontor.cli.parser import DEFAULT_PORT


def stop(options: argparse.Namespace) -> int:
    """Stop all of the state folder's services; fine where none runs."""
    if not stop_all(State(options.state)):
        return idle.tell(options)
    if options.json:
        answer_json({"stopped": True})
    say("Everything is stopped.")
    return 0


def status(options: argparse.Namespace) -> int:
    """What runs; starts nothing."""
    services = Services(State(options.state)).now
    if not services:
        return idle.tell(options)
    web = services.get("web", {})
    if options.json:
        shown = ("status", "pid", "port", "restarts", "error")
        parts = {name: {key: one[key] for key in shown if key in one} for name, one in services.items()}
        url = f"http://127.0.0.1:{web['port']}" if web else None
        answer_json({"running": True, "address": url, "services": parts})
        return 0
    rows = [("service", "status", "pid", "port", "restarts")]
    rows += [
        (name, one["status"], str(one.get("pid", "–")), str(one.get("port", "–")), str(one["restarts"]))
        for name, one in services.items()
    ]
    answer(table(rows))
    for one in services.values():
        if one["error"]:
            say(one["error"])
    if code.is_newer_than(web):
        say(code.OLDER_RUNS)
    return 0


def serve(options: argparse.Namespace) -> int:
    """The web server alone, on the embedded databases or those of the environment."""
    port = options.port or DEFAULT_PORT
    services = Services(State(options.state))
    if "web" in services.now:
        raise Trouble(
            f"A web server already runs from this folder on port {services.now['web']['port']}.",
            "Use that one, or stop it first: ./kontor stop",
            code="already_running",
        )
    if not port_is_free(port, options.host):
        raise Trouble(
            f"Port {port} is taken by another program.",
            f"Choose another: ./kontor serve --port {another_port(port, options.host)}",
            code="port_taken",
        )
    with services:
        frontend.ensure(services.state)
        _prepared(services, port)
        services.need("web", host=options.host, port=port)
        say(f"Serving on {options.host}:{port}. Ctrl-C stops it.")
        return _follow(services, "web")


def worker(options: argparse.Namespace) -> int:
    """The background worker and, unless told otherwise, the clock."""
    parts = ("worker",) if options.no_beat else ("worker", "beat")
    services = Services(State(options.state))
    if "worker" in services.now:
        raise Trouble(
            "A background worker already runs from this folder.", "See ./kontor status.", code="already_running"
        )
    with services:
        _prepared(services, None)
        services.need(*parts)
        say("The worker runs. Ctrl-C stops it.")
        return _follow(services, *parts)


def _prepared(services: Services, port: int | None) -> None:
    services.need(*BASE)
    product.setup(services, port)
    product.prepare(services)


def _follow(services: Services, *names: str) -> int:
    """Show the logs as they grow, until Ctrl-C or ``stop``."""
    places: dict[Path, int] = {}
    for name in names:
        path = services.state.log / f"{name}.log"
        places[path] = path.stat().st_size if path.exists() else 0
    try:
        while services.watch():
            for path, seen in places.items():
                places[path] = _show_new(path, seen)
            time.sleep(0.3)
        say("Stopped by ./kontor stop.")
    except KeyboardInterrupt:
        say("\nStopping …")
    return 0


def _show_new(path: Path, seen: int) -> int:
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        if size != seen:
            with path.open("rb") as log:
                log.seek(seen if size > seen else 0)
                sys.stderr.write(log.read().decode("utf-8", "replace"))
                sys.stderr.flush()
                return log.tell()
    return seen
