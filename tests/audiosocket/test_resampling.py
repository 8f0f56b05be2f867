import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from audiosocket.resampling import Halver, Resampler
from audiosocket.slin import Samples, from_bytes
from tests.audiosocket.fakes import tone

RATES = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000]


def _noise(count: int) -> Samples:
    return np.random.default_rng(3).normal(0, 3000, count).astype(np.int16)


def _gain_db(in_hz: int, out_hz: int, tone_hz: float) -> float:
    audio = from_bytes(tone(1000, hz=tone_hz, rate_hz=in_hz, peak=10000))
    out = Resampler(in_hz, out_hz).process(audio).astype(float)
    steady = out[out.size // 4 : -out.size // 4]
    return 20 * float(np.log10(np.sqrt(np.mean(steady**2)) / (10000 / np.sqrt(2)) + 1e-9))


@settings(max_examples=40)
@given(
    st.sampled_from(RATES),
    st.sampled_from([8000, 16000, 24000]),
    st.lists(st.integers(0, 3000), max_size=8),
)
def test_chunks_of_any_size_give_what_one_chunk_gives(
    in_hz: int, out_hz: int, cuts: list[int]
) -> None:
    audio = _noise(3000)
    chunked = Resampler(in_hz, out_hz)
    pieces = [chunked.process(piece) for piece in np.split(audio, sorted(cuts))]
    whole = Resampler(in_hz, out_hz).process(audio)
    joined = np.concatenate(pieces)
    assert joined.size == whole.size
    assert np.abs(joined.astype(int) - whole).max(initial=0) <= 1  # rounding of float32 sums


@pytest.mark.parametrize("in_hz", RATES)
def test_the_number_of_samples_follows_the_rates(in_hz: int) -> None:
    resampler = Resampler(in_hz, 8000)
    total = sum(resampler.process(_noise(in_hz // 50)).size for _ in range(100))
    assert total == pytest.approx(100 * (in_hz // 50) * 8000 / in_hz, abs=1)


@pytest.mark.parametrize(("in_hz", "out_hz"), [(16000, 8000), (24000, 8000), (8000, 16000)])
def test_each_chunk_gives_its_share_at_once_where_soxr_comes_in_bursts(
    in_hz: int, out_hz: int
) -> None:
    ours, theirs = Resampler(in_hz, out_hz), soxr.ResampleStream(in_hz, out_hz, 1, dtype="int16")
    chunks = [_noise(in_hz // 50) for _ in range(100)]
    assert {ours.process(chunk).size for chunk in chunks} == {out_hz // 50}
    assert len({theirs.resample_chunk(chunk).size for chunk in chunks}) > 1


@pytest.mark.parametrize("in_hz", [16000, 22050, 44100, 48000])
def test_the_telephone_band_passes_and_what_would_alias_does_not(in_hz: int) -> None:
    assert _gain_db(in_hz, 8000, 300) == pytest.approx(0, abs=0.05)
    assert _gain_db(in_hz, 8000, 1000) == pytest.approx(0, abs=0.05)
    assert _gain_db(in_hz, 8000, 3400) == pytest.approx(0, abs=1)
    for alias_hz in (4600, 5300, 7000):
        assert _gain_db(in_hz, 8000, alias_hz) < -70


@pytest.mark.parametrize(("in_hz", "out_hz"), [(16000, 8000), (22050, 8000), (8000, 16000)])
def test_speech_frequencies_keep_their_shape_and_come_exactly_one_delay_later(
    in_hz: int, out_hz: int
) -> None:
    def mix(times: np.ndarray) -> np.ndarray:
        tones = [np.sin(2 * np.pi * hz * times) for hz in (350, 900, 1700, 2600)]
        return np.asarray(2000 * np.sum(tones, axis=0))

    resampler = Resampler(in_hz, out_hz)
    ours = resampler.process(np.rint(mix(np.arange(in_hz) / in_hz)).astype(np.int16))
    wanted = mix(np.arange(ours.size) / out_hz - resampler.delay_ms / 1000)
    steady = slice(out_hz // 100, -out_hz // 100)
    assert np.abs(ours - wanted)[steady].max() < 10  # of 8000: 58 dB down


def test_it_delays_by_two_milliseconds() -> None:
    assert Resampler(16000, 8000).delay_ms == pytest.approx(2.0)
    assert Resampler(8000, 8000).delay_ms == 0


def test_equal_rates_pass_untouched() -> None:
    audio = _noise(100)
    assert Resampler(8000, 8000).process(audio) is audio


def test_full_scale_does_not_wrap_around() -> None:
    square = np.where(np.arange(1600) // 20 % 2, 32767, -32768).astype(np.int16)
    out = Resampler(16000, 8000).process(square)
    plateau = out[100:700]
    assert plateau.max() == 32767
    assert plateau.min() == -32768


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Resampler(0, 8000)


@pytest.mark.parametrize(
    ("tone_hz", "gain"), [(300, 1.0), (1000, 1.0), (3400, 1.0), (4600, 0.0), (6500, 0.0)]
)
def test_halving_keeps_the_telephones_band_and_nothing_else(tone_hz: float, gain: float) -> None:
    audio = from_bytes(tone(1000, hz=tone_hz, rate_hz=16000, peak=10000))
    halver = Halver()
    out = np.concatenate([halver.process(audio[at : at + 320]) for at in range(0, 16000, 320)])
    assert out.size == 8000
    heard = float(np.sqrt(np.mean(out[100:].astype(float) ** 2))) / (10000 / np.sqrt(2))
    assert heard == pytest.approx(gain, abs=0.02)


def test_halving_does_not_hear_where_chunks_begin() -> None:
    audio = np.random.default_rng(1).integers(-9000, 9000, 3200).astype(np.int16)
    whole = Halver().process(audio)
    halver = Halver()
    pieces = [halver.process(audio[at : at + 320]) for at in range(0, 3200, 320)]
    assert np.abs(whole.astype(int) - np.concatenate(pieces)).max() <= 1


def test_halving_the_loudest_sound_does_not_wrap_around() -> None:
    square = np.where(np.arange(3200) % 16 < 8, 32767, -32768).astype(np.int16)
    out = Halver().process(square)
    assert out.max() == 32767
    assert out.min() == -32768
