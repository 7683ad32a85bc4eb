"""Sensitive changes ask who is there: by password or second factor, unless that was proved just now (ASVS 3.7.1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest


def is_confirmed(request: Any) -> bool:
    """Whether the person signed in or proved himself within the time of grace."""
    proofs = get_authentication_records(request, request.user)
    return bool(proofs) and time.time() - proofs[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def need_confirmation(request: HttpRequest) -> None:
    """Else allauth asks, keeps what was sent, and carries it out afterwards."""
    if not is_confirmed(request):
        raise ReauthenticationRequired


def confirmed_changes(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a view whose POST changes users, roles, keys or the rules of signing in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and request.user.is_authenticated:
            need_confirmation(request)
        return view(request, *args, **kwargs)

    return wrapped
