"""Whether more than one person may be speaking in a recording, as far as pitch and timbre tell.

Seconds of speech are put into two groups by their median pitch. Two people are suspected where the
groups lie further apart than one person's reading moves, are each narrow, and differ in timbre as
well. Two people with like voices are not told apart, and one who plays two parts looks like two:
this is worth a warning, never a refusal.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Figures = npt.NDArray[np.float64]

APART_SEMITONES: Final = 5.0
"""Between the groups' medians; a man and a woman are some 9 to 12 apart."""
NARROW_SEMITONES: Final = 2.5
"""Standard deviation of each group."""
LEAST_SECONDS: Final = 3
"""... and what each has at least, and a sixth of all."""
TIMBRE_RATIO: Final = 1.0
"""Distance of the groups' mean cepstra, against how far single seconds lie from their mean."""

_FRAME_S: Final = 0.04
_HOP_S: Final = 0.02
_PITCH_HZ: Final = (60.0, 400.0)
_VOICED: Final = 0.6
"""Of the autocorrelation's peak against its zero lag."""
_VOICED_SHARE: Final = 0.25
"""Of a second's frames: with fewer it says nothing about pitch."""
_BANDS: Final = 24
_CEPSTRA: Final = 12


def may_be_several(samples: Floats, rate_hz: int) -> bool:
    """Whether two people may be heard in speech (-1..1) whose pauses were taken out."""
    pitches, timbres = _seconds(samples, rate_hz)
    if pitches.size < 2 * LEAST_SECONDS:
        return False
    low = _lower_group(pitches)
    groups = (low, ~low)
    if min(int(each.sum()) for each in groups) < max(LEAST_SECONDS, pitches.size / 6):
        return False
    apart = float(np.median(pitches[~low]) - np.median(pitches[low]))
    widest = max(float(pitches[each].std()) for each in groups)
    if apart < APART_SEMITONES or widest > NARROW_SEMITONES:
        return False
    return _timbre_ratio(timbres, low) > TIMBRE_RATIO


def pitch_of_seconds(samples: Floats, rate_hz: int) -> Figures:
    """The median pitch of each second that has enough voice, in semitones above 1 Hz."""
    return _seconds(samples, rate_hz)[0]


def _seconds(samples: Floats, rate_hz: int) -> tuple[Figures, Figures]:
    """Median pitch in semitones and mean cepstra of each second that has enough voice."""
    size, hop = round(_FRAME_S * rate_hz), round(_HOP_S * rate_hz)
    if samples.size < size:
        return np.zeros(0), np.zeros((0, _CEPSTRA))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop] * np.hanning(size)
    spectra = np.abs(np.fft.rfft(frames, 2 * size)) ** 2
    pitch = _pitches(spectra, size, rate_hz)
    cepstra = _cepstra(spectra, rate_hz)
    per_second = round(1 / _HOP_S)
    told = []
    for start in range(0, len(pitch) - per_second // 2, per_second):
        piece = slice(start, start + per_second)
        voiced = ~np.isnan(pitch[piece])
        if voiced.mean() >= _VOICED_SHARE:
            told.append((np.median(pitch[piece][voiced]), cepstra[piece][voiced].mean(axis=0)))
    if not told:
        return np.zeros(0), np.zeros((0, _CEPSTRA))
    return np.array([each for each, _ in told]), np.array([each for _, each in told])


def _pitches(spectra: Figures, size: int, rate_hz: int) -> Figures:
    """Semitones above 1 Hz for each frame, by autocorrelation; NaN where there is no voice."""
    window = np.hanning(size)
    of_window = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * size)) ** 2)[:size]
    correlation = np.fft.irfft(spectra)[:, :size]
    shortest, longest = (round(rate_hz / each) for each in reversed(_PITCH_HZ))
    lags = slice(shortest, min(longest, size * 3 // 4))
    usual = np.maximum(correlation[:, :1], 1e-12) * (of_window[lags] / of_window[0])
    normalised = correlation[:, lags] / usual
    best = normalised.max(axis=1)
    # the shortest lag that is nearly as good: longer ones are multiples of the period
    first = (normalised >= 0.9 * best[:, None]).argmax(axis=1)
    top = normalised[
        np.arange(len(first))[:, None],
        np.minimum(first[:, None] + np.arange(8), normalised.shape[1] - 1),
    ].argmax(axis=1)
    lag = shortest + first + top
    return np.where(best >= _VOICED, 12 * np.log2(rate_hz / lag), np.nan)


def _cepstra(spectra: Figures, rate_hz: int) -> Figures:
    """The first cepstra of each frame's spectrum in bands, without its level."""
    frequencies = np.linspace(0, rate_hz / 2, spectra.shape[1])
    mels = 2595 * np.log10(1 + frequencies / 700)
    low, high = 2595 * np.log10(1 + np.array([150, 3800]) / 700)
    band = np.floor((mels - low) / (high - low) * _BANDS).astype(int)
    inside = (band >= 0) & (band < _BANDS)
    picks = np.zeros((spectra.shape[1], _BANDS))
    picks[np.flatnonzero(inside), band[inside]] = 1
    logs = np.log(spectra @ picks + 1e-9)
    places = np.arange(_BANDS) + 0.5
    cosines = np.cos(np.pi / _BANDS * np.outer(places, np.arange(1, _CEPSTRA + 1)))
    return np.asarray(logs @ cosines * (2 / _BANDS))


def _lower_group(pitches: Figures) -> npt.NDArray[np.bool_]:
    """The split in two by pitch that leaves the least spread."""
    ranked = np.sort(pitches)
    cuts = range(1, ranked.size)
    spread = [ranked[:cut].var() * cut + ranked[cut:].var() * (ranked.size - cut) for cut in cuts]
    highest = ranked[int(np.argmin(spread))]
    return np.asarray(pitches <= highest)


def _timbre_ratio(timbres: Figures, low: npt.NDArray[np.bool_]) -> float:
    means = [timbres[each].mean(axis=0) for each in (low, ~low)]
    within = np.concatenate(
        [timbres[each] - mean for each, mean in zip((low, ~low), means, strict=True)]
    )
    spread = float(np.sqrt((within**2).sum(axis=1).mean()))
    return float(np.linalg.norm(means[0] - means[1])) / max(spread, 1e-9)
