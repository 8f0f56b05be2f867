"""What a session tells its recogniser, and what becomes of a result that is refused."""

from dataclasses import replace

from conversation.flow import Party
from stt.recogniser import Hints, RecogniserBusyError, Transcript
from tests.session.call import Heard, Say, ToldRecogniser, ToldStream, calling
from tests.session.reacting import GREETING, answers, quiet_line

VISITOR = Party.VISITOR


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
