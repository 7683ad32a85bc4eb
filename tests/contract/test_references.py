"""A reference outside the caller's scope is refused as one that does not exist, for every field of every resource."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from kontor.access.models import Role, RoleGrant, RoleRight
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.records import Ref
from kontor.errors import Invalid
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.columns import new_id
from suite.finance import api as finance
from suite.finance.api import NewItem
from tests.conftest import context_of
from tests.contract.conftest import creatable
from tests.factories import FACTORIES, make

pytestmark = [pytest.mark.requirement("K3")]


def _scoped(name: str) -> bool:
    target = registry.find(name)
    return target is not None and (target.scoped or bool(target.within))


def _fields() -> Iterator[tuple[Spec, str, str, str]]:
    """Resource, lines (or nothing), field, what it refers to: where that has a data scope."""
    for spec in creatable():
        for f in spec.fields.values():
            if f.kind == "reference" and not f.readonly and _scoped(f.relation):
                yield spec, "", f.name, f.relation
        for name, lines in spec.lines.items():
            for f in lines.fields.values():
                if f.kind == "reference" and not f.readonly and not lines.readonly and _scoped(f.relation):
                    yield spec, name, f.name, f.relation


FIELDS = list(_fields())
MONEY = Decimal(100), "TWD", Decimal(1)  # amount, currency, rate


@pytest.fixture
def narrow(ctx: Context) -> Callable[..., Context]:
    """A user who may write one resource and sees only his own of others: none."""

    def make_one(spec: Spec, *views: str) -> Context:
        from kontor.identity.api import invite

        role = Role.objects.create(code=f"narrow-{os.urandom(3).hex()}", name="Narrow", scope="own")
        RoleRight.objects.create(role=role, resource=spec.name, verbs=["view", "create", "edit"], scope="own")
        for name in {*views} - {spec.name}:
            RoleRight.objects.create(role=role, resource=name, verbs=["view"], scope="own")
        user = invite(username=role.code, name="Narrow", roles=[])[0]
        RoleGrant.objects.create(role=role, user=user)
        return context_of(user.username)

    return make_one


def _hidden(ctx: Context, relation: str) -> Any:
    """A record that the narrow user does not see; a party by one of its roles, an item as a document opens it."""
    target = registry.spec(relation)
    if relation == "finance.open_item":
        party = make(ctx, "parties.customer").pk
        item = NewItem(Ref("tests.invoice", new_id()), "IV-1", "invoice", party, *MONEY, ctx.today, ctx.today)
        return target.model._default_manager.get(pk=finance.open_item(ctx, item))
    return make(ctx, target.within[0] if target.within else relation)


@pytest.mark.parametrize("seen", ["sees only his own", "may not view them"])
@pytest.mark.parametrize(
    "case", FIELDS, ids=[f"{s.name}.{lines}.{name}".replace("..", ".") for s, lines, name, _r in FIELDS]
)
def test_what_is_out_of_scope_is_not_there(ctx: Context, narrow: Any, case: Any, seen: str) -> None:
    spec, lines, name, relation = case
    hidden = _hidden(ctx, relation)
    target = registry.spec(relation)
    caller = narrow(spec, *((relation, *target.within) if seen == "sees only his own" else ()))
    data = FACTORIES[spec.name](ctx)
    words = {str(hidden.pk), str(getattr(hidden, "code", "") or getattr(hidden, "number", "") or hidden.pk)}
    before = spec.model._default_manager.count()
    for word in words:
        if lines:
            given = {**data, lines: [{**(data.get(lines) or [{}])[0], name: word}]}
            pointer = f"/{lines}/0/{name}"
        else:
            given, pointer = {**data, name: word}, f"/{name}"
        with pytest.raises(Invalid) as refused:
            gate.create(caller, spec.name, given)
        told = {e.pointer: (e.code, str(e.detail)) for e in refused.value.errors}
        assert told[pointer] == ("not_found", f"There is no {target.label} “{word}”."), told
    assert spec.model._default_manager.count() == before


@pytest.mark.requirement("P1")
def test_a_contact_is_attached_to_customers_in_scope_alone(ctx: Context, as_role: Any) -> None:
    ann, bob = as_role("sales"), as_role("sales")
    hers = gate.create(ann, "parties.customer", {"name": "Hers"})
    supplier = gate.create(ctx, "parties.supplier", {"name": "Ours"})
    for word in (hers.code, str(hers.pk), supplier.code, str(supplier.pk)):
        with pytest.raises(Invalid) as refused:
            gate.create(bob, "parties.contact", {"name": "X", "organisation": word})
        assert [(e.pointer, e.code) for e in refused.value.errors] == [("/organisation", "not_found")]
    assert gate.create(ann, "parties.contact", {"name": "X", "organisation": hers.code}).organisation_id == hers.pk
    with pytest.raises(Invalid):  # nor made a customer of one's own by its party
        gate.create(bob, "parties.customer", {"party": str(supplier.pk)})


@pytest.mark.requirement("K3")
def test_the_register_shows_the_parties_of_ones_customers(ctx: Context, as_role: Any) -> None:
    from kontor.access.scope import predicate
    from suite.parties.models import Party

    ann, accountant = as_role("sales"), as_role("accountant")
    hers = gate.create(ann, "parties.customer", {"name": "Hers", "contacts": [{"name": "Person"}]})
    gate.create(ctx, "parties.customer", {"name": "Other"})
    spec = registry.spec("parties.party")
    assert set(Party.objects.filter(predicate(ann, spec)).values_list("pk", flat=True)) == {hers.pk}
    assert Party.objects.filter(predicate(accountant, spec)).count() == Party.objects.count() == 3
