"""Lines of stock as the keepers enter them: quantities with their costs, by lot where it matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from suite.packs.sample.founding import Found
from suite.packs.sample.supply import BY_LOT


def lines(
    ctx: Context, found: Found, rows: Iterable[tuple[str, int, Decimal]], on: dt.date, house: str
) -> list[dict[str, Any]]:
    """The lines of an adjustment; a lot is made for what is kept by lot."""
    out = []
    for code, quantity, cost in rows:
        line = {"product": str(found.products[code]), "quantity": str(quantity), "unit_cost": str(cost)}
        if code in BY_LOT:
            number = f"{on:%y%m%d}-{house}"
            expires = on + dt.timedelta(days=BY_LOT[code] - 21)  # it was made three weeks ago
            data = {"number": number, "product": line["product"], "expires_on": str(expires)}
            line["lot"] = str(gate.create(ctx, "inventory.lot", data).pk)
        out.append(line)
    return out
