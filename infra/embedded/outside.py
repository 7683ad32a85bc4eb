"""Databases and brokers of somebody else, named in the environment: tried once, so that a wrong one is told at once."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg

from infra.trouble import Trouble

OLDEST_POSTGRESQL = 15
SECONDS = 10  # how long one of them may keep us waiting
BROKER_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


def check(name: str, url: str) -> None:
    """Raise the sentence for a service that cannot be used; the password in its address is never shown."""
    if name == "postgres":
        _check_database(url)
    else:
        _check_broker(url)


def _check_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=SECONDS) as connection:
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
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or BROKER_PORTS[parts.scheme]
    except (ValueError, KeyError):
        host = None
    if not host:
        raise Trouble(
            "BROKER_URL is not an address Kontor knows.",
            "Write redis://…, rediss://…, amqp://… or amqps://…, for example redis://:password@host:6379/0.",
            code="bad_address",
        )
    if reason := _try_redis(url) if parts.scheme.startswith("redis") else _try_amqp(url):
        raise Trouble(
            f"The broker that BROKER_URL names ({host}:{port}) cannot be used: {reason}.",
            "Check that it runs and the password is right, or unset BROKER_URL to use the embedded one.",
            code="unreachable",
        )


def _try_redis(url: str) -> str:
    """Why a Redis does not answer; empty where it does."""
    import redis

    try:
        redis.Redis.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS).ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return str(error).rstrip(".")
    return ""


def _try_amqp(url: str) -> str:
    """Why a RabbitMQ does not let us in; empty where it does."""
    import kombu
    from kombu.exceptions import OperationalError

    connection = kombu.Connection(url, connect_timeout=SECONDS)
    try:
        connection.ensure_connection(max_retries=1, timeout=SECONDS)
    except (OperationalError, OSError, *connection.connection_errors) as error:
        return str(error).rstrip(".")
    finally:
        connection.release()
    return ""
