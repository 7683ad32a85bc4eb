"""What a request brings is all there or it is refused: half a body must never pass for a whole one.

The web server reads a body only by its ``Content-Length`` and says nothing where the caller broke off;
a body sent in chunks would be taken for none, and an action called with it would do its whole instead of
the part that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kontor.serving.refusals import Refusal, answer

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class CutOff(OSError):
    """The caller sent less than it had announced; Django tells it as ``UnreadablePostError``."""


class Whole:
    """A stream that knows how much was announced."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        """As many bytes as asked for, to the announced end at most; CutOff where they do not come."""
        wanted = self._left if size < 0 else min(size, self._left)
        pieces = []
        while wanted > 0:
            piece = self._stream.read(wanted)
            if not piece:
                raise CutOff(f"{self._left} bytes of the body did not arrive")
            pieces.append(piece)
            wanted -= len(piece)
            self._left -= len(piece)
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        """A line, the last one without its end; CutOff as above."""
        if self._left <= 0:
            return b""
        line: bytes = self._stream.readline(self._left if size < 0 else min(size, self._left))
        if not line and size != 0:
            raise CutOff(f"{self._left} bytes of the body did not arrive")
        self._left -= len(line)
        return line


class Bodies:
    """The door before Django."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if not length and environ.get("HTTP_TRANSFER_ENCODING"):
            return _length_required(environ, start_response)
        if length.isdecimal() and int(length):
            environ["wsgi.input"] = Whole(environ["wsgi.input"], int(length))
        return self.application(environ, start_response)


def _length_required(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    _status, headers, said = answer(environ, Refusal(411, "length_required"))
    start_response("411 Length Required", headers)
    return [said]
