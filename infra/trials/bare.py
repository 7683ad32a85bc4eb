"""A bare Debian in a folder, with Python and nothing else, in which commands run as root or as an ordinary user."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.trouble import Trouble

USER = "clerk"  # an ordinary user with an empty home that only they may enter
PACKAGES = "python3,python3-venv,ca-certificates"
MARKER = "etc/kontor-trials"
PASSED_ON = re.compile(
    r"(PIP_(?!FIND_LINKS)|SSL_|REQUESTS_|NODE_EXTRA|NPM_|npm_|UV_|https?_proxy|no_proxy)", re.IGNORECASE
)
CLONE_NEWNET = 0x40000000


@dataclass(frozen=True)
class Process:
    """One that runs inside the root: its pid, its line, the CPU seconds of it and of what it waited for."""

    pid: int
    line: str
    cpu: float


class BareRoot:
    """The folder of the system; made once, then used again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, mirror: str = "") -> None:
        """Install the system with debootstrap, from this machine's own mirror unless another is named."""
        if not (self.folder / MARKER).exists():
            if not shutil.which("debootstrap"):
                raise Trouble(
                    "The trials need debootstrap to make a bare system.", "Install it: apt install debootstrap"
                )
            log = self.folder.with_name(f"{self.folder.name}.log")
            self.folder.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as record:
                done = subprocess.run(
                    ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", self.folder,
                     mirror or _own_mirror()],
                    stdout=record, stderr=record, check=False,
                )  # fmt: skip
            if done.returncode:
                raise Trouble(f"The bare system could not be made; debootstrap's record is {log}.")
            subprocess.run(["chroot", self.folder, "useradd", "--no-create-home", USER], check=True)
            (self.folder / MARKER).touch()
        self._take_settings()

    def _take_settings(self) -> None:
        """What lets this machine fetch packages (mirror, certificates, names) holds inside as well."""
        for name in ("etc/ssl/certs", "usr/local/share/ca-certificates"):
            if Path("/", name).is_dir():
                (self.folder / name).mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-a", f"/{name}/.", self.folder / name], check=True)
        for source, target in (
            ("/etc/pip.conf", "etc/pip.conf"),
            ("/etc/resolv.conf", "etc/resolv.conf"),
            ("/etc/hosts", "etc/hosts"),
            (str(Path("~/.npmrc").expanduser()), "etc/npmrc"),
        ):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(source, self.folder / target)
        for name, owner in (("root", "root"), (f"home/{USER}", USER)):
            home = self.folder / name
            home.mkdir(exist_ok=True)
            home.chmod(0o700)
            subprocess.run(["chroot", self.folder, "chown", f"{owner}:{owner}", f"/{name}"], check=True)

    def mount(self) -> None:
        """Give the root its /proc and /dev; the caller has a mount namespace of its own, so they go with it."""
        for name in ("proc", "dev"):
            if not os.path.ismount(self.folder / name):
                subprocess.run(["mount", "--rbind", f"/{name}", self.folder / name], check=True)

    def home(self, user: str) -> str:
        return "/root" if user == "root" else f"/home/{user}"

    def outside(self, inside: str) -> Path:
        """The path of a file of the root as this machine sees it."""
        return self.folder / inside.lstrip("/")

    def give(self, inside: str, user: str) -> None:
        """Make the user the owner of a folder and of all in it."""
        subprocess.run(["chroot", self.folder, "chown", "-R", f"{user}:{user}", inside], check=True)

    def popen(
        self, user: str, command: Sequence[str], folder: str, environ: Mapping[str, str], *, network: bool = True,
        **streams: Any,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Start a command inside, with an empty environment but for what this machine needs to fetch packages."""
        settings = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        if (self.folder / "etc/npmrc").exists():
            settings["npm_config_globalconfig"] = "/etc/npmrc"
        settings |= {"HOME": self.home(user), "USER": user, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        settings |= environ
        line = ["chroot", f"--userspec={user}:{user}", str(self.folder), "/usr/bin/env", "-i"]
        line += [f"{name}={value}" for name, value in settings.items()]
        line += ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder, *command]

        def before() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # as a terminal starts it, also where we run in the background
            if not network:
                _leave_the_network()

        return subprocess.Popen(line, start_new_session=True, preexec_fn=before, **streams)

    def processes(self) -> list[Process]:
        """All that runs inside."""
        tick = os.sysconf("SC_CLK_TCK")
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (place / "root").readlink() != self.folder:
                    continue
                fields = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()
                line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                if fields[0] not in "ZX":
                    found.append(Process(int(place.name), line, sum(map(int, fields[11:15])) / tick))
        return found

    def quiet(self, seconds: float = 10, besides: Iterable[int] = ()) -> list[Process]:
        """What still runs after that time, besides those pids; empty as soon as nothing does."""
        known, end = set(besides), time.monotonic() + seconds
        while True:
            left = [one for one in self.processes() if one.pid not in known]
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.1)

    def sweep(self) -> None:
        """Kill what runs inside: after a trial that failed, before the next."""
        for one in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
        self.quiet(10)


def _own_mirror() -> str:
    """The first Debian mirror of this machine's apt sources."""
    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in (path for path in sources if path.is_file()):
        for line in path.read_text(errors="replace").splitlines():
            found = re.match(r"(?:deb\s+(?:\[[^]]*\]\s*)?|URIs:\s*)(\S+/debian/?)(?:\s|$)", line)
            if found:
                return found[1]
    raise Trouble("This machine's apt sources name no Debian mirror. Name one: --mirror URL")


def _leave_the_network() -> None:
    """A network of this process's own, with nothing in it but itself."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        ifreq = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(link, 0x8914, ifreq)  # SIOCSIFFLAGS
