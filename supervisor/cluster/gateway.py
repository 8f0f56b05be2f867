"""A replica that callers' workers are connected to: the routes of an engines process, over the
replicas that have the engines."""

import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Final

from engines.address import Address
from engines.app import Loading, serving
from stt.recogniser import Recogniser
from supervisor.cluster.asking import Retries
from supervisor.cluster.hearing import ClusterRecogniser
from supervisor.cluster.relay import Relay
from supervisor.cluster.settings import ClusterSettings
from supervisor.cluster.speaking import ClusterCloner, ClusterSpeech
from supervisor.cluster.wire import Described
from supervisor.engine_process import loading
from supervisor.settings import load_settings
from supervisor.speech_settings import EngineSpeakerSettings, EnginesSettings
from tts.engine import TtsEngine

SOCKET: Final = "engines.sock"


class Gateway:
    """Waits until the engines are warm, and then serves on a Unix socket of its own, which
    :class:`~supervisor.cluster.relay.Relay` brings to Serve's proxies."""

    async def __init__(  # type: ignore[misc] # Serve awaits it
        self, told: dict[str, Any], token: str, ears: Any = None, voices: Any = None
    ) -> None:
        """``told`` are the :class:`ClusterSettings`; ``ears`` and ``voices`` Serve's handles."""
        self._settings = ClusterSettings.model_validate(told)
        for handle in (ears, voices):
            if handle is not None:  # a node that is lost takes its own callers' engines alone
                handle._init(_prefer_local_routing=True)
        self._retries = Retries()
        self._resources = AsyncExitStack()
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="ramal-"))
        self._path = f"{folder}/{SOCKET}"
        how = await self._loading(ears, voices)
        self._served = await self._resources.enter_async_context(
            serving(Address(path=self._path), how, token=token)
        )
        self._served.figures.registry.register(self._retries)

    def __serve_build_asgi_app__(self) -> Relay:
        return Relay(self._path)

    async def __del__(self) -> None:
        """Serve awaits this when the replica is stopped."""
        await self._resources.aclose()

    async def _loading(self, ears: Any, voices: Any) -> Loading:
        settings = self._settings
        engines = EnginesSettings(tts=settings.tts or EngineSpeakerSettings())
        local = loading(load_settings(engines=engines), ["tts"])
        how = Loading(
            make_voice=local.make_voice,
            stt_at_once=settings.listening.highest * settings.listening.at_once,
            tts_at_once=settings.speaking.highest * settings.speaking.at_once,
            most_waiting=settings.most_waiting,
            compute_here=False,
        )
        if ears is not None:
            recogniser = self._recogniser(ears, await ears.describe.remote())

            async def open_stt() -> Recogniser:
                return recogniser

            how = replace(how, open_stt=open_stt)
        if voices is not None:
            speech = self._speech(voices, await voices.describe.remote())
            how = replace(how, open_tts=lambda: speech)
        return how

    def _recogniser(self, ears: Any, description: Described) -> Recogniser:
        assert self._settings.stt is not None
        every_s = self._settings.stt.partial_every_s
        patience = self._settings.patience
        return ClusterRecogniser(ears, description, patience, every_s, self._retries)

    def _speech(self, voices: Any, description: Described) -> TtsEngine:
        kind = ClusterCloner if description.clones else ClusterSpeech
        return kind(voices, description, self._settings.patience, self._retries)
