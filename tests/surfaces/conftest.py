"""The shop of the surfaces' tests, inside the company alpha."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def shop(company: Any) -> Iterator[Any]:
    """The module with the shop's models, registered, with tables in alpha."""
    from tests import shop as module

    with module.registered():
        module.make_tables()
        yield module
