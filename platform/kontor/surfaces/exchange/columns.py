"""What a file's columns may be: the fields of a resource, found by header in any of the languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Field, Spec

REF = "external_ref"
_PLAIN = re.compile(r"[\s_\-./／·:：*＊()（）【】\[\]「」]+")


@dataclass(frozen=True, slots=True)
class Target:
    """One field that a column may fill; ``lines.product`` for a field of the lines."""

    name: str
    field: Field
    lines: str = ""
    usual: bool = False  # declared for imports; the others stand behind them

    @property
    def required(self) -> bool:
        return self.field.required


def targets(ctx: Context, spec: Spec) -> list[Target]:
    """The fields that the user may import, those declared for imports first."""
    named = [name.split("__")[0] for name in spec.imports]
    plain = [n for n in named if n in spec.fields]
    out = [Target(n, spec.fields[n], usual=True) for n in plain if _writable(ctx, spec.fields[n])]
    for lines in spec.lines.values():
        if not lines.readonly and lines.name in named:
            out += [
                Target(f"{lines.name}.{f.name}", f, lines.name, usual=True)
                for f in lines.fields.values()
                if _writable(ctx, f)
            ]
    out += [Target(f.name, f) for f in spec.fields.values() if f.name not in plain and _writable(ctx, f)]
    return out


def _writable(ctx: Context, f: Field) -> bool:
    return not f.readonly and not f.is_computed and f.name != "custom" and ctx.rights.sees(f.guard)


def keys_of(spec: Spec) -> list[tuple[str, Any]]:
    """How known records may be found: an external reference, the id, or a code."""
    out: list[tuple[str, Any]] = [(n, spec.fields[n].label) for n in spec.code if n in spec.fields]
    return [*out, (REF, _("External reference")), ("id", _("Id"))]


def plain(header: str) -> str:
    """A header without case, width, blanks and marks."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", header)).lower()


def guess(ctx: Context, spec: Spec, headers: Sequence[str], habit: Mapping[str, str] | None = None) -> dict[str, str]:
    """header → target: as last time, else by name or label in any language; each target once."""
    known = targets(ctx, spec)
    names = {t.name for t in known} | {"id", REF} | {f"{t.lines}.id" for t in known if t.lines}
    words = _words(spec.name)
    out: dict[str, str] = {}
    for source in (lambda h: (habit or {}).get(plain(h), ""), lambda h: words.get(plain(h), "")):
        for header in headers:
            found = source(header)
            if header not in out and found in names and found not in out.values():
                out[header] = found
    return out


@lru_cache(maxsize=400)
def _words(resource: str) -> dict[str, str]:
    """Every way to write a field's name → the field; the record's own before those of its lines."""
    spec = registry.spec(resource)
    out: dict[str, str] = {"id": "id", "externalref": REF}
    rows: list[tuple[str, Field, list[str]]] = [(f.name, f, [""]) for f in spec.fields.values() if not f.readonly]
    for lines in spec.lines.values():
        rows += [(f"{lines.name}.{f.name}", f, [f"{lines.name}."]) for f in lines.fields.values() if not f.readonly]
        out[plain(f"{lines.name}.id")] = f"{lines.name}.id"
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for name, f, prefixes in rows:
                for word in (f.name, str(f.label)):
                    for prefix in prefixes:
                        out.setdefault(plain(prefix + word), name)
    for language, _name in settings.LANGUAGES:  # a line's field without its prefix, where nothing else is meant
        with translation.override(language):
            for name, f, _prefixes in rows:
                out.setdefault(plain(str(f.label)), name)
                out.setdefault(plain(f.name), name)
    for name in spec.imports:  # customer__code, as declarations and exports may write it
        if name.split("__")[0] in spec.fields:
            out.setdefault(plain(name), name.split("__")[0])
    return out
