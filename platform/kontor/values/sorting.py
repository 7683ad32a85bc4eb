"""Sort keys: names of any script in one order, kept beside the name (the database has no ICU)."""

from __future__ import annotations

import re
import unicodedata

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
KEY_LENGTH = 200


def sort_key(name: str) -> str:
    """Lower case without accents, Chinese as pinyin by syllable: ``大同`` → ``da tong``."""
    if _HAN.search(name):
        from pypinyin import lazy_pinyin

        name = " ".join(part.strip() for part in lazy_pinyin(name) if part.strip())
    bare = "".join(ch for ch in unicodedata.normalize("NFKD", name) if not unicodedata.combining(ch))
    return " ".join(bare.casefold().split())[:KEY_LENGTH]
