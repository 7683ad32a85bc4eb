"""Each role and verb is allowed or refused as declared, and a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.access.roles import BUILT_IN
from kontor.context import Context
from kontor.resources.spec import Spec
from tests.conftest import context_of
from tests.contract.conftest import Caller
from tests.factories import FACTORIES, make

pytestmark = [pytest.mark.requirement("K2", "K3")]
ROLES = [r for r in BUILT_IN if r != "admin"]


@pytest.mark.parametrize("role", ROLES)
def test_verbs_of_a_role(api_as: Any, as_role: Any, ctx: Context, spec: Spec, role: str) -> None:
    caller = api_as(role)
    rights = as_role(role).rights
    record = make(ctx, spec.name)
    state = getattr(record, "state", "")
    listed = caller("GET", f"{spec.path}/")
    assert listed.status_code == (200 if rights.can(spec.name, "view") else 403)
    if not rights.can(spec.name, "create"):
        count = spec.model._default_manager.count()
        assert caller("POST", f"{spec.path}/", FACTORIES[spec.name](ctx)).status_code == 403
        assert spec.model._default_manager.filter(pk=record.pk).exists()
        assert spec.model._default_manager.count() >= count
    if not rights.can(spec.name, "edit"):
        assert caller("PATCH", f"{spec.path}/{record.pk}/", {}, If_Match='"1"').status_code in (403, 404)
    if not rights.can(spec.name, "delete"):
        assert caller("DELETE", f"{spec.path}/{record.pk}/").status_code in (403, 404, 405)
    for action in spec.actions:
        if not rights.can(spec.name, action):
            assert caller("POST", f"{spec.path}/{record.pk}/{action}/", {}).status_code in (403, 404)
    record.refresh_from_db()
    assert getattr(record, "state", "") == state


def test_without_a_key_nothing(company: object, any_spec: Spec):
    nobody = Caller("kk_wrong")
    answer = nobody("GET", f"{any_spec.path}/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"]


@pytest.mark.requirement("K3")
@pytest.mark.where(lambda s: s.scoped and "view" in s.roles.get("sales", "").split() and "sales" not in s.scopes)
def test_own_scope_hides_what_others_own(api_as: Any, ctx: Context, spec: Spec) -> None:
    record = make(ctx, spec.name)
    caller = api_as("sales")
    assert caller("GET", f"{spec.path}/{record.pk}/").status_code == 404
    assert caller("GET", f"{spec.path}/").data["results"] == []
    assert caller("PATCH", f"{spec.path}/{record.pk}/", {}, If_Match='"1"').status_code in (403, 404)
    for action in spec.actions:
        assert caller("POST", f"{spec.path}/{record.pk}/{action}/", {}).status_code in (403, 404, 422)
    record.refresh_from_db()


def _costs(spec: Spec) -> list[str]:
    return [f.name for f in spec.fields.values() if f.guard == "cost"]


@pytest.mark.requirement("K4")
@pytest.mark.where(lambda s: "warehouse" in s.roles and bool(_costs(s)))
def test_guarded_fields_never_leave(api_as: Any, ctx: Context, spec: Spec) -> None:
    guarded = _costs(spec)
    record = make(ctx, spec.name)
    caller = api_as("warehouse")
    read = caller("GET", f"{spec.path}/{record.pk}/")
    assert read.status_code == 200
    assert all(read.data.get(name) is None for name in guarded)
    assert caller("GET", f"{spec.path}/?order={guarded[0]}").status_code in (403, 422)
    assert caller("GET", f"{spec.path}/?{guarded[0]}__gt=1").status_code in (403, 422)


def test_the_admin_of_the_test_has_every_right(ctx: Context):
    assert context_of("admin").rights.everything
