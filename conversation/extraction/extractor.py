"""The thinker that asks language models: several slots at once, several models in turn, and one
deadline for everything."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from conversation.directory import Directory
from conversation.extraction.attempts import Attempt, Outcome, Price, account
from conversation.extraction.chat import Chat, Reply
from conversation.extraction.merging import merged
from conversation.extraction.prompt import messages_for
from conversation.extraction.slots import Group, Slots
from conversation.extraction.unsure import unsure_of
from conversation.thinking import Thoughts
from conversation.understanding import Expecting, Understanding

SHARE_OF_FIRST: Final = 0.6
"""Of the time that is left, what a model gets that another one follows: a good answer takes half a
second, and the next model needs as long."""
_HARMLESS: Final = frozenset({Outcome.ANSWERED, Outcome.REFUSED, Outcome.DROPPED})
"""Outcomes that say nothing against a model's health."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which models are asked, and how long. Prices are by model."""

    models: tuple[str, ...]
    deadline_s: float = 1.2
    """From the end of a turn: people take more than a second of silence for a lost line."""
    filler_after_s: float = 0.8
    speculates: bool = True
    prices: Mapping[str, Price] = field(default_factory=dict)
    break_after: int = 5
    """Failures in a row after which a model is left alone ..."""
    break_s: float = 30.0
    """... for so long."""


class _TroubleError(Exception):
    """Tells the circuit breaker of a failure that is no exception of ours."""


class ModelChain:
    """A tenant's models, shared by the calls of a worker. ``observe`` sees every request."""

    def __init__(
        self,
        chat: Chat,
        settings: ModelSettings,
        observe: Callable[[Attempt], None] = lambda _: None,
        count_turn: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.count_turn = count_turn
        self._chat = chat
        self._observe = observe
        self._breakers = AsyncCircuitBreakerFactory(settings.break_after, settings.break_s)

    async def close(self) -> None:
        """Close the connections; idempotent."""
        await self._chat.close()

    async def fill(
        self,
        group: Group,
        messages: tuple[tuple[str, str], tuple[str, str]],
        deadline: float,
        attempts: list[Attempt],
    ) -> Slots | None:
        """The first good answer in the chain before ``deadline`` (monotonic seconds); what was
        tried is added to ``attempts``."""
        models = self.settings.models
        for place, model in enumerate(models):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                break
            share = 1.0 if place == len(models) - 1 else SHARE_OF_FIRST
            slots, attempt = await self._try(model, group, messages, left_s * share)
            attempts.append(attempt)
            self._observe(attempt)
            if slots is not None:
                return slots
        return None

    async def _try(
        self,
        model: str,
        group: Group,
        messages: tuple[tuple[str, str], tuple[str, str]],
        limit_s: float,
    ) -> tuple[Slots | None, Attempt]:
        began = time.monotonic()
        reply = Reply(Outcome.SPARED)
        try:
            async with self._guarded(model):
                reply = await self._ask(model, group, messages, limit_s)
                if reply.outcome not in _HARMLESS:
                    raise _TroubleError
        except _TroubleError:
            pass
        except OpenedState as spared:
            spared.__traceback__ = None  # it is raised again each time, and would keep every frame
        except asyncio.CancelledError:
            dropped = Reply(Outcome.DROPPED)
            self._observe(self._attempt(model, group, dropped, began))
            raise
        return reply.slots, self._attempt(model, group, reply, began)

    async def _ask(
        self,
        model: str,
        group: Group,
        messages: tuple[tuple[str, str], tuple[str, str]],
        limit_s: float,
    ) -> Reply:
        try:
            async with asyncio.timeout(limit_s):
                return await self._chat.ask(model, group, messages)
        except TimeoutError:
            return Reply(Outcome.LATE)

    def _attempt(self, model: str, group: Group, reply: Reply, began: float) -> Attempt:
        price = self.settings.prices.get(model, Price())
        cost = (reply.input_tokens * price.input + reply.output_tokens * price.output) / 1e6
        return Attempt(
            model,
            group,
            reply.outcome,
            round((time.monotonic() - began) * 1000),
            reply.input_tokens,
            reply.output_tokens,
            cost,
            reply.detail,
        )

    @asynccontextmanager
    async def _guarded(self, model: str) -> AsyncIterator[None]:
        """Raises ``OpenedState`` while the model is left alone. Who hangs up in the middle of a
        request says nothing about the model."""
        breaker = await self._breakers.get_breaker(model)
        await breaker.__aenter__()
        try:
            yield
        except _TroubleError as trouble:
            await breaker.__aexit__(_TroubleError, trouble, None)
            raise
        else:
            await breaker.__aexit__(None, None, None)


class Extractor:
    """Thinks about visitors' turns of one condominium; see
    :class:`conversation.thinking.Thinker`."""

    def __init__(
        self, chain: ModelChain, directory: Directory, explains: Callable[[str], bool]
    ) -> None:
        """``explains`` says whether the rules have a meaning for a folded word."""
        self._chain = chain
        self._directory = directory
        self._explains = explains

    @property
    def filler_after_s(self) -> float:
        """The visitor is told to wait for a moment if there is no answer by then."""
        return self._chain.settings.filler_after_s

    def foresees(self) -> bool:
        """Whether it may begin before it is certain that the turn is over."""
        return self._chain.settings.speculates

    def open_slots(self, heard: Understanding, expecting: Expecting) -> tuple[str, ...]:
        """What the rules are not sure about; nothing where no time need be spent."""
        return unsure_of(heard, expecting, self._directory, self._explains)

    async def think(self, text: str, expecting: Expecting, slots: tuple[str, ...]) -> Thoughts:
        """Ask for every group of slots at once; all of them have the same deadline."""
        began = time.monotonic()
        deadline = began + self._chain.settings.deadline_s
        groups = cast(Sequence[Group], slots)
        attempts: list[Attempt] = []
        async with asyncio.TaskGroup() as at_once:
            asked = {
                group: at_once.create_task(self._fill(group, text, expecting, deadline, attempts))
                for group in groups
            }
        found = {group: filled for group, task in asked.items() if (filled := task.result())}
        took_ms = round((time.monotonic() - began) * 1000)
        return Thoughts(found, account(attempts, took_ms))

    async def _fill(
        self,
        group: Group,
        text: str,
        expecting: Expecting,
        deadline: float,
        attempts: list[Attempt],
    ) -> Slots | None:
        messages = messages_for(group, text, expecting, self._directory.blocks)
        return await self._chain.fill(group, messages, deadline, attempts)

    def merge(
        self, heard: Understanding, expecting: Expecting, thoughts: Thoughts
    ) -> Understanding:
        """The turn as the rules heard it, with what was found."""
        found: Any = thoughts.found or {}
        return merged(heard, found, expecting, self._directory)

    def note(self, *, sure: bool) -> None:
        """Count a turn of which the rules were sure, or were not."""
        self._chain.count_turn(sure)
