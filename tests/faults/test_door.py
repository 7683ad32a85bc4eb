"""The door before Django: callers who are slow, too many or too large harm nobody else and are told in a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from infra.embedded.programs import Web
from infra.embedded.state import State
from kontor.serving import arriving, leaving
from kontor.serving.arriving import arrived
from kontor.serving.door import Door
from kontor.serving.environ import environ_of
from kontor.serving.refusals import Refusal
from tests.faults.calling import Caller
from tests.faults.installation import free_port

BIG = 50_000_000


@pytest.fixture
def server(django_db_setup: Any, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The web server as the supervisor starts it, on the tests' database; its port and pid."""
    base = connection.settings_dict
    url = f"postgresql://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"
    environ = {**os.environ, "DATABASE_URL": url, "KONTOR_WEB_WORKERS": "1", "KONTOR_STATE": str(tmp_path)}
    web = Web(State(tmp_path), environ, host="127.0.0.1", port=free_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KONTOR_WEB_WORKERS", "1")
        process = web.start()
    try:
        end = time.monotonic() + 90
        while not web.ready():
            assert process.poll() is None and time.monotonic() < end, (tmp_path / "log/web.log").read_text()
            time.sleep(0.1)
        yield web.port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: the browser of other tests keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _connections_end(since: str) -> int:
    """End the server's connections to the database, as a restart of PostgreSQL does; how many."""
    base = connection.settings_dict
    link = {"host": base["HOST"], "port": base["PORT"], "user": base["USER"], "password": base["PASSWORD"]}
    with psycopg.connect(dbname=base["NAME"], autocommit=True, **link) as own:
        ended = own.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_start > %s",
            [since],
        ).fetchone()
    assert ended is not None
    return int(ended[0])


def _caller(port: int) -> Caller:
    return Caller({"host": "alpha.localhost", "api_key": "none"}, port)


def _opened(port: int, sent: bytes, times: int) -> list[socket.socket]:
    found = []
    for _ in range(times):
        found.append(socket.create_connection(("127.0.0.1", port), timeout=30))
        found[-1].sendall(sent)
    return found


def server_began(pid: int) -> float:
    """When the process began, on the clock that never goes back."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """MB of the server and its workers."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return sum(int(line) for line in told.stdout.split()) / 1024


@pytest.mark.slow("a real web server is started")
def test_connections_that_died_are_not_handed_out(server: tuple[int, int]) -> None:
    port, _pid = server
    since = datetime.now(UTC) - timedelta(seconds=time.clock_gettime(time.CLOCK_MONOTONIC) - server_began(_pid))
    assert _caller(port).once("GET", "sales/orders/").status == 401
    assert _connections_end(since.isoformat()) >= 1
    assert [_caller(port).once("GET", "sales/orders/").status for _ in range(8)] == [401] * 8


@pytest.mark.slow("a real web server is started")
def test_slow_silent_and_large_callers_keep_nobody_waiting(server: tuple[int, int]) -> None:
    port, pid = server
    head = b"POST /api/v1/parties/customers/ HTTP/1.1\r\nHost: alpha.localhost\r\n"
    body = b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    others = [*_opened(port, b"", 150), *_opened(port, head, 50), *_opened(port, head + body, 40)]
    try:
        _caller(port).once("GET", "sales/orders/")
        before = _memory(pid)
        answers = []

        def send() -> None:
            answers.append(_caller(port).once("POST", "parties/customers/", b" " * BIG))

        senders = [threading.Thread(target=send) for _ in range(4)]
        begun = time.monotonic()
        for thread in senders:
            thread.start()
        assert _caller(port).once("GET", "sales/orders/").status == 401
        assert time.monotonic() - begun < 15  # alone it takes some milliseconds
        for thread in senders:
            thread.join()
        assert [(a.status, a.body["code"], a.body["detail"]) for a in answers] == [
            (413, "too_large", "The body is larger than 12 MB.")
        ] * 4
        assert _memory(pid) - before < 40
    finally:
        for one in others:
            one.close()


