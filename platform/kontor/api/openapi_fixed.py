"""The part of the OpenAPI description that is the same whatever the company uses."""

from __future__ import annotations

from typing import Any

from kontor.api import openapi_values as values

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "title": "Problem (RFC 9457)",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}
COMPONENTS: Json = {
    "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key of the company."}},
    "schemas": {"Problem": PROBLEM},
}


def _get(name: str, text: str, sample: Json, *errors: int, parameters: list[Json] | None = None) -> Json:
    return {
        "tags": ["platform"],
        "operationId": name,
        "summary": text,
        **({"parameters": parameters} if parameters else {}),
        "responses": {
            "200": values.json_response(text, {"type": "object"}, sample),
            **values.errors(401, 406, 429, *errors),
        },
    }


def _asked(name: str, text: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": {"type": "string", **schema}}


_EVENTS = [
    _asked("after", "The id of an event: those behind it.", format="uuid"),
    _asked("before", "The id of an event: those before it.", format="uuid"),
    _asked("name", "Names between commas; sales.order.* takes all of a resource."),
    _asked("resource", "Resources between commas."),
    _asked("record", "The id of one record.", format="uuid"),
    _asked("at__gte", "From this instant on.", format="date-time"),
    _asked("at__lt", "Before this instant.", format="date-time"),
    _asked("order", "at, or -at for the newest first.", enum=["at", "-at"]),
    _asked("expand", "record: the record as it is now in the place of its id.", enum=["record"]),
    values.LIST_PARAMETERS[0],
]


def fixed_paths() -> Json:
    """Root, me, search, events, jobs, files, reports."""
    none: Json = {"results": [], "next": None}
    job: Json = {"id": values.SAMPLE_ID, "state": "running", "total": 500, "done": 200, "failed": 0, "progress": 0.4}
    file: Json = {"id": values.SAMPLE_ID, "name": "order.pdf", "size": 1234, "download": "https://…"}
    event: Json = {
        "id": values.SAMPLE_ID,
        "name": "sales.order.confirmed",
        "at": "2026-11-22T08:30:00Z",
        "resource": "sales.order",
        "record": values.SAMPLE_ID,
        "version": 2,
        "url": "https://…",
        "data": {},
    }
    events: Json = {"results": [event], "next": None}
    q = {"name": "q", "in": "query", "schema": {"type": "string", "examples": ["acme"]}}
    upload = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
    }
    return {
        "/": {"get": _get("root", "What there is for this key", {"resources": [], "reports": []})},
        "/me/": {"get": _get("me", "Who acts with this key", {"user": {}, "roles": ["admin"]})},
        "/search/": {"get": _get("search", "Across all records", none, 422, parameters=[q])},
        "/reports/": {"get": _get("reports", "The reports one may run", none)},
        "/events/": {"get": _get("events", "What happened, in order", events, 422, parameters=_EVENTS)},
        "/jobs/": {"get": _get("jobs", "One's newest jobs", none)},
        "/jobs/{id}/": {"parameters": [values.ID], "get": _get("job", "A job with its results", job, 404)},
        "/files/": {
            "post": {
                "tags": ["platform"],
                "operationId": "file_send",
                "summary": "Send a file; put it on a record by POST …/attachments/",
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": upload}}},
                "responses": {
                    "201": values.json_response("Kept", {"type": "object"}, file),
                    **values.errors(400, 401, 406, 413, 415, 422, 429),
                },
            }
        },
        "/files/{id}/": {"parameters": [values.ID], "get": _get("file", "A file with its link", file, 404)},
    }
