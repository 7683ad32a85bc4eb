"""`./kontor bench`: how fast this machine carries the product, on a database of its own that keeps data safely."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from infra import frontend
from infra.embedded.client import BASE, Services
from infra.embedded.state import CHECKOUT, State
from kontor.cli.output import say


def bench(options: argparse.Namespace) -> int:
    """Run the parts of ``tests.load``; its JSON or table goes to standard output."""
    vendor = frontend.ensure(State(options.state))
    state = State(options.state / "bench")
    state.folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    with Services(state) as services:
        services.need(*BASE)
        say("Measuring; other work on this machine makes the numbers worse, so trust the ratios.")
        environ = {**os.environ, **services.environ, "KONTOR_VENDOR": str(vendor)}
        line = [sys.executable, "-m", "tests.load", *options.parts, "--scale", options.scale]
        done = subprocess.run([*line, *(["--json"] if options.json else [])], cwd=CHECKOUT, env=environ, check=False)
    return done.returncode
