"""What the screens show beside the documents of selling; importing the package registers it."""

from suite.sales.panels import availability, bodies, day, notices

__all__ = ["availability", "bodies", "day", "notices"]
