"""A checkout inside the bare root, its commands run and timed, its sample company counted over the API."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.trials.bare import BareRoot, Process

# What must be the same after every start, however often it was broken off before.
COUNTED = (
    "parties/customers", "parties/suppliers", "parties/contacts", "catalog/products", "sales/quotations",
    "sales/orders", "sales/deliveries", "sales/invoices", "finance/receipts", "finance/vouchers", "inventory/moves",
)  # fmt: skip


class Failed(Exception):
    """What a trial found wrong."""


@dataclass
class Line:
    """A line of progress, when it came, and the CPU seconds of all processes until then."""

    text: str
    seconds: float
    cpu: float


@dataclass
class Call:
    """A command that runs or ran inside the root."""

    root: BareRoot
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)
    lines: list[Line] = field(default_factory=list)
    told: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    _threads: list[threading.Thread] = field(default_factory=list)

    def follow(self) -> Call:
        """Read both streams beside the caller."""
        for stream, take in ((self.process.stderr, self._take_line), (self.process.stdout, self._take_answer)):
            assert stream is not None
            self._threads.append(threading.Thread(target=self._read, args=(stream, take), daemon=True))
        self._threads.append(threading.Thread(target=self._sum_up, daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def _sum_up(self) -> None:
        """The CPU seconds of all processes: what ended is in those that waited for it."""
        while self.running:
            self.cpu = max(self.cpu, sum(one.cpu for one in self.root.processes()))
            time.sleep(0.1)

    def _read(self, stream: IO[bytes], take: Callable[[str], None]) -> None:
        for line in stream:
            take(line.decode(errors="replace").rstrip("\n"))

    def _take_line(self, text: str) -> None:
        self.lines.append(Line(text, time.monotonic() - self.began, self.cpu))

    def _take_answer(self, text: str) -> None:
        self.told += f"{text}\n"

    @property
    def said(self) -> str:
        """Standard error so far."""
        return "\n".join(line.text for line in self.lines)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait(self, seconds: float = 1800) -> Call:
        """Until it ends; its status is ``process.returncode``."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"did not end within {seconds:.0f} s; it last said: {self.said[-300:]}") from None
        self.seconds = time.monotonic() - self.began
        for thread in self._threads:
            thread.join(5)
        return self

    def until(self, words: str, seconds: float = 900) -> None:
        """Until it says a line in which the pattern is found; Failed if it ends before."""
        end = time.monotonic() + seconds
        while not re.search(words, self.said, re.MULTILINE):
            if not self.running or time.monotonic() > end:
                raise Failed(f"never said “{words}”: {self.said[-300:]}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """A signal to the command alone, or for Ctrl-C to all of the terminal's foreground, as the terminal does."""
        (os.killpg if number == signal.SIGINT else os.kill)(self.process.pid, number)


class Kontor:
    """A clean clone in a folder of the root, called by one user with one state folder."""

    def __init__(self, root: BareRoot, user: str, folder: str, port: int, state: str = "") -> None:
        self.root, self.user, self.folder, self.port, self.state = root, user, folder, port, state

    def clone(self, checkout: Path) -> None:
        """A clone of what is committed, in a home that is empty otherwise."""
        for left in self.root.outside(self.root.home(self.user)).iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        place = self.root.outside(self.folder)
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{checkout}", str(place)], check=True)
        self.root.give(self.folder, self.user)

    @property
    def state_outside(self) -> Path:
        return self.root.outside(self.state or f"{self.folder}/.kontor")

    def with_state(self, state: str) -> Kontor:
        """The same checkout on another state folder."""
        return Kontor(self.root, self.user, self.folder, self.port, state)

    def start(
        self, *arguments: str, network: bool = True, environ: dict[str, str] | None = None, stdin: int = subprocess.PIPE
    ) -> Call:
        """``./kontor …`` beside the caller."""
        state = ["--state", self.state] if self.state else []
        process = self.root.popen(
            self.user, ["./kontor", *arguments, *state], self.folder, environ or {}, network=network,
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        return Call(self.root, process).follow()

    def call(
        self, *arguments: str, typed: str | None = None, network: bool = True, environ: dict[str, str] | None = None
    ) -> Call:
        """``./kontor …`` to its end; what is typed comes from a terminal."""
        if typed is None:
            return self.start(*arguments, network=network, environ=environ, stdin=subprocess.DEVNULL).wait()
        terminal, keyboard = os.openpty()
        try:
            os.write(terminal, typed.encode())
            return self.start(*arguments, network=network, environ=environ, stdin=keyboard).wait()
        finally:
            os.close(keyboard)
            os.close(terminal)

    def demo(self) -> Call:
        """The start that scripts use; it must succeed."""
        call = self.call("demo", "--detach", "--json", "--port", str(self.port))
        if call.process.returncode:
            raise Failed(f"the start ended with {call.process.returncode}: {call.said[-400:]}")
        return call

    def stop(self) -> list[Process]:
        """``./kontor stop``; what of this root runs on in spite of it."""
        self.call("stop")
        return self.root.quiet()

    def counts(self, call: Call) -> dict[str, int]:
        """How many records of each kind the sample company has, asked with the key that the start printed."""
        company = json.loads(call.told)
        found = {}
        for path in COUNTED:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request(
                "GET", f"/api/v1/{path}/?limit=1&count=exact",
                headers={"Host": company["host"], "Authorization": f"Bearer {company['api_key']}"},
            )  # fmt: skip
            answer = connection.getresponse()
            body = json.loads(answer.read())
            if answer.status != 200:
                raise Failed(f"{path} answered {answer.status}: {body}")
            found[path] = int(body["count"])
        return found
