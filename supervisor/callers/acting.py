"""Going through a script on a line, step by step."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from audiosocket.caller import Caller
from audiosocket.frames import FRAME_MS
from audiosocket.slin import Samples
from supervisor.callers.ears import Ears, LineEndedError
from supervisor.callers.microphone import Microphone
from supervisor.callers.steps import (
    Converse,
    HangUp,
    Interrupt,
    Listen,
    Play,
    Press,
    Reply,
    Say,
    StayOnLine,
    StaySilent,
    Step,
)
from supervisor.callers.transcribing import Transcriber, contains

KEY_GAP_S = 0.15
"""Between two keys: as fast as people press them."""


class Actor:
    """One person's part on one line. ``on_say`` is told each text as it begins."""

    def __init__(
        self,
        caller: Caller,
        *,
        ears: Ears,
        transcriber: Transcriber | None,
        microphone: Microphone,
        speech: Mapping[str, Samples],
        on_say: Callable[[str], None],
    ) -> None:
        self._caller = caller
        self._ears = ears
        self._transcriber = transcriber
        self._microphone = microphone
        self._speech = speech
        self._on_say = on_say
        self._spoke_until = float("-inf")
        self._turns_used = 0

    async def take(self, step: Step) -> None:
        """Do one step. Raises :class:`LineEndedError`, and ``TimeoutError`` for a vain wait."""
        match step:
            case Say(text, loses_ms):
                await self._say(text, loses_ms=loses_ms)
            case Play(path):
                await self._say(path)
            case Listen():
                await self._listen(step)
            case Interrupt(text, after_ms, within_s):
                async with asyncio.timeout(within_s):
                    await self._ears.speech_for(self._spoke_until, after_ms / 1000)
                await self._say(text, interrupting=True)
            case Press(digits):
                for digit in digits:
                    self._caller.press(digit)
                    await asyncio.sleep(KEY_GAP_S)
            case StaySilent(for_s):
                with contextlib.suppress(TimeoutError):
                    await self._stay(for_s)
            case StayOnLine(within_s, go_on):
                with contextlib.suppress(TimeoutError) if go_on else contextlib.nullcontext():
                    await self._stay(within_s)
            case Converse():
                async with asyncio.timeout(step.within_s):
                    await self._converse(step)
            case HangUp():
                await self._caller.hang_up()

    async def _say(self, text: str, *, interrupting: bool = False, loses_ms: int = 0) -> None:
        if self._caller.is_over:
            raise LineEndedError("the line had ended")
        self._on_say(text)
        lost = iter(range(loses_ms // FRAME_MS))
        self._caller.loses = lambda: next(lost, None) is not None
        await self._microphone.say(text, self._speech[text], interrupting=interrupting)
        self._spoke_until = self._ears.now
        self._turns_used = len(self._transcriber.turns) if self._transcriber else 0

    async def _listen(self, step: Listen) -> None:
        try:
            async with asyncio.timeout(step.within_s):
                await self._listen_for_words(step.words)
                await self._ears.quiet_after(self._spoke_until, step.quiet_ms / 1000)
        except TimeoutError:
            if not step.go_on:
                raise

    async def _listen_for_words(self, words: tuple[str, ...]) -> None:
        if words and self._transcriber is not None:
            self._turns_used = await self._transcriber.heard(words, self._turns_used)

    async def _converse(self, step: Converse) -> None:
        if self._transcriber is None:
            raise ValueError("who is to answer must understand: give the person a recogniser")
        while True:
            used = self._turns_used
            self._turns_used = await self._transcriber.heard((), used)
            reply = _reply_to(self._transcriber.turns[used].text, step.replies)
            if reply is not None and reply.say is not None:
                await self._ears.quiet_after(self._spoke_until, step.quiet_ms / 1000)
                await self._say(reply.say)

    async def _stay(self, for_s: float) -> None:
        async with asyncio.timeout(for_s):
            await self._ears.until(lambda: False)


def _reply_to(text: str, replies: Sequence[Reply]) -> Reply | None:
    return next((reply for reply in replies if contains(text, reply.when)), None)
