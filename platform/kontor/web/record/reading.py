"""One record as a page sees it: its row, its resource, the reader, and values as HTML or text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.surfaces import query
from kontor.surfaces.plans import plan_for, plan_for_lines
from kontor.values.money import amount_text, plain, price_text
from kontor.values.wording import capital, row_of
from kontor.web import showing


@dataclass(slots=True)
class Seen:
    """A row of ``query.one`` with titles, and where its amounts find their currency."""

    ctx: Context
    spec: Spec
    row: dict[str, Any]
    currencies: Mapping[str, str]
    _lines: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def id(self) -> Any:
        return self.row["id"]

    @property
    def state(self) -> str:
        return str(self.row.get("state") or "") if self.spec.has_state else ""

    @property
    def href(self) -> str:
        """The page of the record."""
        return f"/{self.spec.path}/{self.id}/"

    @property
    def title(self) -> str:
        """What people call it; a draft without number is called by its kind, an item by what it refers to."""
        return self._own_title or capital(self.spec.label)

    @property
    def crumb(self) -> str:
        """What it is called behind the name of its list, where its kind alone would say the same twice."""
        return self._own_title or _("(no number)")

    @property
    def _own_title(self) -> str:
        name = self.spec.title.partition("__")[0]
        refers = name in self.spec.fields and self.spec.fields[name].kind == "reference"
        return str(self.row.get(f"{name}__title" if refers else name) or "")

    def html(self, name: str, *, link: bool = True) -> Any:
        """A value of the record as it stands on the page."""
        return showing.cell(self.ctx, self.spec, self.spec.fields[name], self.row, self.currencies, link=link)

    def currency(self, name: str) -> str:
        """The currency of one of its amounts."""
        return showing.currency_of(self.ctx, self.currencies.get(name, ""), self.row)

    def line_currencies(self, lines: LinesSpec) -> Mapping[str, str]:
        """Where the amounts of its lines find their currency."""
        if lines.name not in self._lines:
            self._lines[lines.name] = plan_for_lines(self.ctx, self.spec, lines, titles=True).currencies
        return self._lines[lines.name]


def see(ctx: Context, spec: Spec, pk: Any, *, scoped: bool = True) -> Seen:
    """Read a record with its lines; NotFound outside the scope, NotAllowed without the right."""
    row = query.one(ctx, spec, pk, titles=True, scoped=scoped)
    return Seen(ctx, spec, row, plan_for(ctx, spec, titles=True).currencies)


def visible(ctx: Context, fields: Mapping[str, Field], names: tuple[str, ...] | list[str]) -> list[Field]:
    """The named fields that the reader may see, in that order."""
    return [fields[n] for n in names if n in fields and ctx.rights.sees(fields[n].guard)]


def text_of(ctx: Context, f: Field, row: Mapping[str, Any], currencies: Mapping[str, str]) -> str:
    """A value as plain grouped text, for cells that scripts fill; empty for nothing."""
    value = row.get(f.name)
    if value is None or value == "":
        return ""
    if f.kind == "reference":
        return str(row.get(f"{f.name}__title") or row.get(f"{f.name}__code") or "")
    if f.kind in ("amount", "price") and isinstance(value, Decimal):
        currency = showing.currency_of(ctx, currencies.get(f.name, ""), row)
        return showing.group((price_text if f.kind == "price" else amount_text)(value, currency))
    if isinstance(value, list | dict):
        return row_of(value) if isinstance(value, list) else ""
    return showing.plain_text(ctx, f, value)


def input_of(ctx: Context, f: Field, row: Mapping[str, Any], currencies: Mapping[str, str]) -> str:
    """A value as it stands in an input: plain numbers, ISO dates, per cent for shares."""
    value = row.get(f.name)
    if value is None or value == "":
        return ""
    if f.kind == "boolean":
        return "true" if value else ""
    if f.kind == "percent" and isinstance(value, Decimal):
        return f"{plain(value * 100)}%"
    if f.kind in ("amount", "price") and isinstance(value, Decimal):
        currency = showing.currency_of(ctx, currencies.get(f.name, ""), row)
        return (price_text if f.kind == "price" else amount_text)(value, currency)
    return plain(value) if isinstance(value, Decimal) else str(value)
