"""The real embedded services: started, used, broken on purpose, stopped."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from infra.embedded import outside
from infra.embedded.client import BASE, Services, stop_all, supervisor_runs
from infra.embedded.processes import Identity, wait_until
from infra.embedded.registry import known
from infra.embedded.state import State, port_is_free, read_json, write_json
from infra.trouble import Trouble


def identities(state: State) -> dict[str, Identity]:
    """Every process of the folder: the supervisor and its services."""
    value = known(state)
    found = {name: Identity.read(one) for name, one in value["services"].items()}
    found["supervisor"] = Identity.read(value["supervisor"])
    return {name: identity for name, identity in found.items() if identity}


def one_value(services: Services, statement: str) -> Any:
    with psycopg.connect(services.environ["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def test_the_databases_come_work_and_go(state: State) -> None:
    with Services(state) as services:
        services.need(*BASE)
        running = identities(state)
        assert set(running) == {"postgres", "valkey", "supervisor"}
        environ = services.environ
        assert one_value(services, "SHOW max_locks_per_transaction") == "1024"
        assert one_value(services, "SHOW data_checksums") == "on"
        assert one_value(services, "SHOW listen_addresses") == "127.0.0.1"
        assert one_value(services, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert one_value(services, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is True
        broker = redis.Redis.from_url(environ["BROKER_URL"])
        assert broker.ping()
        assert Path(environ["KONTOR_PG_BIN"], "pg_dump").exists()
        port = services.now["valkey"]["port"]
        with pytest.raises(redis.exceptions.ConnectionError), socket.create_connection(("127.0.0.1", port)) as bare:
            bare.sendall(b"KEYS *\r\n")
            if b"NOAUTH" in bare.recv(100):
                raise redis.exceptions.ConnectionError
    assert not any(identity.alive for identity in running.values())
    assert not (state.run / "services.json").exists()
    assert not list((state.run / "leases").iterdir())


def test_the_data_and_the_ports_are_there_again(state: State) -> None:
    with Services(state) as services:
        services.need("postgres")
        port = services.now["postgres"]["port"]
        with psycopg.connect(services.environ["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE again AS SELECT 8 AS n")
    with Services(state) as services:
        services.need("postgres")
        assert services.now["postgres"]["port"] == port
        assert one_value(services, "SELECT n FROM again") == 8


def test_secrets_are_private_and_stay(state: State) -> None:
    first = state.secrets()
    assert stat.S_IMODE((state.folder / "secrets.json").stat().st_mode) == 0o600
    assert state.secrets() == first
    assert len(set(first.values())) == len(first)


def test_two_commands_share_and_the_last_one_stops(state: State) -> None:
    with Services(state) as first:
        first.need("valkey")
        before = identities(state)
        with Services(state) as second:
            second.need("valkey")
            assert identities(state) == before
        assert before["valkey"].alive
    assert not before["valkey"].alive


def test_a_killed_service_comes_back(state: State) -> None:
    with Services(state) as services:
        services.need("valkey")
        before = identities(state)["valkey"]
        os.kill(before.pid, signal.SIGKILL)
        assert wait_until(lambda: identities(state).get("valkey") not in (None, before), 20)
        services.need("valkey")
        assert services.now["valkey"]["restarts"] == 1


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(state: State) -> None:
    services = Services(state)
    services.need(*BASE)
    before = identities(state)
    os.kill(before["supervisor"].pid, signal.SIGKILL)
    assert wait_until(lambda: not before["supervisor"].alive, 5)
    assert services.watch()  # the command that still runs brings its services back
    services.need(*BASE)
    after = identities(state)
    assert not any(identity.alive for identity in before.values())
    assert all(identity.alive for identity in after.values())
    services.release()
    assert not any(identity.alive for identity in after.values())


def test_a_supervisor_that_works_is_brought_back_however_often_it_is_killed(state: State) -> None:
    with Services(state) as services:
        services.need("valkey")
        for _time in range(4):  # one that never worked is given up after three attempts
            os.kill(identities(state)["supervisor"].pid, signal.SIGKILL)
            assert wait_until(lambda: not supervisor_runs(state), 5)
            assert services.watch()
            services.need("valkey")
            assert services.watch()


def test_a_killed_command_leaves_nothing_running(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys, pathlib; from infra.embedded.client import Services; from infra.embedded.state import State;"
        "s = Services(State(pathlib.Path(sys.argv[1]), for_tests=True)); s.need('valkey'); print('up', flush=True);"
        "sys.stdin.read()"
    )
    for name in ("DATABASE_URL", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    command = subprocess.Popen(
        [sys.executable, "-c", script, str(state.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert command.stdout
    assert command.stdout.readline() == "up\n"
    running = identities(state)
    command.kill()
    command.wait()
    assert wait_until(lambda: not any(identity.alive for identity in running.values()), 20)


def test_kept_services_stay_until_stop(state: State) -> None:
    with Services(state) as services:
        services.need("valkey")
        services.keep("valkey")
    assert supervisor_runs(state)
    running = identities(state)
    assert stop_all(state)
    assert not any(identity.alive for identity in running.values())
    assert not stop_all(state)


def test_stop_ends_a_command_that_waits(state: State) -> None:
    services = Services(state)
    services.need("valkey")
    assert services.watch()
    stop_all(state)
    assert not services.watch()
    services.release()


def test_a_taken_port_is_left_to_its_owner(state: State) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        write_json(state.folder / "ports.json", {"valkey_test": taken})
        assert not port_is_free(taken)
        with Services(state) as services:
            services.need("valkey")
            assert services.now["valkey"]["port"] != taken


def test_a_half_made_cluster_is_made_again(state: State) -> None:
    with Services(state) as services:
        services.need("postgres")
        home = Path(read_json(state.folder / "postgres.json")["home"])
    (home / "data" / "PG_VERSION").unlink()  # as after a kill in the middle of a copy
    (home / "data.new").mkdir()
    with Services(state) as services:
        services.need("postgres")
        assert one_value(services, "SELECT 1") == 1


def test_an_outside_broker_is_tried_with_its_password(state: State) -> None:
    with Services(state) as services:
        services.need("valkey")
        right = services.environ["BROKER_URL"]
        outside.check("valkey", right)
        for wrong, words in (
            (right.replace(state.secrets()["broker_password"], "wrong"), "cannot be used: .*password"),
            (f"redis://127.0.0.1:{unused_port()}/0", "cannot be used: .*refused"),
            (f"amqp://127.0.0.1:{unused_port()}//", "cannot be used: .*refused"),
            ("redis://127.0.0.1:22x/0", "not an address"),
            ("kafka://127.0.0.1", "not an address"),
            ("redis://", "not an address"),
        ):
            with pytest.raises(Trouble, match=words) as told:
                outside.check("valkey", wrong)
            assert state.secrets()["broker_password"] not in str(told.value)


def test_an_old_database_outside_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        info = type("Info", (), {"server_version": 140_011})

        def __enter__(self) -> Old:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: Old())
    with pytest.raises(Trouble, match=r"is PostgreSQL 14; Kontor needs 15 or newer") as told:
        outside.check("postgres", "postgresql://kontor@db.example/kontor")
    assert told.value.code == "other_version"


def test_a_refusal_of_a_service_keeps_its_code(state: State) -> None:
    with Services(state) as services:
        services.need("postgres")
    (state.folder / "secrets.json").unlink()
    services = Services(state)
    with pytest.raises(Trouble) as told:
        services.need("postgres")
    services.release()
    assert told.value.code == "wrong_secrets"
    assert told.value.what_to_do.startswith("Bring back the file")


def test_files_and_keys_are_their_owners_alone(state: State) -> None:
    with Services(state) as services:
        services.need(*BASE)
        home = Path(read_json(state.folder / "postgres.json")["home"])
        private = ["run", "log", "valkey"]
        assert {name: mode(state.folder / name) for name in private} == dict.fromkeys(private, 0o700)
        assert {path: mode(path) for path in (home, home / "data")} == {home: 0o700, home / "data": 0o700}
        files = [state.folder / name for name in ("secrets.json", "ports.json", "postgres.json")]
        files += [state.run / "services.json", home / "kontor.conf"]
        assert {path: mode(path) for path in files} == dict.fromkeys(files, 0o600)
        assert not (home / "superuser").exists()  # the file that carried the password to initdb
        assert open_to_others(state.folder) == set()
        words = set(state.secrets().values())
        for identity in identities(state).values():
            line = Path(f"/proc/{identity.pid}/cmdline").read_bytes().decode()
            assert not any(word in line for word in words), line
        for log in state.log.iterdir():
            assert not any(word in log.read_text(errors="replace") for word in words), log.name


def open_to_others(folder: Path) -> set[str]:
    """What others could read or list, looking only where they can enter; locks are empty."""
    found: set[str] = set()
    for entry in folder.iterdir():
        bits = mode(entry)
        if bits & 0o044 and entry.name not in _PUBLIC and not (entry.suffix == ".lock" and not entry.stat().st_size):
            found.add(str(entry))
        if entry.is_dir() and not entry.is_symlink() and bits & 0o011 and entry.name not in _PUBLIC:
            found |= open_to_others(entry)
    return found


_PUBLIC = {"environments", "vendor", "locale", "static", "cache"}  # programs and pages, the same for everybody


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_lost_password_is_told_in_a_sentence(state: State) -> None:
    with Services(state) as services:
        services.need("postgres")
    (state.folder / "secrets.json").unlink()
    services = Services(state)
    with pytest.raises(Trouble, match=r"does not know the password.*demo --reset"):
        services.need("postgres")
    services.release()


def test_a_cluster_of_another_version_is_told_in_a_sentence(state: State) -> None:
    with Services(state) as services:
        services.need("postgres")
        home = Path(read_json(state.folder / "postgres.json")["home"])
    (home / "data" / "PG_VERSION").write_text("14\n")
    services = Services(state)
    with pytest.raises(Trouble, match=r"made by PostgreSQL 14"):
        services.need("postgres")
    services.release()
    (home / "data" / "PG_VERSION").write_text("18\n")
