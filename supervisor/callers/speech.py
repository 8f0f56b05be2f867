"""The sound of everything that a person will say, made before the call."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from audiosocket import slin
from audiosocket.frames import TELEPHONE_HZ
from audiosocket.resampling import Resampler
from audiosocket.slin import Samples
from audiosocket.wav import WavError, read_wav
from supervisor.callers.steps import Converse, Interrupt, Play, Say, Step
from supervisor.errors import OperatorError
from tts.engine import Voice
from tts.speaker import Speaker

LONGEST_FILE_S = 120


async def speech_for(steps: Sequence[Step], speaker: Speaker, voice: Voice) -> dict[str, Samples]:
    """8 kHz int16 for each text and each file that ``steps`` say, by the text or the file's name.

    Raises :class:`tts.engine.SynthesisError`, and :class:`OperatorError` for a bad file.
    """
    speech = {text: await _spoken(text, speaker, voice) for text in _texts(steps)}
    files = {step.path for step in steps if isinstance(step, Play)}
    return speech | {path: read_speech(Path(path)) for path in files}


def read_speech(path: Path) -> Samples:
    """A sound file as 8 kHz int16 mono; channels are mixed. Raises :class:`OperatorError`."""
    try:
        samples, rate_hz = read_wav(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None
    except WavError as error:
        raise OperatorError(f"{path} cannot be played: {error}; give a 16-bit WAV.") from None
    if samples.ndim > 1:
        samples = samples.mean(axis=1).astype(np.int16)
    if samples.size > LONGEST_FILE_S * rate_hz:
        raise OperatorError(f"{path} is longer than {LONGEST_FILE_S} s; cut it.")
    if rate_hz == TELEPHONE_HZ:
        return samples
    return Resampler(rate_hz, TELEPHONE_HZ).process(samples)


def _texts(steps: Iterable[Step]) -> set[str]:
    said = {step.text for step in steps if isinstance(step, Say | Interrupt)}
    replies = (reply for step in steps if isinstance(step, Converse) for reply in step.replies)
    return said | {reply.say for reply in replies if reply.say is not None}


async def _spoken(text: str, speaker: Speaker, voice: Voice) -> Samples:
    chunks = [chunk async for chunk in speaker.speak(text, voice)]
    return slin.from_bytes(b"".join(chunks))
