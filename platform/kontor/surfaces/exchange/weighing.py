"""A spreadsheet is opened by a process of its own first: what would bring down the server brings down only that.

The reader keeps a sheet as a full rectangle from its first to its last filled cell, so a file of a few
kilobytes with one cell in XFD1048576 asks for half a terabyte; when that is not there, its process ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.utils.translation import gettext as _

from kontor.errors import Refused

MEMORY = 3 * 2**30  # bytes of address space for the trial
SECONDS = 300
MOST_CELLS = 60_000_000  # of the rectangle: a million rows of almost sixty columns
_TRIAL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook
try:
    sheet = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0)
except Exception:
    sys.exit(3)
print(sheet.height * sheet.width)
"""


def weigh(path: Path, label: str) -> None:
    """Refused ``too_large`` or ``unreadable`` where the first sheet cannot be held in a bounded memory."""
    cells = _cells(str(path))
    if cells is None:
        raise Refused(
            _("%(file)s cannot be read as a spreadsheet. Is it protected by a password?") % {"file": label},
            code="unreadable",
        )
    if cells > MOST_CELLS:
        raise Refused(
            _("%(file)s reaches over too many rows and columns. Delete what stands far away from the table.")
            % {"file": label},
            code="too_large",
        )


def _cells(path: str) -> int | None:
    """The cells of the first sheet's rectangle; more than the most when it broke the trial, None if it is none."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "RUST_BACKTRACE": "0"}
    command = [sys.executable, "-c", _TRIAL, path, str(MEMORY)]
    try:
        trial = subprocess.run(command, env=environ, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return MOST_CELLS + 1
    if trial.returncode == 3:
        return None
    return int(trial.stdout) if trial.returncode == 0 else MOST_CELLS + 1
