"""Trials of starts that are disturbed: twice at once, without network, on a full disk, killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from infra.trials.cable import Cable
from infra.trials.calls import Call, Kontor
from infra.trials.plain import expect, tell

MEGABYTE = 1_000_000
FILLING = r"^ +\d+\.\d s "  # how a line of the sample's progress begins


def make_room(kontor: Kontor) -> None:
    """An empty place for a state folder that the checkout's user owns."""
    place = kontor.state_outside.parent
    place.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(kontor.state_outside, ignore_errors=True)
    place.chmod(0o755)
    inside = f"/{place.relative_to(kontor.root.folder)}"
    subprocess.run(["chroot", kontor.root.folder, "chown", f"{kontor.user}:{kontor.user}", inside], check=True)


def twice(kontor: Kontor) -> str:
    """Two first starts at the same moment share the work and give the same answer."""
    line = ("demo", "--detach", "--json", "--port", str(kontor.port))
    calls = [kontor.start(*line), kontor.start(*line)]
    for call in calls:
        expect(call.wait().process.returncode == 0, f"one ended with {call.process.returncode}: {call.said[-300:]}")
    answers = [json.loads(call.told) for call in calls]
    expect(answers[0] == answers[1], f"they answered differently: {answers}")
    filled = sum(bool(re.search(FILLING, call.said, re.MULTILINE)) for call in calls)
    expect(filled == 1, f"the sample was filled {filled} times")
    kontor.counts(calls[0])
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    return f"both ended well after {max(call.seconds for call in calls):.0f} s with the same answer; filled once"


def network(kontor: Kontor) -> str:
    """No network at all; cut in the middle of the packages, then of the front-end files; then whole."""
    told = []
    none = kontor.call("demo", "--detach", "--json", "--port", str(kontor.port), network=False)
    told.append(_refusal("no network", none, "no_network"))
    for limit in (5 * MEGABYTE, 60 * MEGABYTE, 250 * MEGABYTE):
        cable = Cable(limit)
        proxy = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), cable.url)
        call = kontor.start("demo", "--detach", "--json", "--port", str(kontor.port), environ=proxy)
        call.wait()
        if not cable.is_cut.is_set():
            told.append(f"{limit // MEGABYTE} MB sufficed")
            cable.cut()
            break
        told.append(_refusal(f"cut after {limit // MEGABYTE} MB", call, "no_network"))
        expect(not kontor.root.quiet(), f"processes were left: {kontor.root.processes()}")
    call = kontor.demo()
    kontor.counts(call)
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    rest = kontor.start("demo", "--detach", "--json", "--port", str(kontor.port), network=False)
    rest.wait()
    expect(rest.process.returncode == 0, f"without network the next start failed: {rest.said[-300:]}")
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    return f"{'; '.join(told)}; then well in {call.seconds:.0f} s; set up, it needs no network ({rest.seconds:.1f} s)"


def disk(kontor: Kontor) -> str:
    """300 MB left: before anything is set up, and after the environment was; then with room."""
    place = kontor.state_outside.parent
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=755", "tmpfs", str(place)], check=True)
    try:
        make_room(kontor)
        bare = kontor.call("demo", "--detach", "--json", "--port", str(kontor.port))
        told = [_refusal("300 MB and nothing set up", bare, "disk_full")]
        subprocess.run(["mount", "-o", "remount,size=4g", str(place)], check=True)
        call = kontor.start("demo", "--detach", "--json", "--port", str(kontor.port))
        call.until("Making the databases")
        call.send(signal.SIGKILL)
        call.wait()
        kontor.root.quiet(30)
        for left in (300, 120, 40):
            ballast = _fill_up(place, left * MEGABYTE)
            small = kontor.call("demo", "--detach", "--json", "--port", str(kontor.port))
            if small.process.returncode == 0:
                told.append(f"{left} MB beside the environment sufficed")
                kontor.stop()
            else:
                told.append(_refusal(f"{left} MB beside the environment", small, "disk_full"))
            expect(not kontor.root.quiet(20), f"processes were left: {kontor.root.processes()}")
            ballast.unlink()
        call = kontor.demo()
        kontor.counts(call)
        expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    finally:
        kontor.root.sweep()
        subprocess.run(["umount", "--lazy", str(place)], check=False)
    return f"{'; '.join(told)}; with room it went on and was whole after {call.seconds:.0f} s"


def kills(kontor: Kontor) -> str:
    """SIGKILL at ten moments of a first start, each followed by the next start, which gets further."""
    moments: list[tuple[str, str, float]] = [
        ("the environment begins", "Setting up the Python environment", 0.5),
        ("the environment half made", "Setting up the Python environment", 6),
        ("the databases begin", "Making the databases", 0.3),
        ("the front end is fetched", "Fetching the front-end files", 1.5),
        ("the template is built", "Building the template", 1),
        ("the template is copied", "Keeping its copy", 0.05),
        ("the filling begins", FILLING, 0.5),
        ("the filling half done", FILLING, 20),
        ("the web server starts", "Starting the web server", 0.3),
    ]
    told: list[str] = []
    for name, word, after in moments:
        call = kontor.start("demo", "--detach", "--json", "--port", str(kontor.port))
        call.until(word)
        time.sleep(after)
        told.append(_kill(kontor, call, name))
    call = kontor.demo()
    whole = kontor.counts(call)
    for one in kontor.root.processes():
        os.kill(one.pid, signal.SIGKILL)
    kontor.root.quiet(10)
    tell(f"    running, everything killed at once: {len(kontor.root.processes())} left")
    call = kontor.demo()
    expect(kontor.counts(call) == whole, "the sample changed")
    companies = json.loads(kontor.call("tenants", "list", "--json").told)
    expect(len(companies) == 1, f"there are companies {companies}")
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    return f"{len(moments) + 1} kills, each start after them went on; {whole['sales/orders']} orders, once"


def _kill(kontor: Kontor, call: Call, name: str) -> str:
    if not call.running:
        call.wait()
        expect(call.process.returncode == 0, f"it ended by itself: {call.said[-300:]}")
        kontor.stop()
        tell(f"    {name}: it was done before the kill")
        return name
    call.send(signal.SIGKILL)
    call.wait()
    began = time.monotonic()
    left = kontor.root.quiet(60)
    expect(not left, f"killed while {name}, processes were left: {left}")
    tell(f"    killed while {name}, at {call.seconds:.1f} s; all gone after {time.monotonic() - began:.1f} s")
    return name


def _refusal(when: str, call: Call, code: str) -> str:
    expect(call.process.returncode == 1, f"{when}: it ended with {call.process.returncode}: {call.said[-400:]}")
    try:
        error = json.loads(call.told)["error"]
    except (ValueError, KeyError):
        error = {"code": f"no JSON error: {call.told[:200]!r} {call.said[-300:]}"}
    expect(error["code"] == code, f"{when}: it answered {error}")
    tell(f"    {when}: {call.said.splitlines()[-1]} ({call.seconds:.1f} s)")
    return f"{when}: told in {call.seconds:.0f} s"


def _fill_up(place: Path, left: int) -> Path:
    """A file that leaves so many bytes of the disk."""
    ballast = place / "ballast"
    size = shutil.disk_usage(place).free - left
    with ballast.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, max(1, size))
    return ballast
