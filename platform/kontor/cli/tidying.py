"""`./kontor format`, `words` and `requirements`: what is written anew from the sources."""

from __future__ import annotations

import argparse
import subprocess
import sys

from infra.embedded.state import CHECKOUT
from infra.trouble import Trouble
from kontor.cli.output import answer, say


def format_code(options: argparse.Namespace) -> int:
    """Ruff's mending and its format over the whole checkout; 1 where something is left to do by hand."""
    steps = (["check", "--fix", "."], ["format", "."])
    return max(
        [subprocess.run([sys.executable, "-m", "ruff", *step], cwd=CHECKOUT, check=False).returncode for step in steps]
    )


def words(options: argparse.Namespace) -> int:
    """What a folder says in each language, or what is still to be translated."""
    from infra import translations  # which loads what only this command needs

    if options.update:
        for line in translations.update():
            say(line)
    if options.folders:
        gone = [folder for folder in options.folders if not (CHECKOUT / folder).is_dir()]
        if gone:
            raise Trouble(
                f"There is no folder {gone[0]} in the checkout.",
                "Name one such as platform/suite/sales.",
                code="no_file",
            )
        answer("\n".join(["English | 繁體中文 | 简体中文", *translations.listing(options.folders)]))
        return 0
    left = [*translations.missing(), *translations.foreign()]
    if left:
        answer("\n".join(left))
    say(f"{len(left)} to mend in the .po files." if left else "Every message is translated, in the words of the house.")
    return 1 if left else 0


def requirements(options: argparse.Namespace) -> int:
    """docs/requirements.md against the marks on the tests."""
    from infra import requirements_table  # the same

    return requirements_table.run(update=options.update)
