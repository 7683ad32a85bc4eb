"""``python -m kontor.cli``: what ``./kontor`` goes on with inside the environment."""

from kontor.cli import main

main()
