"""The door for web servers: ``kontor.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from kontor.bodies import Bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kontor.settings")
application = Bodies(get_wsgi_application())

import kontor.celery  # noqa: E402, F401 - tasks sent by a request go to our broker
