"""The command line behind ``./kontor``; ``main`` runs inside the project's environment."""

from __future__ import annotations


def main() -> None:
    """Run the command of this process's line and end with its status."""
    from kontor.cli.run import main as run  # what reads the parser alone loads no more

    run()
