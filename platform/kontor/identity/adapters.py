"""allauth's hooks: nobody signs up by himself; wrong passwords lock a name for a while; sign-ins and changes are in
the audit; seeds of second factors are sealed."""

from __future__ import annotations

import contextlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from kontor.database.tenancy import tenant_scope
from kontor.history.recording import Deed, record
from kontor.identity import attempts, events, sealing, sessions
from kontor.identity.addresses import address_of
from kontor.identity.api import context_for
from kontor.identity.changes import changed
from kontor.identity.confirming import is_confirmed
from kontor.identity.models import User
from kontor.identity.session_store import BEGUN

_CHANGES = {  # allauth's mails about an account → the deed in our audit
    "account/email/password_changed": "password changed",
    "mfa/email/totp_activated": "second factor set up",
    "mfa/email/totp_deactivated": "second factor removed",
    "mfa/email/recovery_codes_generated": "recovery codes made",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in only."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Refuse at once while the name is locked, with the time that is left."""
        attempts.refuse_if_locked(_name(credentials))
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        """Count it; from the fifth on the name is locked, longer each time."""
        name = _name(credentials)
        user = User.objects.filter(username__iexact=name).first() or User.objects.filter(email__iexact=name).first()
        verb = "confirmation failed" if request.user.is_authenticated else "sign-in failed"
        events.failure(request, verb, user=user)
        if attempts.failed(name) is not None:
            events.failure(request, "sign-in locked", user=user)
            attempts.refuse_if_locked(name)

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """A right password clears the count; one that somebody else made opens nothing after its time."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempts.cleared(_name(credentials))
            if user.password_until is not None and user.password_until < timezone.now():
                raise ValidationError(
                    _("This first password was not used in time. Ask your administrator for another.")
                )
        return user

    def post_login(self, request: Any, user: Any, **more: Any) -> Any:
        """The audit keeps who signed in and from where; the session's time begins."""
        ctx = context_for(user, address=address_of(request), request_id=getattr(request, "request_id", ""))
        record(ctx, [Deed("identity.user", user.pk, "signed in")], events=False)
        request.session["_address"] = address_of(request)
        request.session["_agent"] = request.headers.get("User-Agent", "")[:300]
        request.session[BEGUN] = int(timezone.now().timestamp())
        sessions.sweep()
        return super().post_login(request, user, **more)

    def clean_password(self, password: str, user: Any = None) -> str:
        """By the rules of the settings, and another than the present one."""
        word = super().clean_password(password, user)
        if user is not None and user.pk and user.check_password(word):
            raise ValidationError(_("This is the present password. Choose another."))
        return word

    def set_password(self, user: Any, password: str) -> None:
        """The person's own now."""
        user.set_password(password)
        user.password_until = None
        user.save(update_fields=["password", "password_until"])

    def get_password_change_redirect_url(self, request: Any) -> str:
        return "/me/"

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Who signed in or proved himself just now is not asked again."""
        return not is_confirmed(self.request)

    def send_notification_mail(self, template_prefix: str, user: Any, context: Any = None, email: Any = None) -> None:
        """allauth would tell by mail; the product writes it down and tells by a notice."""
        verb = _CHANGES.get(template_prefix)
        if verb is None:
            return
        with contextlib.ExitStack() as stack:
            if not connection.in_atomic_block:  # some are told after the commit, when no company is set any more
                stack.enter_context(tenant_scope(self.request.tenant))
            ctx = context_for(
                user, address=address_of(self.request), request_id=getattr(self.request, "request_id", "")
            )
            changed(ctx, user, verb)


class MfaAdapter(DefaultMFAAdapter):
    """Seeds of codes and recovery codes are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return sealing.unseal(encrypted_text)
        except sealing.Sealed:
            said = _("Your second factor cannot be read any more. Ask your administrator to remove it.")
            raise ValidationError(said) from None


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()[:150]
