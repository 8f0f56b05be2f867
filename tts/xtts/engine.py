"""XTTS behind the seam of all engines."""

import asyncio
import io
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

import numpy as np

from tts.cloning import REFERENCE_HZ, CloningError
from tts.engine import SynthesisError, Voice, take_number
from tts.xtts.names import ENGINE
from tts.xtts.options import XttsOptions

if TYPE_CHECKING:
    from tts.xtts.sound import Sounding
    from tts.xtts.studio import Studio
    from tts.xtts.vocoder import Floats

PAUSE_MS: Final = 120
"""Between the pieces of a text that is too long for the model."""
CLOSED: Final = "XTTS was closed"


class XttsEngine:
    """Implements :class:`tts.engine.TtsEngine` and :class:`tts.cloning.VoiceCloner`.

    The model computes in threads of its own. The same text in the same voice is the same take
    every time; :func:`tts.engine.another_take` asks for another one.
    """

    name = ENGINE

    def __init__(self, options: XttsOptions) -> None:
        self._options = options
        self._opening = asyncio.Lock()
        self._studio: Studio | None = None
        self._is_closed = False

    async def start(self) -> str:
        """Load the model, half a minute for the real one; what runs, as "XTTS, fp16 on cuda".

        Raises :class:`~tts.engine.SynthesisError` with what to do where it cannot be.
        """
        studio = await self._open()
        return f"XTTS, {studio.precision} on {studio.device}, {len(studio.speakers)} voices"

    @property
    def studio(self) -> "Studio":
        """The model and its streams, for figures; started engines have it."""
        assert self._studio is not None
        return self._studio

    @property
    def at_once(self) -> int:
        """Texts; more wait for their turn."""
        return self.studio.most

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices that the model brought; none before the start."""
        return self._studio.speakers if self._studio else ()

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; no more than one token is computed after
        the iterator is closed."""
        studio = await self._open()
        from tts.xtts.sound import Sounding  # noqa: PLC0415
        from tts.xtts.writing import pieces_of  # noqa: PLC0415

        profile = self._options.profiles[voice.profile]
        tokenizer = studio.model.tokenizer
        pieces = pieces_of(text, voice.language, tokenizer, profile.longest_sentence)
        sounding = Sounding(voice.rate_hz, voice.pitch)
        for number, piece in enumerate(pieces):
            if number:
                yield bytes(PAUSE_MS * voice.bytes_per_ms)
            async with aclosing(self._say(studio, piece, voice, sounding)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def clone(self, reference: bytes) -> bytes:
        """See :meth:`tts.cloning.VoiceCloner.clone`."""
        try:
            studio = await self._open()
        except SynthesisError as error:
            raise CloningError(str(error)) from error
        return await asyncio.to_thread(_latents, studio, reference)

    def forget(self, version: str) -> None:
        """See :meth:`tts.cloning.VoiceCloner.forget`."""
        if self._studio is not None:
            self._studio.forget(version)

    async def close(self) -> None:
        """End the threads; what is being said breaks off."""
        self._is_closed = True
        if self._studio is not None:
            await asyncio.to_thread(self._studio.streams.close)

    async def _open(self) -> "Studio":
        async with self._opening:
            if self._is_closed:
                raise SynthesisError(CLOSED)
            if self._studio is None:
                self._studio = await asyncio.to_thread(_load, self._options)
            return self._studio

    async def _say(
        self, studio: "Studio", piece: str, voice: Voice, sounding: "Sounding"
    ) -> AsyncGenerator[bytes, None]:
        order = studio.order(piece, voice, take_number())
        loop = asyncio.get_running_loop()
        said = asyncio.Queue[bytes | SynthesisError | None]()  # a text bounds it

        def heard(sound: "Floats | SynthesisError | None") -> None:
            if sound is None:
                told: list[bytes | SynthesisError | None] = [sounding.finish(), None]
            else:
                told = [sound if isinstance(sound, SynthesisError) else sounding.process(sound)]
            for each in told:
                _tell(loop, said.put_nowait, each)

        stream = studio.streams.say(order, heard)
        try:
            while (chunk := await said.get()) is not None:
                if isinstance(chunk, SynthesisError):
                    raise chunk
                if chunk:
                    yield chunk
        finally:
            stream.cancel()


def _tell(
    loop: asyncio.AbstractEventLoop,
    put: Callable[[bytes | SynthesisError | None], None],
    what: bytes | SynthesisError | None,
) -> None:
    with suppress(RuntimeError):  # the loop was closed: nobody is left to be told
        loop.call_soon_threadsafe(put, what)


def _load(options: XttsOptions) -> "Studio":
    from tts.xtts.loading import imported  # noqa: PLC0415

    with imported():
        from tts.xtts.studio import Studio  # noqa: PLC0415
    return Studio(options)


def _latents(studio: "Studio", reference: bytes) -> bytes:
    import soundfile  # noqa: PLC0415

    from tts.xtts.latents import conditioning  # noqa: PLC0415

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(reference), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, ValueError, RuntimeError) as bad:
        raise CloningError(f"the reference is no audio file that can be read: {bad}") from bad
    mono = np.ascontiguousarray(samples.mean(axis=1), np.float32)
    if rate_hz != REFERENCE_HZ:
        import soxr  # noqa: PLC0415

        mono = soxr.resample(mono, rate_hz, REFERENCE_HZ)
    return conditioning(studio.model, mono).to_bytes()
