"""An answer taken whole, so that its thread and its database connection are free before the caller reads it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IN_MEMORY = 2**20  # bytes; a longer answer lies in a file, from which the server sends it at the caller's pace
OPENED = 60.0  # seconds after which the server has surely opened that file: its name goes, its content stays
_LEFT_BEHIND = 3600.0  # seconds after which a file is one of a process that was killed

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Leaving:
    """What is sent: ``body``, or the file at ``path``."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    path: Path | None = None

    def send(self, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Hand it to the server."""
        if self.path is None:
            protocol.response_bytes(self.status, self.headers, self.body)
        else:
            protocol.response_file(self.status, self.headers, str(self.path))
            loop.call_later(OPENED, self.forget)

    def forget(self) -> None:
        """The file, where there is one."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def called(application: Callable[..., Iterable[bytes]], environ: dict[str, Any], folder: Path) -> Leaving:
    """Call a WSGI application and take all that it says; ``folder`` holds what is long."""
    leaving = Leaving()

    def start_response(status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], object]:
        leaving.status, leaving.headers = int(status.partition(" ")[0]), headers
        return lambda _data: None

    result = application(environ, start_response)
    try:
        blocks = iter(result)
        pieces, size = [], 0
        for block in blocks:
            pieces.append(block)
            size += len(block)
            if size > IN_MEMORY:
                leaving.path = _kept(folder, pieces, blocks)
                break
        else:
            leaving.body = b"".join(pieces)
    finally:
        if (close := getattr(result, "close", None)) is not None:
            close()
    return leaving


def _kept(folder: Path, begun: list[bytes], rest: Iterable[bytes]) -> Path:
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(begun)
            file.writelines(rest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def folder_for(state: Path) -> Path:
    """The folder of long answers, made where it is missing; what killed processes left in it goes."""
    folder = state / "run" / "sending"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
            left.unlink(missing_ok=True)
    return folder
