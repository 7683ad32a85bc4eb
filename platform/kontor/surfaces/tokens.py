"""Texts → the words an index keeps, and what people type → a query over them. No database.

Latin words are found by their beginning, also without accents; Chinese in either script by single
characters and pairs, by full pinyin and by initials; numbers and telephones by any run of four digits or more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from kontor.values.scripts import one_script

VERSION = "3"  # raised when the words of a text change: companies' indexes are then written anew in the background

_LONGEST = 40
_MOST = 240  # words of one record
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_CODE = re.compile(r"[\w./#-]+", re.ASCII)
_NUMBERISH = re.compile(r"[+(]?\d[\d\s()+./#x-]{2,30}\d")
_SHORTEST_TAIL, _LONGEST_NUMBER = 4, 20
_MOST_NAME = 12  # characters of a name that get pinyin


def fold(text: str) -> str:
    """Lower case, full width to half, accents off, Chinese in one script."""
    wide = unicodedata.normalize("NFKD", text).casefold()
    return one_script(unicodedata.normalize("NFC", "".join(ch for ch in wide if not unicodedata.combining(ch))))


def vector(parts: Iterable[tuple[str, str]]) -> str:
    """(text, weight A–D) pairs → the text of a tsvector."""
    best: dict[str, str] = {}
    for text, weight in parts:
        for token in index_tokens(text):
            if token not in best or weight < best[token]:
                best[token] = weight
    ordered = sorted(best.items(), key=lambda pair: pair[1])[:_MOST]
    return " ".join(f"{_quoted(token)}:1{weight}" for token, weight in ordered)


def query(text: str) -> str:
    """What somebody typed → the text of a tsquery that wants all of it; empty: nothing to look for."""
    wanted: dict[str, None] = {}
    folded = fold(text)[:200]
    rest = folded
    for match in _NUMBERISH.finditer(folded):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) >= _SHORTEST_TAIL and not re.search(
            r"[^\W\d_]", folded[max(0, match.start() - 1) : match.start()]
        ):
            wanted[_prefix(digits)] = None
            rest = rest.replace(match[0], " ")
    for chunk in rest.split():
        words = _WORD.findall(chunk)
        if len(words) > 1 and len(words[-1]) == 1 and _CODE.fullmatch(chunk):
            wanted[_prefix("".join(words)[:_LONGEST])] = None  # a code half typed: CP-2 finds CP-25
            words.pop()
        for piece, is_cjk in (pair for word in words for pair in _pieces(word)):
            if is_cjk:
                pairs = [piece[i : i + 2] for i in range(len(piece) - 1)] or [piece]
                wanted |= dict.fromkeys(_quoted(pair) for pair in pairs)
            else:
                wanted[_prefix(piece[:_LONGEST])] = None
    return " & ".join(list(wanted)[:16])


def index_tokens(text: str) -> set[str]:
    """All words under which a text is found."""
    folded = fold(text)
    out: set[str] = set()
    for chunk in folded.split():
        words = _WORD.findall(chunk)
        for word in words:
            for piece, is_cjk in _pieces(word):
                out |= _cjk_tokens(piece) if is_cjk else {piece[:_LONGEST]}
        if len(words) > 1 and not _CJK.search(chunk):
            out.add("".join(words)[:_LONGEST])
    for match in _NUMBERISH.finditer(folded):
        out |= _tails(re.sub(r"\D", "", match[0]))
    for match in re.finditer(r"\d{5,}", folded):
        out |= _tails(match[0])
    return out


def pinyin_tokens(name: str) -> set[str]:
    """Full pinyin and initials of the Chinese in a name, from its start and from each character on."""
    out: set[str] = set()
    for run in _CJK.findall(fold(name)):
        syllables = _pinyin(run[:_MOST_NAME])
        for i in range(len(syllables)):
            out.add("".join(syllables[i:])[:_LONGEST])
            initials = "".join(s[0] for s in syllables[i:] if s)
            if len(initials) > 1:
                out.add(initials)
    return out


def _cjk_tokens(run: str) -> set[str]:
    return set(run) | {run[i : i + 2] for i in range(len(run) - 1)} | pinyin_tokens(run)


@lru_cache(maxsize=20_000)
def _pinyin(run: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(s for s in (fold(s) for s in lazy_pinyin(run)) if s.isascii())


def _tails(digits: str) -> set[str]:
    digits = digits[:_LONGEST_NUMBER]
    return {digits[i:] for i in range(len(digits) - _SHORTEST_TAIL + 1)}


def _pieces(word: str) -> list[tuple[str, bool]]:
    out, at = [], 0
    for match in _CJK.finditer(word):
        if match.start() > at:
            out.append((word[at : match.start()], False))
        out.append((match[0], True))
        at = match.end()
    if at < len(word):
        out.append((word[at:], False))
    return out


def _prefix(word: str) -> str:
    """One letter alone would match half of everything: it is taken as a whole word."""
    return _quoted(word) if len(word) == 1 else f"{_quoted(word)}:*"


def _quoted(token: str) -> str:
    safe = token.replace("\\", "").replace("'", "''").replace("\x00", "")
    return f"'{safe}'"


def weights(search: Mapping[str, str]) -> dict[str, str]:
    """The declared weights, D where one is none of A to D."""
    return {path: weight if weight in "ABCD" and weight else "D" for path, weight in search.items()}
