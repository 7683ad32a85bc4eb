"""Legal and illegal transitions: an action in the wrong state is refused and leaves no trace."""

from __future__ import annotations

import pytest

from kontor.context import Context
from kontor.documents.models import StatusChange
from kontor.history.models import AuditEvent
from kontor.resources.spec import Action, Spec
from tests.contract.conftest import Caller
from tests.factories import make


def _illegal(spec: Spec) -> list[Action]:
    """What cannot be done in the first state."""
    return [a for a in spec.actions.values() if a.sources and spec.initial not in a.sources]


@pytest.mark.requirement("K2")
@pytest.mark.where(lambda s: bool(_illegal(s)))  # a mark takes a function with a name for the test itself
def test_actions_in_a_wrong_state_are_refused(api: Caller, ctx: Context, spec: Spec):
    record = make(ctx, spec.name)
    for action in _illegal(spec):
        required = {n: "1" for n, i in action.body.items() if i.required and i.kind in ("text", "longtext")}
        answer = api("POST", f"{spec.path}/{record.pk}/{action.name}/", required)
        assert answer.status_code in (409, 422), (action.name, answer.data)
    record.refresh_from_db()
    assert record.state == spec.initial
    assert StatusChange.objects.filter(record_id=record.pk).count() == 0
    assert AuditEvent.objects.filter(record_id=record.pk).exclude(verb="created").count() == 0


def test_unknown_actions_are_not_found(api: Caller, ctx: Context, spec: Spec):
    record = make(ctx, spec.name)
    assert api("POST", f"{spec.path}/{record.pk}/no_such_action/", {}).status_code == 404
