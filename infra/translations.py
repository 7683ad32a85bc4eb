"""Messages of the sources against the catalogues: ``./kontor words [--update] [FOLDER …]``.

Without ``--update`` it fails on every message that 繁體中文 or 简体中文 lacks and on every word that the house
does not use (``house_words.yaml``); with it the missing ones are added, empty, to the `.po` files for a translator
to fill, and unused ones are dropped. With folders it lists what they say, with both translations.
A word with two meanings has a context each (``pgettext("of a document", "Open")``) and a translation of its own in
each: none is ever taken over from another context.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"zh_Hant": "zh_Hant_TW", "zh_Hans": "zh_Hans_CN"}
AREAS = {
    "platform/kontor/locale": ("platform/kontor", "tenants", "infra", "billing", "integrations"),
    "platform/suite/locale": ("platform/suite",),
}
HOUSE_WORDS = Path(__file__).with_name("house_words.yaml")
_CALLS = {f"{call}{kind}" for call in ("gettext", "ngettext", "pgettext", "npgettext") for kind in ("", "_lazy")}
_CALLS.add("gettext_noop")
_TEXT = r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_TEMPLATE_CALL = re.compile(rf"(?:^|\W)(n?p?n?gettext|_)\(\s*{_TEXT}(?:\s*,\s*{_TEXT})?(?:\s*,\s*{_TEXT})?")


@dataclass(frozen=True, order=True)
class Message:
    """A message as the sources say it."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> str | tuple[str, str]:
        """Its name in a catalogue, beside the context."""
        return (self.text, self.plural) if self.plural else self.text


def _message(call: str, texts: list[str]) -> Message | None:
    context = texts.pop(0) if "p" in call and texts else ""
    if not texts:
        return None
    return Message(texts[0], texts[1] if call.startswith("n") and len(texts) > 1 else "", context)


def messages(folders: tuple[str, ...]) -> dict[Message, str]:
    """Every message of the Python files and templates below the folders, with where it stands first."""
    found: dict[Message, str] = {}
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if "migrations" in file.parts or "static" in file.parts:
                continue
            if file.suffix == ".py":
                pairs = _python(file)
            elif file.suffix in (".html", ".txt") and "templates" in file.parts:
                pairs = _template(file)
            else:
                continue
            for message in pairs:
                found.setdefault(message, str(file.relative_to(ROOT)))
    return found


def _python(file: Path) -> Iterator[Message]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = {"_": "gettext", **{name: name for name in _CALLS}}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.utils.translation"):
            known.update({a.asname: a.name for a in node.names if a.asname and a.name in _CALLS})
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = known.get(node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""), "")
        if not name:
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if found := _message(name.removesuffix("_lazy").removesuffix("_noop"), texts):
            yield found


def _template(file: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    source = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    for call, *texts in _TEMPLATE_CALL.findall(source):
        name = "gettext" if call == "_" else call  # {{ title|default:_("Basic data") }}
        if found := _message(name, [ast.literal_eval(text) for text in texts if text]):
            yield found


def catalogue(area: str, language: str) -> tuple[Path, Catalog]:
    """The `.po` file of an area and a language, empty if there is none yet."""
    path = ROOT / area / language / "LC_MESSAGES" / "django.po"
    if path.exists():
        with path.open("rb") as file:
            return path, read_po(file, locale=LANGUAGES[language])
    return path, Catalog(locale=LANGUAGES[language], project="Kontor", charset="utf-8")


def missing() -> list[str]:
    """A line for every message without a translation."""
    out = []
    for area, folders in AREAS.items():
        wanted = messages(folders)
        for language in LANGUAGES:
            _path, catalog = catalogue(area, language)
            for message, place in wanted.items():
                if not _said(catalog, message):
                    out.append(
                        f"{language} {place}: {message.text!r}{f' ({message.context})' if message.context else ''}"
                    )
    return out


def update() -> list[str]:
    """Add what is missing to the catalogues, drop what no source says any more; gives what is left to translate.

    A message that the other catalogue has under the same name and context is taken over from there, because both are
    merged when the product runs; the list names it, for somebody to look whether it means the same.
    """
    taken = []
    for language in LANGUAGES:
        before = {area: catalogue(area, language) for area in AREAS}
        for area, folders in AREAS.items():
            path, old = before[area]
            new = Catalog(
                locale=LANGUAGES[language], project="Kontor", charset="utf-8", fuzzy=False,
                creation_date=old.creation_date,
            )  # fmt: skip
            for message in sorted(messages(folders), key=lambda m: (str(m.key), m.context)):
                known = _said(old, message)
                if not known:
                    known = next((s for other in AREAS if (s := _said(before[other][1], message))), None)
                    if known:
                        taken.append(f"{language} {message.text!r}: {known!r} as elsewhere; is it meant here too?")
                new.add(message.key, known, context=message.context or None)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, new, width=120, omit_header=False, no_location=True)
    return [*taken, *missing()]


def _said(catalog: Catalog, message: Message) -> Any:
    """The message's own translation, under its own context and number; None without one."""
    entry = catalog.get(message.text, message.context or None)
    said = entry.string if entry and isinstance(entry.id, tuple) == bool(message.plural) else None
    return said if said and (not isinstance(said, tuple) or all(said)) else None


def foreign() -> list[str]:
    """A line for every translation with a word that the house does not use, and the one that it does."""
    house = yaml.safe_load(HOUSE_WORDS.read_text(encoding="utf-8"))
    out = []
    for area in AREAS:
        for language in LANGUAGES:
            for entry in catalogue(area, language)[1]:
                said = entry.string if isinstance(entry.string, tuple) else (str(entry.string or ""),)
                for text in said:
                    if not entry.id or not text or text in house["allowed"]:
                        continue
                    out += [
                        f"{language}: {text!r} has {w}; we say {ours}"
                        for w, ours in house[language].items()
                        if w in text
                    ]
    return out


def listing(folders: Sequence[str]) -> list[str]:
    """Every message of the folders with its translations: what is shared with others is seen here too."""
    catalogs = {lang: [catalogue(area, lang)[1] for area in AREAS] for lang in LANGUAGES}
    out = []
    for message in sorted(messages(tuple(folders)), key=lambda m: (m.text.lower(), m.context)):
        said = [next((s for c in catalogs[lang] if (s := _said(c, message))), "–") for lang in LANGUAGES]
        shown = [s[0] if isinstance(s, tuple) else s for s in said]
        out.append(" | ".join([message.text + (f" ({message.context})" if message.context else ""), *shown]))
    return out


if __name__ == "__main__":  # ./kontor words, where an environment with the tools is at hand already
    print("\n".join(update() if "--update" in sys.argv else [*missing(), *foreign()]))  # noqa: T201
