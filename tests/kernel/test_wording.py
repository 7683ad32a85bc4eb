"""Several words in one sentence, in each language's own way."""

from __future__ import annotations

import pytest
from django.utils import translation

from kontor.values import wording


@pytest.mark.requirement("K26")
@pytest.mark.parametrize(
    ("language", "all_of", "one_of", "row", "two", "label", "quote"),
    [
        ("en", "A, B and C", "A, B or C", "A, B, C", "A; B", "Unit: piece", "“A”"),
        ("zh-hant", "A、B和C", "A、B或C", "A、B、C", "A；B", "Unit：piece", "「A」"),
        ("zh-hans", "A、B和C", "A、B或C", "A、B、C", "A；B", "Unit：piece", "“A”"),
    ],
)
def test_each_language_joins_in_its_own_way(
    language: str, all_of: str, one_of: str, row: str, two: str, label: str, quote: str
):
    with translation.override(language):
        assert wording.listed("ABC") == all_of
        assert wording.either("ABC") == one_of
        assert wording.row_of("ABC") == row
        assert wording.clauses("AB") == two
        assert wording.labelled("Unit", "piece") == label
        assert wording.quoted("A") == quote


def test_one_word_stands_alone_and_none_is_nothing():
    assert (wording.listed(["A"]), wording.either([1]), wording.listed([])) == ("A", "1", "")
    assert wording.listed(iter(("A", "B"))) == "A and B"
