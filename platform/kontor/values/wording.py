"""Words in a sentence: several as each language joins them (``A, B and C``, ``A、B、C``); labels in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def listed(words: Iterable[Any]) -> str:
    """All of them: ``A, B and C``; empty for none."""
    return _joined(words, pgettext("the last of a list", "%(before)s and %(last)s"))


def either(words: Iterable[Any]) -> str:
    """One of them: ``A, B or C``."""
    return _joined(words, pgettext("the last of a choice", "%(before)s or %(last)s"))


def row_of(words: Iterable[Any]) -> str:
    """One after the other, as in a cell or an address: ``A, B, C``."""
    return pgettext("between words", ", ").join(str(w) for w in words)


def clauses(sentences: Iterable[Any]) -> str:
    """Whole statements behind one another: ``A; B``."""
    return pgettext("between statements", "; ").join(str(s) for s in sentences)


def labelled(label: Any, text: Any) -> str:
    """What is said of something: ``Unit: piece``."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def quoted(text: Any) -> str:
    """A word that somebody typed, in the language's own marks."""
    return _("“%(text)s”") % {"text": text}


def capital(label: Any) -> str:
    """A label as a title: the names of models and fields are written small."""
    text = str(label)
    return text[:1].upper() + text[1:]


def noun(label: Any) -> str:
    """A label inside a sentence: ``Sales order`` → ``sales order``; abbreviations stay."""
    text = str(label)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _joined(words: Iterable[Any], last_two: str) -> str:
    *before, last = [str(w) for w in words] or [""]
    return last_two % {"before": row_of(before), "last": last} if before else last
