"""Users, sessions and API keys of one company."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.values.columns import IdField, Reference


class UserManager(BaseUserManager["User"]):
    """Makes users; rights come from role grants alone."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in; bound to an employee when internal."""

    class Kind(models.TextChoices):
        INTERNAL = "internal", _("Internal")
        PORTAL = "portal", _("Portal")
        SERVICE = "service", pgettext_lazy("user", "Service")

    id = IdField()
    username = models.CharField(_("user name"), max_length=150)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("email"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.INTERNAL)
    employee = Reference("organization.Employee", verbose_name=_("employee"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Somebody else made the password: it must be replaced at the next sign-in, and opens nothing after this moment.
    password_until = models.DateTimeField(null=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")
        constraints = [
            models.UniqueConstraint(models.functions.Lower("username"), name="identity_user_username"),
        ]

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Session(AbstractBaseSession):
    """A signed-in browser; one row a session, ended by deleting it."""

    session_key = models.CharField(max_length=40, primary_key=True)
    expire_date = models.DateTimeField()
    user = Reference(User, on_delete=models.CASCADE, null=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("session")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from kontor.identity.session_store import SessionStore

        return SessionStore


class ApiKey(models.Model):
    """A key of an integration: shown once, kept as a hash, never above its user, narrower where it says so."""

    id = IdField()
    user = Reference(User, on_delete=models.CASCADE)
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64)
    source = models.CharField(_("source name"), max_length=60, default="api")
    read_only = models.BooleanField(_("read only"), db_default=False, default=False)
    resources = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # none: all of the user
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        constraints = [models.UniqueConstraint(fields=["key_hash"], name="identity_apikey_hash")]


class LoginAttempt(models.Model):
    """Failed sign-ins per name, for the lock-out; cleared by a success."""

    id = IdField()
    username = models.CharField(max_length=150)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username"], name="identity_attempt_username")]
