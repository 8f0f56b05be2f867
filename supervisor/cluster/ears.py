"""A replica with a recogniser: utterances of many callers, computed together."""

import asyncio
import time
from typing import Any, Final

import numpy as np
from ray import serve

from engines.recogniser_ladder import any_stream
from stt.languages import LanguageEvidence
from stt.recogniser import Hints, Recogniser, RecogniserBusyError
from supervisor.cluster.condition import Condition
from supervisor.cluster.settings import Batching, ClusterSettings
from supervisor.cluster.wire import Answered, Asked, Described
from supervisor.engine_process import loading
from supervisor.settings import load_settings
from supervisor.speech_settings import EnginesSettings, RecogniserModelSettings

WARM_S: Final = 2


class Ears:
    """Loads the recogniser once; gateways ask it for the text of whole utterances."""

    async def __init__(self, told: dict[str, Any]) -> None:  # type: ignore[misc] # Serve awaits it
        """``told`` are the :class:`ClusterSettings`. Raises what the engine raises that cannot be
        opened: Serve starts another replica, and says why in its status."""
        settings = ClusterSettings.model_validate(told)
        self._condition = Condition("the recogniser")
        self._recogniser = await _open(_for_batches(settings))
        self._description = Described(
            self._recogniser.name,
            self._recogniser.best_hz,
            took_s=await _warm(self._recogniser),
        )
        batching = settings.batching
        self._together = serve.batch(
            max_batch_size=batching.most,
            batch_wait_timeout_s=batching.wait_ms / 1000,
            max_concurrent_batches=max(1, settings.listening.at_once // batching.most),
        )(self.hear_all)

    async def describe(self) -> Described:
        """What is loaded here."""
        return self._description

    async def hear(self, asked: Asked) -> Answered:
        """The text of an utterance, computed with those of other callers."""
        answer: Answered = await self._together(asked)
        return answer

    async def hear_all(self, asked: list[Asked]) -> list[Answered]:
        """The texts of several utterances, in their order."""
        return await asyncio.gather(*(self._hear(each) for each in asked))

    async def check_health(self) -> None:
        """Serve asks this of every replica. Raises where the engine fails again and again."""
        self._condition.check()

    async def _hear(self, asked: Asked) -> Answered:
        evidence = LanguageEvidence(asked.spoken)
        known = evidence.latest
        hints = Hints(asked.phrases, asked.boost, asked.just_said, evidence)
        try:
            stream = self._recogniser.stream(asked.language, hints, asked.rate_hz)
        except ValueError as error:
            return Answered(None, str(error))
        try:
            stream.feed(asked.samples)
            async with asyncio.timeout(asked.deadline_s):
                transcript = await stream.result()
        except (RecogniserBusyError, TimeoutError) as busy:
            return Answered(None, str(busy) or "the recogniser was too late", busy=True)
        except Exception as failure:  # whatever the library raises: others in the batch go on
            self._condition.failed(failure)
            return Answered(None, f"the recogniser failed: {failure}", busy=True)
        finally:
            await stream.close()
        self._condition.worked()
        heard = evidence.latest if evidence.latest is not known else None
        return Answered(transcript, heard=heard)


def _for_batches(settings: ClusterSettings) -> RecogniserModelSettings:
    """Partial texts are asked for by the gateways, which have the streams."""
    assert settings.stt is not None
    together = settings.stt.batch or _usual_batch(settings.stt, settings.batching)
    return settings.stt.model_copy(update={"partial_every_s": 0.0, "batch": together})


def _usual_batch(stt: RecogniserModelSettings, batching: Batching) -> int | None:
    """On a CPU the engine's own default: one at a time, on each of its threads."""
    return batching.most if stt.device == "cuda" else None


async def _open(stt: RecogniserModelSettings) -> Recogniser:
    opener = loading(load_settings(engines=EnginesSettings(stt=stt)), ["stt"]).open_stt
    assert opener is not None
    return await opener()


async def _warm(recogniser: Recogniser) -> float:
    stream = any_stream(recogniser)
    took_s = 0.0
    for _ in range(2):
        stream.feed(np.zeros(WARM_S * 8000, np.int16))
        began = time.monotonic()
        await stream.result()
        took_s = time.monotonic() - began
        stream.reset()
    await stream.close()
    return took_s
