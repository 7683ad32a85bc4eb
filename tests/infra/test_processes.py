"""Only what is certainly ours is ever stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.embedded import leases, registry
from infra.embedded.leases import Lease
from infra.embedded.processes import Identity, keep_log_short, last_words, spawn, wait_until
from infra.embedded.state import State, write_json

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def left_over(name: str, identity: Identity, state: State) -> None:
    """What a killed supervisor leaves behind."""
    write_json(
        state.run / "services.json",
        {"supervisor": {"pid": 2**22, "began": "long ago"}, "services": {name: identity.as_json()}},
    )


def test_an_identity_is_a_pid_and_a_moment() -> None:
    me = Identity.of(os.getpid())
    assert me is not None
    assert me.alive
    assert not Identity(me.pid, "another time").alive
    assert Identity.of(2**22) is None
    assert Identity.read(me.as_json()) == me
    assert Identity.read({"pid": "1"}) is None


def test_a_zombie_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert wait_until(lambda: Identity.of(child.pid) is None, 10)
    child.wait()


def test_what_a_killed_supervisor_left_is_stopped(state: State) -> None:
    child = subprocess.Popen(SLEEP, start_new_session=True)
    identity = Identity.of(child.pid)
    assert identity
    left_over("valkey", identity, state)
    registry.forget_stale(state)
    assert child.wait(5) == -signal.SIGTERM
    assert not (state.run / "services.json").exists()


def test_a_process_that_only_has_the_same_pid_is_left_alone(state: State) -> None:
    child = subprocess.Popen(SLEEP, start_new_session=True)
    left_over("valkey", Identity(child.pid, "an earlier process"), state)
    registry.forget_stale(state)
    assert child.poll() is None
    child.kill()
    child.wait()


def test_stopping_takes_the_whole_group_along(folder: Path) -> None:
    script = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    log = folder / "parent.log"
    parent = spawn(
        [sys.executable, "-c", script], environ=dict(os.environ), folder=folder, log=log, stop_signal=signal.SIGTERM
    )
    assert wait_until(lambda: log.read_text().strip() != "", 10)
    child = Identity.of(int(log.read_text()))
    leader = Identity.of(parent.pid)
    assert child
    assert leader
    leader.stop(signal.SIGTERM, 5)
    parent.wait(5)
    assert wait_until(lambda: not child.alive, 5)


def test_a_lease_lasts_as_long_as_its_holder(state: State) -> None:
    path, handle = leases.take(state, Lease(("valkey",)))
    assert [lease.services for lease in leases.active(state)] == [("valkey",)]
    assert path.stat().st_mode & 0o077 == 0
    handle.close()
    assert leases.active(state) == []
    assert not path.exists()


def test_a_kept_lease_needs_no_holder_and_ends_with_its_supervisor(state: State) -> None:
    leases.take(state, Lease(("web",), port=8000, keep=True))[1].close()
    assert [lease.port for lease in leases.active(state)] == [8000]
    leases.forget_kept(state)
    assert leases.active(state) == []


def test_the_oldest_lease_decides(state: State) -> None:
    first = leases.take(state, Lease(("web",), port=8001))
    second = leases.take(state, Lease(("web", "worker"), port=8002))
    os.utime(first[0], (1, 1))
    wanted = registry.Wanted.of(leases.active(state)).services
    assert (wanted["web"].port, wanted["worker"].port) == (8001, 8002)
    first[1].close()
    second[1].close()


def test_only_settings_are_passed_on() -> None:
    given = {"KONTOR_LOG": "INFO", "DATABASE_URL": "x", "HOME": "/root", "PGHOST": "elsewhere"}
    assert leases.settings_of(given) == {"KONTOR_LOG": "INFO", "DATABASE_URL": "x"}


def test_logs_stay_short_and_give_their_last_words(folder: Path) -> None:
    log = folder / "service.log"
    log.write_text("one\n\ntwo\nthree\nfour\n")
    assert last_words(log, 2) == "three / four"
    assert last_words(folder / "none") == ""
    keep_log_short(log, limit=5)
    assert not log.exists()
    assert (folder / "service.log.1").exists()


@pytest.mark.parametrize("damaged", ["", "{", '{"services": 1}', "[]"])
def test_a_damaged_note_stops_nobody(state: State, damaged: str) -> None:
    (state.run / "services.json").write_text(damaged)
    assert registry.known(state) == {}
    registry.forget_stale(state)
