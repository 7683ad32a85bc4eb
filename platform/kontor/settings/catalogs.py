"""Translations: `.po` files stand in the sources, what gettext reads is made from them in the state folder."""

from __future__ import annotations

import os
from pathlib import Path

SOURCES = ("platform/kontor/locale", "platform/suite/locale")


def compiled(root: Path, state: Path) -> list[Path]:
    """The folders for LOCALE_PATHS; catalogues that changed since last time are compiled anew."""
    out = []
    for source in SOURCES:
        target = state / "locale" / source.replace("/", "-")
        for po in sorted((root / source).glob("*/LC_MESSAGES/django.po")):
            mo = target / po.relative_to(root / source).with_suffix(".mo")
            if not mo.exists() or mo.stat().st_mtime_ns != po.stat().st_mtime_ns:
                _compile(po, mo)
        out.append(target)
    return out


def _compile(po: Path, mo: Path) -> None:
    """Bears the time of what was read, so that a change while it was being read is seen the next time."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    read_at = po.stat().st_mtime_ns
    with po.open("rb") as file:
        catalog = read_po(file)
    mo.parent.mkdir(parents=True, exist_ok=True)
    part = mo.with_suffix(f".{os.getpid()}")
    with part.open("wb") as file:
        write_mo(file, catalog)
    os.utime(part, ns=(read_at, read_at))
    part.replace(mo)
