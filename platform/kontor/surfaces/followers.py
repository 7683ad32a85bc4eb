"""Read at start: the search index follows the write gate."""

from kontor.surfaces import search

__all__ = ["search"]
