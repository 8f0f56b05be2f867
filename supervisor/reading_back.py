"""A recogniser reads back what an engine made ahead, before it is kept."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from audiosocket.resampling import Resampler
from stt.recogniser import Hints, Recogniser, RecogniserBusyError
from supervisor.metrics import Metrics
from supervisor.speech_settings import TtsSettings
from tts.engine import Voice
from tts.engines import LOCAL
from tts.gate import QualityGate

BUILTIN: Final = "builtin"
TELEPHONE_HZ: Final = 8000


class ReadingBack:
    """Implements :class:`tts.gate.Listener`. It asks the recogniser itself, never a ladder: what
    goes wrong here must not count against the recogniser of calls."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    async def hear(self, slin: bytes, voice: Voice) -> str | None:
        """See :meth:`tts.gate.Listener.hear`."""
        samples = np.frombuffer(slin, "<i2").astype(np.int16)
        rate_hz = voice.rate_hz
        if rate_hz > self._recogniser.best_hz:
            samples = Resampler(rate_hz, TELEPHONE_HZ).process(samples)
            rate_hz = TELEPHONE_HZ
        stream = self._recogniser.stream(voice.language, Hints(), rate_hz)
        try:
            stream.feed(samples)
            return (await stream.result()).text
        except (RecogniserBusyError, OSError, RuntimeError, ValueError):
            return None  # it has other things to do, or is away: the sound alone decides
        finally:
            await stream.close()


def quality_gate(
    settings: TtsSettings, recognisers: Sequence[Recogniser], metrics: Metrics | None
) -> QualityGate | None:
    """For an engine that samples; the others say the same every time. The built-in recogniser
    knows too few words to read anything back."""
    quality = settings.quality
    if settings.steps[0] in LOCAL or not quality.checks:
        return None
    able = [each for each in recognisers if each.name != BUILTIN][:1] if quality.read_back else []
    gate = QualityGate(ReadingBack(able[0]) if able else None, takes=quality.takes)
    if metrics is not None:
        metrics.watch_takes(gate.counters)
    return gate
