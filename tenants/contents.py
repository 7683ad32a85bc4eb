"""What a company gets beside its tables: country packs from above, the search index from below.

An upper module says ``@brings("packs", version="1")`` over ``function(ctx, country, had)`` in its
``module.py``. It is called when a company is founded (``had`` is empty) and again when the version has
moved (``had`` is the version the company has), and must leave alone what people changed or removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kontor.context import Context
from kontor.surfaces import reindexing, tokens

_SEARCH = "search"
Bring = Callable[[Context, str, str], None]


@dataclass(frozen=True, slots=True)
class Content:
    """A shipped content, its present version and how it is brought in."""

    name: str
    version: str
    bring: Bring


_contents: dict[str, Content] = {}


def brings(name: str, *, version: str) -> Callable[[Bring], Bring]:
    """Decorator: the function brings this content to a company."""

    def keep(function: Bring) -> Bring:
        _contents[name] = Content(name, version, function)
        return function

    return keep


def contents_mark() -> str:
    """All contents with their versions, as a company carries them: ``packs:1 search:2``."""
    return " ".join(f"{c.name}:{c.version}" for c in sorted(_contents.values(), key=lambda c: c.name))


def bring_all(ctx: Context, country: str, had: str) -> None:
    """Bring what the company has not in its present version; the search index last, it reads the rest."""
    versions = dict(word.split(":", 1) for word in had.split())
    moved = [c for c in _contents.values() if versions.get(c.name, "") != c.version]
    for content in sorted(moved, key=lambda c: (c.name == _SEARCH, c.name)):
        content.bring(ctx, country, versions.get(content.name, ""))
    if moved and all(c.name != _SEARCH for c in moved):
        reindexing.catch_up()  # what was brought past the gate is found


@brings(_SEARCH, version=tokens.VERSION)
def _search(ctx: Context, country: str, had: str) -> None:
    """A new company has few rows; an old one's are written anew in the background, chunk by chunk."""
    if had:
        reindexing.start_rebuilding(ctx)
    reindexing.catch_up()
