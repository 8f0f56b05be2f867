"""A caller goes over to another language in a real call: the doorman's own flow on loopback, with
espeak-ng's voices on both sides. English is heard by the built-in recogniser; for Spanish the test
tells the words."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np

from audiosocket.connection import Connection
from audiosocket.listener import Listener
from conversation.collaborators import Collaborators, Tongue
from conversation.doorman import Doorman, DoormanSettings
from conversation.rules import rules_for
from conversation.rules.polyglot import Polyglot
from conversation.session import CallSession
from conversation.texts import Texts
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints, Recogniser, RecognitionStream
from stt.two_stage import TwoStageVoiceActivity
from tests.conversation.gate import DIRECTORY
from tests.session.call import MODEL, VOICE, Call, ToldRecogniser, speak
from tests.speech import say
from tts.engine import Voice

TAKEN_IN = np.zeros(8000 * 400 // 1000, np.int16)
"""The moment that a resident takes: a yes over our last word may be the rest of a no."""
VOICES = {
    "pt-BR": VOICE,
    "en": Voice("espeak", "en-us", "en-US"),
    "es": Voice("espeak", "es-419", "es"),
}
PLAIN = {language: rules_for(language, DIRECTORY.names()) for language in VOICES}
RULES = {language: Polyglot(rules, PLAIN) for language, rules in PLAIN.items()}


class NotedSpeaker:
    """espeak-ng in the voice that was asked for, and a note of what was said in which."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        self.said.append((voice.language, text))
        yield say(text, voice=voice.name).astype("<i2").tobytes()


class NotedRecogniser:
    """A recogniser, and a note of the languages that its streams were opened for."""

    name = "noted"

    def __init__(self, inner: Recogniser) -> None:
        self._inner = inner
        self.best_hz = inner.best_hz
        self.languages: list[str] = []

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> RecognitionStream:
        self.languages.append(language)
        return self._inner.stream(language, hints, rate_hz)

    async def close(self) -> None:
        await self._inner.close()


class GateCall(Call):
    """A call to the doorman of a condominium whose own language is Portuguese."""

    def __init__(self, recogniser: Recogniser) -> None:
        super().__init__(lambda _: (), ())
        self.speaker = NotedSpeaker()
        self.hearing = NotedRecogniser(recogniser)

    def _accept(self, connection: Connection) -> Listener:
        others = {one: RULES[one] for one in ("en", "es")}
        shared = Collaborators(
            recogniser=self.hearing,
            make_vad=lambda: TwoStageVoiceActivity(MODEL),
            speaker=self.speaker,  # type: ignore[arg-type]
            voice=VOICE,
            interpret=RULES["pt-BR"].interpret,
            tongues={one: Tongue(rules.interpret, VOICES[one]) for one, rules in others.items()},
            telephone=self.phone,
            switchboard=self.switchboard,
            journal=self.journal,
            return_port=self._return.port,
        )
        flow = Doorman(
            connection.call_id,
            DoormanSettings("Residencial Aurora", opens_door=False),
            DIRECTORY,
            RULES["pt-BR"],
            others,
        )
        books = {one: Texts.load(one).phrasebook(seed=1) for one in VOICES}
        self.session = CallSession(
            connection.call_id, flow, books["pt-BR"], shared, translations=books
        )
        self.ended = asyncio.create_task(self.session.run())
        return self.session.visitor

    async def agent_said(self, words: str) -> None:
        """Return once we have said something with these words."""
        async with asyncio.timeout(30):
            while not any(words in text for text in self.journal.turns("agent")):
                await self.journal.news()


@asynccontextmanager
async def at_the_gate(recogniser: Recogniser) -> AsyncIterator[GateCall]:
    call = GateCall(recogniser)
    await call.start()
    try:
        yield call
    finally:
        await call.stop()
        await recogniser.close()


def told(words: Sequence[str]) -> Recogniser:
    return ToldRecogniser(words)


async def test_an_english_visitor_is_understood_and_answered_in_english() -> None:
    recogniser = await BuiltinRecogniser.open()
    async with at_the_gate(recogniser) as call:
        await call.agent_said("Residencial Aurora")
        english = "hello i have a delivery for apartment five oh two"
        await call.visitor_says(english, voice="en-us")
        await call.agent_said("apartment 502, block B")
        await call.agent_said("Autoriza a entrada")
        assert call.resident is not None
        await speak(call.resident, np.concatenate([TAKEN_IN, say("pode subir")]))
        await call.agent_said("authorized")
        await call.journal.wait_for("visit", outcome="authorised")
    spoken = {text: language for language, text in call.speaker.said}
    assert {language for text, language in spoken.items() if "apartment" in text} == {"en-US"}
    assert {language for text, language in spoken.items() if "entrega" in text} == {"pt-BR"}
    assert call.hearing.languages[0] == "auto:pt-BR,en,es"


async def test_a_spanish_visitor_goes_on_in_spanish_and_back_in_portuguese() -> None:
    words = ["buenas tardes tengo una entrega", "desculpa falo português é pro quinhentos e dois"]
    async with at_the_gate(told(words)) as call:
        await call.agent_said("Residencial Aurora")
        await call.visitor_says("buenas tardes tengo una entrega", voice="es-419")
        await call.agent_said("bloque")
        await call.visitor_says("desculpa falo português é pro quinhentos e dois")
        await call.agent_said("apartamento 502, bloco B")
    assert call.hearing.languages[:2] == ["auto:pt-BR,en,es", "auto:es,pt-BR,en"]
    languages = [
        entry.data["language"] for entry in call.journal.entries if entry.kind == "language"
    ]
    assert languages == ["es", "pt-BR"]
    spoken = {text: language for language, text in call.speaker.said}
    assert {language for text, language in spoken.items() if "bloque" in text} == {"es"}
