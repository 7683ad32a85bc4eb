"""What changes an account stands in the audit, and its owner is told of it in the product.

By mail too as soon as the product sends mail; until then a notice waits for the next sign-in.
"""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.configuration.api import company
from kontor.context import Context
from kontor.history.models import Notification
from kontor.history.recording import Deed, record
from kontor.identity.models import User

_TOLD: dict[str, Any] = {
    "password changed": gettext_lazy("Your password was changed."),
    "password reset": gettext_lazy("You were given a new password."),
    "second factor set up": gettext_lazy("A second factor was set up for your account."),
    "second factor removed": gettext_lazy("The second factor of your account was removed."),
    "recovery codes made": gettext_lazy("New recovery codes were made for your account."),
    "roles changed": gettext_lazy("Your roles were changed."),
    "mail changed": gettext_lazy("The mail address of your account was changed."),
    "key issued": gettext_lazy("An API key was made in your name."),
}


def changed(ctx: Context, user: User, verb: str, changes: dict[str, Any] | None = None) -> None:
    """Write it down, and tell the user in his language where it is one of the changes that people must know of."""
    record(ctx, [Deed("identity.user", user.pk, verb, changes or {})], events=False)
    tell(ctx, user, verb)


def tell(ctx: Context, user: User, verb: str) -> None:
    """A notice to the user, whoever did it."""
    if verb not in _TOLD:
        return
    with translation.override(user.language or company(ctx).language):
        by = _("It was not you? Tell your administrator at once. Done by: %(who)s.") % {
            "who": ctx.user_name or "Kontor"
        }
        Notification.objects.create(user_id=user.pk, text=f"{_TOLD[verb]} {by}"[:300], link="/me/")
