"""Rules of new passwords beside Django's (OWASP ASVS 4.0.3, 2.1): long is good, guessable is not."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST = 128
_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv")
_HOUSE = frozenset({"kontor", "demo", "company", "crm", "erp"})


class MaximumLength:
    """128 characters (2.1.2): longer ones cost the server more than they add."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > MOST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("At most %(n)d characters.") % {"n": MOST}


class NotACommonWordInDisguise:
    """Refuses what the lists of broken passwords hold with something around it (2.1.7).

    Of the twenty thousand most common passwords hardly any has twelve characters, so the list alone would refuse next
    to nothing: here also their spellings with digits for letters, with digits and signs around them, one piece again
    and again, and rows of the keyboard.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if is_guessable(password):
            said = _("This is a common password, or one with something added. Three unrelated words are better.")
            raise ValidationError(said, code="password_too_common")

    def get_help_text(self) -> str:
        return _("No common word with digits or signs added.")


def is_guessable(password: str) -> bool:
    """Whether what is left, without its ornaments and repetitions, is a common password or a row of keys."""
    word = password.lower()
    piece = _period(word)
    if len(piece) <= 4 or _is_row(word):
        return True
    kernels = {piece, re.sub(r"[\W\d_]+$", "", piece), re.sub(r"^[\W\d_]+|[\W\d_]+$", "", piece)}
    kernels |= {k.translate(_LEET) for k in kernels}
    kernels |= {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", k) for k in kernels}
    return any(k in _common() or k in _HOUSE or _is_row(k) for k in (_period(k) for k in kernels if k))


def _period(word: str) -> str:
    """``abcabcab`` → ``abc``."""
    return next(
        (word[:n] for n in range(1, len(word) + 1) if (word[:n] * (len(word) // n + 1))[: len(word)] == word), ""
    )


def _is_row(word: str) -> bool:
    """Keys beside each other, forwards or backwards, in pieces of at least four."""
    pieces = [word[i : i + 4] for i in range(0, len(word), 4)]
    rows = [r for row in _ROWS for r in (row, row[::-1])]
    return len(word) >= 4 and all(any(p in r for r in rows) for p in pieces)


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
