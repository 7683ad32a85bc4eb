"""Sort keys: names of any script in one order, kept beside the name (the database has no ICU)."""

from __future__ import annotations

import re
import unicodedata

from kontor.values.scripts import one_script

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
KEY_LENGTH = 200


def sort_key(name: str) -> str:
    """Lower case without accents, Chinese as pinyin by syllable: ``大同`` → ``da tong``."""
    if _HAN.search(name):
        from pypinyin import lazy_pinyin

        # the readings of phrases are known by their simplified form: 重慶 is chong qing, as 重庆 is
        name = " ".join(part.strip() for part in lazy_pinyin(one_script(name)) if part.strip())
    bare = "".join(ch for ch in unicodedata.normalize("NFKD", name) if not unicodedata.combining(ch))
    return " ".join(bare.casefold().split())[:KEY_LENGTH]
