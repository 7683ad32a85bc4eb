"""Two streams: one JSON value or the answer to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from infra.trouble import Trouble


def say(text: str = "") -> None:
    """Progress or a message, for people."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """What the command was asked for, as text."""
    sys.stdout.write(f"{text.rstrip()}\n")
    sys.stdout.flush()


def answer_json(value: Any) -> None:
    """What the command was asked for, as the one JSON value."""
    answer(json.dumps(value, ensure_ascii=False, indent=2))


def refuse(trouble: Trouble, *, as_json: bool) -> NoReturn:
    """End the command: the sentences for people, and with ``--json`` the same as its one value."""
    say(str(trouble))
    if as_json:
        answer_json({"error": trouble.as_json()})
    raise SystemExit(trouble.status) from None


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
