"""A company with something of everything in it, so that a hostile call has something to hit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from kontor.access.models import Role
from kontor.context import Context
from kontor.documents import gate
from kontor.history import api as history
from kontor.history.models import Attachment, Notification
from kontor.identity.api import context_for, invite, issue_key
from kontor.identity.models import ApiKey, User
from kontor.identity.session_store import SessionStore
from kontor.jobs import api as jobs
from kontor.jobs.models import Job
from kontor.resources import registry
from kontor.surfaces.exchange import runs
from kontor.surfaces.exchange.models import ImportRun
from kontor.surfaces.printing import printouts
from kontor.web.models import SavedView
from tests.factories import FACTORIES, make, order

NAME = "mallory"
MOST_IDS = 12
# What stands behind an id in an address that names no resource, by the words before it.
_OTHERS: dict[str, type[Any]] = {
    "jobs": Job, "files": Attachment, "keys": ApiKey, "users": User, "roles": Role, "views": SavedView,
    "notifications": Notification, "import": ImportRun,
}  # fmt: skip


@dataclass
class World:
    """Who calls, and what there is."""

    host: str
    key: str = ""
    session: str = ""
    ids: dict[str, list[str]] = field(default_factory=dict)  # by resource, and by the words of _OTHERS
    foreign: list[str] = field(default_factory=list)  # of another company
    words: list[str] = field(default_factory=list)  # codes and numbers
    prints: list[str] = field(default_factory=list)

    @property
    def ctx(self) -> Context:
        """What the caller may do, as the product would say it now."""
        return context_for(User.objects.get(username=NAME))

    @property
    def every_id(self) -> list[str]:
        """All ids of the company that are known."""
        return [pk for found in self.ids.values() for pk in found]

    def look(self) -> None:
        """Read anew what there is."""
        for spec in registry.specs():
            rows = spec.model._default_manager.filter(**spec.where).order_by("-pk")
            self.ids[spec.name] = [str(pk) for pk in rows.values_list("pk", flat=True)[:MOST_IDS]]
            self.prints += [p.name for p in printouts(spec.name) if p.name not in self.prints]
        for word, model in _OTHERS.items():
            self.ids[word] = [str(pk) for pk in model.objects.order_by("-pk").values_list("pk", flat=True)[:MOST_IDS]]
        self.words = [r.code for r in Role.objects.all()[:4]]
        for name in ("parties.customer", "catalog.product", "sales.order", "finance.account"):
            spec = registry.spec(name)
            self.words += [str(w) for w in spec.model._default_manager.values_list(spec.code[0], flat=True)[:4]]

    def others_before(self, route: str) -> str:
        """The word of an address by which its id is found."""
        return next((w for w in reversed(route.split("/")) if w in _OTHERS), "")


def fill(world: World, names: Collection[str] = tuple(FACTORIES)) -> World:
    """Make two of each resource and walk a trade through its states; give a caller that may do everything."""
    enter(world)
    ctx = world.ctx
    for name in names:
        make(ctx, name)
        if name != "sales.return":
            make(ctx, name)
    sold = order(ctx)
    gate.perform(ctx, "sales.order", sold.pk, "confirm", {})
    delivery = gate.perform(ctx, "sales.order", sold.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
    invoice = gate.perform(ctx, "sales.order", sold.pk, "invoice", {}).made
    gate.perform(ctx, "sales.invoice", invoice.pk, "post", {})
    customer = registry.spec("parties.customer").model._default_manager.order_by("-pk")[0]
    history.keep(ctx, "a.txt", [b"x"], "parties.customer", customer.pk)
    history.keep(ctx, "mine.txt", [b"x"])
    jobs.start(ctx, "bulk", [{"method": "create", "data": {"name": "x"}}], {"resource": "parties.customer"})
    runs.take_in(ctx, registry.spec("parties.customer"), "rows.json", ["name"], [[1, {"name": "from a file"}]])
    SavedView.objects.create(resource="sales.order", user_id=ctx.user_id, name="mine", state={"sort": "-number"})
    Notification.objects.create(user_id=ctx.user_id, text="something", resource="sales.order", record_id=sold.pk)
    world.look()
    return world


def enter(world: World) -> None:
    """A user with every right of the administrator, a key and a session; made again where a call ended them."""
    user = User.objects.filter(username=NAME).first()
    if user is None:
        user = invite(username=NAME, name="Mallory", roles=["admin"], language="en")[0]
    User.objects.filter(pk=user.pk).update(is_active=True)
    world.key = issue_key(user, name="hostile")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    world.session = session.session_key or ""