class Protocol:
    """What granian hands in, as far as the door uses it."""

    def __init__(self, *blocks: bytes, stalls: bool = False) -> None:
        self.blocks, self.stalls = blocks, stalls
        self.answer: tuple[int, dict[str, str], bytes | Path] | None = None
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for block in self.blocks:
            self.read += len(block)
            yield block
        if self.stalls:
            await asyncio.sleep(60)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, dict(headers), body)

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.answer = (status, dict(headers), Path(file))


def _scope(method: str = "POST", path: str = "/api/v1/x/", **headers: str) -> Any:
    named = SimpleNamespace(items=lambda: [(n.replace("_", "-"), v) for n, v in headers.items()])
    return SimpleNamespace(
        method=method, path=path, query_string="", http_version="1.1", scheme="http", authority=None,
        server="127.0.0.1:80", client="10.0.0.9:4711", headers=named,
    )  # fmt: skip


def _door(folder: Path, application: Any, **changes: int) -> Door:
    sizes = {"threads": 1, "waiting": 1, "largest": 100, "largest_form": 1000, **changes}
    return Door(application, state=folder, **sizes)


def _echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


def test_a_body_is_whole_before_work_begins(tmp_path: Path) -> None:
    protocol = Protocol(b"ab", b"cd")
    _run(_door(tmp_path, _echo).__rsgi__(_scope(content_length="4"), protocol))
    assert protocol.answer == (200, {"Content-Type": "text/plain"}, b"abcd")


def test_a_body_that_stalls_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "SILENCE", 0.05)
    called: list[str] = []
    protocol = Protocol(b"ab", stalls=True)
    _run(_door(tmp_path, lambda *_: called.append("x") or []).__rsgi__(_scope(content_length="4"), protocol))
    assert protocol.answer is not None
    status, _headers, said = protocol.answer
    assert isinstance(said, bytes)
    assert (status, json.loads(said)["code"], called) == (408, "too_slow", [])


def test_what_is_too_large_is_read_to_its_end_and_forgotten(tmp_path: Path) -> None:
    called: list[str] = []
    door = _door(tmp_path, lambda *_: called.append("x") or [])
    protocol = Protocol(*[b"x" * 50] * 4)
    _run(door.__rsgi__(_scope(content_length="200"), protocol))
    assert protocol.answer is not None
    assert (protocol.answer[0], protocol.read, called) == (413, 200, [])
    asked = Protocol(b"x" * 200)  # who asks before sending need not send
    _run(door.__rsgi__(_scope(content_length="200", expect="100-continue"), asked))
    assert asked.answer is not None
    assert (asked.answer[0], asked.read, called) == (413, 0, [])
    form = Protocol(b"x" * 200)
    kind = "multipart/form-data; boundary=x"
    _run(_door(tmp_path, _echo).__rsgi__(_scope(content_length="200", content_type=kind), form))
    assert form.answer is not None and form.answer[0] == 200


