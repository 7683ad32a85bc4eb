"""The app of kontor.surfaces."""

from django.apps import AppConfig


class SurfacesConfig(AppConfig):
    """One file per surface built from a Spec."""

    name = "kontor.surfaces"
    label = "surfaces"
