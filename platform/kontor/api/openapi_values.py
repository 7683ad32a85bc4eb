"""The parts of the OpenAPI description: schemas and examples of fields, parameters, answers, errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kontor.context import Context
from kontor.reports.api import EXTRAS
from kontor.resources.actions import Input
from kontor.resources.spec import Field, Spec
from kontor.surfaces.printing import printouts

Json = dict[str, Any]

SAMPLE_ID = "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34"
_DECIMAL = {"type": "string", "pattern": r"^-?\d{1,14}(\.\d{1,10})?$"}
_KINDS: dict[str, Json] = {
    **{kind: {"type": "string"} for kind in ("text", "longtext", "phone", "email", "choice", "currency")},
    **dict.fromkeys(("quantity", "amount", "price", "percent", "rate"), _DECIMAL),
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "id": {"type": "string", "format": "uuid"},
    "reference": {"type": "string", "format": "uuid"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "json": {},
}
_SAMPLES: Json = {
    "text": "text",
    "longtext": "text",
    "phone": "+886 2 2345 6789",
    "email": "name@example.com",
    "currency": "USD",
    "quantity": "2",
    "amount": "18.00",
    "price": "9.00",
    "percent": "0.05",
    "rate": "31.5",
    "integer": 1,
    "boolean": True,
    "date": "2026-11-22",
    "instant": "2026-11-22T08:30:00Z",
    "id": SAMPLE_ID,
    "reference": SAMPLE_ID,
    "tags": ["new"],
    "json": {},
}
_TITLES = {
    400: "The body is no JSON that can be read",
    401: "No key, or one that opens nothing",
    403: "The right is missing",
    404: "Not there, or not in your scope",
    406: "No such format",
    409: "The state, or another's work, forbids it",
    412: "Changed since the version in If-Match",
    413: "Too large",
    415: "Neither JSON nor a form with a file",
    422: "The values are wrong; each is named in errors",
    428: "If-Match is missing",
    429: "Too fast",
}


def _header(name: str, text: str, *, required: bool = False, sample: str = "") -> Json:
    schema = {"type": "string", **({"examples": [sample]} if sample else {})}
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def query(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": schema}


ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid", "examples": [SAMPLE_ID]},
}
REF: Json = {
    "name": "ref",
    "in": "path",
    "required": True,
    "description": "What the other system calls the record.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["WEB-1001"]},
}
SOURCE = query("source", "The other system's name; the key's own source by default.", {"type": "string"})
IF_MATCH = _header("If-Match", "The ETag that was read.", required=True, sample='"1"')
IF_NONE_MATCH = _header("If-None-Match", "The ETag one has: 304 if nothing differs.")
IDEMPOTENCY = _header("Idempotency-Key", "At most 255 characters; the same key gets the same answer for a day.")
DRY_RUN = query("dry_run", "1: answer what would be, write nothing.", {"type": "string", "enum": ["0", "1"]})
LIST_PARAMETERS: list[Json] = [
    query("limit", "Rows of a page.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    query("cursor", "From next or previous.", {"type": "string"}),
    query("q", "Words to search for.", {"type": "string"}),
    query("count", "Count the rows too.", {"type": "string", "enum": ["estimate", "exact"]}),
    query("updated_since", "Only what changed since then.", {"type": "string", "format": "date-time"}),
    IF_NONE_MATCH,
]


def key(spec: Spec) -> str:
    """The resource's name as part of an identifier."""
    return spec.name.replace(".", "_")


def ref(spec: Spec, kind: str = "") -> Json:
    """A reference to one of the resource's schemas."""
    return {"$ref": f"#/components/schemas/{key(spec)}{kind}"}


def seen(ctx: Context, fields: Mapping[str, Field]) -> dict[str, Field]:
    """The fields that the user may see."""
    return {n: f for n, f in fields.items() if not f.guard or ctx.rights.sees(f.guard)}


def names(parameter: str, known: Iterable[str]) -> Json:
    """``fields=``."""
    return query(parameter, f"Names between commas, of: {', '.join(known)}.", {"type": "string"})


def expand(spec: Spec) -> Json:
    """``expand=``."""
    can = [n for n, f in spec.fields.items() if f.kind == "reference"] + list(spec.lines)
    return query("expand", f"Objects in place of ids, at most three deep: {', '.join(can) or '–'}.", {"type": "string"})


