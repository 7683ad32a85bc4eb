"""A caller of the API, as an integrator would be one: a host, a key, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from kontor.identity.api import issue_key
from kontor.identity.models import User
from kontor.resources import registry
from kontor.resources.spec import Spec
from tests.factories import FACTORIES


@dataclass
class Caller:
    """Calls ``/api/v1/…`` of a company with a key."""

    key: str
    host: str = "alpha.localhost"
    client: Client = field(default_factory=Client)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.client.generic(
            method,
            f"/api/v1/{path}",
            data=b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={
                "Host": self.host,
                "Authorization": f"Bearer {self.key}",
                "Accept-Language": "en",
                **{k.replace("_", "-"): v for k, v in headers.items()},
            },
        )
        is_json = "json" in answer.headers.get("Content-Type", "")
        answer.data = json.loads(answer.content) if answer.content and is_json else None
        return answer


@pytest.fixture
def api(ctx: Any) -> Caller:
    """The administrator's key of alpha."""
    return Caller(issue_key(User.objects.get(username="admin"), name="test"))


@pytest.fixture
def api_as(as_role: Any) -> Callable[[str], Caller]:
    """``api_as("sales")`` → a caller with that role."""

    def make(role: str) -> Caller:
        return Caller(issue_key(User.objects.get(pk=as_role(role).user_id), name="test"))

    return make


def creatable() -> list[Spec]:
    """Every resource that can be created and has a factory."""
    return [s for s in registry.specs() if s.creatable and s.name in FACTORIES]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that take ``spec`` run once a creatable resource that ``where`` leaves, ``any_spec`` once a resource."""
    if "spec" in metafunc.fixturenames:
        marks = list(metafunc.definition.iter_markers("where"))
        specs = [s for s in creatable() if all(mark.args[0](s) for mark in marks)]
        assert specs, f"{metafunc.definition.name}: no resource is left"
        metafunc.parametrize("spec", specs, ids=lambda s: s.name)
    if "any_spec" in metafunc.fixturenames:
        metafunc.parametrize("any_spec", registry.specs(), ids=lambda s: s.name)
