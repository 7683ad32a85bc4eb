"""Secrets at rest: sealed, bound to the secret key, sealed anew when it changes; passwords that anybody would try."""

from __future__ import annotations

import io
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from kontor.identity import sealing
from kontor.identity.models import User
from kontor.identity.passwords import is_guessable

OLD, NEW = "the old key", "the new key"
SEED = "JBSWY3DPEHPK3PXP"


def test_a_seal_opens_with_its_key_or_as_a_fallback() -> None:
    with override_settings(SECRET_KEY=OLD):
        sealed = sealing.seal("林怡君")
        assert "林怡君" not in sealed and sealed != sealing.seal("林怡君")
        assert sealing.unseal(sealed) == "林怡君"
    with override_settings(SECRET_KEY=NEW), pytest.raises(sealing.Sealed):
        sealing.unseal(sealed)
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert sealing.unseal(sealed) == "林怡君"
        anew = sealing.sealed_anew(sealed)
        assert sealing.sealed_anew(anew) == anew
    with override_settings(SECRET_KEY=NEW):
        assert sealing.unseal(anew) == "林怡君"
        with pytest.raises(sealing.Sealed):
            sealing.unseal(anew[:-4] + "AAA=")
    assert sealing.unseal("written before there was a seal") == "written before there was a seal"


@pytest.mark.requirement("K27")
def test_second_factors_are_sealed_and_follow_the_key(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from tenants.management.commands import secrets_reseal

    admin = User.objects.get(username="admin")
    monkeypatch.setattr(secrets_reseal, "in_tenant", lambda _name: nullcontext())
    with override_settings(SECRET_KEY=OLD):
        TOTP.activate(admin, SEED)
        codes = RecoveryCodes.activate(admin).get_unused_codes()
        stored = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert SEED not in stored and stored.count("sealed:") == 2
    with override_settings(SECRET_KEY=NEW):
        with pytest.raises(CommandError, match="No key opens the second factor of"):
            call_command("secrets_reseal", stdout=io.StringIO())
        with pytest.raises(ValidationError, match="cannot be read any more"):
            Authenticator.objects.get(type="totp").wrap().validate_code("123456")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        call_command("secrets_reseal", stdout=(said := io.StringIO()))
        assert "alpha: 2" in said.getvalue()
        assert secrets_reseal.reseal() == (0, [])
    with override_settings(SECRET_KEY=NEW):
        assert sealing.unseal(Authenticator.objects.get(type="totp").data["secret"]) == SEED
        assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


def test_a_factor_from_before_the_seal_works_and_is_sealed(company: Any) -> None:
    from tenants.management.commands import secrets_reseal

    admin = User.objects.get(username="admin")
    Authenticator.objects.create(user=admin, type="totp", data={"secret": SEED})
    assert not Authenticator.objects.get(user=admin).wrap().validate_code("000000")
    assert secrets_reseal.reseal() == (1, [])
    assert Authenticator.objects.get(user=admin).data["secret"].startswith("sealed:")


@pytest.mark.parametrize(
    "word",
    ["password1234", "P@ssw0rd2026!", "123456789012", "qwertyuiop12", "abcabcabcabc", "aaaaaaaaaaaa", "kontor2026!!",
     "letmeinletmein", "welcome12345", "!!!!dragon1999", "1q2w3e4r5t6y", "4rfv3edc2wsx1qaz"],
)  # fmt: skip
def test_common_words_in_disguise_are_guessable(word: str) -> None:
    assert is_guessable(word)
    with pytest.raises(ValidationError):
        validate_password(word)


@pytest.mark.parametrize(
    "word",
    [
        "correct-horse-77",
        "three unrelated plums",
        "林怡君昨天在臺北買了三斤蘋果",
        "x" * 40 + "yz yq wv 42",
        "  spaces count  ",
    ],
)
def test_long_ones_of_any_characters_are_taken_whole(company: Any, word: str) -> None:
    validate_password(word)
    user = User(username="long")
    user.set_password(word)
    assert user.check_password(word)
    assert not user.check_password(word[:-1])
    assert not user.check_password(word.strip() if word != word.strip() else word + " ")
    assert user.password.startswith("scrypt$")


def test_beyond_128_characters_it_is_said() -> None:
    validate_password("three plums " * 10 + "abcdefgh")
    with pytest.raises(ValidationError, match="At most 128 characters"):
        validate_password("three plums " * 10 + "abcdefghi")
