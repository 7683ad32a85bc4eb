"""Faults on purpose, on an installation of its own: ``python -m tests.faults``."""
