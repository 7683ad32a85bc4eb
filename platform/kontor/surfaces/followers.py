"""Read at start: the search index follows the write gate; the background work of imports and exports."""

from kontor.surfaces import dependents, reindexing, search
from kontor.surfaces.exchange import work

__all__ = ["dependents", "reindexing", "search", "work"]
