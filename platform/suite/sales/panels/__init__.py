"""What the screens show beside the documents of selling; importing the package registers it."""

from suite.sales.panels import availability, bodies, course, customer, day, foreseeing, notices, product, steps

__all__ = ["availability", "bodies", "course", "customer", "day", "foreseeing", "notices", "product", "steps"]
