"""The app of kontor.fields."""

from django.apps import AppConfig


class FieldsConfig(AppConfig):
    """Dictionaries: the choice lists that a company edits."""

    name = "kontor.fields"
    label = "fields"
