"""A request's body is read before anything works on it, however slowly it comes, and only as far as it may go.

A caller who trickles holds a few kilobytes here, no thread and no database connection. What is refused for its size
is read to its end as well and thrown away, because a caller who is still sending does not hear an answer.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from typing import IO, Any

from kontor.database.faults import has_no_room
from kontor.serving.refusals import Refusal

IN_MEMORY = 2**20  # bytes; a larger body waits in a temporary file
SILENCE = 20.0  # seconds without a byte
PATIENCE, PACE = 30.0, 10_000  # seconds for any body, and one more for each so many bytes announced
MOST_IGNORED = 256 * 2**20  # bytes that are read only to be thrown away; beyond, the connection ends


async def arrived(protocol: Any, length: int, refusal: Refusal | None) -> IO[bytes] | Refusal:
    """The body from its beginning, shorter than announced where the caller broke off; or why it is not taken.

    With ``refusal`` it is read and forgotten. Raises nothing for what a caller does.
    """
    if refusal is not None and length > MOST_IGNORED:
        return refusal
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by whoever answers
    end = time.monotonic() + PATIENCE + length / PACE
    blocks = aiter(protocol)
    left = length
    while left > 0:
        try:
            async with asyncio.timeout(min(SILENCE, end - time.monotonic())):
                block = await anext(blocks)
        except StopAsyncIteration:
            break
        except TimeoutError:
            kept.close()
            return refusal or Refusal(408, "too_slow")
        except Exception:  # the connection broke; the server names it in its own way
            break
        left -= len(block)
        if refusal is None:
            try:
                kept.write(block)
            except OSError as error:
                if not has_no_room(error):
                    raise
                refusal = Refusal(507, "no_room")
                kept.close()
    if refusal is not None:
        return refusal
    kept.seek(0)
    return kept
