"""Speech as gateways have it: a ``TtsEngine`` over the replicas of :class:`.voices.Voices`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog

from engines.resuming import after
from engines.voices import CLONING_S
from supervisor.cluster.asking import LOST, Retries, Tries, is_full, said_there
from supervisor.cluster.settings import Patience
from supervisor.cluster.wire import Described
from tts.cloning import CloningError
from tts.engine import EngineBusyError, SynthesisError, Voice, take_number

_log = structlog.get_logger(__name__)


class ClusterSpeech:
    """Implements :class:`tts.engine.TtsEngine`. A sentence whose replica is lost goes on from
    another one, near the place where it broke off."""

    def __init__(
        self, handle: Any, description: Described, patience: Patience, retries: Retries
    ) -> None:
        """``handle`` is Serve's ``DeploymentHandle``."""
        self.name = description.name
        self.voices = description.voices
        self._retries = retries
        self._voices = handle
        self._handle = handle.options(stream=True)
        self._patience = patience

    async def start(self) -> str:
        """The replicas are warm already."""
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`."""
        said_bytes = 0
        tries = Tries(self._retries, "tts", self._patience.first_sound_s)
        while True:
            try:
                async with (
                    aclosing(self._once(text, voice)) as chunks,
                    aclosing(after(chunks, said_bytes, voice)) as rest,
                ):
                    async for chunk in rest:
                        said_bytes += len(chunk)
                        yield chunk
                return
            except SynthesisError as error:
                raise said_there(error) from None
            except LOST as error:
                if is_full(error):
                    raise EngineBusyError(f"all replicas are busy: {error}") from error
                reason = f"{type(error).__name__} {error}".splitlines()[0]
                _log.warning("replica.lost", kind="tts", reason=reason)
                if not await tries.has_another(error):
                    raise SynthesisError(f"no replica could speak: {reason}") from error

    async def close(self) -> None:
        """Replicas outlive a gateway."""

    async def _once(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        limit_s = self._patience.first_sound_s
        answer = self._handle.speak.remote(text, voice, take_number())
        try:
            while True:
                try:
                    async with asyncio.timeout(limit_s):
                        chunk = await anext(answer)
                except StopAsyncIteration:
                    answer = None
                    return
                yield chunk
                limit_s = self._patience.next_sound_s
        finally:
            if answer is not None:
                answer.cancel()


class ClusterCloner(ClusterSpeech):
    """The same, over an engine that is a :class:`tts.cloning.VoiceCloner`. Latents travel with the
    voice, so any replica can speak with them."""

    def forget(self, version: str) -> None:
        """Replicas keep the few voices that they spoke with last, and cannot all be told; without
        the latents, which gateways and workers forget, nobody can have them speak."""

    async def clone(self, reference: bytes) -> bytes:
        """See :meth:`tts.cloning.VoiceCloner.clone`."""
        try:
            async with asyncio.timeout(CLONING_S):
                latents: bytes = await self._voices.clone.remote(reference)
        except CloningError as error:
            raise said_there(error) from None
        except LOST as error:
            raise CloningError(f"no replica could clone the voice: {error}") from error
        return latents
