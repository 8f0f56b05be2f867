"""Our own voice is told from somebody else's by correlation, whatever the delay and level."""

import numpy as np
import pytest

from conversation.echo import echo_correlation
from conversation.settings import SessionSettings
from tests.speech import say

THRESHOLD = SessionSettings().echo_correlation
OURS = say("um momento por favor vou chamar o apartamento quinhentos e um")
THEIRS = say("não espera é no bloco c", voice="pt-br+f2")
WINDOW = 120 * 8
HISTORY = 720 * 8


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
