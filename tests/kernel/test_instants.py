"""Instants read by the quick loader are those that Django's own reads."""

import datetime as dt

import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.psycopg_any import register_tzloader
from psycopg.pq import Format

from kontor.database.backend.instants import UtcLoader

TEXTS = (
    "2026-11-22 23:43:27.123456+00",
    "2026-11-22 23:43:27+00",
    "2026-11-22 23:43:27.5+08",
    "0001-01-01 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
    "1890-01-01 00:00:00+08:05:43",
)


@pytest.mark.django_db
@pytest.mark.parametrize("text", TEXTS)
def test_it_is_the_same_instant(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        found = cursor.fetchone()[0]
        register_tzloader(dt.UTC, cursor.cursor)
        cursor.execute("SELECT %s::timestamptz", [text])
        assert (found, found.tzinfo) == (cursor.fetchone()[0], dt.UTC)
    assert connection.connection.adapters.get_loader(1184, Format.TEXT) is UtcLoader


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["infinity", "12000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"])
def test_what_python_has_no_instant_for_is_refused(text: str) -> None:
    with connection.cursor() as cursor, pytest.raises(DataError):
        cursor.execute("SELECT %s::timestamptz", [text])
        cursor.fetchone()
