"""The OpenAPI 3.1 document, generated from the endpoints: what is checked is what is described."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import DictSchema

from supervisor.api.endpoint import Endpoint
from supervisor.api.problems import MEDIA as PROBLEM_MEDIA
from supervisor.api.problems import ProblemDocument
from supervisor.api.uploads import MULTIPART
from supervisor.outgoing.signature import ID, SIGNATURE, TIMESTAMP
from supervisor.webhooks.payloads import MESSAGES

VERSION: Final = "3.1.0"
Mode = Literal["validation", "serialization"]
_TEMPLATE: Final = "#/components/schemas/{model}"
_EVERYWHERE: Final = (400, 401, 403, 408, 413, 422, 429, 500, 503)
_DESCRIPTION: Final = """The admin API of Ramal. Send `Authorization: Bearer KEY`; make a key with
`ramal key create`, or log in at `/api/v1/auth/login` and send its `access_token` the
same way. Whoever belongs to a tenant sees and changes nothing but what is the tenant's. Lists come
by pages: ask again with `cursor` set to `next`. Every error is an `application/problem+json`."""


class _Described(GenerateJsonSchema):
    """Says that keys which match no pattern are refused; pydantic's own allows them."""

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        described = super().dict_schema(schema)
        if "patternProperties" in described:
            described["additionalProperties"] = False
        return described


def describe(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The document for ``endpoints``; ``version`` is the program's."""
    schemas, definitions = models_json_schema(
        sorted(_models(endpoints), key=lambda pair: (pair[0].__name__, pair[1])),
        ref_template=_TEMPLATE,
        schema_generator=_Described,
    )
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": VERSION,
        "info": {
            "title": "Ramal",
            "version": version,
            "description": _DESCRIPTION.replace("\n", " "),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "webhooks": _webhooks(schemas),
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, or the access token of a login",
                }
            },
        },
    }


Schemas = Mapping[Any, Any]
"""References to components, by model and mode."""


def _models(endpoints: Iterable[Endpoint]) -> set[tuple[type[BaseModel], Mode]]:
    found: set[tuple[type[BaseModel], Mode]] = {(ProblemDocument, "serialization")}
    for endpoint in endpoints:
        if endpoint.body is not None:
            found.add((endpoint.body, "validation"))
        if endpoint.answer is not None:
            found.add((endpoint.answer, "serialization"))
    return found | {(body, "serialization") for body in MESSAGES.values()}


def _webhooks(schemas: Schemas) -> dict[str, Any]:
    """What we send, event by event, to be described like what we answer."""
    return {
        event: {
            "post": {
                "operationId": f"webhook_{event.replace('.', '_')}",
                "summary": (body.__doc__ or "").split(". ")[0].strip(),
                "description": "Signed as docs/webhooks.md says; any 2xx within 10 s takes it.",
                "tags": ["webhooks"],
                "security": [],
                "parameters": [
                    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
                    for name in (ID, TIMESTAMP, SIGNATURE)
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": schemas[(body, "serialization")]}},
                },
                "responses": {"2XX": {"description": "Taken; anything else is tried again"}},
            }
        }
        for event, body in MESSAGES.items()
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": _rights(endpoint),
        "tags": [endpoint.tag],
        "parameters": [*_ids(endpoint), *_queries(endpoint), *_headers(endpoint)],
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.receive is not None:
        operation["security"] = []
    if endpoint.body is not None:
        schema = schemas[(endpoint.body, "validation")]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if endpoint.form is not None:
        content = {MULTIPART: {"schema": endpoint.form.described()}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _rights(endpoint: Endpoint) -> str:
    if endpoint.receive is not None:
        return "For anybody."
    whole = ", of the whole installation" if endpoint.installation else ""
    return f"For the role {endpoint.role}{' and above' if endpoint.role != 'admin' else ''}{whole}."


def _ids(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "enum": list(endpoint.names[name])}
            if name in endpoint.names
            else {"type": "string", "format": "uuid"},
        }
        for name in re.findall(r"\{(\w+)\}", endpoint.path)
    ]


def _queries(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in schema["properties"].items()
    ]


def _headers(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": header.name,
            "in": "header",
            "required": header.required,
            "description": header.meaning,
            "schema": {"type": "string", "pattern": header.pattern},
        }
        for header in endpoint.all_headers
    ]


def _responses(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(endpoint.status).phrase}
    if endpoint.answer is not None:
        schema = schemas[(endpoint.answer, "serialization")]
        good["content"] = {endpoint.media: {"schema": schema}}
    elif endpoint.status != HTTPStatus.NO_CONTENT:
        medias = (endpoint.media, *endpoint.other_media)
        # docs/api.md describes events: a schema here would be each one's, not the text's
        good["content"] = {
            media: {} if media == "text/event-stream" else {"schema": {"type": "string"}}
            for media in medias
        }
    if endpoint.tagged:
        good["headers"] = {"ETag": {"schema": {"type": "string"}, "required": True}}
    statuses = {*_EVERYWHERE, *endpoint.errors, *_implied(endpoint)}
    bad = {str(status): _problem(status, schemas) for status in sorted(statuses)}
    also = {str(status): {"description": HTTPStatus(status).phrase} for status in endpoint.also}
    return {str(endpoint.status): good, **also, **bad}


def _implied(endpoint: Endpoint) -> set[int]:
    implied: set[int] = {404} if "{" in endpoint.path else set()
    if endpoint.body is not None or endpoint.form is not None:
        implied |= {409, 415}
    if endpoint.if_match is not None:
        implied |= {412} | ({428} if endpoint.if_match == "required" else set())
    return implied


def _problem(status: int, schemas: Schemas) -> dict[str, Any]:
    schema = schemas[(ProblemDocument, "serialization")]
    return {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_MEDIA: {"schema": schema}},
    }
