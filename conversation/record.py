"""What is kept of a call: one place that writes its journal, in order."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from conversation.ear import Turn
from conversation.flow import Party
from conversation.journal import Entry, Journal
from conversation.losses import Lost
from conversation.mouth import Utterance
from conversation.timepiece import REAL_TIME, Timepiece


class CallRecord:
    """Numbers a call's entries from 1 and hands them to the journal.

    A turn of the agent makes two: ``speaking`` when its first frame leaves, for those who follow
    live, and ``turn`` when it is known how much of it was heard. ``seen`` is shown every entry
    that the journal got.
    """

    def __init__(
        self,
        call_id: UUID,
        journal: Journal,
        seen: Callable[[Entry], None] = lambda _: None,
        timepiece: Timepiece = REAL_TIME,
    ) -> None:
        self._wall = timepiece.wall
        self.call_id = call_id
        self._journal = journal
        self._seen = seen
        self._sequence = 0
        self._begun = False
        self._waiting: list[tuple[str, Mapping[str, Any]]] = []
        self._engines: dict[str, str] = {}

    def go_on_after(self, last_sequence: int) -> None:
        """The call has entries from elsewhere: ours come behind them."""
        self._sequence = max(self._sequence, last_sequence)

    def write(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep something that happened or was decided."""
        self._sequence += 1
        entry = Entry(self.call_id, self._sequence, self._wall(), kind, dict(data))
        self._journal.write(entry)
        self._seen(entry)
        if not self._begun:
            self._begun = True
            for waiting in self._waiting:
                self.write(*waiting)

    def write_once_begun(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep something that may happen before the call's first entry, behind that one."""
        if self._begun:
            self.write(kind, data)
        else:
            self._waiting.append((kind, data))

    def party_spoke(
        self,
        party: Party,
        turn: Turn,
        ignored: str | None = None,
        thoughts: Mapping[str, Any] | None = None,
    ) -> None:
        """A turn of a party; ``ignored`` says why it was let pass, if it was, and ``thoughts``
        what it took to understand it, where the rules alone did not."""
        data: dict[str, Any] = {
            "party": party,
            "speaker": party,
            "text": turn.transcript.text,
            "confidence": round(turn.transcript.confidence, 3),
            "speech_ms": turn.speech_ms,
            "end_of_turn_ms": turn.silence_ms,
            "recognised_in_ms": turn.recognised_in_ms,
        }
        if turn.transcript.language is not None:
            data["language"] = turn.transcript.language
            data["language_probability"] = turn.transcript.language_probability
        if (engine := turn.transcript.engine) is not None:
            self._note_engine("stt", engine)
            data["engine"] = engine
        if turn.lost is not Lost.NOTHING:
            data["lost"] = turn.lost
        if ignored is not None:
            data["ignored"] = ignored
        if thoughts is not None:
            data["thoughts"] = dict(thoughts)
        self.write("turn", data)

    def agent_began(self, party: Party, utterance: Utterance) -> None:
        """The first frame of our words to ``party`` is on the wire."""
        self.write(
            "speaking",
            {
                "party": party,
                "text": utterance.text,
                "voice_to_voice_ms": utterance.voice_to_voice_ms,
            },
        )

    def agent_spoke(self, party: Party, utterance: Utterance) -> None:
        """Our words to ``party`` are over: ``heard_ms`` of them were played."""
        for engine in utterance.engines:
            self._note_engine("tts", engine)
        self.write(
            "turn",
            {
                "party": party,
                "speaker": "agent",
                "text": utterance.text,
                "voice_to_voice_ms": utterance.voice_to_voice_ms,
                "heard_ms": utterance.heard_ms,
                "complete": utterance.complete,
                "engines": utterance.engines,
            },
        )

    def _note_engine(self, stage: str, engine: str) -> None:
        """Keep that another engine than before spoke or listened in this call."""
        before = self._engines.get(stage)
        self._engines[stage] = engine
        if before not in (None, engine):
            self.write("engine.changed", {"stage": stage, "engine": engine, "before": before})
