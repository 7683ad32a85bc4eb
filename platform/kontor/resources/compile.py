"""Declaration + model → Spec. A misspelt name is an error at start, never on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import NOT_PROVIDED
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.resources import registry
from kontor.resources.actions import actions_of
from kontor.resources.declaration import PHONE_PLACES, Computed, Resource, Rows, words
from kontor.resources.faults import WrongDeclaration
from kontor.resources.layout import Facts, Lines, Row, Tab, Totals
from kontor.resources.spec import Field, LinesSpec, Spec
from kontor.values import columns as c

_KINDS: tuple[tuple[type, str], ...] = (
    (c.QuantityField, "quantity"),
    (c.PriceField, "price"),
    (c.AmountField, "amount"),
    (c.PercentField, "percent"),
    (c.RateField, "rate"),
    (c.CurrencyField, "currency"),
    (c.PhoneField, "phone"),
    (c.TagsField, "tags"),
    (models.ForeignKey, "reference"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "instant"),
    (models.DateField, "date"),
    (models.JSONField, "json"),
    (models.UUIDField, "id"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "quantity"),
    (models.EmailField, "email"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
)
# names of columns whose models give them none, so that a label never is a migration
_USUAL = {
    "version": pgettext_lazy("of a record", "version"),
    "position": pgettext_lazy("of a line", "position"),
    "owner_resource": _("made for"),
    "owner_ref_id": _("made for record"),
    "owner_line_id": _("made for line"),
}
_INTERNAL = frozenset({"department_path", "sort_key"})
_LOOKS = {"draft": "ring", "cancelled": "cancelled", "closed": "green", "posted": "full", "reversed": "cancelled"}


def compile_all() -> list[Spec]:
    """Compile every registered declaration; faces after what they show."""
    declared = registry.declarations()
    plain = {_name(d): _compiled(d, d.model) for d in declared if not d.of}
    specs = dict(plain)
    for d in declared:
        if d.of:
            if d.of not in plain:
                raise WrongDeclaration(d, f"{d.__name__} is a face of {d.of!r}, which is not declared", d.of)
            specs[_name(d)] = _compiled(d, plain[d.of].model)
    registry.publish(specs.values())
    for d in declared:
        _check(specs[_name(d)], d)
    return list(specs.values())


def _compiled(d: type[Resource], model: Any) -> Spec:
    try:
        return _compile(d, model)
    except (FieldDoesNotExist, LookupError) as error:
        raise WrongDeclaration(d, f"{_name(d)}: {error}") from error


def _name(d: type[Resource]) -> str:
    return d.name or f"{d.model._meta.app_label}.{d.model._meta.model_name}"


def _compile(d: type[Resource], model: Any) -> Spec:
    name = _name(d)
    module, noun = name.split(".", 1)
    meta = model._meta
    guards = {f: right for right, names in d.guards.items() for f in words(names)}
    fields = _fields(model, d.flat, d.computed, d.relations, guards, d.hidden, d.readonly, d.required)
    states = d.states or getattr(model, "State", None)
    numbering = d.numbering or getattr(model, "numbering", None)
    actions = {**actions_of(model), **actions_of(d), **registry.contributed(name)}
    if d.of:  # a face brings its own lifecycle, not the one of the table
        actions = {**actions_of(d), **registry.contributed(name)}
    if "state" in fields and states is not None:
        fields["state"] = _replace(fields["state"], choices=tuple(states.choices), kind="choice")
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
        actions=actions,
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
        prints=words(d.prints),
        sums=words(d.sums),
        bars=words(d.bars),
        mark=d.mark,
        scoped=_has(model, "department_path"),
        resolve=d.resolve,
        accept=d.accept,
    )


def _fields(
    model: Any,
    flat: Mapping[str, str],
    computed: Mapping[str, Computed],
    relations: Mapping[str, str],
    guards: Mapping[str, str],
    hidden: str,
    readonly: str,
    required: str = "",
    link: str = "",
) -> dict[str, Field]:
    out: dict[str, Field] = {}
    skip = _INTERNAL | set(words(hidden)) | ({link} if link else set())
    locked, needed = set(words(readonly)), set(words(required))
    for f in model._meta.concrete_fields:
        if f.name in skip or (f.name == "custom" and isinstance(f, models.JSONField)):
            continue
        out[f.name] = _field(f, f.name, f.name, relations, guards, f.name in locked, f.name in needed)
    for relation, names in flat.items():
        target = model._meta.get_field(relation).related_model
        for name in words(names):
            out[name] = _field(
                target._meta.get_field(name),
                name,
                f"{relation}__{name}",
                relations,
                guards,
                name in locked,
                name in needed,
            )
    for name, comp in computed.items():
        out[name] = Field(
            name=name,
            path=name,
            kind=comp.kind,
            label=comp.label,
            readonly=True,
            nullable=True,
            currency=comp.currency,
            unit=comp.unit,
            choices=comp.choices,
            guard=guards.get(name, ""),
            expression=comp.expression,
        )
    return out


def _field(
    f: Any, name: str, path: str, relations: Mapping[str, str], guards: Mapping[str, str], locked: bool, needed: bool
) -> Field:
    kind = next((k for cls, k in _KINDS if isinstance(f, cls)), "json")
    if f.choices:
        kind = "choice"
    readonly = locked or not f.editable
    has_default = f.default is not NOT_PROVIDED
    prefix = path.rpartition("__")[0]
    currency = getattr(f, "currency", "") if kind in ("amount", "price") else ""
    return Field(
        name=name,
        path=path,
        kind=kind,
        label=_label(f),
        help=f.help_text,
        required=needed or not (f.blank or f.null or has_default or readonly),
        readonly=readonly,
        nullable=f.null,
        choices=tuple(f.choices or ()),
        relation=relations.get(name, "") or _relation_hint(f),
        currency=f"{prefix}__{currency}" if prefix and currency else currency,
        unit=getattr(f, "unit", ""),
        max_length=getattr(f, "max_length", None),
        default=f.default if has_default else None,
        guard=guards.get(name, ""),
        unique=f.unique,
    )


def _label(f: Any) -> Any:
    """The field's own name, else what its model's ``labels`` or everybody calls such a column."""
    if f._verbose_name is not None:
        return f.verbose_name
    return getattr(f.model, "labels", {}).get(f.name) or _USUAL.get(f.name) or f.verbose_name


def _relation_hint(f: Any) -> str:
    if not isinstance(f, models.ForeignKey):
        return ""
    target = f.related_model
    assert not isinstance(target, str)
    found = next((d for d in registry.declarations() if d.model is target and not d.of), None)
    return _name(found) if found else f"{target._meta.app_label}.{target._meta.model_name}"


def _lines(name: str, rows: Rows) -> LinesSpec:
    model = apps.get_model(rows.model)
    guards = {f: right for right, names in rows.guards.items() for f in words(names)}
    fields = _fields(model, rows.flat, rows.computed, rows.relations, guards, rows.hidden, rows.locked, link=rows.link)
    return LinesSpec(
        name=name,
        model=model,
        link=rows.link,
        fields=fields,
        columns=words(rows.columns),
        label=rows.label,
        required=rows.required,
        readonly=rows.readonly,
        flat=dict(rows.flat),
        where=dict(rows.where),
        shared=rows.shared,
    )


def _check(spec: Spec, d: type[Resource]) -> None:
    def need(names: tuple[str, ...], known: Any, where: str) -> None:
        for n in names:
            if n not in known:
                raise WrongDeclaration(d, f"{spec.name}: {where} names {n!r}; known are {', '.join(known)}", n)

    need(spec.columns, spec.fields, "columns")
    need(spec.filters, spec.fields, "filters")
    need(spec.phone, spec.fields, "phone")
    if len(spec.phone) > PHONE_PLACES:
        said = (
            f"phone names {len(spec.phone)} fields, and a phone has {PHONE_PLACES} places: name, amount, facts, state"
        )
        raise WrongDeclaration(d, f"{spec.name}: {said}; leave out some of {', '.join(spec.phone)}", "phone")
    need(spec.sums, spec.fields, "sums")
    need(spec.today, [f.name for f in spec.fields.values() if f.kind == "date"], "today")
    need((*spec.bars, *((spec.mark,) if spec.mark else ())), spec.fields, "bars and mark")
    need(tuple(n for n in spec.imports if n not in spec.lines), dict.fromkeys(_importable(spec), 1), "imports")
    for part in _flatten((*spec.form, *spec.detail)):
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
            target = registry._specs.get(f.relation)
            out += [f"{f.name}__{n}" for n in (target.fields if target else ())]
    return out


def _flatten(parts: tuple[Any, ...]) -> list[Any]:
    out: list[Any] = []
    for part in parts:
        out += _flatten(part.parts) if isinstance(part, Tab) else [part]
    return out


def _has(model: Any, name: str) -> bool:
    return any(f.name == name for f in model._meta.concrete_fields)


def _plural(noun: str) -> str:
    slug = slugify(noun.replace("_", "-"))
    if slug.endswith("y") and slug[-2] not in "aeiou":
        return slug[:-1] + "ies"
    return slug + ("es" if slug.endswith(("s", "x", "ch", "sh")) else "s")


def _replace(f: Field, **changes: Any) -> Field:
    from dataclasses import replace

    return replace(f, **changes)
