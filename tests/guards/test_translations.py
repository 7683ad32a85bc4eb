"""A message that one of the languages lacks fails the build."""

import re
from collections.abc import Iterator

import pytest

from infra.translations import AREAS, LANGUAGES, _python, catalogue, missing

_PLACE = re.compile(r"%\(\w+\)(?:\.\d)?[sdf]|%[sd]|\{[\w:]+\}")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.requirement("K26")
def test_every_message_is_translated():
    assert missing() == []


def _entries() -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    for area in AREAS:
        for language in LANGUAGES:
            for m in catalogue(area, language)[1]:
                if m.id:
                    ids = m.id if isinstance(m.id, tuple) else (m.id,)
                    said = m.string if isinstance(m.string, tuple) else (m.string,)
                    yield area, language, ids, said


def _places(text: str) -> list[str]:
    return sorted(set(_PLACE.findall(text)))


def test_a_translation_has_the_places_of_its_message():
    wrong = [
        (language, ids[-1], text)
        for _area, language, ids, said in _entries()
        for text in said
        if _places(text) not in [_places(i) for i in ids]
    ]
    assert wrong == []


def test_no_translation_begins_or_ends_with_a_space():
    assert [(lang, said) for _a, lang, _ids, said in _entries() if any(t != t.strip() for t in said)] == []


def test_one_message_is_not_translated_in_two_ways():
    """Both catalogues are merged when the product runs, so the second would silently win or lose."""
    for language in LANGUAGES:
        first, second = (catalogue(area, language)[1] for area in AREAS)
        for m in first:
            other = second.get(m.id[0] if isinstance(m.id, tuple) else m.id, m.context) if m.id else None
            assert other is None or other.string == m.string, (language, m.context, m.id)


def test_each_chinese_is_written_in_its_own_characters():
    """Big5 has no simplified letter that the mainland alone uses, GB 2312 no traditional one."""
    codes = {"zh_Hant": "big5", "zh_Hans": "gb2312"}
    strange = {}
    for _area, language, _ids, said in _entries():
        for letter in set(_CHINESE.findall("".join(said))):
            try:
                letter.encode(codes[language])
            except UnicodeEncodeError:
                strange[language, letter] = said
    assert strange == {}


def test_each_chinese_uses_its_own_words():
    foreign = {
        "zh_Hant": (
            "質量 信息 打印 默認 保存 登錄 用戶 數據 文件 視頻 屏幕 軟件 網絡 打開 搜索 導入 導出 添加 郵箱 憑證 審批 "
            "字段 菜單 賬 供應商 商品編碼 合同"
        ),
        "zh_Hans": (
            "讯息 列印 预设 储存 登入 使用者 资料 档案 萤幕 软体 网路 开启 搜寻 汇入 汇出 品项 传票 签核 厂商 栏位 "
            "营业税 产品 帐 合约 专案"
        ),
    }
    allowed = {"登錄時間", "貨品入庫登錄前是否可先出庫。"}
    found = [
        (language, word, text)
        for _area, language, _ids, said in _entries()
        for text in said
        for word in foreign[language].split()
        if word in text and text not in allowed
    ]
    assert found == []


def test_quotes_are_those_of_the_language():
    for _area, language, ids, said in _entries():
        for text in said:
            assert not (language == "zh_Hant" and set("“”") & set(text)), (ids, text)
            assert not (language == "zh_Hans" and set("「」") & set(text)), (ids, text)


def test_a_message_put_aside_for_later_is_a_message(tmp_path):
    file = tmp_path / "later.py"
    file.write_text('from django.utils.translation import gettext_noop\nTEXT = gettext_noop("Later")\n')
    assert [m.text for m in _python(file)] == ["Later"]
