"""Trees kept as paths: ``/A/A1/`` beside the parent, so that a subtree is one indexed comparison."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.documents.records import Draft, Record
from kontor.errors import FieldError, Invalid
from kontor.values.columns import Reference


class Branching(Record):
    """A record that stands below another of its kind; it brings ``code`` and ``name`` itself."""

    parent = Reference("self", verbose_name=gettext_lazy("above"), null=True, blank=True)
    path = models.CharField(gettext_lazy("path"), max_length=400, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """The path, from the one above and the code."""
        settle_paths(cls, drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """What moved takes along what is below it."""
        for old, new in moved(drafts):
            rewrite(cls._default_manager, "path", old, new)


def settle_paths(model: Any, drafts: list[Draft], *, longest: int = 400) -> None:
    """In ``derive``: each record's path from its parent's and its code; refuses circles."""
    parents = dict(
        model.objects.filter(pk__in={d.record.parent_id for d in drafts if d.record.parent_id}).values_list(
            "pk", "path"
        )
    )
    errors: list[FieldError] = []
    for d in drafts:
        r = d.record
        above = parents.get(r.parent_id, "/")
        if "/" in r.code:
            errors.append(FieldError(f"{d.at}/code", "invalid", _("A code here cannot hold a slash.")))
        elif d.before and above.startswith(d.before["path"]):
            errors.append(FieldError(f"{d.at}/parent", "circle", _("It cannot stand below itself.")))
        else:
            r.path = f"{above}{r.code}/"
        if len(r.path) > longest:
            errors.append(FieldError(f"{d.at}/parent", "too_deep", _("The tree is too deep here.")))
    if errors:
        raise Invalid(errors)


def moved(drafts: list[Draft]) -> list[tuple[str, str]]:
    """(old path, new path) of the records whose place in the tree changed."""
    return [(d.before["path"], d.record.path) for d in drafts if d.before and d.before["path"] != d.record.path]


def rewrite(rows: Any, column: str, old: str, new: str, *, keep: Any = None) -> int:
    """Replace the beginning ``old`` of a path column by ``new`` in every row below it; one statement."""
    below = rows.filter(**{f"{column}__startswith": old})
    if keep is not None:
        below = below.exclude(pk=keep)
    return int(below.update(**{column: Concat(Value(new), Substr(F(column), len(old) + 1))}))
