"""The app of kontor.identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Users, sign-in, sessions, API keys."""

    name = "kontor.identity"
    label = "identity"
