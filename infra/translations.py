"""Messages of the sources against the catalogues: ``python -m infra.translations [--update]``.

Without ``--update`` it fails on every message that 繁體中文 or 简体中文 lacks; with it the missing
ones are added, empty, to the `.po` files for a translator to fill, and unused ones are dropped.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"zh_Hant": "zh_Hant_TW", "zh_Hans": "zh_Hans_CN"}
AREAS = {
    "platform/kontor/locale": ("platform/kontor", "tenants", "infra", "billing", "integrations"),
    "platform/suite/locale": ("platform/suite",),
}
_CALLS = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "translate"}
_TEMPLATE_CALL = re.compile(
    r"(?:^|\W)(n?p?n?gettext)\(\s*u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"(?:\s*,\s*u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'))?"
)

Message = str | tuple[str, str]


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
        if name.startswith("ngettext") and len(texts) >= 2:
            yield texts[0], texts[1]
        elif texts and not name.startswith("pgettext"):
            yield texts[0]


def _template(file: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    source = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    for name, one, many in _TEMPLATE_CALL.findall(source):
        first = ast.literal_eval(one)
        if name.startswith("n") and many:
            yield first, ast.literal_eval(many)
        else:
            yield first


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
                key = message if isinstance(message, str) else message[0]
                entry = catalog.get(key)
                said = entry.string if entry else ""
                if not said or (isinstance(said, tuple) and not all(said)):
                    out.append(f"{language} {place}: {key!r}")
    return out


def update() -> None:
    """Add what is missing to the catalogues and drop what no source says any more."""
    for area, folders in AREAS.items():
        wanted = messages(folders)
        for language in LANGUAGES:
            path, old = catalogue(area, language)
            new = Catalog(locale=LANGUAGES[language], project="Kontor", charset="utf-8", fuzzy=False)
            for message in sorted(wanted, key=str):
                key = message if isinstance(message, str) else message[0]
                known = old.get(key)
                new.add(message, known.string if known else None)
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
