"""The first steps of a new company, for who sets it up: each is ticked off by what is there."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.identity.models import User
from kontor.organization.models import Branch
from kontor.resources import registry
from kontor.web.cards import Card, CardRow
from kontor.web.settings_pages.guard import may_administer
from kontor.web.workbench import card


@card("web.starting", column="do", order=1)
def starting(ctx: Context) -> Card | None:
    """What a new company still lacks, in the order in which it is needed; gone when all is there."""
    if not may_administer(ctx):
        return None
    steps = _steps(ctx)
    left = [s for s in steps if not s[0]]
    if not left or (steps[0][0] and steps[-1][0]):  # whoever has company data and an order is under way
        return None
    rows = [
        CardRow(title, href, note, "", "circle-check" if done else icon, "ok" if done else "")
        for done, title, href, note, icon in steps
    ]
    return Card(_("First steps"), rows, count=f"{len(steps) - len(left)}/{len(steps)}")


def _steps(ctx: Context) -> list[tuple[bool, str, str, str, str]]:
    root = Branch.objects.filter(parent=None).order_by("created_at").first()
    out = [
        (
            bool(root and root.legal_name and root.address),
            _("Company data"),
            "/settings/company/",
            _("legal name, tax number, address: they stand on every paper"),
            "building",
        ),
        (
            bool(configuration.get("company.logo", ctx)),
            _("Logo"),
            "/settings/company/#logo",
            _("at the head of quotations and invoices"),
            "photo",
        ),
        (
            User.objects.filter(is_active=True)[:2].count() > 1,
            _("Invite people"),
            "/settings/users/new/",
            _("each with a role that says what they may do"),
            "user-plus",
        ),
    ]
    for name, title, note in (
        ("catalog.product", _("Products"), _("import a spreadsheet, or enter the first")),
        ("parties.customer", _("Customers"), _("import a spreadsheet, or enter the first")),
        ("sales.order", _("First order"), _("from there come delivery, invoice and receipt")),
    ):
        spec = registry.find(name)
        if spec is None or not ctx.rights.can(name, "create"):
            continue
        there = spec.model._default_manager.exists()
        way = f"/x/import/{spec.name}/" if spec.imports and name != "sales.order" else f"/{spec.path}/new/"
        out.append((there, title, f"/{spec.path}/" if there else way, note, spec.icon))
    return out
