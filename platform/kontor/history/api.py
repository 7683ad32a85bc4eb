"""The history of records for surfaces: timeline, comments, followers, files."""

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
    "FileInfo",
    "attach",
    "comment",
    "content",
    "content_by_link",
    "drop",
    "file",
    "files_of",
    "follow",
    "follows",
    "keep",
    "link_parts",
    "timeline",
]
