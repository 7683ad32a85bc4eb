"""Filling the environment from a lock file: with uv, which takes seconds, else with pip."""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from infra.embedded.processes import die_with_parent
from infra.trouble import Trouble, disk_full, has_no_room, is_full

if TYPE_CHECKING:
    from infra.bootstrap.environment import Environment

NO_NETWORK = (
    "Temporary failure in name resolution", "Name or service not known", "dns error", "Network is unreachable",
    "Connection refused", "No route to host", "ConnectTimeout", "timed out", "tcp connect error",
    "Failed to establish a new connection", "Could not connect", "error sending request", "ENOTFOUND",
    "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ERR_SOCKET_TIMEOUT",
    # cut in the middle
    "Connection reset by peer", "ECONNRESET", "EPIPE", "peer closed connection", "connection closed before",
    "Remote end closed connection", "IncompleteRead", "Connection broken", "socket hang up",
    "ERR_STREAM_PREMATURE_CLOSE", "Cannot connect to proxy", "Tunnel connection failed",
    "end of file before message length reached",
)  # fmt: skip
NO_VENV = (
    "Python on this machine lacks the module that makes environments.",
    "On Debian or Ubuntu run `apt install python3-venv` (as root), elsewhere install pip for this Python, "
    "and start again.",
)
PATIENCE = ("--disable-pip-version-check", "--retries", "2")
DISK_FULL = ("No space left on device", "ENOSPC", "Disk quota exceeded", "EDQUOT", "os error 28")
UNTRUSTED = (
    "SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_VERIFY_LEAF",
    "CERT_HAS_EXPIRED", "CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "self-signed certificate",
)  # fmt: skip
WRONG_HASH = ("THESE PACKAGES DO NOT MATCH THE HASHES", "Hash mismatch", "EINTEGRITY")


