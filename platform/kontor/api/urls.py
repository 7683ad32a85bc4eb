"""The addresses of the API: fixed ones first, then every resource by its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import path, re_path, register_converter

from kontor.api import (
    bulk,
    describing,
    events,
    exporting,
    files,
    importing,
    jobs,
    printing,
    records,
    reporting,
    root,
    searching,
    stories,
)
from kontor.api.calls import endpoint
from kontor.api.rendering import FormParser, JsonParser
from kontor.resources.addresses import ResourcePath

app_name = "api"


class Id:
    """A UUID in either case."""

    regex = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(ResourcePath, "api_resource")
register_converter(Id, "api_id")

_BOTH = [JsonParser, FormParser]
_R, _ID = "<api_resource:spec>/", "<api_id:pk>/"


def _routes() -> list[tuple[str, Callable[..., Any], str]]:
    return [
        ("", endpoint(get=root.root), "root"),
        ("me/", endpoint(get=root.me), "me"),
        ("search/", endpoint(get=searching.search), "search"),
        ("schema/", endpoint(get=describing.schema), "schema"),
        ("docs/", endpoint(get=describing.docs, media_types=("text/html",)), "docs"),
        ("docs/style.css/", endpoint(get=describing.style, is_open=True, any_type=True), "docs-style"),
        ("reports/", endpoint(get=reporting.listing), "reports"),
        ("reports/<slug:name>/", endpoint(get=reporting.run, any_type=True), "report"),
        ("jobs/", endpoint(get=jobs.listing), "jobs"),
        (f"jobs/{_ID}", endpoint(get=jobs.detail), "job"),
        (f"jobs/{_ID}cancel/", endpoint(post=jobs.cancel), "job-cancel"),
        (f"jobs/{_ID}retry/", endpoint(post=jobs.retry), "job-retry"),
        ("events/", endpoint(get=events.listing), "events"),
        ("files/", endpoint(post=files.send, parsers=[FormParser]), "files"),
        (f"files/{_ID}", endpoint(get=files.describe, delete=files.remove), "file"),
        (f"files/{_ID}content/", endpoint(get=files.content, is_open=True, any_type=True), "file-content"),
        (_R, endpoint(get=records.listing, post=records.create), "list"),
        (f"{_R}import/", endpoint(post=importing.start, parsers=_BOTH, keeps_trials=True), "import"),
        (f"{_R}import/{_ID}", endpoint(get=importing.read), "import-run"),
        (f"{_R}import/{_ID}run/", endpoint(post=importing.go, keeps_trials=True), "import-go"),
        (f"{_R}import/{_ID}undo/", endpoint(post=importing.undo), "import-undo"),
        (f"{_R}export/", endpoint(get=exporting.export, any_type=True), "export"),
        (f"{_R}bulk/", endpoint(post=bulk.bulk), "bulk"),
        (
            f"{_R}by-ref/<path:ref>/",
            endpoint(get=records.by_ref_read, put=records.by_ref_write),
            "by-ref",
        ),
        (_R + _ID, endpoint(get=records.detail, patch=records.change, delete=records.remove), "detail"),
        (f"{_R}{_ID}timeline/", endpoint(get=stories.timeline), "timeline"),
        (f"{_R}{_ID}comments/", endpoint(post=stories.comment), "comments"),
        (f"{_R}{_ID}follow/", endpoint(put=stories.follow, delete=stories.unfollow), "follow"),
        (f"{_R}{_ID}trace/", endpoint(get=stories.trace), "trace"),
        (f"{_R}{_ID}explain/", endpoint(get=stories.why), "explain"),
        (
            f"{_R}{_ID}attachments/",
            endpoint(get=files.on_record, post=files.put_on_record, parsers=_BOTH),
            "attachments",
        ),
        (f"{_R}{_ID}print/<slug:name>.pdf/", endpoint(get=printing.printed, any_type=True), "print"),
        (f"{_R}{_ID}<slug:action>/", endpoint(post=records.act), "action"),
    ]


urlpatterns = [
    *(path(address, view, name=name) for address, view, name in _routes()),
    # The same without the last stroke: a body must not be lost to a redirect.
    *(path(address[:-1], view) for address, view, _name in _routes() if address),
    re_path(
        r".*", endpoint(get=root.nothing, post=root.nothing, put=root.nothing, patch=root.nothing, delete=root.nothing)
    ),
]
