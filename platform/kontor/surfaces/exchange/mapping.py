"""A mapping: which file feeds which resource, column by column, and what is then done with it.

The YAML form, as `integrations/mappings/northwind.yaml` shows it::

    source: northwind                 # the name under which external references are kept
    steps:
      - resource: sales.order
        file: orders.csv
        key: order_id                 # becomes external_ref; a known one is updated, not doubled
        sort: order_date
        fields:
          customer: {ref: customer_id}                     # the record imported under that reference
          freight: {column: freight, round: 2}
        lines:
          lines: {file: order_details.csv, match: order_id, fields: {product: {ref: product_id}, quantity: quantity}}
        then:
          - {action: confirm}
          - {action: deliver, as: delivery, when: shipped_date, unless: {delivery_state: all}}
          - {action: ship, on: delivery, body: {shipped_on: shipped_date}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from kontor.errors import Refused

FILLED = "?"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"  # a date in a mapping is a text like any other


@dataclass(frozen=True, slots=True)
class Value:
    """How one value is made from a row."""

    columns: tuple[str, ...] = ()
    const: Any = None
    join: str = " "
    ref: bool = False  # the column names a record by its external reference
    resource: str = ""  # of which resource, where the field's relation does not say
    round: int | None = None
    choices: MappingType[str, Any] = field(default_factory=dict)
    template: str = ""
    default: Any = None

    def of(self, row: MappingType[str, Any]) -> Any:
        """The value for a row; raises ValueError with a sentence when it cannot be made."""
        if self.template:
            return self.template.format_map({k: "" if v is None else v for k, v in row.items()})
        if not self.columns:
            return self.const
        parts = [row[c] for c in self.columns]
        value: Any = (
            parts[0]
            if len(parts) == 1
            else self.join.join(str(p).strip() for p in parts if p is not None and str(p).strip())
        )
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.default
        if self.choices:
            return self.choices.get(str(value).strip(), value)
        if self.round is not None:
            try:
                number = Decimal(str(value).strip())
                return str(number.quantize(Decimal(1).scaleb(-self.round), rounding=ROUND_HALF_UP))
            except InvalidOperation:
                raise ValueError(_("A number is expected here, not “%(value)s”.") % {"value": value}) from None
        return value


@dataclass(frozen=True, slots=True)
class LineSource:
    """Lines of a document: from a file of their own, or from the same rows when ``file`` is empty."""

    fields: MappingType[str, Value]
    file: str = ""
    match: str = ""  # the column that holds the document's key


@dataclass(frozen=True, slots=True)
class Deed:
    """An action done with the document after it was written, in the same transaction."""

    action: str
    on: str = ""
    name: str = ""  # under which the document it makes is known to later deeds
    when: str = ""  # only for rows where this column is filled
    unless: MappingType[str, Any] = field(default_factory=dict)  # not where the record has these values
    body: MappingType[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One file into one resource."""

    resource: str
    file: str
    key: str = ""  # the column that tells documents apart: the external reference, unless ``by`` says else
    by: str = ""  # the field by which an existing record is found in place of the reference (a code, ``id``)
    group: str = ""  # all rows of the file make one document with this external reference
    sort: tuple[str, ...] = ()  # columns; "?column" puts the rows first where it is filled
    skip: str = ""  # rows where this column is empty are no records
    fields: MappingType[str, Value] = field(default_factory=dict)
    lines: MappingType[str, LineSource] = field(default_factory=dict)
    then: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """All steps of an import, in order."""

    source: str
    steps: tuple[Step, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as people expect it: ``on``, ``off``, ``yes`` and ``no`` are words, only true and false are truth."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in ("tag:yaml.org,2002:bool", _TIMESTAMP)]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def load(path: Path) -> Mapping:
    """Read a mapping file; Refused names what is wrong in it."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise Refused(_("There is no mapping file %(file)s.") % {"file": path}, code="no_mapping") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(_("%(file)s is not readable YAML: %(why)s") % {"file": path, "why": error}) from error
    return from_data(data, str(path))


def from_data(data: Any, label: str = "") -> Mapping:
    """The mapping in parsed form, from YAML or from the web's mapping page."""
    try:
        return Mapping(str(data["source"]), tuple(_step(s) for s in data["steps"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Refused(
            _("The mapping %(file)s is not complete: %(why)s") % {"file": label, "why": error}, code="bad_mapping"
        ) from error


def _step(s: dict[str, Any]) -> Step:
    known = {"resource", "file", "key", "by", "group", "sort", "skip", "fields", "lines", "then"}
    if set(s) - known:
        raise ValueError(f"unknown word {sorted(set(s) - known)[0]!r} in the step for {s.get('resource')}")
    sort = s.get("sort", ())
    sorts = sort if isinstance(sort, list | tuple) else [sort]
    return Step(
        resource=s["resource"],
        file=s["file"],
        key=s.get("key", ""),
        by=s.get("by", ""),
        group=s.get("group", ""),
        sort=tuple(f"{FILLED}{c['filled']}" if isinstance(c, dict) else str(c) for c in sorts),
        skip=s.get("skip", ""),
        fields={name: _value(v) for name, v in s.get("fields", {}).items()},
        lines={name: _lines(v) for name, v in s.get("lines", {}).items()},
        then=tuple(_deed(d) for d in s.get("then", ())),
    )


def _lines(v: dict[str, Any]) -> LineSource:
    return LineSource({n: _value(x) for n, x in v["fields"].items()}, v.get("file", ""), v.get("match", ""))


def _deed(d: dict[str, Any]) -> Deed:
    unknown = set(d) - {"action", "on", "as", "when", "unless", "body"}
    if unknown:
        raise ValueError(f"unknown word {sorted(map(str, unknown))[0]!r} in an action")
    return Deed(
        d["action"],
        d.get("on", ""),
        d.get("as", ""),
        d.get("when", ""),
        d.get("unless", {}),
        {n: _value(x) for n, x in d.get("body", {}).items()},
    )


def _value(v: Any) -> Value:
    if isinstance(v, str):
        return Value(columns=(v,))
    if not isinstance(v, dict):
        return Value(const=v)
    extra = {k: v[k] for k in ("round", "default", "resource") if k in v}
    if "ref" in v:
        return Value(columns=(v["ref"],), ref=True, **extra)
    if "const" in v:
        return Value(const=v["const"])
    if "template" in v:
        return Value(template=v["template"])
    if "join" in v:
        return Value(columns=tuple(v["join"]), join=v.get("with", " "), **extra)
    return Value(columns=(v["column"],), choices=v.get("map", {}), **extra)
