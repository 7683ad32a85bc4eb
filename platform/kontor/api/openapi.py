"""The OpenAPI 3.1 description, made of the Specs: what the registry holds is what it says.

Every operation has its parameters, an example and its errors; custom descriptions of fields come from
the declarations, in the reader's language.
"""

from __future__ import annotations

from typing import Any

from kontor.api import openapi_exchange as exchange
from kontor.api import openapi_values as values
from kontor.api.openapi_fixed import COMPONENTS, fixed_paths
from kontor.context import Context
from kontor.reports.api import reports_for
from kontor.resources.spec import Spec
from kontor.surfaces.filters import operators_of
from kontor.surfaces.query import MOST_ROWS

Json = dict[str, Any]
_NAMED: Json = {"id": values.SAMPLE_ID}


def document(ctx: Context, specs: list[Spec], server: str) -> Json:
    """The description of what the user of ``ctx`` may call."""
    paths: Json = {}
    schemas: Json = {}
    for spec in specs:
        schemas |= values.schemas_of(ctx, spec)
        paths |= _paths(ctx, spec)
    for report in reports_for(ctx):
        paths[f"/reports/{report.name}/"] = {"get": values.report_operation(report)}
    components = {**COMPONENTS, "schemas": {**COMPONENTS["schemas"], **schemas}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kontor",
            "version": "1",
            "description": "The back office of one company. The guide stands in docs/api.md.",
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "tags": [{"name": spec.name, "description": str(spec.label_plural)} for spec in specs],
        "paths": {**fixed_paths(), **paths},
        "components": components,
    }


def _paths(ctx: Context, spec: Spec) -> Json:
    base, can = f"/{spec.path}/", ctx.rights.can
    one = f"{base}{{id}}/"
    listing: Json = {"get": _list(ctx, spec)}
    detail: Json = {"parameters": [values.ID], "get": _read(ctx, spec)}
    out: Json = {base: listing, one: detail}
    if spec.creatable and can(spec.name, "create"):
        listing["post"] = _create(ctx, spec)
        out[f"{base}bulk/"] = {"post": _bulk(ctx, spec)}
    if can(spec.name, "export"):
        out[f"{base}export/"] = {"get": exchange.export_operation(spec)}
    if spec.creatable and spec.imports and can(spec.name, "import"):
        out |= exchange.import_paths(spec, base)
    if spec.editable and can(spec.name, "edit"):
        detail["patch"] = _change(ctx, spec)
    if spec.deletable and can(spec.name, "delete"):
        detail["delete"] = _delete(ctx, spec)
    if spec.creatable and spec.editable and can(spec.name, "create"):
        out[f"{base}by-ref/{{ref}}/"] = _by_ref(ctx, spec)
    for action in spec.actions.values():
        if can(spec.name, action.name):
            out[f"{one}{action.name}/"] = {"parameters": [values.ID], "post": _act(ctx, spec, action)}
    for name, operations in values.story_paths(spec).items():
        out[f"{one}{name}/"] = {"parameters": [values.ID], **operations}
    for name, operations in values.print_paths(ctx, spec).items():
        out[f"{one}{name}"] = {"parameters": [values.ID], **operations}
    return out


def _list(ctx: Context, spec: Spec) -> Json:
    parameters = [*values.LIST_PARAMETERS, values.names("fields", spec.fields), values.expand(spec)]
    parameters.append(
        {
            "name": "order",
            "in": "query",
            "description": "Fields between commas, each with - before it downward.",
            "schema": {"type": "string", "examples": [spec.order.split()[0].split(",")[0]]},
        }
    )
    for f in values.seen(ctx, spec.fields).values():
        if f.kind == "json":
            continue
        if f.kind != "tags":
            parameters.append(values.filter_parameter(f, ""))
        parameters += [values.filter_parameter(f, operator) for operator in operators_of(f)]
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_list",
        "summary": f"{spec.label_plural}: a page of the list (at most {MOST_ROWS})",
        "parameters": parameters,
        "responses": {
            "200": values.json_response(
                "A page",
                {
                    "type": "object",
                    "required": ["results", "next"],
                    "properties": {
                        "results": {"type": "array", "items": values.ref(spec)},
                        "next": {"type": ["string", "null"]},
                        "count": {"type": "integer", "description": "Only with count=exact or estimate"},
                    },
                },
                {"results": [values.example(ctx, spec)], "next": None},
            ),
            "304": {"description": "Unchanged since the ETag that was sent"},
            **values.errors(401, 403, 406, 422, 429),
        },
    }


