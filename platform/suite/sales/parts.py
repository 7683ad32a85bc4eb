"""Parts of a document's lines, as an action is asked for them: delivered, invoiced, credited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as lazy

from kontor.errors import FieldError, Refused
from kontor.values.money import plain
from suite.sales import rules
from suite.sales.rules import ZERO


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with the parts, and the words of its refusals."""

    code: str
    missing: Any
    between: Any
    refusal: Any


DELIVERED = Deed(
    "over_delivery", lazy("This order has no such line."),
    lazy("Between 0 and %(left)s are left to be delivered of this line."),
    lazy("More cannot be delivered than is left of a line."),
)  # fmt: skip
INVOICED = Deed(
    "over_invoiced", lazy("This order has no such line."),
    lazy("Between 0 and %(left)s of this line can be invoiced now."),
    lazy("More cannot be invoiced than was delivered."),
)  # fmt: skip
CREDITED = Deed(
    "over_credited", lazy("This invoice has no such line."),
    lazy("Between 0 and %(left)s of this line can be credited."),
    lazy("More cannot be credited than was invoiced."),
)  # fmt: skip


def asked(
    stored: Iterable[Any], free: Mapping[UUID, Decimal], lines: Sequence[Mapping[str, Any]], deed: Deed
) -> dict[UUID, Decimal]:
    """The base quantity asked of each line, never more than ``free``; Refused with every row that does not fit."""
    by_id = {line.pk: line for line in stored}
    out: dict[UUID, Decimal] = {}
    errors = []
    for i, row in enumerate(lines):
        line = by_id.get(row["line"])
        if line is None:
            errors.append(FieldError(f"/lines/{i}/line", "not_found", str(deed.missing)))
            continue
        part = rules.based(row["quantity"], line.quantity, line.base_quantity)
        out[line.pk] = out.get(line.pk, ZERO) + part
        if part <= 0 or out[line.pk] > free[line.pk]:
            told = {"left": plain(free[line.pk])}
            errors.append(FieldError(f"/lines/{i}/quantity", deed.code, str(deed.between) % told, told))
    if errors:
        raise Refused(str(deed.refusal), code=deed.code, errors=errors)
    return out
