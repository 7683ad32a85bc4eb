"""Sheet → PDF by typst. Values travel as JSON data, never as typst code, so nothing can be injected."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Refused
from kontor.resources import registry as resources
from kontor.resources.spec import Spec
from kontor.surfaces import query
from kontor.surfaces.printing.registry import find
from kontor.surfaces.printing.sheet import Cell, Sheet

_TEMPLATES = Path(__file__).parent / "typst"
_FONTS = {"zh-hant": "Noto Sans TC", "zh-hans": "Noto Sans SC"}
_LANGUAGES = {"zh-hant": ("zh", "TW", "Hant"), "zh-hans": ("zh", "CN", "Hans"), "en": ("en", "US", "Latn")}
# a run of letters that typst finds no place to break (an address of a page, a serial number): below
# the scripts that join or reorder their letters, where a break between two letters is harmless
_RUN = re.compile(r"[!-\u058f]{16,}")
_BREAK = "\u200b"
_one_at_a_time = threading.Lock()  # the compiler keeps fonts and caches; it serves one call at a time


@dataclass(frozen=True, slots=True)
class Paper:
    """A print as a file: its content and the name that it is kept under."""

    content: bytes
    file_name: str


def paper(ctx: Context, spec: Spec, pk: UUID, name: str) -> Paper:
    """The print of a record in the reader's scope, called by the record's number or name; errors as ``render_pdf``."""
    row = query.one(ctx, spec, pk, [spec.title] if spec.title in spec.fields else [])
    content = render_pdf(ctx, spec, pk, name)
    safe = "".join(c for c in str(row.get(spec.title) or name) if c.isalnum() or c in "-_.") or name
    return Paper(content, f"{safe}.pdf")


def render_pdf(ctx: Context, spec: Spec | str, pk: UUID, name: str) -> bytes:
    """The print of a record as PDF, whatever the scope (``paper`` looks at it); NotAllowed without the right."""
    spec = resources.spec(spec) if isinstance(spec, str) else spec
    ctx.rights.need(spec.name, "view")
    found = find(spec.name, name)
    if found.needs:
        ctx.rights.need(found.needs, "view")
    return set_sheet(found.draw(ctx, pk))


def set_sheet(sheet: Sheet) -> bytes:
    """Typeset a sheet; Refused if the fonts or the typesetter are missing or fail."""
    import typst

    data = json.dumps(_data(sheet), ensure_ascii=False)
    try:
        with _one_at_a_time:
            done = _compiler().compile(
                input=str(_TEMPLATES / "document.typ"), format="pdf", sys_inputs={"data": data}, root=str(_TEMPLATES)
            )
    except typst.TypstError as error:
        raise Refused(_("The page could not be printed: %(why)s") % {"why": str(error)[:300]}, code="print") from error
    assert isinstance(done, bytes)
    return done


@cache
def _compiler() -> Any:
    import typst

    folder = Path(settings.VENDOR) / "fonts"
    if not any(folder.glob("*.ttf")):
        raise Refused(_("The fonts for printing are missing in %(folder)s.") % {"folder": folder}, code="no_fonts")
    return typst.Compiler(root=str(_TEMPLATES), font_paths=[str(folder)], ignore_system_fonts=True)


def _data(sheet: Sheet) -> dict[str, Any]:
    """The sheet as JSON, with what the template needs to know about its language."""
    language = sheet.language if sheet.language in _LANGUAGES else "en"
    first = _FONTS.get(language, "Noto Sans TC")
    lang, region, script = _LANGUAGES[language]
    out: dict[str, Any] = _breakable({k: v for k, v in asdict(sheet).items() if k not in ("rows", "logo")})
    out["rows"] = [[_cell(c) for c in row] for row in sheet.rows]
    out["logo"] = list(sheet.logo)
    out["logo_kind"] = _picture(sheet.logo)
    out |= {"lang": lang, "region": region, "script": script}
    out["fonts"] = [first, *(f for f in ("Noto Sans TC", "Noto Sans SC") if f != first)]
    with translation.override(language):
        out["page_words"] = _("Page {page} of {pages}")
        out["words_title"] = _("Amount in words")
        out["carry_words"] = [_("Carried forward"), _("Carry over")]
    return out


def _cell(cell: str | Cell) -> list[str]:
    pair = (cell.text, cell.note) if isinstance(cell, Cell) else (cell, "")
    return [breakable(part) for part in pair]


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, dict):
        return {k: v if k in ("language", "align") else _breakable(v) for k, v in value.items()}
    return [_breakable(v) for v in value] if isinstance(value, list | tuple) else value


def breakable(text: str) -> str:
    """Allow a break between any two letters of a run that would otherwise run over the edge."""
    return _RUN.sub(lambda run: _BREAK.join(run.group()), text)


def _picture(logo: bytes) -> str:
    if logo.startswith(b"\x89PNG"):
        return "png"
    if logo.startswith(b"\xff\xd8"):
        return "jpg"
    return "svg" if b"<svg" in logo[:500] else ""
