"""The limit of a list over HTTP: one DRF view over ``.values()``, without key, scope, filters or ETag."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

COLUMNS: tuple[str, ...] = ()


class Bare(APIView):
    """Fifty customers of an employee, newest first."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)

    def get(self, request: Any, employee: UUID) -> Response:
        """The rows as they are stored."""
        from suite.parties.models import Customer

        rows = Customer.objects.filter(owner_id=employee).order_by("-pk").values(*COLUMNS)[:50]
        return Response({"results": list(rows)})


urlpatterns = [path("bare/<uuid:employee>/", Bare.as_view())]
