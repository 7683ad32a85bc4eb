"""Which encoding a text file is in: by its mark, by what decodes, and by how its Chinese reads."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from kontor.errors import Refused

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BLOCK = 1024 * 1024
# The most frequent characters of both scripts; a text read in the wrong encoding holds hardly any.
_COMMON = frozenset(
    "的一是不了人我在有他这這中大来來上个個国國和地为為子时時到道公司有限股份號号名稱称電电話话地址客戶户產产品"
    "數数量單单價价金額额日期編编碼码統统一聯联絡络人稅税備备註注工業业科技市區区路街台北新竹深圳海廣广州"
    "機机械材料業业務务貨货幣币銷销售采採購购庫库存訂订行發发票年月元件箱部長长經经理陳陈林王李張张黃黄"
)


def encoding_of(path: Path, label: str) -> str:
    """The name of the encoding; Refused when none of the usual ones fits.

    UTF-8 proves itself. Big5 and GB18030 decode each other's texts into rare characters, so the one
    whose reading holds more of the frequent ones is taken.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in _MARKS:
        if start.startswith(mark):
            if _decodes(path, name):
                return name
            break
    if "\x00" in start.decode("latin-1"):  # two bytes a character: where the zeros stand tells their order
        return _sure(path, "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be", label)
    if _decodes(path, "utf-8"):
        return "utf-8"
    found = [(name, _score(path, name)) for name in ("cp950", "gb18030") if _decodes(path, name)]
    best = max(found, key=lambda pair: pair[1], default=("", 0.0))
    if best[1] >= 0.05:
        return best[0]
    return _sure(path, "cp1252", label)


def _sure(path: Path, name: str, label: str) -> str:
    if _decodes(path, name):
        return name
    raise Refused(
        _("The encoding of %(file)s is not known. Save it as UTF-8 and try again.") % {"file": label}, code="encoding"
    )


def _decodes(path: Path, name: str) -> bool:
    try:
        with path.open(encoding=name) as file:
            while block := file.read(_BLOCK):
                if "\x00" in block:
                    return False
    except (UnicodeError, UnicodeDecodeError):
        return False
    return True


def _score(path: Path, name: str) -> float:
    """The share of frequent characters among those beyond ASCII, in the first megabyte."""
    with path.open(encoding=name) as file:
        beyond = [ch for ch in file.read(_BLOCK) if ord(ch) > 127]
    return sum(ch in _COMMON for ch in beyond) / len(beyond) if beyond else 0.0
