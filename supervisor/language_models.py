"""A worker's language models: opened for the tenants that have one, on first use."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from conversation.directory import Directory
from conversation.rules import Rules
from conversation.thinking import Thinker
from supervisor.database.language_models import LanguageModelRow, load_language_model
from supervisor.database.pool import TROUBLE, Pool
from supervisor.metrics import Metrics
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import LlmSettings

if TYPE_CHECKING:
    from conversation.extraction.attempts import Attempt
    from conversation.extraction.extractor import ModelChain

PATIENCE_S: Final = 1.0
"""For a database that may hang: callers wait meanwhile, and the rules do without."""

_log = structlog.get_logger(__name__)


class LanguageModels:
    """Thinkers for a worker's extensions; ``resources`` closes what they opened."""

    def __init__(
        self,
        settings: LlmSettings,
        metrics: Metrics,
        resources: AsyncExitStack,
        guard: AddressGuard | None = None,
    ) -> None:
        """``guard`` says where models may be that were set over HTTP."""
        self._settings = settings
        self._guard = guard or AddressGuard()
        self._metrics = metrics
        self._resources = resources
        self._known: dict[UUID, LanguageModelRow | None] = {}
        self._chains: dict[LanguageModelRow, ModelChain] = {}
        self._opening = asyncio.Lock()

    async def thinker(
        self, pool: Pool, condominium_id: UUID, directory: Directory, rules: Rules
    ) -> Thinker | None:
        """Whom a doorman asks about turns that the rules are not sure of; ``None`` where nobody
        is."""
        chain = await self.chain(pool, condominium_id)
        if chain is None:
            return None
        from conversation.extraction.extractor import Extractor  # noqa: PLC0415

        return Extractor(chain, directory, rules.explains)

    async def chain(self, pool: Pool, condominium_id: UUID) -> "ModelChain | None":
        """The models of a condominium's or business's tenant; ``None`` where there are none.

        Raises nothing for a database that is away: what was known last goes on, else the rules do.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                self._known[condominium_id] = await load_language_model(pool, condominium_id)
        except (*TROUBLE, TimeoutError) as error:
            _log.warning("model.not_read", reason=str(error) or "timeout")
        row = self._known.get(condominium_id)
        return await self._opened(row) if row is not None else None

    async def _opened(self, row: LanguageModelRow) -> "ModelChain | None":
        try:
            async with self._opening:
                if row not in self._chains:
                    # the client takes half a second to be loaded, and calls go on meanwhile
                    chain = await asyncio.to_thread(self._open, row)
                    self._resources.push_async_callback(chain.close)
                    self._chains[row] = chain
        except ImportError as missing:
            cure = "pip install 'ramal[llm]'"
            _log.error("model.not_installed", package=missing.name, cure=cure)
            return None
        return self._chains[row]

    def _open(self, row: LanguageModelRow) -> "ModelChain":
        """One for each row as it is: breakers and connections outlive a change of extensions."""
        from conversation.extraction.attempts import Price  # noqa: PLC0415
        from conversation.extraction.chat import LIMITS, Chat  # noqa: PLC0415
        from conversation.extraction.extractor import ModelChain, ModelSettings  # noqa: PLC0415

        ours, deadline_s = self._settings, row.deadline_ms / 1000
        settings = ModelSettings(
            row.models,
            deadline_s=deadline_s,
            filler_after_s=ours.filler_after_ms / 1000,
            speculates=ours.speculates,
            prices={model: Price(*price) for model, price in ours.prices.items()},
            break_after=ours.break_after,
            break_s=ours.break_s,
        )
        transport = None
        if row.guarded:
            from supervisor.outgoing.guarded_transport import guarded_transport  # noqa: PLC0415

            transport = guarded_transport(self._guard, LIMITS)
        chat = Chat(row.base_url, row.api_key or "none", read_s=deadline_s, transport=transport)
        return ModelChain(chat, settings, self._count, self._count_turn)

    def _count(self, attempt: "Attempt") -> None:
        told, model = self._metrics, attempt.model
        told.model_requests.labels(model=model, outcome=str(attempt.outcome)).inc()
        if attempt.outcome != "spared":
            told.model_seconds.labels(model=model).observe(attempt.took_ms / 1000)
        told.model_tokens.labels(model=model, kind="input").inc(attempt.input_tokens)
        told.model_tokens.labels(model=model, kind="output").inc(attempt.output_tokens)
        told.model_cost.labels(model=model).inc(attempt.cost)

    def _count_turn(self, sure: bool) -> None:
        self._metrics.turns.labels(rules="sure" if sure else "unsure").inc()
