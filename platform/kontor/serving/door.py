"""The door: bodies arrive and answers leave without a thread; only so many requests work at a time, so many wait."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from kontor.database.faults import has_no_room
from kontor.serving.arriving import arrived
from kontor.serving.environ import environ_of
from kontor.serving.leaving import Leaving, called, folder_for
from kontor.serving.refusals import RETRY_SECONDS, Refusal, answer

log = logging.getLogger(__name__)
Application = Callable[..., Iterable[bytes]]


class Door:
    """An RSGI application (granian's own interface) around a WSGI one.

    ``threads`` requests work at a time; ``waiting`` more may stand in line, and who comes then is told 503 at once.
    ``largest_form`` bytes may be uploaded in a form with files, ``largest`` in any other body.
    """

    def __init__(
        self, application: Application, *, threads: int, waiting: int, largest: int, largest_form: int, state: Path
    ) -> None:
        self.application, self.largest, self.largest_form = application, largest, largest_form
        self.most = threads + waiting
        self.inside = 0
        self.folder = folder_for(state)
        self.workers = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """A connection is a file to the system: as many as it lets us have."""
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """One request from its head to its answer."""
        environ = environ_of(scope)
        announced = environ.get("CONTENT_LENGTH", "")
        length = int(announced) if announced.isdecimal() else 0
        refusal = self._too_large(environ, length) or self._no_room_in_line()
        if refusal is not None and "HTTP_EXPECT" in environ:
            body: Any = refusal  # who asks before sending need not send
        elif length:
            body = await arrived(protocol, length, refusal)
        else:
            body = refusal or BytesIO()
        body = self._no_room_in_line() or body
        if isinstance(body, Refusal):
            leaving = Leaving(*answer(environ, body))
        else:
            leaving = await self._worked(environ, body)
        if environ["REQUEST_METHOD"] == "HEAD":
            leaving.body = b""
        leaving.send(protocol, asyncio.get_running_loop())

    async def _worked(self, environ: dict[str, Any], body: IO[bytes]) -> Leaving:
        self.inside += 1
        try:
            work = asyncio.get_running_loop().run_in_executor(self.workers, self._work, environ, body)
            return await asyncio.shield(work)  # a caller who left does not stop what was begun
        finally:
            self.inside -= 1

    def _work(self, environ: dict[str, Any], body: IO[bytes]) -> Leaving:
        try:
            return called(self.application, {**environ, "wsgi.input": body}, self.folder)
        except OSError as error:
            if not has_no_room(error):
                raise
            log.error("no room for an answer: %s", error)
            return Leaving(*answer(environ, Refusal(507, "no_room")))
        finally:
            body.close()

    def _too_large(self, environ: dict[str, Any], length: int) -> Refusal | None:
        form = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        most = self.largest_form if form else self.largest
        return Refusal(413, "too_large", facts=(("n", most // 2**20),)) if length > most else None

    def _no_room_in_line(self) -> Refusal | None:
        return Refusal(503, "busy", RETRY_SECONDS) if self.inside >= self.most else None
