"""What people see and type: codes in place of ids."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kontor.documents import gate
from kontor.identity.models import User
from suite.catalog.models import Tax

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["", "edit/"])
def test_taxes_of_a_product_are_shown_by_their_codes(ctx: Any, page: str) -> None:
    made = gate.create(ctx, "catalog.product", {"code": "P", "name": "P", "taxes": ["TX0"]})
    client = Client(HTTP_HOST="alpha.localhost")
    client.force_login(
        User.objects.get(username="admin"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    shown = client.get(f"/catalog/products/{made.id}/{page}").content.decode()
    assert "TX0" in shown
    assert str(Tax.objects.get(code="TX0").id) not in shown
