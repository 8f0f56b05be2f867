"""Our own voice is told from somebody else's by correlation, whatever the delay and level."""

import numpy as np
import pytest

from conversation.echo import EchoThresholds, EchoWatch, echo_correlation
from tests.speech import say

THRESHOLD = EchoThresholds().correlation
OURS = say("um momento por favor vou chamar o apartamento quinhentos e um")
THEIRS = say("não espera é no bloco c", voice="pt-br+f2")
WINDOW = 160 * 8
HISTORY = 760 * 8


def sent_until(end: int) -> np.ndarray:
    return OURS[max(0, end - HISTORY) : end]


@pytest.mark.parametrize("delay_ms", [0, 20, 135, 400, 590])
@pytest.mark.parametrize("loss_db", [6, 20])
def test_our_echo_is_recognised_at_any_delay_and_level(delay_ms: int, loss_db: int) -> None:
    end = 14_000
    back = OURS[end - delay_ms * 8 - WINDOW : end - delay_ms * 8]
    echo = (back * 10 ** (-loss_db / 20)).astype(np.int16)
    assert echo_correlation(echo, sent_until(end)) > 0.9


def test_an_inverted_echo_is_an_echo() -> None:
    echo = (-0.2 * OURS[12_000 : 12_000 + WINDOW]).astype(np.int16)
    assert echo_correlation(echo, sent_until(14_000)) > 0.9


def test_an_echo_in_street_noise_is_still_ours() -> None:
    noise = np.random.default_rng(1).normal(0, 200, WINDOW)
    back = OURS[12_000 : 12_000 + WINDOW]
    level = 500 / max(1.0, float(np.sqrt((back.astype(float) ** 2).mean())))
    assert echo_correlation((back * level + noise).astype(np.int16), sent_until(14_000)) > THRESHOLD


def test_somebody_elses_speech_is_not_ours() -> None:
    voiced = [
        THEIRS[start : start + WINDOW]
        for start in range(0, len(THEIRS) - WINDOW, WINDOW)
        if np.abs(THEIRS[start : start + WINDOW].astype(int)).mean() > 300
    ]
    assert len(voiced) > 5
    similar = sum(echo_correlation(window, sent_until(14_000)) > THRESHOLD for window in voiced)
    assert similar <= len(voiced) // 8


@pytest.mark.parametrize("heard", [np.zeros(0, np.int16), np.zeros(WINDOW, np.int16)])
def test_silence_is_nobodys_echo(heard: np.ndarray) -> None:
    assert echo_correlation(heard, sent_until(14_000)) == 0.0


def test_before_we_spoke_there_is_no_echo() -> None:
    assert echo_correlation(THEIRS[4000 : 4000 + WINDOW], np.zeros(0, np.int16)) == 0.0


def room(seed: int = 1) -> np.ndarray:
    """60 ms of reflections, with more energy than the direct sound."""
    random = np.random.default_rng(seed)
    taps = random.standard_normal(480) * np.exp(-np.arange(480) / 80) * 0.25
    taps[0] = 1.0
    return taps / np.sqrt(np.sum(taps**2))


def echoed(delay_ms: int, loss_db: float) -> np.ndarray:
    """What comes back of our words: later, softer, from a room."""
    came = np.convolve(OURS.astype(float), room())[: len(OURS)] * 10 ** (-loss_db / 20)
    return np.concatenate((np.zeros(delay_ms * 8), came)).astype(np.int16)


def looks(watch: EchoWatch, line: np.ndarray, sounding_ms: int = 500) -> list[bool]:
    """What a watch says every 100 ms of a line, where there is anything to hear."""
    return [
        watch.is_ours(line[end - WINDOW : end], OURS[max(0, end - HISTORY) : end], sounding_ms)
        for end in range(HISTORY, min(len(line), len(OURS)), 800)
        if np.abs(line[end - WINDOW : end].astype(int)).max() > 100
    ]


@pytest.mark.parametrize("delay_ms", [40, 180, 390])
@pytest.mark.parametrize("loss_db", [12, 20, 28])
def test_the_echo_of_a_room_is_known_after_a_second_of_it(delay_ms: int, loss_db: float) -> None:
    watch = EchoWatch(8000)
    line = echoed(delay_ms, loss_db)
    looks(watch, line)
    assert watch.delay_ms == pytest.approx(delay_ms, abs=3)
    again = looks(watch, line)
    assert sum(again) >= len(again) - 1


def test_somebody_is_heard_over_an_echo_that_is_known() -> None:
    watch = EchoWatch(8000)
    line = echoed(180, 20)
    looks(watch, line)
    over = np.resize(THEIRS, len(line)) * (np.abs(np.resize(THEIRS, len(line))) > 0) + line
    said = looks(watch, over.astype(np.int16))
    assert sum(said) <= len(said) // 4


def test_a_sound_as_loud_as_ours_is_nobodys_echo_from_its_first_moment() -> None:
    window = THEIRS[6000 : 6000 + WINDOW]
    assert not EchoWatch(8000).is_ours(window, sent_until(14_000), 0)


def test_a_soft_sound_is_waited_for_until_there_is_enough_of_it_to_tell() -> None:
    window = (THEIRS[6000 : 6000 + WINDOW] * 0.05).astype(np.int16)
    watch = EchoWatch(8000)
    assert watch.is_ours(window, sent_until(14_000), 40)
    assert not watch.is_ours(window, sent_until(14_000), 120)


def test_a_line_without_an_echo_is_not_waited_for() -> None:
    window = (THEIRS[6000 : 6000 + WINDOW] * 0.05).astype(np.int16)
    watch = EchoWatch(8000)
    watch.heard_nothing(1000)
    assert not watch.is_ours(window, sent_until(14_000), 40)
