"""What static files tell browsers beside what Django's own middleware says."""

from __future__ import annotations

from typing import Any


def of_static_files(headers: Any, path: str, url: str) -> None:
    """Whitenoise's hook: no other site may embed them."""
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
