"""Read at start: the kinds of background work that the API brings."""

from kontor.api import bulk

__all__ = ["bulk"]
