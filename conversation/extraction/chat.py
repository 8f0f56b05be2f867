"""One request to one language model: the official client, and no trust in the server.

Any server with OpenAI's chat completions will do. What it says is read up to a limit, checked
against the slots' schema, and dropped at the first doubt.
"""

import logging
from dataclasses import dataclass
from typing import Final

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, DefaultAsyncHttpx2Client
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import ResponseFormat
from pydantic import ValidationError

from conversation.extraction.attempts import Outcome
from conversation.extraction.slots import SCHEMAS, Group, Slots

LONGEST_ANSWER_BYTES: Final = 32 * 1024
"""An honest one has about one kilobyte."""
MOST_TOKENS: Final = 120
CONNECT_S: Final = 0.5
LIMITS: Final = httpx2.Limits(max_connections=64, max_keepalive_connections=16)
_NO_SCHEMA: Final = frozenset({400, 404, 415, 422})
"""What servers say that do not know ``response_format`` or another new parameter."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: ``slots`` where the outcome is ``ANSWERED``."""

    outcome: Outcome
    slots: Slots | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    detail: str = ""


class Chat:
    """A server's models, over a few kept connections."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        read_s: float,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """``read_s`` is how long a server may be silent in the middle of an answer; a
        ``transport`` of one's own has :data:`LIMITS` to keep to."""
        for name in ("openai", "httpx2", "httpcore2"):
            # what they log for debugging has the caller's words in it
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = httpx2.Timeout(read_s, connect=CONNECT_S)
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAsyncHttpx2Client(
                timeout=timeout,
                limits=LIMITS,
                transport=transport,
                follow_redirects=False,
                trust_env=False,
            ),
        )
        self._plain: set[str] = set()

    async def close(self) -> None:
        """Close the connections; idempotent."""
        await self._client.close()

    async def ask(
        self, model: str, group: Group, messages: tuple[tuple[str, str], tuple[str, str]]
    ) -> Reply:
        """Ask for a group of slots. Never raises but for a defect; the caller limits the time.

        A server that does not know schemas is asked once more without, and never again with.
        """
        try:
            if model not in self._plain:
                try:
                    return await self._ask(model, group, messages, plain=False)
                except APIStatusError as error:
                    if error.status_code not in _NO_SCHEMA:
                        raise
            reply = await self._ask(model, group, messages, plain=True)
            self._plain.add(model)
            return reply
        except APIStatusError as error:
            return Reply(Outcome.ERROR, detail=str(error.status_code))
        except (APIConnectionError, httpx2.HTTPError) as error:
            late = isinstance(error.__cause__ or error, httpx2.TimeoutException)
            outcome = Outcome.LATE if late else Outcome.UNREACHABLE
            return Reply(outcome, detail=type(error.__cause__ or error).__name__)

    async def _ask(
        self,
        model: str,
        group: Group,
        messages: tuple[tuple[str, str], tuple[str, str]],
        *,
        plain: bool,
    ) -> Reply:
        (_, system), (_, user) = messages
        create = self._client.chat.completions.with_streaming_response.create
        asked = (
            create(
                model=model,
                messages=[
                    {"role": "system", "content": system},
                    {"role": "user", "content": user},
                ],
                max_tokens=MOST_TOKENS,
            )
            if plain
            else create(
                model=model,
                messages=[
                    {"role": "system", "content": system},
                    {"role": "user", "content": user},
                ],
                max_completion_tokens=MOST_TOKENS,
                temperature=0,
                response_format=_format(group),
            )
        )
        async with asked as response:
            body = bytearray()
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LONGEST_ANSWER_BYTES:
                    return Reply(Outcome.TOO_LONG)
        return _read(bytes(body), group)


def _format(group: Group) -> ResponseFormat:
    schema = SCHEMAS[group].model_json_schema()
    return {
        "type": "json_schema",
        "json_schema": {"name": group, "strict": True, "schema": schema},
    }


def _read(body: bytes, group: Group) -> Reply:
    try:
        completion = ChatCompletion.model_validate_json(body)
        choice = completion.choices[0]
    except (ValidationError, ValueError, IndexError, RecursionError):
        return Reply(Outcome.INVALID, detail="not a chat completion")
    usage = completion.usage
    spent = (max(0, usage.prompt_tokens), max(0, usage.completion_tokens)) if usage else (0, 0)
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return Reply(Outcome.REFUSED, None, *spent)
    if choice.finish_reason == "length":
        return Reply(Outcome.TRUNCATED, None, *spent)
    try:
        slots = SCHEMAS[group].model_validate_json(_unfenced(choice.message.content or ""))
    except (ValidationError, ValueError, RecursionError):
        return Reply(Outcome.INVALID, None, *spent, detail="not the schema")
    return Reply(Outcome.ANSWERED, slots, *spent)


def _unfenced(content: str) -> str:
    """Models that know no schema like to put their JSON between marks of Markdown."""
    text = content.strip()
    if text.startswith("```"):
        text = text.removeprefix("```json").removeprefix("```").removesuffix("```")
    return text.strip()
