"""Where goods stand, what is meant to happen to them, what has happened, and what they cost."""

from suite.inventory.models.costs import CostEntry, CostLayer, ProductCost
from suite.inventory.models.ledger import Balance, Move, StockLevel
from suite.inventory.models.operations import Operation, PlannedMove, Reservation
from suite.inventory.models.places import Location, Lot, Warehouse

__all__ = [
    "Balance",
    "CostEntry",
    "CostLayer",
    "Location",
    "Lot",
    "Move",
    "Operation",
    "PlannedMove",
    "ProductCost",
    "Reservation",
    "StockLevel",
    "Warehouse",
]
