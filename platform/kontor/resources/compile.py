"""Declaration + model → Spec."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import slugify

from kontor.resources import registry
from kontor.resources.actions import actions_of
from kontor.resources.checking import check
from kontor.resources.declaration import PHONE_PLACES, Resource, Rows, name_of, words
from kontor.resources.faults import WrongDeclaration
from kontor.resources.fields import choices_of, fields_of
from kontor.resources.layout import Row
from kontor.resources.spec import LinesSpec, Spec

_LOOKS = {"draft": "ring", "cancelled": "cancelled", "closed": "green", "posted": "full", "reversed": "cancelled"}


def compile_all() -> list[Spec]:
    """Compile every registered declaration; faces after what they show."""
    declared = registry.declarations()
    plain = {name_of(d): _compiled(d, d.model) for d in declared if not d.of}
    specs = dict(plain)
    for d in declared:
        if d.of:
            if d.of not in plain:
                raise WrongDeclaration(d, f"{d.__name__} is a face of {d.of!r}, which is not declared", d.of)
            specs[name_of(d)] = _compiled(d, plain[d.of].model)
    registry.publish(specs.values())
    for d in declared:
        check(specs[name_of(d)], d)
    return list(specs.values())


def _compiled(d: type[Resource], model: Any) -> Spec:
    try:
        return spec_of(d, model)
    except (FieldDoesNotExist, LookupError) as error:
        raise WrongDeclaration(d, f"{name_of(d)}: {error}") from error


def spec_of(d: type[Resource], model: Any) -> Spec:
    """One declaration over its model, or that of the resource whose face it is."""
    name = name_of(d)
    module, noun = name.split(".", 1)
    meta = model._meta
    fields = fields_of(model, choices_of(d))
    states = d.states or getattr(model, "State", None)
    numbering = d.numbering or getattr(model, "numbering", None)
    of_table = {} if d.of else actions_of(model)  # a face brings its own lifecycle
    if "state" in fields and states is not None:
        fields["state"] = replace(fields["state"], choices=tuple(states.choices), kind="choice")
    title = d.title or ("number" if "number" in fields else "name" if "name" in fields else "id")
    columns = words(d.columns) or tuple(list(fields)[:6])
    form = tuple(d.form) or (Row(" ".join(f.name for f in fields.values() if not f.readonly)),)
    return Spec(
        name=name,
        module=module,
        noun=noun,
        model=model,
        path=d.path or f"{module}/{_plural(noun)}",
        label=d.label or meta.verbose_name,
        label_plural=d.label_plural or meta.verbose_name_plural,
        icon=d.icon,
        fields=fields,
        lines={key: _lines(key, rows) for key, rows in d.rows.items()},
        actions={**of_table, **actions_of(d), **registry.contributed(name)},
        columns=columns,
        form=form,
        detail=tuple(d.detail),
        filters=words(d.filters),
        search=dict(d.search),
        search_as=words(d.search_as),
        search_by=words(d.search_by),
        within=words(d.within),
        phone=words(d.phone) or columns[:PHONE_PLACES],
        imports=words(d.imports),
        board=d.board,
        title=title,
        code=words(d.code) or tuple(n for n in ("number", "code") if n in fields),
        order=d.order,
        roles=dict(d.roles),
        scopes=dict(d.scopes),
        today=words(d.today),
        states=tuple(states.choices) if states is not None else (),
        state_looks={**_LOOKS, **d.looks},
        steps=words(d.steps),
        where=dict(d.where),
        guarded_rows={right: dict(where) for right, where in d.guarded_rows.items()},
        face_of=d.of,
        frozen={str(k): frozenset(v) for k, v in getattr(model, "frozen", {}).items()},
        flat=dict(d.flat),
        creatable=d.creatable,
        editable=d.editable,
        deletable=d.deletable,
        initial=str(states.values[0]) if states is not None else "",
        numbering=numbering.pattern if numbering else "",
        gapless=bool(numbering and numbering.gapless),
        number_field=numbering.field if numbering else "",
        menu=d.menu,
        sums=words(d.sums),
        bars=words(d.bars),
        mark=d.mark,
        scoped=any(f.name == "department_path" for f in meta.concrete_fields),
        resolve=d.resolve,
        accept=d.accept,
    )


def _lines(name: str, rows: Rows) -> LinesSpec:
    model = apps.get_model(rows.model)
    return LinesSpec(
        name=name,
        model=model,
        link=rows.link,
        fields=fields_of(model, choices_of(rows)),
        columns=words(rows.columns),
        label=rows.label,
        required=rows.required,
        readonly=rows.readonly,
        flat=dict(rows.flat),
        where=dict(rows.where),
        shared=rows.shared,
    )


def _plural(noun: str) -> str:
    slug = slugify(noun.replace("_", "-"))
    if slug.endswith("y") and slug[-2] not in "aeiou":
        return slug[:-1] + "ies"
    return slug + ("es" if slug.endswith(("s", "x", "ch", "sh")) else "s")
