"""A language model tried out: one small question, and in one sentence what is wrong."""

import json
from dataclasses import dataclass
from typing import Any, Final

from supervisor.database.language_models import LanguageModelRow
from supervisor.outgoing.client import Outgoing, OutgoingError, Reply

QUESTION: Final = "Answer with the word yes."
MOST_TOKENS: Final = 16
LIMIT_S: Final = 10.0
"""A model that is loaded for the first request takes longer than a caller would wait."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of it: ``text`` is for an operator, and holds nothing that the server said."""

    works: bool
    text: str
    model: str
    took_ms: int | None = None


async def probe(outgoing: Outgoing, row: LanguageModelRow, model: str) -> Probed:
    """Ask a model of the row."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_completion_tokens": MOST_TOKENS,
    }
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {row.api_key or 'none'}",
    }
    url = f"{row.base_url}/chat/completions"
    try:
        reply = await outgoing.send(
            "POST", url, body=json.dumps(body).encode(), headers=headers, limit_s=LIMIT_S
        )
    except OutgoingError as error:
        return Probed(False, str(error), model)
    took_ms = round(reply.took_ms)
    objection = _objection(reply, model, has_key=row.api_key is not None)
    if objection is not None:
        return Probed(False, objection, model, took_ms)
    return Probed(True, _praise(took_ms, row.deadline_ms), model, took_ms)


def _praise(took_ms: int, deadline_ms: int) -> str:
    if took_ms > deadline_ms:
        return (
            f"It answers, but in {took_ms} ms, later than the deadline of {deadline_ms} ms: choose "
            "a faster model, or a longer deadline."
        )
    return f"It answers, in {took_ms} ms."


def _objection(reply: Reply, model: str, *, has_key: bool) -> str | None:
    """What is wrong with an answer; ``None`` if it is one."""
    if reply.status == 200:
        return None if _is_completion(reply.body) else _NO_COMPLETION
    refused = "the key is refused" if has_key else "it wants a key, and none is set"
    said = {
        400: "it does not take our request",
        401: refused,
        403: refused,
        404: f'it has no model "{model}", or the URL is not its API\'s, which mostly ends in /v1',
        422: "it does not take our request",
        429: "too many requests, or the account has no credit",
    }.get(reply.status)
    if said is None:
        leads = 300 <= reply.status < 400
        said = "it leads elsewhere, which is not followed" if leads else "it is in trouble itself"
    return f"The server answers {reply.status}: {said}."


_NO_COMPLETION: Final = (
    "The server answers, but with no chat completion: is this the URL of an API?"
)


def _is_completion(body: bytes) -> bool:
    try:
        answer: Any = json.loads(body)
        return isinstance(answer["choices"][0]["message"], dict)
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
