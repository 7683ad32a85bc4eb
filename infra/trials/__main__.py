"""``python3 -m infra.trials``: make the bare root once, clone this checkout into it, run the trials one by one."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from infra.embedded.state import CHECKOUT
from infra.trials import broken, plain
from infra.trials.bare import USER, BareRoot
from infra.trials.calls import Failed, Kontor
from infra.trials.plain import tell
from infra.trouble import Trouble

HERE = "KONTOR_TRIALS_MOUNTS"  # set where this process has a mount namespace of its own


def plan(root: BareRoot, port: int) -> dict[str, tuple[Kontor, Callable[[Kontor], str]]]:
    """The trials by name, in their order, each with the checkout it works on."""
    as_root = Kontor(root, "root", "/root/kontor", port)
    as_user = Kontor(root, USER, f"/home/{USER}/公司 帳務/kontor", port + 1)
    place = "/srv/trials"
    return {
        "first-as-root": (as_root, plain.first),
        "test-as-root": (as_root, plain.tests),
        "first-as-user": (as_user, plain.first),
        "test-as-user": (as_user, plain.tests),
        "port": (as_user, plain.taken_port),
        "control-c": (as_user, plain.control_c),
        "reset": (as_user, plain.reset),
        "twice": (as_user.with_state(f"{place}/twice"), broken.twice),
        "network": (as_user.with_state(f"{place}/network"), broken.network),
        "disk": (as_user.with_state(f"{place}/disk/state"), broken.disk),
        "kills": (as_root.with_state(f"{place}/kills"), broken.kills),
    }


def main() -> int:
    """Exit status 0 when every trial went well, else 1."""
    options = _parse()
    if os.geteuid() != 0:
        raise Trouble("The trials need root: they make a system of their own in a folder and enter it with chroot.")
    if os.environ.get(HERE) != "1":
        os.execvpe(  # noqa: S606
            "unshare",
            ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "infra.trials", *sys.argv[1:]],
            {**os.environ, HERE: "1"},
        )
    root = BareRoot(options.root.resolve())
    root.make(options.mirror)
    root.mount()
    trials = plan(root, options.port)
    if unknown := set(options.only) - set(trials):
        raise Trouble(f"There is no trial {', '.join(sorted(unknown))}. There are: {', '.join(trials)}.")
    chosen = {name: trial for name, trial in trials.items() if not options.only or name in options.only}
    for kontor in {one.folder: one for one, _ in chosen.values()}.values():
        if not options.keep or not kontor.root.outside(kontor.folder).exists():
            kontor.clone(options.checkout)
    return 1 if sum(_try(name, *chosen[name]) for name in chosen) else 0


def _try(name: str, kontor: Kontor, trial: Callable[[Kontor], str]) -> int:
    kontor.root.sweep()
    if kontor.state:
        broken.make_room(kontor)
    began = time.monotonic()
    try:
        what, failed = trial(kontor), 0
    except Failed as error:
        what, failed = f"FAILED: {error}", 1
    except Exception:
        what, failed = f"FAILED: {traceback.format_exc()}", 1
    finally:
        kontor.root.sweep()
    tell(f"{name:<14} {time.monotonic() - began:6.0f} s  {what}")
    return failed


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m infra.trials", description="Try ./kontor demo and ./kontor test on a bare Debian, as root."
    )
    parser.add_argument("only", nargs="*", metavar="TRIAL", help="names of trials (default: all)")
    parser.add_argument(
        "--root", type=Path, default=Path("/var/lib/kontor-trials"), help="where the bare system is made"
    )
    parser.add_argument("--checkout", type=Path, default=CHECKOUT, help="what is cloned into it (default: this one)")
    parser.add_argument("--keep", action="store_true", help="take the clones of the last run and what they made again")
    parser.add_argument("--mirror", default="", help="a Debian mirror (default: this machine's own)")
    parser.add_argument("--port", type=int, default=8310, help="this port and the next are used (default: 8310)")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        raise SystemExit(1) from None
