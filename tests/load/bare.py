"""The limit of a list over HTTP: one DRF view over ``.values()``, without key, scope, filters or ETag."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView


class Bare(APIView):
    """Fifty customers of an employee, newest first."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)

    def get(self, request: Any, employee: UUID) -> Response:
        """The rows as they are stored."""
        from suite.parties.models import Customer

        rows = Customer.objects.filter(owner_id=employee).order_by("-pk").values(*columns())[:50]
        return Response({"results": list(rows)})


@cache
def columns() -> tuple[str, ...]:
    """What the product's own list reads."""
    from kontor.identity.api import system_context
    from kontor.resources import registry
    from kontor.surfaces.plans import plan_for

    return plan_for(system_context("bench"), registry.spec("parties.customer")).columns


urlpatterns = [path("bare/<uuid:employee>/", Bare.as_view())]
