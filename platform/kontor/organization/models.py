"""Branches, departments, positions, employees and who works where."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.configuration.kept import forget
from kontor.documents import trees
from kontor.documents.records import Draft, Owned, Record
from kontor.errors import Invalid
from kontor.values.columns import IdField, Reference


class Branch(Record):
    """A place of the company: office, shop, plant. The root branch is the company itself."""

    class Kind(models.TextChoices):
        OFFICE = "office", _("Office")
        SHOP = "shop", _("Shop")
        PLANT = "plant", _("Plant")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OFFICE)
    parent = Reference("self", verbose_name=_("above"), null=True, blank=True)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("branch"), _("branches")
        constraints = [models.UniqueConstraint(fields=["code"], name="organization_branch_code")]


class Department(trees.Branching):
    """A node of the tree; ``path`` (``/A/A1/``) is what the data scope compares."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    branch = Reference(Branch, verbose_name=_("branch"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("department"), _("departments")
        constraints = [models.UniqueConstraint(fields=["code"], name="organization_department_code")]

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """A department that moved takes along what is below it and every record that carries its path."""
        from kontor.surfaces.scoping import move  # the search keeps the path too; it stands above this package

        super().written(ctx, drafts)
        for old, new in trees.moved(drafts):
            for model in apps.get_models():
                if issubclass(model, Owned):
                    trees.rewrite(model._default_manager, "department_path", old, new)
            move(old, new)


class Position(Record):
    """A post, such as sales manager."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name, verbose_name_plural = _("position"), _("positions")
        constraints = [models.UniqueConstraint(fields=["code"], name="organization_position_code")]


class Employee(Record):
    """A person of the company; may or may not have a user. The assignments say where it works."""

    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120, blank=True)
    email = models.CharField(_("email"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    manager = Reference("self", verbose_name=_("reports to"), null=True, blank=True)
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("employee"), _("employees")
        constraints = [models.UniqueConstraint(fields=["number"], name="organization_employee_number")]

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """One assignment is the main one: the one that says so, else the first. Nobody reports to itself."""
        for d in drafts:
            if d.record.manager_id == d.record.pk:
                raise Invalid.at(f"{d.at}/manager", _("Nobody reports to himself or herself."))
            lines = d.lines.get("assignments", [])
            said = [line for line in lines if line.is_main and "is_main" in d.lines_given.get(line.pk, ())]
            for line in lines:
                line.is_main = line is (said or lines)[0]

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Places looked up earlier in this call may be others now."""
        forget(ctx, *(name for name in ctx.cache if str(name).startswith("place of ")))


class Assignment(models.Model):
    """Employee × department × position; the main one gives a document its department and branch."""

    id = IdField()
    employee = Reference(Employee, on_delete=models.CASCADE, related_name="assignments")
    department = Reference(Department, verbose_name=_("department"))
    position = Reference(Position, verbose_name=_("position"), null=True, blank=True)
    is_main = models.BooleanField(_("main"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employee"], condition=models.Q(is_main=True), name="organization_assignment_main"
            )
        ]
