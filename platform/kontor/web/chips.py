"""The filters of a list as people read them: one chip a field, in a sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.resources.titles import titles_of
from kontor.surfaces.plans import title_paths
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital, either, listed
from kontor.web import periods, showing
from kontor.web.lists import State, field_of


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as people read it, and the list without it."""

    name: str
    label: str
    text: str
    without: str


def chips(ctx: Context, spec: Spec, state: State) -> list[Chip]:
    """The filters of a list, those on one field together."""
    out = []
    names = dict.fromkeys(_field_name(spec, key) for key in state.filters)
    for name in names:
        keys = [k for k in state.filters if _field_name(spec, k) == name]
        f = field_of(spec, name)
        label = capital(f.label) if f else name.replace("__", " › ")
        text = listed(_sentence(ctx, spec, f, key, state.filters[key]) for key in keys)
        given = {k[len(name) + 2 :]: state.filters[k] for k in keys}
        out.append(Chip(name, label, periods.words(given) or text, state.without(*keys).url()))
    return out


def _field_name(spec: Spec, key: str) -> str:
    if field_of(spec, key) is not None:
        return key
    head = key.rpartition("__")[0]
    return head if field_of(spec, head) is not None else key


def _sentence(ctx: Context, spec: Spec, f: Field | None, key: str, value: str) -> str:
    op = key[len(f.name) + 2 :] if f is not None and key != f.name else ("" if f else key.rpartition("__")[2])
    if op == "isnull":
        return _("is empty") if value.lower() in ("true", "1", "yes") else _("is not empty")
    parts = value.split(",") if op in ("in", "") else [value]
    shown = either(_word(ctx, spec, f, part) for part in parts[:4])
    if len(parts) > 4:
        shown = _("%(some)s and %(n)d more") % {"some": shown, "n": len(parts) - 4}
    words = {
        "": _("is %s"),
        "in": _("is %s"),
        "ne": _("is not %s"),
        "gt": _("over %s"),
        "gte": _("from %s"),
        "lt": _("below %s") if f is None or f.kind not in ("date", "instant") else _("before %s"),
        "lte": _("up to %s"),
        "contains": _("contains “%s”"),
        "startswith": _("begins with “%s”"),
    }
    return words.get(op, "%s") % shown


def _word(ctx: Context, spec: Spec, f: Field | None, value: str) -> str:
    if f is None:
        return value
    if value == "@me":
        return _("me")
    if f.kind == "choice":
        return showing.choice_label(f, value)
    if f.kind == "boolean":
        return _("yes") if value.lower() in ("true", "1", "yes") else _("no")
    if f.kind in ("date", "instant"):
        try:
            return showing.date(dt.date.fromisoformat(str(periods.day(ctx, value) or value)[:10]), ctx.today)
        except ValueError:
            return value
    return reference_title(ctx, spec, f, value) if f.kind == "reference" else value


def reference_title(ctx: Context, spec: Spec, f: Field, value: str) -> str:
    """The title of a record that a filter names by id or code; nested fields by their own resource."""
    target = registry.find(f.relation)
    if target is not None:
        pk = as_uuid(value) or as_uuid(find_many(ctx, target.name, [value]).get(value))
        return (titles_of(target, [pk]).get(pk) if pk else "") or value
    _target, paths = title_paths(spec.model, f) if f.name in spec.fields else (None, {})
    if paths and as_uuid(value):
        prefix = f"{f.path}__"
        model = spec.model._meta.get_field(f.path).related_model if "__" not in f.path else None
        if model is not None and not isinstance(model, str):
            name = paths["title"].removeprefix(prefix)
            found = model._default_manager.filter(pk=as_uuid(value)).values_list(name, flat=True).first()
            return str(found or value)
    return value
