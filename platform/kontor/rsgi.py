"""The door for granian: ``kontor.rsgi:application``."""

from __future__ import annotations

import os

from django.conf import settings

from kontor.history.storage import LARGEST as LARGEST_FILE
from kontor.serving.door import Application, Door
from kontor.surfaces.exchange.tables import LARGEST as LARGEST_TABLE
from kontor.wsgi import application as django_application

THREADS = int(os.environ.get("KONTOR_WEB_THREADS", "4"))


def door(application: Application) -> Door:
    """The product's door before a WSGI application."""
    return Door(
        application,
        threads=THREADS,
        waiting=THREADS * 64,
        largest=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        largest_form=max(LARGEST_FILE, LARGEST_TABLE) + 2**20,
        state=settings.STATE,
    )


application = door(django_application)
