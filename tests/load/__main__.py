"""``python -m tests.load [PART …] [--scale small|full] [--json]``: what ``./kontor bench`` runs.

Works on the database of DATABASE_URL, in companies of its own, which it drops. One JSON value or a table
goes to standard output, what is going on to standard error.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from typing import Any

import django

PARTS = ("provisioning", "orders", "reading", "forms", "search", "stock", "exchange")


def main(parts: list[str], scale: str, as_json: bool) -> int:
    """Run the parts one after the other; a part that fails is told and does not stop the others."""
    django.setup()
    from tenants.provisioning import prepare_database

    prepare_database(_say)
    found: list[Any] = []
    failed: dict[str, str] = {}
    for part in parts or PARTS:
        _say(f"{part} …")
        begun = time.monotonic()
        try:
            for measure in importlib.import_module(f"tests.load.{part}").measures(scale):
                found.append(measure)
                _say("  " + "  ".join(_row(measure)))
        except Exception as error:
            if os.environ.get("KONTOR_BENCH_RAISE"):
                raise
            failed[part] = f"{type(error).__name__}: {error}"
            _say(f"  failed: {failed[part]}")
        _say(f"  {time.monotonic() - begun:.0f} s")
    if as_json:
        print(
            json.dumps(
                {"machine": _machine(), "scale": scale, "measures": [m.as_json() for m in found], "failed": failed}
            )
        )
    else:
        print(_table(found))
    return 1 if failed else 0


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "load": [round(n, 2) for n in os.getloadavg()],
        "python": platform.python_version(),
    }


def _row(m: Any) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    ratio = f"{m.value / m.limit:.2f}" if m.limit else ""
    return (m.what, f"{number(m.value)} {m.unit}", number(m.worst), number(m.limit), ratio, m.aim)


def _table(found: list[Any]) -> str:
    rows = [("what", "median", "worst", "limit", "ratio", "aim"), *(_row(m) for m in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(6)]

    def lines() -> Iterator[str]:
        for i, row in enumerate(rows):
            yield "  ".join(
                cell.ljust(width) if j == 0 else cell.rjust(width)
                for j, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            if i == 0:
                yield "  ".join("-" * width for width in widths)
        yield from dict.fromkeys(f"{m.part}: the limit is {m.limit_is}." for m in found if m.limit_is)

    return "\n".join(lines())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--scale", choices=["small", "full"], default="small")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    raise SystemExit(main(given.parts, given.scale, given.json))
