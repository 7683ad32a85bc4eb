"""What `./kontor status` and `stop` say where nothing runs; standard library only, so that it needs no set-up."""

from __future__ import annotations

import argparse

from kontor.cli.output import answer, answer_json, say

COMMANDS = ("status", "stop")


def tell(options: argparse.Namespace) -> int:
    """That nothing runs, in the command's own answer."""
    if options.command == "status" and options.json:
        answer_json({"running": False, "address": None, "services": {}})
    elif options.command == "status":
        answer(f"Nothing runs from {options.state}. Start with: ./kontor demo")
    else:
        if options.json:
            answer_json({"stopped": False})
        say("Nothing was running.")
    return 0


def is_idle(options: argparse.Namespace) -> bool:
    """Whether nothing was ever started from the folder."""
    return options.command in COMMANDS and not (options.state / "run").exists()
