"""Lists by pages: a cursor says after which row the next page begins, so none is missed."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from supervisor.api.problems import wrong

LARGEST: Final = 500
USUAL: Final = 50

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a list. Ask again with ``cursor`` set to ``next``, until that is null."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


class Paging(BaseModel):
    """What every list can be asked."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LARGEST, description="Rows per page")] = USUAL
    cursor: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{2,2000}$", description="`next` of the page before")
    ] = Field(default_factory=lambda: "")


def to_cursor(values: Sequence[str]) -> str:
    """The cursor for what comes after the row with these values."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(cursor: str, length: int) -> list[str] | None:
    """The ``length`` values of a cursor; ``None`` for the first page. Raises ``Problem``."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise not_ours() from None
    if not isinstance(values, list) or len(values) != length:
        raise not_ours()
    if not all(isinstance(value, str) and "\0" not in value for value in values):
        raise not_ours()
    return values


def not_ours() -> Exception:
    """The problem of a cursor that no page of ours gave."""
    return wrong("query.cursor", "this is not the next of a page", 400)
