"""No part of a refusal that a line loses makes a yes of it: every cut of several voices' words,
through the frames on the wire, the real recogniser and the real doorman."""

from collections.abc import Callable

import numpy as np
import pytest

from conversation.losses import Lost
from tests.session.call import LONG_TEXT
from tests.session.resident_line import Sent, decide
from tests.speech import say, silence

REFUSALS = ("não autorizo", "não pode", "não deixa entrar", "não libera")
VOICES = ("pt-br", "pt-br+f2", "pt-br+m3", "pt-br+steph3")
CUTS_MS = (40, 60, 80, 100, 120, 140, 160, 180, 200, 260)


def first(cut_ms: int, before_ms: int = 0) -> Callable[[int], bool]:
    return lambda number: -before_ms // 20 <= number < cut_ms // 20


def one_in_four(seed: int) -> Callable[[int], bool]:
    lost = np.random.default_rng(seed).random(400) < 0.25
    return lambda number: bool(lost[number])


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_whose_first_frames_are_lost_opens_nothing(refusal: str) -> None:
    cuts = [Sent(say(refusal, voice), first(cut)) for voice in VOICES for cut in CUTS_MS]
    seemed = 0
    for gate, turns in decide(cuts):
        assert not gate.opened, turns
        seemed += "resident.line_fails" in gate.keys_said
    assert seemed >= len(VOICES) * 4, "nothing of this sounded like a yes: the test tests nothing"


def test_nor_does_it_when_it_is_said_again_and_again() -> None:
    cuts = [Sent(say(refusal, "pt-br+f2"), first(140)) for refusal in REFUSALS]
    for gate, turns in decide(cuts, times=3):
        assert len(turns) == 3
        assert not gate.opened
        assert gate.keys_said == ["resident.keys_only"]


def test_nor_does_it_where_so_much_is_lost_that_the_listener_is_told() -> None:
    cuts = [Sent(say(refusal), first(140, before_ms=300)) for refusal in REFUSALS]
    for gate, turns in decide(cuts):
        assert [turn.lost for turn in turns] == [Lost.PART]
        assert not gate.opened


def test_nor_does_it_on_a_line_that_loses_a_frame_here_and_there() -> None:
    lost = [Sent(say(refusal), one_in_four(seed)) for refusal in REFUSALS for seed in range(6)]
    for gate, turns in decide(lost):
        assert not gate.opened, turns


def test_nor_does_it_where_our_own_words_cover_its_beginning() -> None:
    """A phone that lets one side speak at a time sends silence as long as it plays ours."""
    for refusal in REFUSALS:
        speech = np.array(say(refusal))
        speech[: 8 * 140] = 0
        ((gate, turns),) = decide([Sent(speech, ours=LONG_TEXT)])
        assert [turn.lost for turn in turns] == [Lost.START]
        assert not gate.opened


@pytest.mark.parametrize("voice", VOICES)
def test_on_a_line_that_loses_nothing_each_yes_is_taken_at_once(voice: str) -> None:
    yeses = ("autorizo", "pode subir", "deixa entrar", "sim")
    for gate, turns in decide([Sent(say(yes, voice)) for yes in yeses]):
        assert [turn.lost for turn in turns] == [Lost.NOTHING]
        assert gate.opened, turns


@pytest.mark.parametrize("yes", ["pode subir", "autorizo"])
def test_our_echo_covers_no_beginning(yes: str) -> None:
    answer = np.concatenate((silence(160), say(yes)))
    ((gate, turns),) = decide([Sent(answer, ours="portaria", echoes=True)])
    assert turns[-1].lost is Lost.NOTHING
    assert gate.opened, turns


@pytest.mark.parametrize("voice", ["pt-br", "pt-br+f2"])
def test_nor_where_it_began_as_our_last_word_ended(voice: str) -> None:
    speech = np.array(say("não autorizo", voice))
    speech[: 8 * 140] = 0
    softly = (speech // 3).astype(np.int16)
    times = (80, 120, 160)
    ends = [Sent(softly, ours="posso abrir", ours_at_ms=at) for at in times]
    for gate, turns in decide(ends):
        assert [turn.lost for turn in turns] == [Lost.START]
        assert not gate.opened
