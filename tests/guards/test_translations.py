"""A message that one of the languages lacks fails the build."""

import re
from collections.abc import Iterator

import pytest

from infra import translations
from infra.translations import AREAS, LANGUAGES, _python, _template, catalogue, foreign, missing

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
    assert foreign() == []


def test_quotes_are_those_of_the_language():
    for _area, language, ids, said in _entries():
        for text in said:
            assert not (language == "zh_Hant" and set("“”") & set(text)), (ids, text)
            assert not (language == "zh_Hans" and set("「」") & set(text)), (ids, text)


def test_a_message_put_aside_for_later_is_a_message(tmp_path):
    file = tmp_path / "later.py"
    file.write_text('from django.utils.translation import gettext_noop\nTEXT = gettext_noop("Later")\n')
    assert [m.text for m in _python(file)] == ["Later"]


def test_a_message_inside_a_template_expression_is_a_message(tmp_path):
    file = tmp_path / "round.html"
    file.write_text("""{{ title|default:_("Basic data") }}{{ _("Alone") }}{% include "x" with name=_("Given") %}""")
    assert sorted(m.text for m in _template(file)) == ["Alone", "Basic data", "Given"]


def _small_house(tmp_path, monkeypatch):
    """Two catalogues of a source that says “Open” alone, and “Take back” of a hire."""
    for area in ("lower", "upper"):
        (tmp_path / area / "src").mkdir(parents=True)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "AREAS", {"lower/locale": ("lower/src",), "upper/locale": ("upper/src",)})
    (tmp_path / "lower/src/a.py").write_text('_("Open")\n_("Take back")\n')
    translations.update()
    for language in LANGUAGES:
        path = catalogue("lower/locale", language)[0]
        path.write_text(path.read_text().replace('"Take back"\nmsgstr ""', '"Take back"\nmsgstr "退貨"'))
    (tmp_path / "upper/src/b.py").write_text('pgettext("hire", "Take back")\n_("Take back")\n')


def test_no_translation_is_taken_over_from_another_context(tmp_path, monkeypatch):
    _small_house(tmp_path, monkeypatch)
    told = translations.update()
    for language in LANGUAGES:
        upper = catalogue("upper/locale", language)[1]
        assert not upper.get("Take back", "hire").string
        assert upper.get("Take back").string == "退貨"
        assert f"{language} 'Take back': '退貨' as elsewhere; is it meant here too?" in told
        assert f"{language} upper/src/b.py: 'Take back' (hire)" in told


def test_what_a_folder_says_is_listed_with_its_translations(tmp_path, monkeypatch):
    _small_house(tmp_path, monkeypatch)
    translations.update()
    assert translations.listing(["upper/src"]) == ["Take back | 退貨 | 退貨", "Take back (hire) | – | –"]


def test_a_word_of_the_other_side_is_told_with_ours(tmp_path, monkeypatch):
    _small_house(tmp_path, monkeypatch)
    translations.update()
    path = catalogue("lower/locale", "zh_Hans")[0]
    path.write_text(path.read_text().replace('"Open"\nmsgstr ""', '"Open"\nmsgstr "产品"'))
    assert foreign() == ["zh_Hans: '产品' has 产品; we say 商品"]
