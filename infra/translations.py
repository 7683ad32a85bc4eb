"""Messages of the sources against the catalogues: ``python -m infra.translations [--update]``.

Without ``--update`` it fails on every message that 繁體中文 or 简体中文 lacks; with it the missing
ones are added, empty, to the `.po` files for a translator to fill, and unused ones are dropped.
A word with two meanings has a context each (``pgettext("of a document", "Open")``); a new context begins
with the translation that the word had without one, for the translator to correct.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"zh_Hant": "zh_Hant_TW", "zh_Hans": "zh_Hans_CN"}
AREAS = {
    "platform/kontor/locale": ("platform/kontor", "tenants", "infra", "billing", "integrations"),
    "platform/suite/locale": ("platform/suite",),
}
_CALLS = {f"{call}{kind}" for call in ("gettext", "ngettext", "pgettext", "npgettext") for kind in ("", "_lazy")}
_CALLS.add("gettext_noop")
_TEXT = r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_TEMPLATE_CALL = re.compile(rf"(?:^|\W)(n?p?n?gettext)\(\s*{_TEXT}(?:\s*,\s*{_TEXT})?(?:\s*,\s*{_TEXT})?")


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
    for name, *texts in _TEMPLATE_CALL.findall(source):
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
                entry = catalog.get(message.text, message.context or None)
                said = entry.string if entry else ""
                if not said or (isinstance(said, tuple) and not all(said)):
                    out.append(
                        f"{language} {place}: {message.text!r}{f' ({message.context})' if message.context else ''}"
                    )
    return out


def update() -> None:
    """Add what is missing to the catalogues and drop what no source says any more."""
    for area, folders in AREAS.items():
        wanted = messages(folders)
        for language in LANGUAGES:
            path, old = catalogue(area, language)
            new = Catalog(
                locale=LANGUAGES[language], project="Kontor", charset="utf-8", fuzzy=False,
                creation_date=old.creation_date,
            )  # fmt: skip
            for message in sorted(wanted, key=lambda m: (str(m.key), m.context)):
                known = old.get(message.text, message.context or None) or old.get(message.text)
                new.add(message.key, known.string if known else None, context=message.context or None)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, new, width=120, omit_header=False, no_location=True)


def main() -> int:
    """Exit status 1 and the list if a translation is missing."""
    if "--update" in sys.argv:
        update()
        return 0
    lines = missing()
    print("\n".join(lines))  # noqa: T201
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
