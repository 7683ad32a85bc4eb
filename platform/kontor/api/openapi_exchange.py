"""The part of the OpenAPI description that brings many records in and out: import and export."""

from __future__ import annotations

from typing import Any

from kontor.api import openapi_values as values
from kontor.resources.spec import Spec
from kontor.surfaces.exchange.exporting import FORMATS

Json = dict[str, Any]


def _file_response(text: str, *kinds: str) -> Json:
    content = {"schema": {"type": "string"}, "example": "code,name"}
    return {"description": text, "content": {kind.partition(";")[0]: content for kind in kinds}}


def export_operation(spec: Spec) -> Json:
    """A list as a file."""
    form = values.query("format", "csv by default.", {"type": "string", "enum": list(FORMATS)})
    back = values.query("for_import", "1: as the import takes it back.", {"type": "string", "enum": ["0", "1"]})
    order = values.query("order", "As in the list.", {"type": "string"})
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_export",
        "summary": f"{spec.label_plural}: the list as a file; its filters hold here too",
        "parameters": [form, values.names("fields", spec.fields), order, values.LIST_PARAMETERS[2], back],
        "responses": {
            "200": _file_response("The file", *FORMATS.values()),
            "202": values.json_response(
                "A job makes the file; its result names it", {"type": "object"}, {"job": {"id": values.SAMPLE_ID}}
            ),
            **values.errors(401, 403, 406, 422, 429),
        },
    }


def import_paths(spec: Spec, base: str) -> Json:
    """Many records from rows or a file: tried, written, looked at, taken back."""
    row = {n: values.sample(f) for n, f in spec.fields.items() if n in [i.split("__")[0] for i in spec.imports]}
    options = {
        "columns": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "by": {"type": "string"},
        "key": {"type": "string"},
        "atomic": {"type": "boolean"},
    }
    rows = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    taken: Json = {"type": "object", "required": ["rows"], "properties": {"rows": rows, **options}}
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    form: Json = {"type": "object", "required": ["file"], "properties": {"file": file}}
    told = {
        "id": values.SAMPLE_ID,
        "state": "done",
        "dry_run": False,
        "counts": {"created": 1, "updated": 0, "unchanged": 0, "refused": 0, "waiting": 0},
        "errors": [{"line": 2, "field": "name", "column": "Name", "detail": "A value is needed here."}],
        "job": None,
    }

    as_job = {"202": values.json_response("A job does it", {"type": "object"}, told)}

    def operation(name: str, text: str, *statuses: int, body_of: Json | None = None, **more: Any) -> Json:
        return {
            "tags": [spec.name],
            "operationId": f"{values.key(spec)}_import{name}",
            "summary": f"{spec.label_plural}: {text}",
            **more,
            **({"requestBody": body_of} if body_of else {}),
            "responses": {
                "200": values.json_response("Counts, and errors by line and field", {"type": "object"}, told),
                **(as_job if name in ("", "_run") else {}),
                **values.errors(401, 403, 404, 406, 409, 422, 429, *statuses),
            },
        }

    given = values.body(taken, {"rows": [row or {"name": "text"}]})
    given["content"]["multipart/form-data"] = {"schema": form}
    writes: Json = {"parameters": [values.IDEMPOTENCY]}
    return {
        f"{base}import/": {
            "post": operation(
                "",
                "bring in rows or a file",
                400,
                413,
                415,
                body_of=given,
                parameters=[values.IDEMPOTENCY, values.DRY_RUN],
            )
        },
        f"{base}import/{{id}}/": {"parameters": [values.ID], "get": operation("_read", "what became of an import")},
        f"{base}import/{{id}}/run/": {
            "parameters": [values.ID],
            "post": operation("_run", "write what was tried", 400, 413, 415, **writes),
        },
        f"{base}import/{{id}}/undo/": {
            "parameters": [values.ID],
            "post": operation("_undo", "remove what it created", 400, 413, 415, **writes),
        },
    }
