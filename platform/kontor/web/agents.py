"""A browser in a few words, from what it says of itself."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def name(agent: str) -> str:
    """``Chrome · Windows``; the beginning of the text where it is something else, empty for nothing."""
    browser = next((label for word, label in _BROWSERS if f"{word}/" in agent), "")
    system = next((label for word, label in _SYSTEMS if word in agent), "")
    return " · ".join(w for w in (browser, system) if w) or agent[:40]
