import numpy as np
import pytest

from tts.levelling import Leveller
from tts.shaping import TARGET_DBFS, speech_rms_dbfs

RATE_HZ = 24_000


def voice(seconds: float, dbfs: float, seed: int = 0) -> np.ndarray:
    """Noise with syllables, as loud as that."""
    count = int(seconds * RATE_HZ)
    noise = np.random.default_rng(seed).standard_normal(count)
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE_HZ)
    sound = noise * syllables
    sound *= 10 ** (dbfs / 20) * 32768 / np.sqrt((sound**2).mean())
    return np.clip(sound, -32768, 32767).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def levelled(*pieces: np.ndarray, chunk_s: float = 0.3) -> np.ndarray:
    leveller, out = Leveller(RATE_HZ), []
    for piece in pieces:
        size = int(chunk_s * RATE_HZ)
        out += [leveller.process(piece[at : at + size]) for at in range(0, len(piece), size)]
        out.append(leveller.finish())
    return np.concatenate(out)


@pytest.mark.parametrize("dbfs", [-31.0, -26.0, -20.0, -14.0])
def test_voices_of_any_level_come_out_equally_loud(dbfs: float) -> None:
    heard = levelled(voice(3.0, dbfs))
    assert speech_rms_dbfs(heard, RATE_HZ) == pytest.approx(TARGET_DBFS, abs=1.5)


def test_silence_goes_at_both_ends_and_stays_within() -> None:
    spoken = np.concatenate([voice(0.5, -20), silence(0.4), voice(0.5, -20, 1)])
    heard = levelled(np.concatenate([silence(0.7), spoken, silence(0.9)]))
    assert len(heard) / RATE_HZ == pytest.approx(1.4, abs=0.03)


def test_speech_goes_out_with_the_first_chunk_and_waits_for_no_more() -> None:
    leveller = Leveller(RATE_HZ)
    chunk = np.concatenate([silence(0.1), voice(0.23, -24)])
    assert leveller.process(chunk).size / RATE_HZ == pytest.approx(0.23, abs=0.02)


def test_a_quiet_beginning_brings_no_loud_end() -> None:
    heard = levelled(np.concatenate([voice(0.4, -32), voice(4.0, -20, 1)]))
    last_second = heard[-RATE_HZ:]
    assert speech_rms_dbfs(last_second, RATE_HZ) == pytest.approx(TARGET_DBFS, abs=2.0)


def test_the_gain_never_jumps() -> None:
    tone = (8000 * np.sin(2 * np.pi * 500 * np.arange(4 * RATE_HZ) / RATE_HZ)).astype(np.int16)
    tone[: RATE_HZ // 2] //= 4
    heard = levelled(tone).astype(np.float64)
    peaks = np.abs(heard[RATE_HZ:].reshape(-1, RATE_HZ // 50)).max(axis=1)
    assert np.abs(20 * np.log10(peaks[1:] / peaks[:-1])).max() < 0.2


def test_a_second_piece_is_trimmed_and_has_the_level_of_the_first() -> None:
    piece = np.concatenate([silence(0.3), voice(1.0, -28), silence(0.3)])
    heard = levelled(piece, piece)
    assert len(heard) / RATE_HZ == pytest.approx(2.0, abs=0.05)
    first, second = np.array_split(heard, 2)
    levels = [speech_rms_dbfs(each, RATE_HZ) for each in (first, second)]
    assert abs(levels[0] - levels[1]) < 1.0


def test_nothing_but_silence_is_nothing() -> None:
    assert levelled(silence(1.0)).size == 0
