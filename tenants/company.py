"""Founding a company: schema, settings, roles, root branch, country pack, administrator."""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import get_territory_currencies
from django.db import transaction
from django.utils.translation import gettext as _

from kontor.access.models import Role
from kontor.access.roles import BUILT_IN
from kontor.configuration.api import put
from kontor.database.tenancy import tenant_scope
from kontor.errors import Invalid
from kontor.identity.api import invite, issue_key, system_context
from kontor.organization.models import Branch
from tenants.contents import bring_all, contents_mark
from tenants.models import Tenant
from tenants.provisioning import create_tenant, drop_tenant

# country → currency, language, time zone; all others have the currency of their country
_HOMES = {"tw": ("TWD", "zh-hant", "Asia/Taipei"), "cn": ("CNY", "zh-hans", "Asia/Shanghai")}
# where another country's money is legal tender too, and CLDR names that first
_OWN_MONEY = {"bt": "BTN", "ls": "LSL", "na": "NAD"}


@dataclass(frozen=True, slots=True)
class Founded:
    """A new company and how its administrator gets in."""

    tenant: Tenant
    username: str
    password: str
    api_key: str


def _currency_of(country: str) -> str:
    """The legal tender of a country by its two letters (CLDR); Invalid where there is no such country."""
    known = get_territory_currencies(country.upper())
    if not known:
        raise Invalid.at("/country", _("“%(country)s” is no country's two letters (ISO 3166).") % {"country": country})
    return _OWN_MONEY.get(country) or str(known[0])


def found_company(name: str, *, title: str, country: str, language: str = "") -> Founded:
    """Provision a company ready to log in: one transaction for the schema, one inside it.

    If the second fails the first is undone, so no half-made company stays.
    """
    country = country.lower()
    currency, home_language, zone = _HOMES.get(country) or (_currency_of(country), "en", "UTC")
    tenant = create_tenant(name, title=title, country=country, language=language or home_language, zone=zone)
    try:
        with tenant_scope(tenant):
            username, password, key = _fill(tenant, currency)
        Tenant.objects.filter(pk=tenant.pk).update(contents=contents_mark())
    except BaseException:
        drop_tenant(tenant)
        raise
    return Founded(tenant, username, password, key)


def _fill(tenant: Tenant, currency: str) -> tuple[str, str, str]:
    with transaction.atomic():
        put(
            {
                "company.name": tenant.title,
                "company.country": tenant.country,
                "company.currency": currency,
                "company.language": tenant.language,
                "company.zone": tenant.zone,
            }
        )
        Branch.objects.create(code="HQ", name=tenant.title, legal_name=tenant.title)
        Role.objects.bulk_create(
            Role(code=code, name=str(role.label), builtin=True, scope=role.scope) for code, role in BUILT_IN.items()
        )
        user, password = invite(username="admin", name="Administrator", roles=["admin"], language=tenant.language)
        key = issue_key(user, name="first key")
        bring_all(system_context(), tenant.country, had="")
    return user.username, password, key
