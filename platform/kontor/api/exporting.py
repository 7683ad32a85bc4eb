"""``GET …/export/``: the rows of a list as a file, with its filters; a long one is a job that makes the file."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from kontor.api.calls import Call, answer
from kontor.api.shape import filters_of, names
from kontor.errors import Invalid
from kontor.jobs import api as jobs
from kontor.resources.spec import Spec
from kontor.surfaces.exchange import exporting
from kontor.values.wording import either

ROOT = "/api/v1"
AT_ONCE = 2_000  # rows that are written while the caller waits
OWN = frozenset({"format", "for_import"})


def export(call: Call, spec: Spec) -> HttpResponseBase:
    """``format=csv|xlsx``; ``fields``, ``order``, ``q``, filters as in the list; ``for_import=1`` to bring it back."""
    call.ctx.rights.need(spec.name, "export")
    form = call.parameter("format") or "csv"
    if form not in exporting.FORMATS:
        choices = either(exporting.FORMATS)
        raise Invalid.at("/format", _("One of these is expected: %(choices)s.") % {"choices": choices})
    wish = exporting.Wish(
        format=form,
        fields=names(call, "fields") or [],
        filters={k: v for k, v in filters_of(call, spec).items() if k not in OWN},
        order=call.parameter("order"),
        q=call.parameter("q")[:200],
        for_import=call.flag("for_import"),
    )
    if unknown := [name for name in wish.fields if name not in spec.fields]:
        said = _("There is no field “%(name)s”.") % {"name": unknown[0][:80]}
        raise Invalid.at("/fields", said, "unknown_field")
    ask = exporting.ask_of(wish)
    name = f"{spec.path.rpartition('/')[2]}-{call.ctx.today}.{form}"
    if exporting.count(call.ctx, spec, ask, AT_ONCE + 1) > AT_ONCE:
        return _job(call, spec, wish, name)
    with tempfile.NamedTemporaryFile(suffix=f".{form}") as held:  # gone by name, still open to be sent
        exporting.export(call.ctx, spec, ask, Path(held.name), wish)
        file = Path(held.name).open("rb")  # noqa: SIM115 - the response closes it
    response = FileResponse(file, as_attachment=True, filename=name, content_type=exporting.FORMATS[form])
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _job(call: Call, spec: Spec, wish: exporting.Wish, name: str) -> HttpResponse:
    """202: the job's result names the file, which ``/files/{id}/`` hands out."""
    pk = jobs.start(call.ctx, "export", [0], {"resource": spec.name, "wish": asdict(wish), "name": name})
    where = call.url(f"{ROOT}/jobs/{pk}/")
    return answer({"job": {"id": pk, "url": where, "state": "waiting", "total": 1}}, 202, Location=where)
