"""Conditions that Django has no word for."""

from __future__ import annotations

from typing import Any

from django.db.models import Lookup


class AnyOf(Lookup):  # type: ignore[type-arg]
    """``Q(AnyOf(F("pk"), ArraySubquery(rows)))``: among values that are read first, as an array.

    The planner looks an array up by the index and expects few values; of ``IN (SELECT …)`` beside an ``OR`` it
    expects half of the table and reads all of it.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """``column = ANY(array)``."""
        column, given = self.process_lhs(compiler, connection)
        array, values = self.process_rhs(compiler, connection)
        return f"{column} = ANY({array})", [*given, *values]
