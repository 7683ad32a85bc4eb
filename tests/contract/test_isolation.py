"""Another company's key, cookie, id and search get nothing, for every resource by construction."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import connection

from kontor.context import Context
from kontor.identity.api import issue_key
from kontor.identity.models import User
from kontor.resources.spec import Spec
from tenants.models import Tenant
from tests.contract.conftest import Caller
from tests.factories import make

pytestmark = [pytest.mark.requirement("T1")]


@contextmanager
def inside(name: str):  # type: ignore[no-untyped-def]
    """The test's transaction, turned to another company for a moment."""
    before = connection.tenant
    connection.set_schema_to_public()
    connection.set_tenant(Tenant.objects.get(name=name))
    try:
        yield
    finally:
        connection.set_tenant(before)


def test_the_id_and_the_key_of_another_company(api: Caller, ctx: Context, spec: Spec):
    record = make(ctx, spec.name)
    with inside("beta"):
        theirs = Caller(issue_key(User.objects.get(username="admin"), name="x"), host="beta.localhost")
    assert theirs("GET", f"{spec.path}/{record.pk}/").status_code == 404
    assert str(record.pk) not in [r["id"] for r in theirs("GET", f"{spec.path}/?limit=200").data["results"]]
    assert theirs("DELETE", f"{spec.path}/{record.pk}/").status_code in (404, 405)
    assert theirs("PATCH", f"{spec.path}/{record.pk}/", {}, If_Match='"1"').status_code in (404, 405)
    for action in spec.actions:
        assert theirs("POST", f"{spec.path}/{record.pk}/{action}/", {}).status_code in (404, 422)
    crossed = Caller(theirs.key)  # beta's key at alpha's host
    assert crossed("GET", f"{spec.path}/").status_code == 401
    record.refresh_from_db()
    assert api("GET", f"{spec.path}/{record.pk}/").status_code == 200
