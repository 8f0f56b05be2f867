"""Latents from whichever engines process computes them, over HTTP."""

from typing import Final

import aiohttp

from engines.origins import Origins, reason_of
from tts.cloning import LARGEST_LATENTS_BYTES, CloningError

CLONING_LIMIT_S: Final = 90.0
FORGETTING_LIMIT_S: Final = 5.0
_UNREACHABLE: Final = (aiohttp.ClientError, OSError, TimeoutError)


class CloningUnavailableError(Exception):
    """No engine can clone just now; the message says what each of them answered."""


class RemoteCloner:
    """Cloning at engines processes, over our own API."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    async def clone(self, reference: bytes) -> bytes:
        """Latents of a recording, from the first engine that makes some.

        Raises :class:`~tts.cloning.CloningError` where an engine refuses the recording, and
        :class:`CloningUnavailableError` where there is none that could say.
        """
        reasons = []
        for origin in self._origins.in_order():
            limit = aiohttp.ClientTimeout(total=CLONING_LIMIT_S)
            try:
                async with origin.session.post(
                    "v1/voices", data=reference, timeout=limit
                ) as answer:
                    if answer.status == 200:
                        return await _latents(answer)
                    reason = await reason_of(answer)
            except _UNREACHABLE as error:
                origin.failed()
                reasons.append(f"{origin.name}: {str(error) or type(error).__name__}")
                continue
            if answer.status == 400:
                raise CloningError(reason.removeprefix("400: "))
            reasons.append(f"{origin.name}: {reason}")
        raise CloningUnavailableError("; ".join(reasons))

    async def forget(self, digest: str) -> list[str]:
        """Have every engine forget latents; those that could not be told, by name: they forget
        them by themselves, an hour after they last spoke with them."""
        missed = []
        for origin in self._origins.in_order():
            limit = aiohttp.ClientTimeout(total=FORGETTING_LIMIT_S)
            try:
                async with origin.session.delete(f"v1/voices/{digest}", timeout=limit) as answer:
                    if answer.status != 204:
                        missed.append(origin.name)
            except _UNREACHABLE:
                missed.append(origin.name)
        return missed

    async def close(self) -> None:
        """End all connections."""
        await self._origins.close()


async def _latents(answer: aiohttp.ClientResponse) -> bytes:
    latents = await answer.content.read(LARGEST_LATENTS_BYTES + 1)
    while more := await answer.content.read(LARGEST_LATENTS_BYTES + 1):
        latents += more
        if len(latents) > LARGEST_LATENTS_BYTES:
            break
    if len(latents) > LARGEST_LATENTS_BYTES:
        raise CloningError(f"the engine's latents have more than {LARGEST_LATENTS_BYTES} bytes")
    return latents
