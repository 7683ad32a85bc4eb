"""Which services there are, what they need to know, and what an earlier supervisor may have left."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from infra.embedded.broker import Broker, broker_url
from infra.embedded.leases import Lease
from infra.embedded.places import postgres_programs
from infra.embedded.postgres import Postgres, database_url
from infra.embedded.processes import Identity
from infra.embedded.programs import Beat, Web, Worker
from infra.embedded.service import Service
from infra.embedded.state import State, read_json

ORDER = ("postgres", "valkey", "web", "worker", "beat")
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "BROKER_URL"}
# What the environment gave in place of an embedded service; read once, because a command that loads the
# product sets the same variables for itself.
OUTSIDE = {name: os.environ[variable] for name, variable in VARIABLES.items() if os.environ.get(variable)}


@dataclass(frozen=True)
class Wanted:
    """The sum of all leases: services by name, each with the lease that asked first."""

    services: dict[str, Lease] = field(default_factory=dict)

    @classmethod
    def of(cls, leases: list[Lease]) -> Wanted:
        services: dict[str, Lease] = {}
        for lease in leases:
            for name in lease.services:
                services.setdefault(name, lease)
        return cls(services)


def build(name: str, state: State, wanted: Wanted) -> Service:
    """The service of that name as its lease wants it."""
    if name == "postgres":
        return Postgres(state)
    if name == "valkey":
        return Broker(state)
    lease = wanted.services[name]
    environ = {**os.environ, **lease.environ}
    if name == "web":
        return Web(state, environ, host=lease.host, port=lease.port)
    return {"worker": Worker, "beat": Beat}[name](state, environ)


def known(state: State) -> dict[str, Any]:
    """What the running supervisor last wrote; empty where none runs."""
    value = read_json(state.run / "services.json")
    if not isinstance(value, dict):
        return {}
    supervisor = Identity.read(value.get("supervisor"))
    return value if supervisor and supervisor.alive else {}


def forget_stale(state: State) -> None:
    """Stop what a killed supervisor left running; what only looks like it, by pid, is left alone."""
    value = read_json(state.run / "services.json")
    noted = value.get("services") if isinstance(value, dict) else None
    services = noted if isinstance(noted, dict) else {}
    for name in reversed(ORDER):
        identity = Identity.read(services.get(name))
        if identity is not None:
            identity.stop(Postgres.stop_signal if name == "postgres" else Service.stop_signal, 15)
    (state.run / "services.json").unlink(missing_ok=True)


def product_environ(state: State, known_services: dict[str, Any]) -> dict[str, str]:
    """What the settings read; an outside database or broker in the environment comes first."""
    environ = {
        "DJANGO_SETTINGS_MODULE": "kontor.settings",
        "KONTOR_STATE": str(state.folder),
        "KONTOR_SECRET_KEY": os.environ.get("KONTOR_SECRET_KEY") or state.secrets()["secret_key"],
        "KONTOR_VENDOR": os.environ.get("KONTOR_VENDOR") or str(state.vendor),
        "KONTOR_PG_BIN": os.environ.get("KONTOR_PG_BIN") or str(postgres_programs()),
        "PYTHONUTF8": "1",
    }
    for name, url in (("postgres", database_url), ("valkey", broker_url)):
        if name in OUTSIDE:
            environ[VARIABLES[name]] = OUTSIDE[name]
        elif known_services.get(name, {}).get("port"):
            environ[VARIABLES[name]] = url(state, known_services[name]["port"])
    return environ
