"""One party's leg: its ear, our mouth towards it, and who has the floor."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import numpy as np

from audiosocket.connection import Connection
from audiosocket.listener import EndReason
from conversation.barge_in import BargeIn, Reaction, Verdict
from conversation.ear import Ear, Turn
from conversation.echo import EchoWatch
from conversation.flow import Party
from conversation.hold import HoldSound
from conversation.leg_listener import LegListener
from conversation.losses import MASKED_MS, Lost, masks
from conversation.mouth import Mouth, Utterance
from conversation.passing import Passing
from conversation.settings import SessionSettings
from conversation.tones import at_rate
from conversation.understanding import Expecting, Understanding
from stt.vad import FRAME_MS, Samples

LAST_WORDS_MS = 1200
"""Who speaks over no more than this of our words has heard what they are about: the end of
"autoriza a entrada?" takes as long."""

RECHECK_FRAMES = 2
"""While we suspect our own echo, look again every 40 ms: the caller may speak over it."""

ECHO_DIES_MS = 250
"""What ends so soon after we fell silent, and an echo's delay, ended because we did."""

UNHEARD_MS = 800
"""A text that is older than this says nothing about who speaks now: the built-in recogniser's is up
to half a second old, one that has no time for texts in between has none at all."""

ECHO_SHOWS_FRAMES = 6
"""From 120 ms on, as long as the stretch that is compared, what still sounds ours is our echo."""

SAID_LATELY = 4
"""Sentences of ours of which an echo may be: those that are said in one breath."""


