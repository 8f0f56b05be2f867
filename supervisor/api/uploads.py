"""Forms with files: streamed to disk, within bounds, and gone when the request is over."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, web
from pydantic import BaseModel, ValidationError

from supervisor.api.problems import Problem, invalid, wrong

MULTIPART: Final = "multipart/form-data"
UPLOAD_LIMIT_S: Final = 120.0
LARGEST_FIELD_BYTES: Final = 16 * 1024
MOST_PARTS: Final = 32
_CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form."""

    meaning: str
    most_bytes: int
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What a request sends as ``multipart/form-data``: fields as ``model`` has them, and files by
    their names."""

    model: type[BaseModel]
    files: Mapping[str, FormFile]

    def described(self) -> dict[str, Any]:
        """As JSON schema for OpenAPI 3.1."""
        schema = self.model.model_json_schema()
        for name, file in self.files.items():
            binary = {"type": "string", "format": "binary", "description": file.meaning}
            schema["properties"][name] = binary
            if file.required:
                schema.setdefault("required", []).append(name)
        return schema


@dataclass(frozen=True, slots=True)
class Received:
    """A form that was received whole; ``files`` are on disk until the request is over."""

    fields: Any
    files: Mapping[str, Path]


@asynccontextmanager
async def received(request: web.Request, form: Form) -> AsyncIterator[Received]:
    """The form of a request. Raises ``Problem`` for one that is none, is wrong, or too large."""
    if request.content_type != MULTIPART:
        raise Problem(415, f"The body must be a form, with Content-Type: {MULTIPART}.")
    with tempfile.TemporaryDirectory(prefix="ramal-upload-") as folder:
        try:
            async with asyncio.timeout(UPLOAD_LIMIT_S):
                fields, files = await _read(await request.multipart(), form, Path(folder))
        except TimeoutError:
            raise Problem(408, f"The body did not arrive within {UPLOAD_LIMIT_S:g} s.") from None
        except (ValueError, RuntimeError, AssertionError, web.HTTPBadRequest):
            raise Problem(400, "The body is no form that can be read.") from None
        for name, file in form.files.items():
            if file.required and name not in files:
                raise wrong(f"body.{name}", "this file is missing")
        try:
            yield Received(form.model.model_validate(fields), files)
        except ValidationError as error:
            raise invalid("body", error) from None


async def _read(
    reader: MultipartReader, form: Form, folder: Path
) -> tuple[dict[str, str], dict[str, Path]]:
    fields: dict[str, str] = {}
    files: dict[str, Path] = {}
    for _ in range(MOST_PARTS):
        part = await reader.next()
        if part is None:
            return fields, files
        if not isinstance(part, BodyPartReader) or not part.name:
            raise Problem(400, "Each part of the form has a name.")
        if part.name in fields or part.name in files:
            raise wrong(f"body.{part.name[:100]}", "this is there twice")
        if part.name in form.files:
            files[part.name] = await _store(part, folder / part.name, form.files[part.name])
        else:
            fields[part.name[:100]] = await _text(part)
    raise Problem(400, f"The form has more than {MOST_PARTS} parts.")


async def _store(part: BodyPartReader, path: Path, file: FormFile) -> Path:
    """Write the part to ``path``; the name that a client gives its file is not looked at."""
    size_bytes = 0
    with path.open("wb") as opened:
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes > file.most_bytes:
                limit = f"{file.most_bytes >> 20} MiB"
                raise Problem(413, f"body.{part.name}: a file has {limit} at most.")
            await asyncio.to_thread(opened.write, chunk)
    return path


async def _text(part: BodyPartReader) -> str:
    data = bytearray()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        data += chunk
        if len(data) > LARGEST_FIELD_BYTES:
            raise Problem(413, "A field of the form is too large.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise wrong(f"body.{str(part.name)[:100]}", "this is not UTF-8") from None
