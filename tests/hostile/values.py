"""Values that break programs: each drawn from one random source, so a number makes the same ones again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

MARK = "<script>kx"  # must never stand in a page as it is here

TEXTS: tuple[str, ...] = (
    "", " ", "\t", "\n", "\r\n", "0", "-0", "null", "None", "true", "[]", "{}", "undefined", "NaN", "nan", "-inf",
    "Infinity", "1e400", "-1e400", "9" * 400, "1" + "0" * 400, "0." + "0" * 300 + "1", "１２３",
    "²", "①", "٣", "1_000",
    "0x1F", "1e5", "--1", "1,2,3", "1;2", "½", "-1", "99999999999999", "100000000000000", "0.0000001", "2147483648",
    "-2147483649", "9223372036854775808", "1.7976931348623157e309", "=cmd|' /C calc'!A0", "+1+1", "-1+1",
    "@SUM(1)", "=HYPERLINK(\"http://x\",\"y\")", "\t=1+1", "＝1+1", "'; DROP TABLE x; --", "1' OR '1'='1", "%s%s%s",
    "%(x)s", "%n", "{0}", "{{7*7}}", "{% debug %}", "${7*7}", "#{7*7}", f"{MARK}(1)</script>", f"\"'>{MARK}",
    "<img src=x onerror=1>", "javascript:alert(1)", "]]>", "<!--", "&amp;", "&#0;", "\x00",
    "a\x00b", "\x01", "\x0b\x0c",
    "\x1b[31m", "\x7f", "\x85", "\u200b", "\u200e\u200f", "\u202eabc", "\u2066x\u2069", "\ufeff", "\ufffd", "\uffff",
    "\u2028", "\ud800", "\udfffx", "😀", "👩‍👩‍👧‍👦", "𠮷𠀋", "髙﨑", "é", "e\u0301",
    "Z" + "\u0301" * 60, "ﷺ", "İ", "ß", "ǅ",
    "林怡君", "مرحبا", "שלום", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "file:///x",
    "con", "~", ".", "..",
    "a" * 256, "a" * 5000, "字" * 3000, "a b" * 400, ",", ",,,,", "a,b", "__", "id", "pk", "__class__", "constructor",
    "@me", "@today", "@today+99999999999", "@month-999999", "@quarter", "@today-", "@", "@x", "*",
    "%", "_", "\\", "\\'",
    "\"", "'", "`", "(", "((((", "[a-", "(?P<x>", "a&!b", "a:*", "<->", "!", "|", "x" * 60 + ":*",
    "first\r\nX-Evil: 1",
)  # fmt: skip
DATES: tuple[str, ...] = (
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", "-1-1-1",
    "2026-1-1", "113/5/1",
    "1/1/1", "99/99/99", "2026-11-22T25:00:00Z", "2026-11-22T08:30:00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:60Z", "2026-11-22T08:30:00+99:99", "1970-01-01",
    "22.11.2026", "today",
    "2026-W47-7", "20261122", "२०२६-११-२२", "２０２６-１１-２２", "1e10", "-99999-01-01", "0001-01-02", "9999-12-30",
)  # fmt: skip
IDS: tuple[str, ...] = (
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "0", "-1", "not-an-id", "{}",
    "00000000000000000000000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000",
    "0000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-00000000000g",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 0.1, -0.0, 1e15, 1e-9, 10**14, 10**15, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 3.0000001,
    99999999999999, 0.000001, 1e22, 5e-324, 1e308, 200, 201, 100_000,
)  # fmt: skip
# Bytes that stand in a JSON body where a value stood.
RAW_JSON: tuple[bytes, ...] = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1E-400", b"9" * 401, b"-" + b"9" * 30, b"0." + b"1" * 200,
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"a\\u0000b"', b'"\xff\xfe"', b"01", b"+1", b"'x'", b"undefined", b"{,}",
    b"[" * 60 + b"]" * 60, b'{"a":' * 40 + b"1" + b"}" * 40, b'{"a":1,"a":2}', b'"' + b"x" * 70_000 + b'"', b"", b"nul",
    b'"\\x41"', b'"\n"', b"[1,]", b"/*x*/1", b"9223372036854775808", b"1.0000000000000000000000000001",
)  # fmt: skip


class Nasty:
    """Draws values; ``ids`` are records of this company, ``foreign`` those of another, ``words`` names and codes."""

    def __init__(self, rng: Random, ids: Sequence[str], foreign: Sequence[str], words: Sequence[str]) -> None:
        self.rng, self.ids, self.foreign, self.words = rng, ids or IDS, foreign or IDS, words or TEXTS

    def one(self, among: Sequence[Any]) -> Any:
        """One of these."""
        return among[self.rng.randrange(len(among))]

    def text(self) -> str:
        """Text for an address, a form field or a cell."""
        made: Callable[[], str] = self.one(
            (
                *[lambda: str(self.one(TEXTS))] * 8,
                *[lambda: str(self.one(DATES))] * 2,
                lambda: str(self.one(IDS)),
                lambda: str(self.one(self.ids)),
                lambda: str(self.one(self.foreign)),
                lambda: str(self.one(self.words)),
                lambda: str(self.one(NUMBERS)),
                lambda: self.one(TEXTS) + self.one(TEXTS),
                self._soup,
            )
        )
        return made()

    def json(self, depth: int = 0) -> Any:
        """A value of any JSON type."""
        roll = self.rng.random()
        if roll < 0.55 or depth > 3:
            return self.text()
        if roll < 0.7:
            return self.one(NUMBERS)
        if roll < 0.8:
            return self.one((None, True, False))
        if roll < 0.9:
            return [self.json(depth + 1) for _n in range(self.rng.randrange(4))]
        return {self.text()[:40]: self.json(depth + 1) for _n in range(self.rng.randrange(4))}

    def sane(self, kind: str) -> Any:
        """A value that its kind mostly takes, so that what is wrong elsewhere is reached."""
        if kind in ("date",):
            return self.one(("2026-03-02", "2020-01-01", "2031-12-31", "2026-11-22", "9999-12-31", "0001-01-01"))
        if kind in ("instant",):
            return self.one(("2026-03-02T00:00:00Z", "2026-11-22T08:30:00+08:00", "0001-01-01T00:00:00Z"))
        if kind in ("integer", "quantity", "amount", "price", "percent", "rate"):
            return self.one(("1", "2", "0", "-1", "0.5", "1000", "99999999999999", "0.000001", 3))
        if kind in ("reference", "id"):
            return self.one((self.one(self.ids), self.one(self.foreign), self.one(self.words)))
        if kind == "boolean":
            return self.one((True, False, "1", "yes"))
        if kind == "json":
            return self.one(({}, [], {"days": 1}, {"days": 10**9}, {"days": -1}, {"x": [None]}))
        if kind == "tags":
            return self.one(([], ["x"], "a,b"))
        return self.one(("x", "林怡君", "TWD", "draft", self.one(self.words)))

    def _soup(self) -> str:
        points = [
            self.rng.choice((0x20, 0x41, 0x3042, 0x1F600, 0x202E, 0xD7FF, 0x0, 0x4E00, 0xE000)) for _n in range(9)
        ]
        return "".join(chr(p + self.rng.randrange(32)) for p in points)
