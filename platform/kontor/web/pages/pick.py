"""Answers for type-ahead fields: ``/pick/catalog.product/?q=lg`` → code, name and what stands beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources.spec import Spec
from kontor.surfaces.plans import title_paths
from kontor.surfaces.query import Ask, matching_rows
from kontor.web.picking import extras_for
from kontor.web.signing import signed_in

MOST = 12


@signed_in
def pick(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The first matches in scope: a code that begins with the word first, then names that do, then the rest."""
    word = request.GET.get("q", "").strip()[:100]
    params = {k: str(v) for k, v in request.GET.items() if k not in ("q", "filter")}
    none = _("Nothing found for “%(word)s”.") % {"word": word} if word else _("There is nothing to choose yet.")
    return JsonResponse({"results": found(ctx, spec, word, params), "none": none})


def found(ctx: Context, spec: Spec, word: str, params: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of a type-ahead; one query, and one more where a module adds facts."""
    filters = {"is_active": "true"} if "is_active" in spec.fields else {}
    known = {k: v for k, v in params.items() if k in spec.fields}
    rows = matching_rows(ctx, spec, Ask(filters={**filters, **known}, q=word))
    title = _path(spec, spec.title)
    codes = [_path(spec, c) for c in spec.code]
    if word:
        first = Q()
        for path in codes:
            first |= Q(**{f"{path}__istartswith": word})
        whens = [When(first, then=Value(0))] if codes else []
        whens.append(When(**{f"{title}__istartswith": word}, then=Value(1)))
        rows = rows.annotate(_near=Case(*whens, default=Value(2), output_field=IntegerField())).order_by("_near", title)
    else:
        rows = rows.order_by(title)
    columns = list(dict.fromkeys(["pk", title, *codes[:1]]))
    out = []
    for values in rows.values_list(*columns)[:MOST]:
        row = dict(zip(columns, values, strict=True))
        code = str(row[codes[0]] or "") if codes else ""
        name = str(row[title] or code)
        label = f"{code} {name}" if code and code != name else name
        out.append({"id": str(row["pk"]), "code": code, "name": name, "label": label, "extra": ""})
    add = extras_for(spec.name)
    if add is not None and out:
        told = add(ctx, [UUID(r["id"]) for r in out], params)
        for r in out:
            r.update(told.get(UUID(r["id"]), {}))
    return out


def _path(spec: Spec, name: str) -> str:
    """The text behind a title or code; where it is a reference (stock is called after its product), its target's."""
    f = spec.fields.get(name)
    if f is None:
        return name
    return title_paths(spec.model, f)[1].get("title", f.column) if f.kind == "reference" else f.path
