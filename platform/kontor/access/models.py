"""Roles of a company, what they may, who has them, and what is shared by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kontor.access.roles import BUILT_IN
from kontor.documents.records import Record
from kontor.values.columns import IdField, Reference


class Role(Record):
    """A named set of rights. Built-in roles take theirs from the declarations; rows here add to them."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    builtin = models.BooleanField(default=False, editable=False)
    scope = models.CharField(_("data scope"), max_length=12, default="own")

    class Meta:
        verbose_name, verbose_name_plural = _("role"), _("roles")
        constraints = [models.UniqueConstraint(fields=["code"], name="access_role_code")]

    @property
    def label(self) -> str:
        """What people read: a role as shipped by its word in their language, any other by its own name."""
        shipped = BUILT_IN.get(self.code) if self.builtin else None
        if shipped is None:
            return self.name
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                if self.name == str(shipped.label):
                    break
        else:
            return self.name
        return str(shipped.label)


class RoleRight(models.Model):
    """What a role may do with a resource, in place of the declared default."""

    id = IdField()
    role = Reference(Role, on_delete=models.CASCADE)
    resource = models.CharField(max_length=80)
    verbs = models.JSONField(default=list)
    scope = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "resource"], name="access_roleright_unique")]


class FieldRight(models.Model):
    """Whether a role sees the fields under a guard (cost, margin, credit)."""

    id = IdField()
    role = Reference(Role, on_delete=models.CASCADE)
    guard = models.CharField(max_length=40)
    visible = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "guard"], name="access_fieldright_unique")]


class RoleGrant(models.Model):
    """A user has a role."""

    id = IdField()
    role = Reference(Role, on_delete=models.CASCADE)
    user = Reference("identity.User", on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="access_rolegrant_unique")]


class Share(models.Model):
    """A record shown to a person or a department beside what their scope shows."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    employee = Reference("organization.Employee", on_delete=models.CASCADE, null=True)
    department = Reference("organization.Department", on_delete=models.CASCADE, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_id", "employee", "department"], nulls_distinct=False, name="access_share_unique"
            )
        ]