def _read(ctx: Context, spec: Spec) -> Json:
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_read",
        "summary": f"{spec.label}: one record with its lines",
        "parameters": [values.names("fields", spec.fields), values.expand(spec), values.IF_NONE_MATCH],
        "responses": {
            "200": values.record_response(ctx, spec),
            "304": {"description": "Unchanged since the ETag that was sent"},
            **values.errors(401, 403, 404, 406, 422, 429),
        },
    }


def _create(ctx: Context, spec: Spec) -> Json:
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_create",
        "summary": f"{spec.label}: make one",
        "parameters": [values.IDEMPOTENCY, values.DRY_RUN, values.expand(spec)],
        "requestBody": values.body(values.ref(spec, "Input"), values.input_example(spec)),
        "responses": {
            "200": values.record_response(ctx, spec, "What would be made (dry_run=1)"),
            "201": values.record_response(ctx, spec, "Made; Location names it"),
            **values.errors(400, 401, 403, 406, 409, 413, 415, 422, 429),
        },
    }


def _change(ctx: Context, spec: Spec) -> Json:
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_change",
        "summary": f"{spec.label}: change some values",
        "parameters": [values.IF_MATCH, values.DRY_RUN, values.expand(spec)],
        "requestBody": values.body(values.ref(spec, "Change"), values.change_example(spec)),
        "responses": {
            "200": values.record_response(ctx, spec),
            **values.errors(400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 428, 429),
        },
    }


def _delete(ctx: Context, spec: Spec) -> Json:
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_delete",
        "summary": f"{spec.label}: remove one that nothing refers to",
        "parameters": [{**values.IF_MATCH, "required": False}, values.DRY_RUN],
        "responses": {
            "200": values.json_response("What would be removed (dry_run=1)", {"type": "object"}, {"deleted": True}),
            "204": {"description": "Removed"},
            **values.errors(401, 403, 404, 406, 409, 412, 429),
        },
    }


def _act(ctx: Context, spec: Spec, action: Any) -> Json:
    said = f"While {', '.join(action.sources)}." if action.sources else "In any state."
    made = f" Answers 201 with the {action.makes} it makes." if action.makes else ""
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_{action.name}",
        "summary": f"{spec.label}: {action.label}",
        "description": f"{said}{made} Event: {spec.name}.{action.event}.",
        "parameters": [values.IDEMPOTENCY, {**values.IF_MATCH, "required": False}, values.DRY_RUN],
        "requestBody": values.body(values.action_schema(action), values.action_example(action), required=False),
        "responses": {
            "200": values.json_response("The record, or what would be (dry_run=1)", {"type": "object"}, _NAMED),
            "201": values.json_response("The document that was made", {"type": "object"}, _NAMED),
            **values.errors(400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 429),
        },
    }


def _bulk(ctx: Context, spec: Spec) -> Json:
    methods = ["create", "update", "delete", *spec.actions]
    item = {
        "type": "object",
        "required": ["method"],
        "properties": {
            "method": {"type": "string", "enum": methods},
            "id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer"},
            "data": {"type": "object"},
        },
    }
    schema = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": item}, "atomic": {"type": "boolean"}},
    }
    sample = {"items": [{"method": "create", "data": values.input_example(spec)}], "atomic": False}
    return {
        "tags": [spec.name],
        "operationId": f"{values.key(spec)}_bulk",
        "summary": f"{spec.label_plural}: many writes; over 200 items a job",
        "parameters": [values.IDEMPOTENCY, values.DRY_RUN],
        "requestBody": values.body(schema, sample),
        "responses": {
            "200": values.json_response(
                "One result an item, in order", {"type": "object"}, {"results": [{"status": 201, "body": {}}]}
            ),
            "202": values.json_response("A job does it", {"type": "object"}, {"job": {"id": values.SAMPLE_ID}}),
            **values.errors(400, 401, 403, 406, 409, 413, 415, 422, 429),
        },
    }


def _by_ref(ctx: Context, spec: Spec) -> Json:
    parameters = [values.REF, values.SOURCE]
    return {
        "parameters": parameters,
        "get": {
            "tags": [spec.name],
            "operationId": f"{values.key(spec)}_by_ref_read",
            "summary": f"{spec.label}: by what another system calls it",
            "responses": {"200": values.record_response(ctx, spec), **values.errors(401, 403, 404, 406, 422, 429)},
        },
        "put": {
            "tags": [spec.name],
            "operationId": f"{values.key(spec)}_by_ref_write",
            "summary": f"{spec.label}: make or change by what another system calls it",
            "parameters": [values.DRY_RUN],
            "requestBody": values.body(values.ref(spec, "Input"), values.input_example(spec)),
            "responses": {
                "200": values.record_response(ctx, spec, "Changed"),
                "201": values.record_response(ctx, spec, "Made"),
                **values.errors(400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 429),
            },
        },
    }
