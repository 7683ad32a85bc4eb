"""Sources as trees."""

from __future__ import annotations

import ast


def tree(text: str) -> ast.Module:
    """The module of a text; asked again where CPython stumbled over another thread that parsed (gh-106905)."""
    for _attempt in range(5):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