def filter_parameter(f: Field, operator: str) -> Json:
    """One filter of a list."""
    schema: Json = {"type": "string"}
    if operator == "isnull":
        schema = {"type": "string", "enum": ["true", "false"]}
    elif not operator and f.choices:
        schema = {"type": "string", "enum": [str(k) for k, _label in f.choices]}
    return query(f"{f.name}__{operator}" if operator else f.name, f"{f.label} {operator}".strip(), schema)


def schemas_of(ctx: Context, spec: Spec) -> Json:
    """What is read, what is given for a new record, what may be changed."""
    read = {n: _shown(f) for n, f in seen(ctx, spec.fields).items()}
    for name, lines in spec.lines.items():
        inside = {n: _shown(f) for n, f in seen(ctx, lines.fields).items()}
        read[name] = {"type": "array", "items": {"type": "object", "properties": inside}}
    read |= {n: {"type": ["string", "null"]} for n in ("external_ref", "external_source")}
    given: Json = {n: _given(f) for n, f in seen(ctx, spec.fields).items() if not f.readonly}
    for name, lines in spec.lines.items():
        if not lines.readonly:
            inside = {n: _given(f) for n, f in seen(ctx, lines.fields).items() if not f.readonly}
            given[name] = {"type": "array", "items": {"type": "object", "properties": inside}}
    given |= {n: {"type": "string"} for n in ("external_ref", "external_source")}
    needed = [n for n, f in spec.fields.items() if f.required and n in given]
    whole: Json = {"type": "object", "properties": given, "additionalProperties": False}
    return {
        key(spec): {"type": "object", "title": str(spec.label), "properties": read},
        f"{key(spec)}Input": {**whole, **({"required": needed} if needed else {})},
        f"{key(spec)}Change": whole,
    }


def _shown(f: Field) -> Json:
    schema = dict(_KINDS.get(f.kind, {}))
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if f.kind == "reference":  # an object where it is expanded
        schema = {"description": f"id of {f.relation}, or the object with expand"}
    return {**schema, "title": str(f.label), **({"readOnly": True} if f.readonly else {})}


def _given(f: Field) -> Json:
    schema = dict(_KINDS.get(f.kind, {}))
    if f.kind == "reference":
        schema = {"type": "string", "description": f"id, number or code of {f.relation}"}
    if f.choices:
        schema["enum"] = [str(k) for k, _label in f.choices]
    if f.max_length and f.kind in ("text", "phone", "email", "currency"):
        schema["maxLength"] = f.max_length
    if not f.required and isinstance(schema.get("type"), str) and f.nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return {**schema, "title": str(f.label), **({"description": str(f.help)} if f.help else {})}


def example(ctx: Context, spec: Spec) -> Json:
    """A record as it is read."""
    return {n: sample(f) for n, f in seen(ctx, spec.fields).items()}


def input_example(spec: Spec) -> Json:
    """The least that makes a record."""
    out = {n: sample(f) for n, f in spec.fields.items() if f.required and not f.readonly}
    for name, lines in spec.lines.items():
        if lines.required and not lines.readonly:
            out[name] = [{n: sample(f) for n, f in lines.fields.items() if f.required and not f.readonly}]
    return out


def change_example(spec: Spec) -> Json:
    """One value to change."""
    for f in spec.fields.values():
        if not f.readonly and f.kind in ("text", "longtext"):
            return {f.name: "new text"}
    return {}