def test_more_than_can_wait_are_told_to_come_again(tmp_path: Path) -> None:
    gate, entered = threading.Event(), []

    def waits(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.append(environ["PATH_INFO"])
        gate.wait(20)
        return _echo(environ, start_response)

    async def all_of_them() -> list[Protocol]:
        door = _door(tmp_path, waits)
        protocols = [Protocol() for _ in range(3)]
        first = [asyncio.ensure_future(door.__rsgi__(_scope(), one)) for one in protocols[:2]]
        await asyncio.sleep(0.05)
        await door.__rsgi__(_scope(), protocols[2])
        gate.set()
        await asyncio.gather(*first)
        return protocols

    protocols = _run(all_of_them())
    told = [one.answer for one in protocols if one.answer]
    assert [one[0] for one in told] == [200, 200, 503]
    assert (told[2][1]["Retry-After"], json.loads(told[2][2])["code"]) == ("5", "busy")  # type: ignore[arg-type]
    assert len(entered) == 2


def test_a_long_answer_waits_in_a_file_and_its_application_is_done(tmp_path: Path) -> None:
    events: list[str] = []

    class Blocks:
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(5):
                events.append("block")
                yield b"x" * 2**19

        def close(self) -> None:
            events.append("closed")

    def long(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return Blocks()

    protocol = Protocol()
    _run(_door(tmp_path, long).__rsgi__(_scope("GET"), protocol))
    assert protocol.answer is not None
    path = protocol.answer[2]
    assert isinstance(path, Path) and path.read_bytes() == b"x" * 5 * 2**19
    assert events == ["block"] * 5 + ["closed"]
    os.utime(path, (0, 0))  # as a killed process would have left it
    assert list(leaving.folder_for(tmp_path).iterdir()) == []


def test_a_full_disk_is_told_wherever_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    class Full(BytesIO):
        write = full

    monkeypatch.setattr(arriving.tempfile, "SpooledTemporaryFile", lambda _size: Full())
    assert _run(arrived(Protocol(b"abcd"), 4, None)) == Refusal(507, "no_room")
    protocol = Protocol()
    _run(_door(tmp_path, full).__rsgi__(_scope("GET"), protocol))
    assert protocol.answer is not None
    said = json.loads(protocol.answer[2])  # type: ignore[arg-type]
    assert (protocol.answer[0], said["detail"]) == (
        507, "The disk of the server is full. Nothing of this was saved; tell your administrator.",
    )  # fmt: skip


def test_a_browser_gets_a_page_in_its_language(tmp_path: Path) -> None:
    protocol = Protocol(b"x" * 200)
    scope = _scope(path="/sales/orders/", content_length="200", accept="text/html", accept_language="zh-hant")
    _run(_door(tmp_path, _echo).__rsgi__(scope, protocol))
    assert protocol.answer is not None
    assert (protocol.answer[0], protocol.answer[1]["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert 'lang="zh-Hant"' in protocol.answer[2].decode()  # type: ignore[union-attr]


def test_a_head_becomes_an_environ() -> None:
    environ = environ_of(_scope(path="/公 司/", cookie="a=1", content_type="text/plain", x_a="1"))
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/公 司/"
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"], environ["HTTP_COOKIE"]) == ("10.0.0.9", "80", "a=1")
    assert (environ["CONTENT_TYPE"], environ["HTTP_X_A"], "HTTP_CONTENT_TYPE" in environ) == ("text/plain", "1", False)
    twice = _scope()
    twice.headers = SimpleNamespace(items=lambda: [("x_forwarded_for", "1.1.1.1"), ("x-a", "1"), ("x-a", "2")])
    assert environ_of(twice)["HTTP_X_A"] == "1,2"
    assert "HTTP_X_FORWARDED_FOR" not in environ_of(twice)


@pytest.mark.parametrize(("state", "status", "code"), [("57P01", 503, "unavailable"), ("53100", 507, "no_room")])
def test_the_api_tells_a_lost_or_full_database_as_a_problem(
    company: Any, client: Any, monkeypatch: pytest.MonkeyPatch, state: str, status: int, code: str
) -> None:
    class Cause(Exception):
        sqlstate = state

    @contextlib.contextmanager
    def away(_tenant: Any) -> Iterator[None]:
        raise OperationalError("server closed the connection unexpectedly") from Cause()
        yield

    monkeypatch.setattr("tenants.middleware.tenant_scope", away)
    client.raise_request_exception = False
    answer = client.get("/api/v1/sales/orders/", headers={"host": "alpha.localhost"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.get("Retry-After") == ("60" if status == 503 else None)
    page = client.get("/sales/orders/", headers={"host": "alpha.localhost", "accept": "text/html"})
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")
