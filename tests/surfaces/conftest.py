"""The shop of the surfaces' tests, inside the company alpha."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def shop(company: Any) -> Iterator[Any]:
    """The module with the shop's models, registered, with tables in alpha."""
    import shop as module

    with module.registered():
        module.make_tables()
        yield module
