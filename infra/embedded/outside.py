"""Databases and brokers of somebody else, named in the environment: tried once, so that a wrong one is told at once."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import psycopg

from infra.trouble import Trouble

OLDEST_POSTGRESQL = 15
BROKER_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


def check(name: str, url: str) -> None:
    """Raise the sentence for a service that cannot be used; the password in its address is never shown."""
    if name == "postgres":
        _check_database(url)
    else:
        _check_broker(url)


def _check_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.ProgrammingError:
        raise Trouble(
            "DATABASE_URL is not the address of a PostgreSQL database.",
            "Write it as postgresql://user:password@host:port/name.",
            code="bad_address",
        ) from None
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Trouble(
            f"The database that DATABASE_URL names cannot be reached: {reason}.",
            "Check that it runs and lets this user in, or unset DATABASE_URL to use the embedded one.",
            code="unreachable",
        ) from None
    if version < OLDEST_POSTGRESQL:
        raise Trouble(
            f"The database that DATABASE_URL names is PostgreSQL {version}; Kontor needs {OLDEST_POSTGRESQL} or newer.",
            "Name a newer one, or unset DATABASE_URL to use the embedded one.",
            code="other_version",
        )


def _check_broker(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in BROKER_PORTS or not parts.hostname:
        raise Trouble(
            "BROKER_URL is not an address Kontor knows.",
            "Write redis://…, rediss://…, amqp://… or amqps://….",
            code="bad_address",
        )
    port = parts.port or BROKER_PORTS[parts.scheme]
    try:
        socket.create_connection((parts.hostname, port), timeout=10).close()
    except OSError as error:
        raise Trouble(
            f"The broker that BROKER_URL names ({parts.hostname}:{port}) cannot be reached: {error.strerror or error}.",
            "Check that it runs, or unset BROKER_URL to use the embedded one.",
            code="unreachable",
        ) from None
