"""A message that one of the languages lacks fails the build."""

import pytest

from infra.translations import missing


@pytest.mark.requirement("K26")
def test_every_message_is_translated():
    assert missing() == []
