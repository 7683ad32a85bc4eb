"""The proof: every kept sum computed again from what it is a sum of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection

from kontor.context import Context
from suite.inventory.contracts import Difference
from suite.inventory.models import (
    Balance,
    CostEntry,
    CostLayer,
    Move,
    PlannedMove,
    ProductCost,
    Reservation,
    StockLevel,
)

_T = {
    "balance": Balance,
    "entry": CostEntry,
    "layer": CostLayer,
    "move": Move,
    "planned": PlannedMove,
    "cost": ProductCost,
    "reservation": Reservation,
    "level": StockLevel,
}

_LEVELS = {
    "on_hand": "b.on_hand",
    "reserved": "b.reserved",
    "usable": "CASE WHEN l.available THEN b.on_hand ELSE 0 END",
    "valued": "CASE WHEN l.valued THEN b.on_hand ELSE 0 END",
}
_LEVEL = """
        SELECT coalesce(v.product_id, b.product_id) || '@' || coalesce(v.warehouse_id, b.warehouse_id),
               coalesce(v.NAME, 0), coalesce(b.n, 0) FROM {level} v
          FULL JOIN (SELECT b.product_id, l.warehouse_id, sum(TERM) AS n FROM {balance} b
                       JOIN inventory_location l ON l.id = b.location_id
                      WHERE l.warehouse_id IS NOT NULL AND b.owner_party_id IS NULL GROUP BY 1, 2) b
            ON b.product_id = v.product_id AND b.warehouse_id = v.warehouse_id
         WHERE coalesce(v.NAME, 0) <> coalesce(b.n, 0)"""

# what → a query that yields (key, kept, proven) of the rows that disagree
_PROOFS = {
    "balance.on_hand": """
        SELECT coalesce(b.product_id, m.product_id) || '@' || coalesce(b.location_id, m.location_id),
               coalesce(b.n, 0), coalesce(m.n, 0)
          FROM (SELECT product_id, location_id, CASE WHEN internal THEN lot_id END AS lot_id, sum(on_hand) AS n
                  FROM {balance} GROUP BY 1, 2, 3) b
          FULL JOIN (
               SELECT e.product_id, e.location_id, CASE WHEN l.warehouse_id IS NOT NULL THEN e.lot_id END AS lot_id,
                      sum(e.q) AS n
                 FROM (SELECT product_id, to_location_id AS location_id, lot_id, quantity AS q FROM {move}
                       UNION ALL SELECT product_id, from_location_id, lot_id, -quantity FROM {move}) e
                 JOIN inventory_location l ON l.id = e.location_id GROUP BY 1, 2, 3) m
            ON m.product_id = b.product_id AND m.location_id = b.location_id AND m.lot_id IS NOT DISTINCT FROM b.lot_id
         WHERE coalesce(b.n, 0) <> coalesce(m.n, 0)""",
    "balance.reserved": """
        SELECT b.id::text, b.reserved, coalesce(r.n, 0) FROM {balance} b
          LEFT JOIN (SELECT balance_id, sum(quantity) AS n FROM {reservation} GROUP BY 1) r ON r.balance_id = b.id
         WHERE b.reserved <> coalesce(r.n, 0)""",
    "planned.reserved": """
        SELECT p.id::text, p.reserved, coalesce(r.n, 0) FROM {planned} p
          LEFT JOIN (SELECT coalesce(supply_id, demand_id) AS id, sum(quantity) AS n FROM {reservation} GROUP BY 1) r
            ON r.id = p.id WHERE p.reserved <> coalesce(r.n, 0)""",
    "planned.expected": """
        SELECT p.id::text, p.expected, coalesce(r.n, 0) FROM {planned} p
          LEFT JOIN (SELECT demand_id, sum(quantity) AS n FROM {reservation} WHERE supply_id IS NOT NULL GROUP BY 1) r
            ON r.demand_id = p.id WHERE p.expected <> coalesce(r.n, 0)""",
    "planned.done": """
        SELECT p.id::text, p.done, coalesce(m.n, 0) FROM {planned} p
          LEFT JOIN (SELECT planned_id, sum(quantity) AS n FROM {move} WHERE reverses_id IS NULL GROUP BY 1) m
            ON m.planned_id = p.id WHERE p.is_stocked AND abs(p.done) <> coalesce(m.n, 0)""",
    "planned.returned": """
        SELECT p.id::text, p.returned, coalesce(r.n, 0) FROM {planned} p
          LEFT JOIN (SELECT origin_id, sum(done) AS n FROM {planned} WHERE origin_id IS NOT NULL GROUP BY 1) r
            ON r.origin_id = p.id WHERE p.returned <> coalesce(r.n, 0)""",
    **{f"level.{name}": _LEVEL.replace("NAME", name).replace("TERM", term) for name, term in _LEVELS.items()},
    "layer.remaining": """
        SELECT x.id::text, x.remaining, coalesce(e.n, 0) FROM {layer} x
          LEFT JOIN (SELECT layer_id, sum(quantity) AS n FROM {entry} GROUP BY 1) e ON e.layer_id = x.id
         WHERE x.remaining <> coalesce(e.n, 0)""",
    "layer.value": """
        SELECT x.id::text, x.remaining_value, coalesce(e.n, 0) FROM {layer} x
          LEFT JOIN (SELECT layer_id, sum(amount) AS n FROM {entry} GROUP BY 1) e ON e.layer_id = x.id
         WHERE x.remaining_value <> coalesce(e.n, 0)""",
    "cost.quantity": """
        SELECT c.id::text, c.quantity, coalesce(x.n, 0) FROM {cost} c
          LEFT JOIN (SELECT product_cost_id, sum(remaining) AS n FROM {layer} GROUP BY 1) x ON x.product_cost_id = c.id
         WHERE c.quantity <> coalesce(x.n, 0)""",
    "cost.value": """
        SELECT c.id::text, c.value, coalesce(x.n, 0) FROM {cost} c
          LEFT JOIN (SELECT product_cost_id, sum(remaining_value) AS n FROM {layer} GROUP BY 1) x
            ON x.product_cost_id = c.id WHERE c.value <> coalesce(x.n, 0)""",
    "cost.valued": """
        SELECT c.product_id::text, c.n, coalesce(v.n, 0)
          FROM (SELECT product_id, sum(quantity) AS n FROM {cost} GROUP BY 1) c
          LEFT JOIN (SELECT product_id, sum(valued) AS n FROM {level} GROUP BY 1) v ON v.product_id = c.product_id
         WHERE c.n <> coalesce(v.n, 0)""",
    "level.value": """
        SELECT c.product_id::text, coalesce(v.n, 0), c.n
          FROM (SELECT product_id, sum(value) AS n FROM {cost} GROUP BY 1) c
          LEFT JOIN (SELECT product_id, sum(value) AS n FROM {level} GROUP BY 1) v ON v.product_id = c.product_id
         WHERE c.n <> coalesce(v.n, 0)""",
    "products.zero_sum": """
        SELECT product_id::text, sum(on_hand), 0 FROM {balance} GROUP BY 1 HAVING sum(on_hand) <> 0""",
}


def prove(ctx: Context) -> list[Difference]:
    """All kept sums that disagree with the moves, reservations and entries below them; empty: all is right."""
    return list(_differences(_PROOFS.items()))


def _differences(proofs: Iterable[tuple[str, str]]) -> Iterator[Difference]:
    names = {key: model._meta.db_table for key, model in _T.items()}
    with connection.cursor() as cursor:
        for what, query in proofs:
            cursor.execute(query.format(**names))
            rows: list[tuple[Any, Any, Any]] = cursor.fetchall()
            for key, kept, proven in rows:
                yield Difference(what, str(key), Decimal(kept), Decimal(proven))
