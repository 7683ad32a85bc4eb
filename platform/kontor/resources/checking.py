"""A misspelt name in a declaration is an error at start, never on a screen."""

from __future__ import annotations

from typing import Any

from kontor.resources import registry
from kontor.resources.declaration import PHONE_PLACES, Resource, words
from kontor.resources.faults import WrongDeclaration
from kontor.resources.layout import Facts, Lines, Row, Totals, flat
from kontor.resources.spec import Spec


def check(spec: Spec, declared: type[Resource]) -> None:
    """Raise WrongDeclaration where the declaration names what is not there, with what there is."""

    def need(names: tuple[str, ...], known: Any, where: str) -> None:
        for n in names:
            if n not in known:
                raise WrongDeclaration(declared, f"{spec.name}: {where} names {n!r}; known are {', '.join(known)}", n)

    need(spec.columns, spec.fields, "columns")
    need(spec.filters, spec.fields, "filters")
    need(spec.phone, spec.fields, "phone")
    if len(spec.phone) > PHONE_PLACES:
        said = (
            f"phone names {len(spec.phone)} fields, and a phone has {PHONE_PLACES} places: name, amount, facts, state"
        )
        raise WrongDeclaration(declared, f"{spec.name}: {said}; leave out some of {', '.join(spec.phone)}", "phone")
    need(spec.sums, spec.fields, "sums")
    need(spec.today, [f.name for f in spec.fields.values() if f.kind == "date"], "today")
    need((*spec.bars, *((spec.mark,) if spec.mark else ())), spec.fields, "bars and mark")
    need(tuple(n for n in spec.imports if n not in spec.lines), dict.fromkeys(_importable(spec), 1), "imports")
    for part in flat((*spec.form, *spec.detail)):
        if isinstance(part, Row | Facts | Totals):
            need(words(part.fields), spec.fields, type(part).__name__)
        elif isinstance(part, Lines):
            need((part.name,), spec.lines, "Lines")
            need(words(part.columns), spec.lines[part.name].fields, f"Lines({part.name})")
    for lines in spec.lines.values():
        need(lines.columns, lines.fields, f"rows[{lines.name}].columns")
    if spec.board:
        need((spec.board.by, *words(spec.board.card)), spec.fields, "board")
    for act in spec.actions.values():
        need((*act.sources, *((act.to,) if act.to else ())), dict(spec.states), f"action {act.name}")
    for role, verbs in spec.roles.items():
        need(tuple(v for v in words(verbs) if v != "*"), dict.fromkeys(spec.verbs), f"roles[{role}]")


def _importable(spec: Spec) -> list[str]:
    out = list(spec.fields)
    for f in spec.fields.values():
        if f.kind == "reference":
            target = registry.find(f.relation)
            out += [f"{f.name}__{n}" for n in (target.fields if target else ())]
    return out
