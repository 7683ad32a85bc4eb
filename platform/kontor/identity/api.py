"""Users, their context and their keys."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation

from kontor.access.models import Role, RoleGrant
from kontor.access.rights import ALL_RIGHTS, Limit, Rights, rights_of
from kontor.configuration.api import company
from kontor.context import Context
from kontor.identity import attempts, sessions
from kontor.identity.changes import changed
from kontor.identity.models import ApiKey, User
from kontor.organization.api import place_of
from kontor.organization.models import Assignment, Department, Employee
from kontor.resources import registry

_KEY_MARK = "kk_"
FIRST_PASSWORD = dt.timedelta(days=7)  # how long a password opens that an administrator handed over (ASVS 2.3.1)


def context_for(user: User, *, source: str = "web", **changes: Any) -> Context:
    """The context in which the user acts: rights, place, language, the company's clock and currency."""
    ctx = Context(user_id=user.pk, user_name=user.get_full_name(), rights=rights_of(user.pk), source=source)
    firm = company(ctx)
    ctx.employee_id = user.employee_id
    place = place_of(ctx, user.employee_id)
    ctx.department_path, ctx.branch_id = place.path, place.branch_id
    ctx.language = user.language or firm.language
    ctx.zone, ctx.currency = firm.zone, firm.currency
    for name, value in changes.items():
        setattr(ctx, name, value)
    return ctx


def system_context(source: str = "system") -> Context:
    """The company's own context, with every right: jobs, provisioning, services."""
    ctx = Context(user_id=None, user_name="Kontor", rights=ALL_RIGHTS, source=source)
    firm = company(ctx)
    ctx.branch_id = place_of(ctx, None).branch_id
    ctx.language, ctx.zone, ctx.currency = firm.language, firm.zone, firm.currency
    return ctx


def hire(
    *, number: str, name: str, title: str = "", email: str = "", department: str = "", manager_id: UUID | None = None
) -> Employee:
    """Make an employee, with the main assignment to a department where one is named by its code."""
    from kontor.surfaces.search import index  # stands above this package; the row does not pass the gate

    employee = Employee.objects.create(number=number, name=name, title=title, email=email, manager_id=manager_id)
    if department:
        Assignment.objects.create(employee=employee, department=Department.objects.get(code=department))
    index(registry.spec("organization.employee"), [employee.pk])
    return employee


def invite(
    *,
    username: str,
    name: str,
    roles: Sequence[str],
    email: str = "",
    department: str = "",
    language: str = "",
    password: str = "",
    employee: Employee | None = None,
    temporary: bool = False,
) -> tuple[User, str]:
    """Make a user with role grants, and an employee unless one is given; returns user and password in clear.

    A ``temporary`` password must be replaced at the first sign-in, within a week.
    """
    word = password or new_password()
    with transaction.atomic():
        person = employee or hire(number=f"E-{username}"[:40], name=name, email=email, department=department)
        until = timezone.now() + FIRST_PASSWORD if temporary else None
        user = User.objects.create_user(
            username, word, name=name, email=email, employee=person, language=language, password_until=until
        )
        grant(user, roles)
    return user, word


def new_password() -> str:
    """Random, 72 bits."""
    return secrets.token_urlsafe(9)


def reset_password(user: User) -> str:
    """A new temporary password in clear; what was open or locked under the old one ends."""
    word = new_password()
    user.set_password(word)
    user.password_until = timezone.now() + FIRST_PASSWORD
    user.save(update_fields=["password", "password_until"])
    sessions.live(user.pk).delete()
    attempts.cleared(*attempts.names_of(user))
    return word


def rename(ctx: Context, user: User, given: Mapping[str, str]) -> None:
    """Name and mail as a form gives them; who signs in by mail is told of another one."""
    before = (user.name, user.email)
    user.name, user.email = given.get("name", "").strip()[:120], given.get("email", "").strip()[:254]
    if before == (user.name, user.email):
        return
    user.save(update_fields=["name", "email"])
    if before[1] != user.email:
        changed(ctx, user, "mail changed", {"email": [before[1], user.email]})


def grant(user: User, roles: Sequence[str]) -> None:
    """Give the user these roles beside those it has."""
    for role in Role.objects.filter(code__in=roles):
        RoleGrant.objects.get_or_create(role=role, user=user)


def issue_key(
    user: User,
    *,
    name: str,
    source: str = "api",
    read_only: bool = False,
    resources: Sequence[str] = (),
    expires_at: dt.datetime | None = None,
) -> str:
    """A new API key with the rights of the user, or the part of them that is named; the clear text is not kept."""
    key = _KEY_MARK + secrets.token_urlsafe(32)
    ApiKey.objects.create(
        user=user,
        name=name,
        prefix=key[:10],
        key_hash=hash_key(key),
        source=source,
        read_only=read_only,
        resources=sorted(set(resources)),
        expires_at=expires_at,
    )
    return key


def user_of_key(key: str) -> tuple[User, ApiKey] | None:
    """Whose key it is; None if unknown, revoked, expired or of an inactive user."""
    row = ApiKey.objects.select_related("user").filter(key_hash=hash_key(key), revoked_at=None).first()
    if row is None or not row.user.is_active or (row.expires_at and row.expires_at < timezone.now()):
        return None
    return row.user, row


def hash_key(key: str) -> str:
    """Keys are random and long, so one SHA-256 is enough and quick."""
    return hashlib.sha256(key.encode()).hexdigest()


def rights_of_key(key: ApiKey) -> Rights:
    """What is left of the user's rights by the limits of the key."""
    whole = rights_of(key.user_id)
    if not key.read_only and not key.resources:
        return whole
    return whole.narrowed(Limit(key.read_only, frozenset(key.resources)))


def speak(ctx: Context) -> Any:
    """Context manager: the language of the acting user."""
    return translation.override(ctx.language)
