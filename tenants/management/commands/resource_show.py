"""``./kontor resource show sales.order``: the whole compiled declaration."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kontor.errors import Refused
from kontor.resources import registry
from kontor.resources.spec import Field, Spec


class Command(BaseCommand):
    """Facts derived from the model and choices declared, as every surface sees them."""

    help = "Show one resource."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        known = {spec.name: spec for spec in registry.specs()}
        if name not in known:
            near = get_close_matches(name, known, n=3) or [n for n in known if name.rpartition(".")[2] in n][:3]
            hint = f" Near it: {', '.join(near)}." if near else ""
            raise Refused(f"There is no resource {name!r}.{hint}", code="no_resource")
        for line in describe(known[name]):
            self.stdout.write(line)


def describe(spec: Spec) -> list[str]:
    """The Spec as readable lines."""
    out = [
        f"{spec.name} – {spec.label}",
        f"  web /{spec.path}/   api /api/v1/{spec.path}/   table {spec.model._meta.db_table}"
        + (f"   face of {spec.face_of} where {dict(spec.where)}" if spec.face_of else ""),
        "",
        "fields",
    ]
    out += [f"  {_field(f)}" for f in spec.fields.values()]
    for lines in spec.lines.values():
        out += ["", f"lines {lines.name}", *(f"  {_field(f)}" for f in lines.fields.values())]
    if spec.actions:
        out += ["", "actions"]
        for a in spec.actions.values():
            out.append(
                f"  {a.name:<14} {' | '.join(a.sources) or 'any'} → {a.to or 'same'}   "
                f"event {spec.name}.{a.event}   body {', '.join(a.body) or '–'}"
            )
    out += [
        "",
        f"columns  {' '.join(spec.columns)}",
        f"filters  {' '.join(spec.filters)}",
        f"search   {dict(spec.search)}",
        f"number   {spec.numbering or '–'}{' (gapless)' if spec.gapless else ''}",
        "",
        "roles",
    ]
    out += [f"  {role:<12} {verbs}" for role, verbs in spec.roles.items()]
    return out


def _field(f: Field) -> str:
    marks = [m for m, on in (("required", f.required), ("read-only", f.readonly), ("computed", f.is_computed)) if on]
    tail = f" → {f.relation}" if f.relation else f" in {f.currency}" if f.currency else ""
    return f"{f.name:<22} {f.kind:<10} {f.label!s:<24}{tail} {' '.join(marks)}{f' guard {f.guard}' if f.guard else ''}"