class Leg:
    """Joins an AudioSocket connection with what we hear on it and say into it.

    It is the connection's listener (every frame, on the event loop, in microseconds), the ear's
    and the mouth's. It decides about interruptions; what is said is the session's business.
    """

    def __init__(
        self,
        party: Party,
        leg_id: UUID,
        listener: LegListener,
        settings: SessionSettings,
        *,
        make_ear: Callable[["Leg"], Ear],
        make_mouth: Callable[["Leg", Connection], Mouth],
        interpret: Callable[[str, float, Expecting], Understanding],
        listens_first: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self.party = party
        self.leg_id = leg_id
        """The UUID of its AudioSocket connection: of the visitor's leg, the call's id."""
        self.up = False
        """Whether there is a connection to speak into."""
        self.expecting = Expecting.NOTHING
        self.connected = asyncio.Event()
        """Set for good once the leg's connection came."""
        self.connection: Connection | None = None
        self.last_speech_at: float | None = None
        self._listener = listener
        self._settings = settings
        self._barge_in = BargeIn()
        self._echo: EchoWatch | None = None
        self._onset_frames = 0
        self._seemed_ours = self._covered = self._looks_once_more = False
        self._was_louder = False
        """Whether any of this turn was louder than our echo can be."""
        self._silenced_at = 0.0
        self._interpret = interpret
        self._make_mouth = make_mouth
        self._make_ear = make_ear
        self._ear = make_ear(self)
        self._passing: Passing | None = None
        self._mouth: Mouth | None = None
        self._hold: HoldSound | None = None
        self._said_lately: deque[str] = deque(maxlen=SAID_LATELY)
        self._heard_frames: deque[Samples] = deque(maxlen=settings.echo_window_ms // FRAME_MS)
        self._suspecting = 0
        self._listens_first = listens_first
        self._awaits_greeting = False
        self._go_on_timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ what the session asks

    @property
    def last_said(self) -> str:
        """The last words of ours that went out; "" before there were any."""
        return self._said_lately[-1] if self._said_lately else ""

    @property
    def quiet(self) -> bool:
        """Nobody speaks on this leg: neither we nor the party, nor whom it is joined to."""
        speaks = self._passing is not None or self._ear.in_turn
        return (self._mouth is None or self._mouth.silent) and not speaks

    def understand(self, text: str, confidence: float = 1.0) -> Understanding:
        """What words of the party mean, in its language and to what it was asked."""
        return self._interpret(text, confidence, self.expecting)

    def only_listens(self, text: str) -> bool:
        """Whether words for which we fell silent are a sign of listening: we may go on at once."""
        paused = self._mouth is not None and self._mouth.paused is not None
        heard = self.understand(text) if paused else None
        return heard is not None and (heard.backchannel or heard.murmur)

    def say(self, utterance: Utterance) -> None:
        """Say something to the party; what is asked in it steers the end of the next turn."""
        self.expecting = utterance.expecting
        utterance.last_speech_at, self.last_speech_at = self.last_speech_at, None
        if self._mouth is not None:
            if self._hold is not None:
                self._hold.stop()
            self._let_be_heard(utterance, self._mouth)
            self._let_greet(utterance)
            self._let_finish(utterance, self._mouth)
            self._mouth.say(utterance)

    def hold(self, sound: bytes) -> None:
        """Let the party hear ``sound`` (slin at 8 kHz), again and again, while nobody speaks and
        nothing was asked; an empty one ends that."""
        if self._hold is not None:
            self._hold.stop()
            self._hold = None
        if sound and self.connection is not None and self.up:
            playback = self.connection.playback
            self._hold = HoldSound(playback, at_rate(sound, playback.rate_hz))
            self._hold_again()

    def guess(self, text: str) -> None:
        """What was said up to a short pause; the recogniser's last word on it."""
        self._listener.guessed(self, text)

    def stop_talking(self) -> None:
        """Give up what is being said and what waits behind it."""
        if self._mouth is not None:
            self._mouth.drop()

    async def said_everything(self) -> None:
        """Return when everything has been said to the party, or given up."""
        if self._mouth is not None:
            await self._mouth.drained()

    def pass_to(self, other: "Leg") -> None:
        """From now on ``other`` hears the party in our place; keys still come to us."""
        if other.connection is not None:
            if self._hold is not None:
                self._hold.stop()
            self._forget_go_on()
            self._passing = Passing(other.connection.playback)

    async def pass_to_nobody(self) -> None:
        """Hear the party ourselves again, from its next word on; idempotent."""
        if self._passing is None:
            return
        self._passing.end()
        self._passing = None
        self._heard_frames.clear()
        asleep, self._ear = self._ear, self._make_ear(self)
        if self.connection is not None:
            self._ear.line_opens(self.connection.rate_hz)
        self._hold_again()
        await asleep.close()

    async def hang_up(self, limit_s: float) -> None:
        """End the leg after everything said has been heard, or after ``limit_s``."""
        self.hold(b"")
        if self._mouth is not None:
            try:
                async with asyncio.timeout(limit_s):
                    await self._mouth.drained()
            except TimeoutError:
                self._mouth.drop()
        if self.connection is not None and self.up:
            await self.connection.hang_up()

    def cut_off(self) -> None:
        """End the leg at once, whatever is being said."""
        if self.connection is not None and self.up:
            self.connection.abort()

    async def close(self) -> None:
        """Let go of everything; idempotent."""
        self._forget_go_on()
        self.hold(b"")
        if self._mouth is not None:
            await self._mouth.close()
        await self._ear.close()

    # ------------------------------------------------------------------ audiosocket.Listener

    def call_started(self, connection: Connection) -> None:
        """The leg is up: from now on there is somebody to speak to."""
        self.connection = connection
        self._ear.line_opens(connection.rate_hz)
        self._echo = EchoWatch(connection.rate_hz, self._settings.echo)
        self._mouth = self._make_mouth(self, connection)
        self.up = True
        self._listener.leg_up(self, connection)
        self.connected.set()

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Hear the next frame, or pass it on to whom the party is joined to."""
        if self._passing is not None:
            self._passing.push(samples, rate_hz)
            return
        self._heard_frames.append(samples)
        self._ear.hear(samples)
        speaks = self._mouth is not None and self._mouth.speaking is not None
        if speaks and self._echo is not None and not self._ear.in_turn:
            self._echo.heard_nothing(FRAME_MS)

    def audio_gap(self, gap_ms: int) -> None:
        """Nothing came from the peer for so long: silence, as far as anybody knows."""
        if self._passing is None:
            self._ear.gap(gap_ms)

    def dtmf_received(self, digit: str) -> None:
        """A key answers at once, also over our words."""
        self._listener.activity(self)
        interrupted = self._cuts_us_short
        self.stop_talking()
        self._listener.key_pressed(self, digit, interrupted=interrupted)

    def call_ended(self, reason: EndReason) -> None:
        """The leg is gone."""
        self.up = False
        if self._passing is not None:
            self._passing.end()
        self._forget_go_on()
        self._listener.leg_down(self, reason)

    # ------------------------------------------------------------------ EarListener

    def speech_started(self) -> None:
        """Somebody speaks: stop at once if that may be an interruption."""
        self._listener.activity(self)
        self._suspecting = self._onset_frames = 0
        self._seemed_ours, self._was_louder = False, self._is_louder()
        self._covered, self._looks_once_more = self._covers(), False
        if self._covered:
            self._ear.masked()  # until it shows to be our echo, which covers nothing
        if self._mouth is not None and self._mouth.speaking is not None:
            self._react(self._mouth, self._mouth.speaking)
        else:
            self._looks_once_more = self._covered and self._sounds_ours()

    def speech_continues(self) -> None:
        """Look again at what seemed to be our echo."""
        self._onset_frames += 1
        if self._onset_frames % RECHECK_FRAMES == 0 and not self._was_louder:
            self._was_louder = self._is_louder()
        if self._looks_once_more and self._onset_frames == ECHO_SHOWS_FRAMES:
            self._sounds_ours()
        if not self._suspecting or self._mouth is None:
            return
        self._suspecting += 1
        if self._suspecting % RECHECK_FRAMES == 0:
            if self._mouth.speaking is not None:
                self._react(self._mouth, self._mouth.speaking)
            elif not self._sounds_ours():
                self._suspecting = 0
                if self._covers():
                    self._ear.masked()

    def false_start(self) -> None:
        """It was nothing: go on."""
        self._suspecting = 0
        self._go_on()

    def turn_ended(self, turn: Turn) -> None:
        """The party has spoken: was it meant for us, and did it interrupt us?"""
        sounds_ours, self._suspecting = self._suspecting > 0, 0
        heard = self.understand(turn.transcript.text, turn.transcript.confidence)
        if heard.language is None and heard.leans_to is None:
            heard = replace(heard, leans_to=turn.transcript.language)
        interrupted = self._mouth is not None and not self._mouth.silent
        cut_short = self._cuts_us_short
        if self._mouth is not None and interrupted:
            paused = self._mouth.paused is not None
            if (self._died_with_us(turn) or not self._was_louder) if paused else sounds_ours:
                self._go_on(answered=turn)
                self._pass_over(turn, "echo")
                return
            if not self._interrupted(self._mouth, turn, heard):
                return
        elif sounds_ours and (
            self._died_with_us(turn)
            or self._barge_in.echoes(turn.transcript.text, self._said_lately)
        ):
            self._pass_over(turn, "echo")
            return
        elif not heard.text and turn.speech_ms < self._settings.nothing_heard_ms:
            self._pass_over(turn, "noise")
            return
        if sounds_ours and self._covered and turn.lost is Lost.NOTHING:
            turn = replace(turn, lost=Lost.START)  # it sounded ours, and was not
        self._forget_go_on()
        self.last_speech_at = turn.last_speech_at
        self._listener.heard(self, turn, heard, interrupted=cut_short)

    # ------------------------------------------------------------------ MouthListener

    def utterance_started(self, utterance: Utterance) -> None:
        """Our words are on the wire."""
        self._said_lately.append(utterance.text)
        self._listener.began(self, utterance)

    def utterance_ended(self, utterance: Utterance) -> None:
        """Our words were heard, or were cut off."""
        self._listener.said(self, utterance)

    def speech_failed(self, utterance: Utterance, reason: str) -> None:
        """Our words could not be spoken."""
        self._listener.speech_failed(self, utterance, reason)

    def fell_silent(self) -> None:
        """Everything is said; if the party is quiet too, somebody waits for somebody."""
        self._silenced_at = self._now()
        self._hold_again()
        if self.quiet:
            self._listener.silence(self)

    def _hold_again(self) -> None:
        asked = self.expecting is not Expecting.NOTHING
        silent = self._mouth is not None and self._mouth.silent and self._passing is None
        if self._hold is not None and silent and not asked:
            self._hold.start()

    # ------------------------------------------------------------------ interruptions

    def _react(self, mouth: Mouth, speaking: Utterance) -> None:
        reaction = self._barge_in.react(
            interruptible=speaking.interruptible, sounds_ours=self._sounds_ours()
        )
        self._suspecting = self._suspecting or (reaction is Reaction.SUSPECT_ECHO)
        if reaction is not Reaction.SUSPECT_ECHO and self._covers():
            self._ear.masked()
        if reaction is Reaction.STOP:
            self._suspecting = 0
            self._silenced_at = self._now()
            mouth.pause()
            self._go_on_after(self._settings.false_interruption_s)

    def _covers(self) -> bool:
        """Whether what we just said may have covered what the party says."""
        heard = self.connection.playback.recent(MASKED_MS) if self.connection is not None else None
        return heard is not None and masks(heard)

    @property
    def _cuts_us_short(self) -> bool:
        """Whether more than our last words would be lost if we stopped here."""
        speaks = self._mouth is not None and not self._mouth.silent
        return speaks and self._mouth is not None and self._mouth.unheard_ms() > LAST_WORDS_MS

    def _sounds_ours(self) -> bool:
        """Whether what we hear is our echo, or too little of it was heard to say."""
        if self.connection is None or self._echo is None or not self._heard_frames:
            return False
        ours = self._echo.is_ours(*self._both_ways(self.connection), self._onset_frames * FRAME_MS)
        self._seemed_ours = self._seemed_ours or ours
        if ours and self._onset_frames >= ECHO_SHOWS_FRAMES:
            self._ear.unmasked()
        return ours

    def _is_louder(self) -> bool:
        if self.connection is None or self._echo is None or not self._heard_frames:
            return True
        return self._echo.is_louder(*self._both_ways(self.connection))

    def _both_ways(self, connection: Connection) -> tuple[Samples, Samples]:
        """What was heard last, and what was sent so long before its end as an echo may take."""
        window_ms = self._settings.echo_delay_ms + self._settings.echo_window_ms
        return np.concatenate(self._heard_frames), connection.playback.recent(window_ms)

    def _died_with_us(self, turn: Turn) -> bool:
        """Whether what sounded like us ended because we did."""
        if not self._seemed_ours:
            return False
        delay_ms = (self._echo.delay_ms if self._echo is not None else None) or 0.0
        after_ms = (turn.last_speech_at - self._silenced_at) * 1000
        return after_ms <= delay_ms + ECHO_DIES_MS

    def _interrupted(self, mouth: Mouth, turn: Turn, heard: Understanding) -> bool:
        """Whether words over ours are an interruption; if not, we go on speaking."""
        speaking = mouth.paused or mouth.speaking
        asked = self.expecting is not Expecting.NOTHING
        decides = self.expecting in (Expecting.YES_NO, Expecting.AUTHORISATION)
        known = self._echo is not None and self._echo.delay_ms is not None
        echoing = known or self._seemed_ours
        # what comes back in a room may be the end of the sentence before
        own = " ".join(self._said_lately) if echoing else self.last_said
        verdict = self._barge_in.judge(heard, own, asked=asked, decides=decides, echoing=echoing)
        if verdict is Verdict.GO_ON:
            self._go_on(answered=turn)
            self._pass_over(turn, "backchannel" if heard.backchannel else "not_words")
            return False
        if speaking is not None and not speaking.interruptible:
            self._pass_over(turn, "not_interruptible")
            return False
        mouth.drop()
        return True

    def _let_greet(self, utterance: Utterance) -> None:
        """Our first words to somebody who was called wait for a greeting, but not for long."""
        first, self._listens_first = self._listens_first, False
        self._awaits_greeting = first and utterance.last_speech_at is None
        if self._awaits_greeting:
            utterance.held = True
            self._go_on_after(self._settings.listen_first_s)

    def _let_be_heard(self, utterance: Utterance, mouth: Mouth) -> None:
        """What must be heard does not wait until a noisy line is quiet enough to finish what it
        interrupted."""
        paused = mouth.paused
        if paused is not None and paused.interruptible and not utterance.interruptible:
            self._forget_go_on()
            mouth.drop()

    def _let_finish(self, utterance: Utterance, mouth: Mouth) -> None:
        """Who began another turn while the last one was being recognised is not talked over."""
        if self._ear.in_turn and mouth.silent and utterance.interruptible and not utterance.held:
            utterance.held = True
            self._go_on_after(self._settings.false_interruption_s)

    def _go_on_after(self, delay_s: float) -> None:
        self._forget_go_on()
        loop = asyncio.get_running_loop()
        self._go_on_timer = loop.call_later(delay_s, self._nothing_said)

    def _nothing_said(self) -> None:
        """The sound goes on but turned into no words: it does not stop us any longer."""
        self._go_on_timer = None
        if self._ear.partial or (self._waits_for_greeting and self._ear.in_turn):
            return
        if self._ear.unheard_ms > UNHEARD_MS:
            self._ear.ask(self._words_so_far)
        else:
            self._go_on()

    def _words_so_far(self, words: str) -> None:
        if not words and self._go_on_timer is None:
            self._go_on()

    @property
    def _waits_for_greeting(self) -> bool:
        paused = self._mouth.paused if self._mouth is not None else None
        return self._awaits_greeting and paused is not None and paused.started_at is None

    def _go_on(self, answered: Turn | None = None) -> None:
        self._forget_go_on()
        if self._mouth is not None and self._mouth.paused is not None:
            if answered is not None and self._waits_for_greeting:
                self._mouth.paused.last_speech_at = answered.last_speech_at
            self._mouth.resume()
        elif self.quiet:
            self._listener.silence(self)

    def _forget_go_on(self) -> None:
        if self._go_on_timer is not None:
            self._go_on_timer.cancel()
            self._go_on_timer = None

    def _pass_over(self, turn: Turn, why: str) -> None:
        self._listener.overheard(self, turn, why)
        if self.quiet:
            self._listener.silence(self)
