"""What is wrong with a declaration, told with the place where it says so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


class WrongDeclaration(ImproperlyConfigured):
    """A declaration that cannot be; ``str`` begins with file and line."""

    def __init__(self, declaration: type, sentence: str, word: str = "") -> None:
        place = _place(declaration, word)
        super().__init__(f"{place}: {sentence}" if place else sentence)


def _place(declaration: type, word: str) -> str:
    """The line of the class that says the word first, else that of the class itself."""
    try:
        file = Path(inspect.getsourcefile(declaration) or "")
        lines, first = inspect.getsourcelines(declaration)
    except (OSError, TypeError):
        return ""
    said = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    at = next((n for n, line in enumerate(lines) if word and said.search(line)), 0)
    return f"{file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}, line {first + at}"
