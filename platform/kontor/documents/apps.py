"""The app of kontor.documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Records and documents, their lifecycle, the write gate, numbering, conversion."""

    name = "kontor.documents"
    label = "documents"
