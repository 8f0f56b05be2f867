"""What a session tells its recogniser, and what becomes of a result that is refused."""

import asyncio
from dataclasses import replace

from conversation.flow import Party
from stt.recogniser import Hints, RecogniserBusyError, Transcript
from tests.session.call import (
    LONG_TEXT,
    Heard,
    Say,
    ToldRecogniser,
    ToldStream,
    calling,
    speak,
)
from tests.session.reacting import GREETING, answers, heard_sound, quiet_line
from tests.speech import say

VISITOR = Party.VISITOR
OVER_US = "boa tarde eu queria falar com o morador do apartamento quinhentos e um do bloco b"


class Attentive(ToldRecogniser):
    """Keeps the hints of each utterance, and says that it heard English."""

    def __init__(self, *words: str) -> None:
        super().__init__(words)
        self.hints: list[Hints] = []

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> ToldStream:
        self.hints.append(hints)
        stream = super().stream(language, hints, rate_hz)
        heard = replace(stream._transcript, language="en", language_probability=0.875)
        stream._transcript = heard
        return stream


class Busy(ToldRecogniser):
    """Refuses every result at once."""

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> ToldStream:
        return Refused(self, "")


class Refused(ToldStream):
    async def result(self) -> Transcript:
        raise RecogniserBusyError("5 utterances are before it")


class Textless(ToldRecogniser):
    """Has no text while somebody speaks; ``asked`` is set once it is asked for one."""

    def __init__(self, *words: str) -> None:
        super().__init__(words)
        self.asked = asyncio.Event()

    def stream(self, language: str, hints: Hints, rate_hz: int = 8000) -> ToldStream:
        return TextlessStream(self, self.words.pop(0) if self.words else "")


class TextlessStream(ToldStream):
    partial = Transcript("", 0.0, final=False)  # type: ignore[assignment]

    async def result(self) -> Transcript:
        self._recogniser.asked.set()  # type: ignore[attr-defined]
        return await super().result()


async def test_a_recogniser_is_told_our_last_words_and_what_the_caller_spoke_before() -> None:
    recogniser = Attentive("good evening sir", "many thanks")
    react = answers(Heard=[Say(VISITOR, "pois não")])
    async with calling(react, recogniser=recogniser) as call:
        await call.journal.wait_for("turn", speaker="agent", text=GREETING)
        await call.visitor_says("boa noite senhor")
        await call.journal.wait_for("turn", speaker="agent", text="pois não")
        await quiet_line(call, 300)
        await call.visitor_says("muito obrigado pela ajuda")
        turn = await call.journal.wait_for("turn", speaker="visitor", text="many thanks")
    first, second = recogniser.hints
    assert (first.just_said, second.just_said) == (GREETING, "pois não")
    assert first.evidence is second.evidence is not None
    assert (turn.data["language"], turn.data["language_probability"]) == ("en", 0.875)


async def test_a_refused_result_is_a_turn_without_words() -> None:
    async with calling(answers(), recogniser=Busy([])) as call:
        await call.journal.wait_for("turn", speaker="agent", text=GREETING)
        await call.visitor_says("entrega para o quinhentos e um")
        turn = await call.journal.wait_for("turn", speaker="visitor")
    assert (turn.data["text"], turn.data["confidence"]) == ("", 0.0)
    [heard] = [event for event in call.flow.events if isinstance(event, Heard)]
    assert heard.understanding.text == ""


async def test_who_goes_on_speaking_is_not_talked_over_where_no_text_is_known_yet() -> None:
    recogniser = Textless(OVER_US)
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react, recogniser=recogniser, false_interruption_s=1.0) as call:
        await heard_sound(call)
        speaking = asyncio.create_task(speak(call.visitor, say(OVER_US)))
        async with asyncio.timeout(20):
            await recogniser.asked.wait()
        assert not speaking.done(), "asked in mid-sentence, since we want to go on"
        await quiet_line(call, 500)
        heard = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert not heard.data["complete"]
        turn = await call.journal.wait_for("turn", speaker="visitor")
        assert turn.data["text"] == OVER_US
        assert "ignored" not in turn.data


async def test_a_sound_that_a_recogniser_finds_no_words_in_does_not_stop_us() -> None:
    recogniser = Textless("", "", "", "")
    react = answers(CallStarted=[Say(VISITOR, LONG_TEXT)])
    async with calling(react, recogniser=recogniser, false_interruption_s=1.0) as call:
        await heard_sound(call)
        speaking = asyncio.create_task(speak(call.visitor, say(OVER_US)))
        async with asyncio.timeout(20):
            await recogniser.asked.wait()
        assert not speaking.done()
        heard = await call.journal.wait_for("turn", speaker="agent", text=LONG_TEXT)
        assert heard.data["complete"], "we went on over it"
        await speaking
