"""Chinese in one script, for comparing and finding; what people wrote is stored and shown as they wrote it."""

from __future__ import annotations

from typing import Any


class _Simplified(dict[int, str]):
    """Character by character, looked up once each: a part of a name folds as the whole name does."""

    def __init__(self) -> None:
        super().__init__()
        self._converter: Any = None

    def __missing__(self, point: int) -> str:
        if not (0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0x20000 <= point <= 0x3FFFF):
            return chr(point)
        if self._converter is None:
            from opencc import OpenCC

            self._converter = OpenCC("t2s")
        self[point] = char = self._converter.convert(chr(point))
        return char


_TABLE = _Simplified()


def one_script(text: str) -> str:
    """Traditional characters as simplified ones: ``大陸`` and ``大陆`` are the same afterwards."""
    return text if text.isascii() else text.translate(_TABLE)
