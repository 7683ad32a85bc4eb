"""Secrets at rest: sealed with a key that is made from Django's secret key, opened also with its predecessors.

Fernet (AES-128-CBC with HMAC-SHA-256); the key is drawn from ``SECRET_KEY`` by HKDF-SHA-256 (RFC 5869), so it is
no other key of the house. A stolen dump of the database alone opens nothing.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_MARK = "sealed:"  # what does not begin so was written before there was a seal


class Sealed(Exception):
    """None of the keys opens it: the secret key was changed without naming the old one."""


def seal(text: str) -> str:
    """The text, readable only with the present key."""
    return _MARK + _keys().encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """The text that was sealed, by the present key or an earlier one; raises Sealed."""
    if not text.startswith(_MARK):
        return text
    try:
        return _keys().decrypt(text.removeprefix(_MARK)).decode()
    except InvalidToken:
        raise Sealed from None


def sealed_anew(text: str) -> str:
    """Sealed with the present key, whatever it was before; the same text where it is so already; raises Sealed."""
    if text.startswith(_MARK):
        try:
            _key(settings.SECRET_KEY).decrypt(text.removeprefix(_MARK))
        except InvalidToken:
            pass
        else:
            return text
    return seal(unseal(text))


def _keys() -> MultiFernet:
    return MultiFernet([_key(k) for k in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=16)
def _key(secret: str) -> Fernet:
    drawn = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kontor: secrets at rest").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(drawn))
