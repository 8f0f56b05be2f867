"""Features and network: the same whether audio comes whole or in pieces."""

import numpy as np
import pytest

from stt.builtin.features import BANDS, SILENCE, WINDOW, log_mel
from stt.builtin.network import AcousticNetwork
from stt.builtin.utterance import LATE_STEPS, LONGEST, Utterance


@pytest.fixture(scope="module")
def network() -> AcousticNetwork:
    return AcousticNetwork()


def _heard(utterance: Utterance) -> np.ndarray:
    utterance.advance()
    return np.concatenate((utterance.scores, utterance.conclude()))


def _noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3000, count).astype(np.int16)


def test_digital_silence_has_the_lowest_features() -> None:
    features = log_mel(np.zeros(800, np.int16))
    assert features.shape == (8, BANDS)
    assert np.allclose(features, SILENCE, atol=1e-4)


def test_a_louder_signal_only_shifts_the_features() -> None:
    wave = _noise(4000).astype(np.float32) / 32768
    shift = log_mel(wave) - log_mel(wave / 4)
    assert np.allclose(shift, np.log(16), atol=1e-2)


def test_less_than_a_window_has_no_frames() -> None:
    assert log_mel(np.zeros(WINDOW - 1, np.int16)).shape == (0, BANDS)


def test_features_in_pieces_equal_features_at_once(network: AcousticNetwork) -> None:
    features = log_mel(_noise(16_120))
    whole, _ = network.advance(features, network.start)
    state, parts = network.start, []
    for start in range(0, len(features), 20):
        scores, state = network.advance(features[start : start + 20], state)
        parts.append(scores)
    assert np.allclose(np.concatenate(parts), whole, atol=1e-3)


def test_scores_are_log_probabilities(network: AcousticNetwork) -> None:
    scores, _ = network.advance(log_mel(_noise(8120)), network.start)
    assert np.allclose(np.exp(scores).sum(1), 1, atol=1e-4)


@pytest.mark.parametrize("piece", [1, 37, 160, 1600, 5000])
def test_samples_in_pieces_of_any_size_equal_samples_at_once(
    network: AcousticNetwork, piece: int
) -> None:
    samples = _noise(6003)
    whole = Utterance(network)
    whole.feed(samples)
    pieces = Utterance(network)
    for start in range(0, len(samples), piece):
        pieces.feed(samples[start : start + piece])
        if start // piece % 7 == 0:
            pieces.advance()
    assert np.allclose(_heard(pieces), _heard(whole), atol=1e-3)


def test_concluding_changes_nothing_for_what_follows(network: AcousticNetwork) -> None:
    samples = _noise(8000)
    asked, not_asked = Utterance(network), Utterance(network)
    for utterance in (asked, not_asked):
        utterance.feed(samples[:4321])
    _heard(asked)
    _heard(asked)
    for utterance in (asked, not_asked):
        utterance.feed(samples[4321:])
    assert np.allclose(_heard(asked), _heard(not_asked), atol=1e-3)


def test_no_audio_has_scores_only_of_the_silence_after_it(network: AcousticNetwork) -> None:
    assert len(Utterance(network).conclude()) == network.delay_steps + LATE_STEPS


def test_what_waits_is_bounded(network: AcousticNetwork) -> None:
    utterance = Utterance(network)
    for _ in range(80):
        utterance.feed(np.zeros(8000, np.int16))
    assert utterance.waiting <= LONGEST
