"""The sample company: a half-made one is made anew, somebody else's is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants.management.commands import demo_fill
from tenants.models import Tenant


@pytest.fixture
def kept(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, fresh_company: Any) -> Path:
    """A state folder, and a company in the database under the demo's name."""
    settings.STATE = tmp_path
    monkeypatch.setattr(demo_fill, "NAME", fresh_company.tenant.name)
    monkeypatch.setattr(demo_fill.Command, "_make", lambda self: {"users": []})
    return tmp_path


def test_a_company_that_is_not_ours_is_left_alone(kept: Path, fresh_company: Any) -> None:
    with pytest.raises(CommandError, match="was not made from this state folder"):
        call_command("demo_fill")
    assert Tenant.objects.filter(name=fresh_company.tenant.name).exists()
    assert not list(kept.iterdir())


def test_a_half_made_one_is_made_anew_and_a_whole_one_is_not(kept: Path, fresh_company: Any) -> None:
    (kept / "demo.begun").touch()
    call_command("demo_fill")
    assert not Tenant.objects.filter(name=fresh_company.tenant.name).exists()
    assert (kept / "demo.json").stat().st_mode & 0o777 == 0o600
    assert not (kept / "demo.begun").exists()


def test_what_was_made_is_told_again(kept: Path, fresh_company: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (kept / "demo.json").write_text('{"users": ["as before"]}')
    call_command("demo_fill")
    assert capsys.readouterr().out.strip() == '{"users": ["as before"]}'
    assert Tenant.objects.filter(name=fresh_company.tenant.name).exists()