def action_schema(action: Any) -> Json:
    """The body of an action."""
    needed = [n for n, i in action.body.items() if i.required]
    return {
        "type": "object",
        "properties": {n: _input(i) for n, i in action.body.items()},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _input(given: Input) -> Json:
    if given.lines is not None:
        inside = {n: _input(i) for n, i in given.lines.items()}
        return {"type": "array", "items": {"type": "object", "properties": inside}}
    if given.kind == "reference":
        return {"type": "string", "description": f"id, number or code of {given.relation}"}
    schema = dict(_KINDS.get(given.kind, {}))
    if given.choices:
        schema["enum"] = [str(k) for k, _label in given.choices]
    return schema


def action_example(action: Any) -> Json:
    """The least that an action asks for."""
    return {
        n: [{k: _input_sample(v) for k, v in i.lines.items()}] if i.lines is not None else _input_sample(i)
        for n, i in action.body.items()
        if i.required
    }


def _input_sample(given: Input) -> Any:
    return str(given.choices[0][0]) if given.choices else _SAMPLES.get(given.kind, "text")


def sample(f: Field) -> Any:
    """An example of a field's value."""
    if f.choices:
        return str(f.choices[0][0])
    value = _SAMPLES.get(f.kind, "text")
    return value[: f.max_length] if isinstance(value, str) and f.max_length else value


def body(schema: Json, sample_body: Any, *, required: bool = True) -> Json:
    """A JSON request body."""
    return {"required": required, "content": {"application/json": {"schema": schema, "example": sample_body}}}


def json_response(text: str, schema: Json, sample_body: Any) -> Json:
    """A JSON answer."""
    return {"description": text, "content": {"application/json": {"schema": schema, "example": sample_body}}}


def record_response(ctx: Context, spec: Spec, text: str = "The record") -> Json:
    """A record as answer, with its ETag."""
    headers = {"ETag": {"schema": {"type": "string"}}}
    return {**json_response(text, ref(spec), example(ctx, spec)), "headers": headers}


def errors(*statuses: int) -> Json:
    """The problems that an operation may answer with."""
    return {
        str(status): {
            "description": _TITLES[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def story_paths(spec: Spec) -> dict[str, Json]:
    """What hangs on every record."""

    def read(name: str, text: str, sample_body: Json, parameters: list[Json] | None = None) -> Json:
        return {
            "tags": [spec.name],
            "operationId": f"{key(spec)}_{name}",
            "summary": f"{spec.label}: {text}",
            **({"parameters": parameters} if parameters else {}),
            "responses": {
                "200": json_response(text, {"type": "object"}, sample_body),
                **errors(401, 403, 404, 406, 422, 429),
            },
        }

    comment = {
        "tags": [spec.name],
        "operationId": f"{key(spec)}_comment",
        "summary": f"{spec.label}: say something; @name tells that user",
        "parameters": [IDEMPOTENCY],
        "requestBody": body(
            {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
            {"text": "Looks good."},
        ),
        "responses": {
            "201": json_response("Said", {"type": "object"}, {"id": SAMPLE_ID, "text": "Looks good."}),
            **errors(400, 401, 403, 404, 406, 409, 413, 415, 422, 429),
        },
    }
    none: Json = {"results": [], "next": None}
    before = query("before", "Go on before this instant.", {"type": "string", "format": "date-time"})
    return {
        "timeline": {"get": read("timeline", "what happened, newest first", none, [before, LIST_PARAMETERS[0]])},
        "comments": {"post": comment},
        "trace": {"get": read("trace", "documents it came from and led to", {"nodes": [], "edges": []})},
        "explain": {"get": read("explain", "why one sees it", {"rules": []})},
        "attachments": {"get": read("attachments", "its files", none)},
    }


def print_paths(ctx: Context, spec: Spec) -> dict[str, Json]:
    """The papers that the caller may have of a record."""
    return {
        f"print/{one.name}.pdf": {
            "get": {
                "tags": [spec.name],
                "operationId": f"{key(spec)}_print_{one.name.replace('-', '_')}",
                "summary": f"{spec.label}: {one.title}, on paper",
                "responses": {
                    "200": {
                        "description": "The paper",
                        "content": {
                            "application/pdf": {
                                "schema": {"type": "string", "format": "binary"},
                                "example": "%PDF-1.7 …",
                            }
                        },
                    },
                    **errors(401, 403, 404, 409, 429),
                },
            }
        }
        for one in printouts(spec.name)
        if not one.needs or ctx.rights.can(one.needs, "view")
    }


def report_operation(report: Any) -> Json:
    """One report."""
    parameters = [
        {**query(p.name, str(p.label), {"type": "string"}), "required": bool(p.required and p.default is None)}
        for p in report.parameters
    ]
    parameters.append(query("format", "A file instead.", {"type": "string", "enum": ["json", "xlsx", "csv"]}))
    parameters.append(query("expand", f"What stands beside: {', '.join(EXTRAS)}.", {"type": "string"}))
    answer = {"name": report.name, "parameters": {}, "columns": [], "rows": [], "totals": []}
    return {
        "tags": ["reports"],
        "operationId": f"report_{report.name.replace('-', '_')}",
        "summary": str(report.label),
        "parameters": parameters,
        "responses": {
            "200": json_response("Columns, rows, totals", {"type": "object"}, answer),
            **errors(401, 403, 404, 406, 409, 422, 429),
        },
    }
