"""Read at start: the search index follows the write gate; the background work of imports and exports."""

from kontor.surfaces import search
from kontor.surfaces.exchange import work

__all__ = ["search", "work"]
