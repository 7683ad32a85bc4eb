"""When two names are the same firm's: case, width, script, punctuation and legal form aside. Pure."""

from __future__ import annotations

import re
import unicodedata

from kontor.values.scripts import one_script

# Legal forms as they stand after folding: simplified, lower case, without punctuation.
_CHINESE_FORMS = (
    "股份有限公司",
    "有限责任公司",
    "股份公司",
    "有限公司",
    "集团公司",
    "股公司",
    "公司",
    "股份",
    "股",
    "企业社",
    "企业行",
    "工作室",
    "商行",
    "商号",
    "株式会社",
    "有限会社",
    "合同会社",
)
_LATIN = (
    "co company corp corporation inc incorporated ltd limited llc llp lp plc pte pty sdn bhd gmbh mbh ag kg kgaa ohg "
    "ug sa sas sarl srl spa sl bv nv ab as asa oy oyj aps kft zrt doo kk yk cv sro"
)
_LATIN_FORMS = frozenset(_LATIN.split())
_BREAKS = re.compile(r"[^\w]+|_")
_CJK = re.compile(r"[\u3400-\u9fff]")
_INITIALS = re.compile(r"\b(?:\w\.){2,}")  # K.K., S.A., L.L.C.

# Anybody may have an address there: it says nothing of the firm.
_PUBLIC = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.com.tw yahoo.com.cn icloud.com "
    "me.com aol.com proton.me protonmail.com gmx.de gmx.net web.de mail.com qq.com foxmail.com 163.com 126.com "
    "yeah.net sina.com sohu.com 139.com 189.cn aliyun.com hinet.net ms1.hinet.net pchome.com.tw seed.net.tw "
    "kimo.com yahoo.co.jp"
)
PUBLIC_MAIL = frozenset(_PUBLIC.split())


def bare(name: str) -> str:
    """A name for comparing: ``大同股份有限公司``, ``大同（股）公司`` → ``大同``; ``ACME Co., Ltd.`` → ``acme``.

    A name that is nothing but a legal form stays as it is.
    """
    folded = one_script(unicodedata.normalize("NFKC", name).casefold())
    folded = "".join(ch for ch in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(ch))
    folded = unicodedata.normalize("NFC", folded)
    folded = _INITIALS.sub(lambda m: m[0].replace(".", "") + " ", folded)
    words = [w for w in _BREAKS.split(folded.replace("&", " and ")) if w]
    while len(words) > 1 and (words[-1] in _LATIN_FORMS or words[-1] == "and"):  # "& Co. KG" goes whole
        words.pop()
    joined = " ".join(words)
    if not _CJK.search(joined):
        return joined
    return _without_forms(joined.replace(" ", ""))


def _without_forms(name: str) -> str:
    while True:
        for form in _CHINESE_FORMS:
            if len(name) - len(form) < 2:
                continue
            if name.endswith(form):
                name = name.removesuffix(form)
                break
            if form.endswith("会社") and name.startswith(form):  # Japanese firms write it before the name too
                name = name.removeprefix(form)
                break
        else:
            return name


def enough(bare_name: str) -> bool:
    """Whether a bare name is long enough to be compared by its beginning: two characters of Chinese, three letters."""
    return len(bare_name) >= (2 if _CJK.search(bare_name) else 3)


def domain(address: str) -> str:
    """The domain of a mail address or web site that is a firm's own; empty for public mail services."""
    text = address.strip().casefold()
    host = text.rpartition("@")[2] if "@" in text else re.sub(r"^[a-z]+://", "", text).partition("/")[0]
    host = host.partition(":")[0].removeprefix("www.").strip(".")
    return "" if "." not in host or host in PUBLIC_MAIL else host
