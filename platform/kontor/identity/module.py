"""What a company decides about signing in: how long sessions last, who needs a second factor."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module, Preference
from kontor.resources.registry import register_module

NOBODY, ADMINISTRATORS, EVERYBODY = "nobody", "administrators", "everybody"

register_module(
    Module(
        "security",
        _("Sign-in"),
        "shield",
        order=95,
        fixed=True,
        preferences=(
            # defaults and the advice beside them: OWASP ASVS 4.0.3, 3.3.2 for level 2
            Preference(
                "security.idle_minutes",
                "integer",
                _("Minutes without use after which people are signed out"),
                _("30 is advised. What they were writing is kept in their browser and offered again."),
                30,
                least=5,
                most=14 * 24 * 60,
            ),
            Preference(
                "security.session_hours",
                "integer",
                _("Hours after which people sign in again in any case"),
                _("12 is advised: once a working day."),
                12,
                least=1,
                most=14 * 24,
            ),
            Preference(
                "security.second_factor",
                "choice",
                _("Who must have a second factor"),
                _("Who has none yet sets it up at the next click and cannot do anything else before."),
                NOBODY,
                (
                    (NOBODY, _("Nobody must; everybody may")),
                    (ADMINISTRATORS, _("Administrators and managers")),
                    (EVERYBODY, _("Everybody")),
                ),
            ),
        ),
    )
)
