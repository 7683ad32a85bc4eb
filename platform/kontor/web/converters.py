"""``<spec:spec>`` and ``<resource:spec>`` in addresses, registered on import."""

from __future__ import annotations

from django.urls import register_converter

from kontor.resources.addresses import ResourceName, ResourcePath

register_converter(ResourcePath, "spec")
register_converter(ResourceName, "resource")
