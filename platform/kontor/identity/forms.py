"""allauth's forms of the second factor, with the lock-out that passwords have."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.base import forms
from django.core.exceptions import ValidationError

from kontor.identity import attempts, events


class _Locking:
    """Wrong codes are counted for the user, whatever address they come from."""

    user: Any
    failure = "second factor failed"

    def clean_code(self) -> str:
        name = attempts.factor_of(self.user)
        attempts.refuse_if_locked(name)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            until = attempts.failed(name)
            events.failure(context.request, self.failure, user=self.user)
            if until is not None:
                events.failure(context.request, "sign-in locked", user=self.user)
                attempts.refuse_if_locked(name)
            raise
        attempts.cleared(name)
        return code


class AuthenticateForm(_Locking, forms.AuthenticateForm):
    """After the password."""


class ReauthenticateForm(_Locking, forms.ReauthenticateForm):
    """Before a sensitive change."""

    failure = "confirmation failed"