def install(environment: Environment, record: IO[str]) -> None:
    """Make the environment's folder and bring in exactly what its lock file names."""
    _make_folder(environment.folder)
    uv = _find_uv(environment, record)
    failure = ""
    if uv is not None:
        failure = run_quietly(
            [uv, "pip", "sync", "--require-hashes", "--compile-bytecode", "--index-strategy", "unsafe-best-match",
             "--python", environment.python, environment.lock],
            record, _uv_environ(environment.state / "environments" / "cache"),
        )  # fmt: skip
        if not failure:
            return
        explain(failure, record, network=False, unknown=False)  # pip may know a way that uv does not
    pip = _find_pip(environment)
    if pip is None:
        raise Trouble(*NO_VENV, code="no_venv")
    failure = run_quietly(
        [*pip, "install", "--quiet", *PATIENCE, "--require-hashes", "--no-deps", "-r", environment.lock],
        record, {**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    if failure:
        explain(failure, record)


def run_quietly(command: list[str | Path], record: IO[str], environ: dict[str, str] | None = None) -> str:
    """Run a set-up step, its output to the record; the output comes back when it failed, else ``""``.

    A package with a wrong fingerprint is fetched once more: a download that was cut looks the same.
    """
    told = _run(command, record, environ)
    return _run(command, record, environ) if any(sign in told for sign in WRONG_HASH) else told


def _run(command: list[str | Path], record: IO[str], environ: dict[str, str] | None) -> str:
    record.write(f"\n$ {' '.join(str(part) for part in command)}\n")
    record.flush()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environ,
        check=False,
        **die_with_parent(signal.SIGKILL),
    )
    record.write(done.stdout)
    record.flush()
    return (done.stdout or f"exit status {done.returncode}") if done.returncode else ""


def explain(output: str, record: IO[str], *, network: bool = True, unknown: bool = True) -> None:
    """Raise the sentence for a failed installation; causes that another way might get round can be let pass."""
    place = Path(record.name).resolve().parent
    if any(sign in output for sign in DISK_FULL) or has_no_room(place):  # npm does not say so
        raise disk_full(place)
    if any(sign in output for sign in WRONG_HASH):
        raise Trouble(
            "A downloaded package does not match the fingerprint in the lock file, also when fetched again, so it was "
            "not installed.",
            f"If a proxy or mirror stands between, check it. Details: {record.name}",
            code="wrong_hash",
        )
    if network and any(sign in output for sign in UNTRUSTED):
        raise Trouble(
            "The packages could not be fetched: the certificate of their source is not trusted here. A proxy that "
            "opens connections stands in between, or the clock of this machine is wrong.",
            "Name the proxy's certificate in SSL_CERT_FILE (Python) and NODE_EXTRA_CA_CERTS (npm), or set the clock, "
            f"and start again. Details: {record.name}",
            code="untrusted_source",
        )
    if network and any(sign in output for sign in NO_NETWORK):
        raise Trouble(
            "The packages could not be fetched: there is no network, or it is blocked. The first start needs it once.",
            f"Check the connection or the proxy settings and start again; what is there already is kept. "
            f"Details: {record.name}",
            code="no_network",
        )
    if unknown:
        raise Trouble(
            f"Installing the packages failed: {cause(output)}.", f"The record is in {record.name}; start again after."
        )


def cause(output: str) -> str:
    """The line of an installer's output that tells most: the last that names an error and no log file."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "A complete log of" not in line]
    told = [line for line in lines if re.search(r"\berr(or)?\b", line, re.IGNORECASE) and not line.endswith(".log")]
    return (told or lines or ["no message"])[-1].removeprefix("npm error ").rstrip(".")


def _make_folder(folder: Path) -> None:
    try:
        import venv  # some systems cut it out of their Python

        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    except ImportError:
        raise Trouble(*NO_VENV, code="no_venv") from None
    except OSError as error:
        raise Trouble(
            f"The environment {folder} could not be made ({error.strerror}).",
            "Free space and start again.",
            code="disk_full" if is_full(error) else "not_writable",
        ) from None


def _find_uv(environment: Environment, record: IO[str]) -> Path | None:
    """The uv of our lock file, kept in the state folder; none where pip is missing or it cannot be fetched."""
    lock = environment.checkout / "requirements-uv.lock"
    version = next(line for line in lock.read_text().splitlines() if line.startswith("uv==")).split("==")[1].split()[0]
    tools = environment.state / "environments" / f"uv-{version}"
    uv = tools / "bin" / "uv"
    if uv.exists():
        return uv
    if importlib.util.find_spec("ensurepip") is None:
        return next((Path(found) for found in [shutil.which("uv")] if found), None)
    fresh = tools.with_name(f"discarded-{tools.name}-{os.getpid()}")  # one that is left goes with the next set-up
    shutil.rmtree(fresh, ignore_errors=True)
    failure = run_quietly([sys.executable, "-m", "venv", fresh], record) or run_quietly(
        [fresh / "bin" / "python", "-m", "pip", "install", "--quiet", *PATIENCE,
         "--require-hashes", "--only-binary", ":all:", "-r", lock],
        record,
    )  # fmt: skip
    if failure:
        explain(failure, record, unknown=False)
        shutil.rmtree(fresh, ignore_errors=True)
        return None
    fresh.rename(tools)
    return uv


def _find_pip(environment: Environment) -> list[str | Path] | None:
    """How to call a pip that installs into the environment: its own, else this machine's."""
    if importlib.util.find_spec("ensurepip") is not None:
        made = subprocess.run(
            [environment.python, "-m", "ensurepip", "--default-pip"], capture_output=True, check=False
        )
        if made.returncode == 0:
            return [environment.python, "-m", "pip"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--python", environment.python]
    return None


def _uv_environ(cache: Path) -> dict[str, str]:
    """uv follows the machine's own settings for pip (mirror, certificates), which it does not read itself.

    What it fetched stays in the state folder (linked, not copied, where the disk can), so that a broken-off
    set-up goes on where it stood and the second environment finds what both need.
    """
    environ = {"UV_CACHE_DIR": str(cache), **os.environ, "UV_NO_PROGRESS": "1", "UV_SYSTEM_CERTS": "1"}
    wanted = {
        "PIP_INDEX_URL": "UV_INDEX_URL",
        "PIP_EXTRA_INDEX_URL": "UV_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS": "UV_FIND_LINKS",
    }
    for ours, theirs in wanted.items():
        value = os.environ.get(ours) or _pip_setting(ours.removeprefix("PIP_").lower().replace("_", "-"))
        if value and theirs not in environ:
            separator = "," if theirs == "UV_FIND_LINKS" else " "
            environ[theirs] = separator.join(value.split())
    return environ


def _pip_setting(name: str) -> str:
    """A value of pip.conf, read where pip reads it (machine, then user)."""
    value = ""
    home = Path.home()
    for path in (Path("/etc/pip.conf"), home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            value = parser.get(section, name, fallback=value)
    return value
