"""A resident's line in counted time, from the frames on the wire to the doorman's decision: real
voice detection, the built-in recogniser, the rules. Frames may be lost on the way."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from audiosocket.clock import MediaClock
from conversation.collaborators import Collaborators, make_leg
from conversation.ear import Turn
from conversation.flow import Heard, Party
from conversation.leg import Leg
from conversation.mouth import Utterance
from conversation.understanding import Understanding
from stt.builtin.recogniser import BuiltinRecogniser
from stt.silero_vad import SileroModel
from stt.two_stage import TwoStageVoiceActivity
from stt.vad import FRAME_SAMPLES, Samples
from supervisor.ami.telephone import NoTelephone
from supervisor.replay.engines import TimelessRecogniser
from supervisor.replay.line import Line
from supervisor.replay.simulated_time import AtOnce, SimulatedLoop
from supervisor.switchboard import LegSwitchboard
from tests.conversation.gate import RULES, Gate
from tests.session.call import EspeakSpeaker, ListJournal
from tts.engine import Voice

LEG = UUID(int=7)
QUIET_MS = 1400
"""Before a turn, and after it: longer than the silence that ends one."""
NOTHING: Samples = np.zeros(0, np.int16)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a phone sends: ``speech`` after a silence, without the frames that ``loses`` names by
    their number in the speech (below 0: before it). ``ours`` is what we say meanwhile, from
    ``ours_at_ms`` on."""

    speech: Samples
    loses: Callable[[int], bool] = lambda _: False
    ours: str = ""
    ours_at_ms: int = 0
    echoes: bool = False
    """Whether what we say comes back, 80 ms later and 20 dB softer."""


class _Ears:
    """Notes turns that are meant for us; the rest of a leg's listener does not matter here."""

    def __init__(self) -> None:
        self.heard_turns: list[tuple[Turn, Understanding, bool]] = []

    def heard(
        self, leg: Leg, turn: Turn, understanding: Understanding, *, interrupted: bool
    ) -> None:
        self.heard_turns.append((turn, understanding, interrupted))

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


def decide(turns: Sequence[Sent], times: int = 1) -> list[tuple[Gate, list[Turn]]]:
    """What a doorman makes of each, said ``times`` to one who has just asked."""

    async def work(loop: SimulatedLoop) -> list[tuple[Gate, list[Turn]]]:
        recogniser = TimelessRecogniser(BuiltinRecogniser(pool=AtOnce()), loop)
        model = SileroModel()
        try:
            return [await _one(loop, recogniser, model, sent, times) for sent in turns]
        finally:
            await recogniser.close()

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SimulatedLoop)
        return runner.run(work(loop))


async def _one(
    loop: SimulatedLoop, recogniser: TimelessRecogniser, model: SileroModel, sent: Sent, times: int
) -> tuple[Gate, list[Turn]]:
    gate = Gate().visitor("entrega pro quinhentos e um bloco b").answered()
    ears = _Ears()
    shared = Collaborators(
        recogniser=recogniser,
        make_vad=lambda: TwoStageVoiceActivity(model),
        speaker=EspeakSpeaker(),
        voice=Voice("espeak", "pt-br", "pt-BR"),
        interpret=RULES.interpret,
        telephone=NoTelephone(),
        switchboard=LegSwitchboard(),
        journal=ListJournal(),
        return_port=0,
        timepiece=loop.timepiece,
    )
    leg = make_leg(Party.RESIDENT, LEG, ears, gate.doorman, shared)
    leg.expecting = gate.doorman.expecting(Party.RESIDENT)
    clock = MediaClock(now=loop.time)
    line = Line(lambda _: leg, LEG, _phone(sent, times), clock)
    await asyncio.sleep(sent.ours_at_ms / 1000)
    if sent.ours:
        leg.say(Utterance(sent.ours, leg.expecting))
    lasts_s = times * (2 * QUIET_MS + len(sent.speech) / 8) / 1000
    await asyncio.sleep(lasts_s - sent.ours_at_ms / 1000)
    line.hang_up()
    await leg.close()
    for turn, understanding, interrupted in ears.heard_turns:
        gate.happens(Heard(Party.RESIDENT, understanding, interrupted, turn.lost))
    return gate, [turn for turn, _, _ in ears.heard_turns]


def _phone(sent: Sent, times: int) -> Callable[[Line], Samples]:
    quiet = np.zeros(QUIET_MS * 8, np.int16)
    once = np.concatenate((quiet, sent.speech, quiet))
    once = once[: len(once) // FRAME_SAMPLES * FRAME_SAMPLES]
    frames = np.tile(once, times).reshape(-1, FRAME_SAMPLES)
    frames = frames + np.random.default_rng(1).integers(-12, 12, frames.shape, np.int16)
    per_turn, before = len(once) // FRAME_SAMPLES, QUIET_MS // 20
    numbers = iter(range(len(frames)))

    def echo(line: Line) -> Samples:
        ours = line.sent[-4] if sent.echoes and len(line.sent) > 4 else np.zeros(160, np.int16)
        return (ours // 10).astype(np.int16)

    def next_frame(line: Line) -> Samples:
        number = next(numbers, None)
        if number is None:
            return echo(line)
        return NOTHING if sent.loses(number % per_turn - before) else frames[number] + echo(line)

    return next_frame
