"""``…/{id}/print/{name}.pdf``: the papers that the screens print."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse

from kontor.api.calls import Call
from kontor.resources.spec import Spec
from kontor.surfaces.printing import paper


def printed(call: Call, spec: Spec, pk: UUID, name: str) -> HttpResponse:
    """The paper of that name as PDF; 404 outside the scope and for a name that there is not, 403 without the right."""
    made = paper(call.ctx, spec, pk, name)
    response = HttpResponse(made.content, content_type="application/pdf")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.file_name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
