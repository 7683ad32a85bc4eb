"""Trials of starts that nothing disturbs: how long they take, what they leave, that they are the same again."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from pathlib import Path

from infra.trials.calls import Call, Failed, Kontor, Line

SECOND_START = 5.0  # seconds, where nothing else keeps the machine busy
SMALL = "tests/infra/test_line.py"


def first(kontor: Kontor) -> str:
    """From nothing to a whole sample company, again while it runs, stopped, and again from rest."""
    call = kontor.demo()
    company = json.loads(call.told)
    whole = kontor.counts(call)
    show_phases(call)
    second = kontor.demo()
    expect(json.loads(second.told) == company, "a second start told something else")
    expect(second.seconds < patience(), f"a second start took {second.seconds:.1f} s")
    kept_private(kontor)
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    rest = kontor.demo()
    expect(rest.seconds < patience(), f"a start from rest took {rest.seconds:.1f} s")
    expect(kontor.counts(rest) == whole, "the sample changed")
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    return (
        f"first start {call.seconds:.0f} s ({call.cpu:.0f} s CPU), again {second.seconds:.1f} s, "
        f"from rest {rest.seconds:.1f} s; {whole['sales/orders']} orders, {whole['finance/vouchers']} vouchers"
    )


def tests(kontor: Kontor) -> str:
    """`./kontor test` with nothing installed, for a small part of the tests."""
    call = kontor.call("test", SMALL)
    expect(call.process.returncode == 0, f"the tests ended with {call.process.returncode}: {call.told[-300:]}")
    expect(" passed" in call.told, f"no test was told to have passed: {call.told[-300:]}")
    expect(not kontor.root.quiet(), f"processes were left: {kontor.root.processes()}")
    return f"./kontor test {SMALL}: {call.told.strip().splitlines()[-1].strip('= ')}"


def taken_port(kontor: Kontor) -> str:
    """The port belongs to another program: a sentence, another port as the way out, nothing begun."""
    with socket.create_server(("127.0.0.1", kontor.port)):
        call = kontor.call("demo", "--detach", "--json", "--port", str(kontor.port))
    expect(call.process.returncode == 1, f"it ended with {call.process.returncode}")
    expect(json.loads(call.told)["error"]["code"] == "port_taken", f"it answered {call.told}")
    expect(not kontor.root.quiet(), f"processes were left: {kontor.root.processes()}")
    return call.said.splitlines()[-1]


def control_c(kontor: Kontor) -> str:
    """Ctrl-C while it sets up, and while it runs in the foreground: all that it started ends."""
    ended = []
    for word in ("databases", "Ctrl-C stops it"):
        before = kontor.root.processes()
        call = kontor.start("demo", "--port", str(kontor.port))
        call.until(word)
        most = len(kontor.root.processes())
        call.send(signal.SIGINT)
        call.wait(120)
        left = kontor.root.quiet(besides=[one.pid for one in before])
        expect(not left, f"processes were left: {left}")
        ended.append(f"{most - len(before)} processes, status {call.process.returncode}")
    return f"Ctrl-C at the databases: {ended[0]}; in the foreground: {ended[1]}; none left"


def reset(kontor: Kontor) -> str:
    """`--reset` asks; “no” keeps everything, “yes” starts over with new passwords."""
    before = kontor.demo()
    line = ("demo", "--reset", "--detach", "--json", "--port", str(kontor.port))
    for typed, code in ((None, "not_confirmed"), ("no\n", "not_confirmed")):
        refused = kontor.call(*line, typed=typed)
        expect(refused.process.returncode == 1, f"given {typed!r} it ended with {refused.process.returncode}")
        expect(json.loads(refused.told)["error"]["code"] == code, f"given {typed!r} it answered {refused.told}")
    expect(json.loads(kontor.demo().told) == json.loads(before.told), "a refused --reset changed the company")
    counts = kontor.counts(before)
    after = kontor.call(*line, typed="yes\n")
    expect(after.process.returncode == 0, f"it ended with {after.process.returncode}: {after.said[-300:]}")
    expect(json.loads(after.told)["api_key"] != json.loads(before.told)["api_key"], "the key is the earlier one")
    expect(kontor.counts(after) == counts, f"the sample differs: {kontor.counts(after)} after {counts}")
    expect(not kontor.stop(), f"processes were left: {kontor.root.processes()}")
    return (
        f"refused without a terminal and after “no”, nothing lost; after “yes” a new company in {after.seconds:.0f} s"
    )


def kept_private(kontor: Kontor) -> None:
    """Nobody else can read what is secret, and no secret stands on a command line or in a log."""
    state = kontor.state_outside
    for name in ("secrets.json", "demo.json", "ports.json", "postgres.json"):
        mode = stat.S_IMODE((state / name).stat().st_mode)
        expect(mode == 0o600, f"{name} has the mode {mode:o}")
    for name in ("run", "log", "valkey"):
        mode = stat.S_IMODE((state / name).stat().st_mode)
        expect(mode == 0o700, f"{name}/ has the mode {mode:o}")
    home = kontor.root.outside(json.loads((state / "postgres.json").read_text())["home"])
    for path in (home, home / "data"):
        expect(stat.S_IMODE(path.stat().st_mode) == 0o700, f"{path} can be entered by others")
    company = json.loads((state / "demo.json").read_text())
    words = [*json.loads((state / "secrets.json").read_text()).values(), company["api_key"]]
    words += [user["password"] for user in company["users"]]
    for one in kontor.root.processes():
        expect(not any(word in one.line for word in words), f"a secret stands on the line of {one.line.split()[0]}")
    for log in (state / "log").iterdir():
        text = log.read_text(errors="replace")
        expect(not any(word in text for word in words), f"a secret stands in {log.name}")


def show_phases(call: Call) -> None:
    """Where the time of a first start went: a line of progress lasts until the next one."""
    ends = [*call.lines[1:], Line("", call.seconds, call.cpu)]
    for line, end in zip(call.lines, ends, strict=True):
        tell(f"    {end.seconds - line.seconds:7.1f} s {end.cpu - line.cpu:7.1f} s CPU  {line.text[:90]}")


def patience() -> float:
    """How long a second start may take: longer in proportion to what else runs on the machine."""
    return SECOND_START * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def expect(condition: object, otherwise: str) -> None:
    """The trial fails with that sentence unless the condition holds."""
    if not condition:
        raise Failed(otherwise)


def tell(text: str) -> None:
    """A line of the report."""
    import sys

    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def used(path: Path) -> int:
    """Bytes of all files under a path."""
    return sum(one.lstat().st_size for one in path.rglob("*") if one.is_file())
