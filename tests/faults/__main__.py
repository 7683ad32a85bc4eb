"""``python -m tests.faults [TRIAL …]``: break a real installation on purpose and look whether everything holds.

Makes a state folder of its own in a temporary place, prints a line for each trial, and ends with status 1
if one of them failed. Works in the environment of the tests; needs nothing that runs already.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from tests.faults.installation import Failed, Installation

TRIALS = ("killing",)


def main() -> int:
    """Exit status 0 when every trial went well or could not be tried here, else 1."""
    options = _parse()
    failed = 0
    for name in options.trials or TRIALS:
        installation = Installation(options.place)
        begun, load = time.monotonic(), os.getloadavg()[0]
        try:
            said = importlib.import_module(f"tests.faults.{name}").run(installation, options)
        except Failed as error:
            said, failed = f"FAILED: {error}", failed + 1
        except Exception:
            said, failed = f"FAILED: {traceback.format_exc()}", failed + 1
        finally:
            if options.keep:
                installation.stop()
                said = f"{said} (kept: {installation.place})"
            else:
                installation.remove()
        print(f"{name:<8} {time.monotonic() - begun:6.0f} s  load {load:.1f}  {said}", flush=True)
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"of: {', '.join(TRIALS)} (default: all)")
    parser.add_argument("--orders", type=int, default=10_000, help="of the killing (default: 10000)")
    parser.add_argument("--rows", type=int, default=0, help="brought in during the killing (default: ten an order)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and victims (default: 1)")
    parser.add_argument("--place", type=Path, help="where the state folder is made (default: a temporary one)")
    parser.add_argument("--keep", action="store_true", help="leave the state folder for a look")
    given = parser.parse_args()
    unknown = set(given.trials) - set(TRIALS)
    if unknown:
        parser.error(f"there is no trial {', '.join(sorted(unknown))}; there are {', '.join(TRIALS)}")
    return given


if __name__ == "__main__":
    sys.exit(main())
