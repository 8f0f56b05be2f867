"""People who understand what they hear and answer it, with the real recogniser and voice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import numpy as np
import pytest

from audiosocket.clock import MediaClock
from audiosocket.slin import Samples
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.callers.person import Leg, Person
from supervisor.callers.speech import speech_for
from supervisor.callers.steps import Converse, Listen, Reply, Say, StayOnLine, Step
from supervisor.callers.transcribing import Turn
from tests.callers.scripted_agent import Manners, scripted_agent
from tts.cache import PromptCache
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

GREETING = "Boa tarde, portaria."
QUESTION = "Qual é o número do apartamento?"
GOODBYE = "Um momento, por favor."


class Notes:
    """A watcher that writes everything down."""

    def __init__(self) -> None:
        self.said_texts: list[str] = []
        self.latencies_ms: list[float] = []
        self.heard_texts: list[str] = []

    def said(self, person: str, text: str) -> None:
        self.said_texts.append(text)

    def answered(self, person: str, latency_ms: float) -> None:
        self.latencies_ms.append(latency_ms)

    def heard(self, person: str, turn: Turn) -> None:
        self.heard_texts.append(turn.text)


@asynccontextmanager
async def voices(*texts: str) -> AsyncIterator[dict[str, Samples]]:
    engine = EspeakEngine()
    speaker = Speaker(engine, PromptCache())
    try:
        yield await speech_for([Say(text) for text in texts], speaker, espeak_voice())
    finally:
        await speaker.close()
        await engine.close()


def with_pauses(speech: dict[str, Samples], texts: list[str]) -> Samples:
    pieces = [piece for text in texts for piece in (np.zeros(8000, np.int16), speech[text])]
    return np.concatenate(pieces[1:])


async def lives_through(steps: list[Step], *agent_says: str) -> tuple[Leg, Notes]:
    """A person's call to an agent that greets, and answers each thing said with the next text.

    A ``|`` in a text is a second of silence.
    """
    notes = Notes()
    mine = ("Boa tarde.", "Quinhentos e um.")
    recogniser = await BuiltinRecogniser.open()
    texts = [text for says in agent_says for text in says.split("|")]
    async with voices(GREETING, *texts, *mine) as speech:
        answers = [with_pauses(speech, says.split("|")) for says in agent_says]
        manners = Manners(speech[GREETING], answers, hangs_up_after=len(answers))
        async with scripted_agent(manners) as (port, _), asyncio.timeout(60):
            person = Person(
                "visitor",
                steps,
                {text: speech[text] for text in mine},
                clock=MediaClock(),
                recogniser=recogniser,
                watcher=notes,
            )
            leg = await person.call("127.0.0.1", port, uuid4())
    await recogniser.close()
    return leg, notes


async def test_a_person_answers_what_was_asked_and_keeps_silent_otherwise() -> None:
    replies = (Reply(("apartamento",), "Quinhentos e um."), Reply(("momento",)))
    steps: list[Step] = [Listen(), Say("Boa tarde."), Converse(replies, within_s=30)]
    leg, notes = await lives_through(steps, QUESTION, GOODBYE)
    assert leg.unmet is None
    assert notes.said_texts == ["Boa tarde.", "Quinhentos e um."]
    assert "apartamento" in " ".join(notes.heard_texts)
    assert [turn.text for turn in leg.turns] == notes.heard_texts
    assert len(notes.latencies_ms) == 2
    assert min(notes.latencies_ms) >= 180


async def test_words_are_waited_for_through_as_many_turns_as_it_takes() -> None:
    steps: list[Step] = [Listen(), Say("Boa tarde."), Listen(("momento",)), StayOnLine(20)]
    leg, notes = await lives_through(steps, f"{QUESTION}|{GOODBYE}")
    assert leg.unmet is None
    question, goodbye = notes.heard_texts[1:]
    assert "momento" not in question
    assert "momento" in goodbye


async def test_words_that_never_come_are_named() -> None:
    steps: list[Step] = [Listen(("polícia", "bombeiro"), within_s=4)]
    leg, _ = await lives_through(steps, GOODBYE)
    assert leg.unmet == "waited to hear “polícia” or “bombeiro”, in vain"


async def test_an_engine_that_breaks_ends_the_wait_at_once() -> None:
    class Broken:
        name = "broken"

        def stream(self, language: str, hints: object) -> "Broken":
            return self

        def feed(self, samples: Samples) -> None:
            pass

        async def result(self) -> None:
            raise RuntimeError("the engine broke")

        async def close(self) -> None:
            pass

    person = Person(
        "visitor",
        [Listen(("momento",), within_s=30)],
        {},
        clock=MediaClock(),
        recogniser=Broken(),  # type: ignore[arg-type]
    )
    async with scripted_agent(Manners()) as (port, _), asyncio.timeout(10):
        with pytest.raises(RuntimeError, match="the engine broke"):
            await person.call("127.0.0.1", port, uuid4())
