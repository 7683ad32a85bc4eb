"""The history of records for surfaces: timeline, comments, followers, files, events."""

from kontor.history.events import EventAsk, EventInfo, events
from kontor.history.files import (
    FileInfo,
    attach,
    content,
    content_by_link,
    drop,
    file,
    files_of,
    keep,
    link_parts,
)
from kontor.history.timeline import Change, Entry, comment, follow, follows, timeline

__all__ = [
    "Change",
    "Entry",
    "EventAsk",
    "EventInfo",
    "FileInfo",
    "attach",
    "comment",
    "content",
    "content_by_link",
    "drop",
    "events",
    "file",
    "files_of",
    "follow",
    "follows",
    "keep",
    "link_parts",
    "timeline",
]
