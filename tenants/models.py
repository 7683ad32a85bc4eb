"""Companies and their domains: the platform's own tables, in the public schema."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from kontor.values.columns import IdField


class Tenant(TenantMixin):
    """A company; its data live whole in the schema ``schema_name``."""

    class State(models.TextChoices):
        TRIAL = "trial", _("Trial")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        READ_ONLY = "read_only", _("Read only")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    auto_create_schema = False
    auto_drop_schema = False

    id = IdField()
    name = models.CharField(_("name"), max_length=40)  # the sub-domain and the word of the CLI
    title = models.CharField(_("company name"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=10, default="en")
    zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    # How far the company has followed the code: see tenants.versions and tenants.migrating.
    level = models.PositiveIntegerField(default=0, editable=False)
    schema_mark = models.CharField(max_length=64, blank=True, editable=False)
    contents = models.CharField(max_length=400, blank=True, editable=False)
    fault = models.TextField(blank=True, editable=False)  # why the last migration failed; empty: it did not

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="tenants_tenant_name")]

    @property
    def is_behind(self) -> bool:
        """Whether the code would meet tables that are not there yet; a schema ahead of the code is served."""
        from tenants.versions import level

        return self.level < level()

    @classmethod
    def working(cls) -> models.QuerySet[Tenant]:
        """Companies whose background work runs: neither resting nor waiting for a migration."""
        from tenants.versions import level

        resting = (cls.State.SUSPENDED, cls.State.CLOSED)
        return cls._default_manager.exclude(state__in=resting).filter(level__gte=level()).order_by("schema_name")


class Domain(DomainMixin):
    """A host name that leads to a company."""

    id = IdField()
