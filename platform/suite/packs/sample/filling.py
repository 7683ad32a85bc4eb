"""Filling a company with the sample: in steps that commit, so a stopped start goes on where it stood."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from kontor.configuration.api import get, put
from kontor.context import Context
from kontor.identity.api import system_context
from kontor.surfaces import search
from suite.packs.sample.founding import found
from suite.packs.sample.history import History

DONE = "sample.filled"


def fill(scope: Callable[[], AbstractContextManager[None]], say: Callable[[str], None]) -> dict[str, str]:
    """Fill the company whose transaction ``scope()`` opens; returns the password of each role.

    All in one transaction: either the sample is whole or the company is as it was.
    """
    with scope():
        if get(DONE):
            return {}
        ctx = _context()
        say("people, customers, products")
        made = found(ctx)
        History(ctx, made, ctx.today, say).run()
        search.rebuild()  # people and terms were written past the gate
        put({DONE: True})
        return made.passwords


def _context() -> Context:
    ctx: Any = system_context("sample")
    ctx.user_name = "Kontor"
    return ctx  # type: ignore[no-any-return]
