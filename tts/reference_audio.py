"""Reference audio of a voice: read, looked over, and made ready for an engine that clones.

Everything here computes and reads files: call it in a thread, or in a process of its own.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from tts.cloning import REFERENCE_HZ
from tts.shaping import speech_rms_dbfs
from tts.speaker_count import may_be_several

Floats = npt.NDArray[np.float32]

LONGEST_FILE_S: Final = 180
"""Decoded, silence and all: a small file may hold hours of it."""
SHORTEST_S: Final = 6.0
LONGEST_S: Final = 60.0
"""Of speech: XTTS gains nothing beyond a minute, and takes its pitch from the mean of all."""
FORMATS: Final = ("WAV", "WAVEX", "FLAC", "MP3", "OGG")
RATES_HZ: Final = (8_000, 192_000)
MOST_CHANNELS: Final = 8

LEVEL_DBFS: Final = -23.0
"""RMS of its speech. It leaves room for the peaks of a lively voice; what the voice says later is
brought to a level of its own (:mod:`tts.shaping`)."""
PEAK_DBFS: Final = -1.0
FAINTEST_DBFS: Final = -50.0
NOISY_DB: Final = 25.0
"""Speech over noise; with less a warning: the voice would bring its room with it."""
CLIPPED_REFUSED: Final = 0.01
CLIPPED_WARNED: Final = 0.0005
"""Shares of samples in runs at full scale."""
TELEPHONE_HZ: Final = 16_000
"""Recordings below this rate lack what makes a voice bright."""

_BLOCK: Final = 1 << 16
_FRAME_S: Final = 0.02
_PAUSE_KEPT_S: Final = 0.4
"""Of each pause, and of the silence at both ends half as much."""
_FULL_SCALE: Final = 0.999
_RUN: Final = 3
"""Samples in a row at full scale: fewer are a peak."""


class UnusableReferenceError(Exception):
    """The recording cannot be used; the message says why and what to do, in one sentence."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording made ready: FLAC, one channel, :data:`tts.cloning.REFERENCE_HZ`, pauses
    shortened. ``warnings`` are for whoever recorded it; ``measures`` are of the original."""

    flac: bytes
    duration_s: float
    warnings: tuple[str, ...]
    measures: Mapping[str, float]


def prepare_reference(path: Path) -> Reference:
    """Read a WAV, FLAC, MP3 or OGG file of whatever rate and channels.

    Raises :class:`UnusableReferenceError`.
    """
    heard = _read(path)
    speech, noise_dbfs = _speech(heard.samples)
    duration_s = speech.size / REFERENCE_HZ
    level_dbfs = _level_dbfs(speech)
    _check(duration_s, level_dbfs, heard)
    measures = {
        "duration_s": round(duration_s, 2),
        "level_dbfs": round(level_dbfs, 1),
        "noise_dbfs": round(noise_dbfs, 1),
        "clipped_share": round(heard.clipped_share, 6),
        "rate_hz": heard.rate_hz,
        "channels": heard.channels,
    }
    warnings = tuple(_warnings(heard, speech, level_dbfs, noise_dbfs))
    return Reference(_flac(_at_level(speech, level_dbfs)), duration_s, warnings, measures)


def check_readable(path: Path) -> None:
    """Raises :class:`UnusableReferenceError` where it is no audio that can be read to its end."""
    _read(path)


@dataclass(frozen=True, slots=True)
class _Heard:
    samples: Floats
    """One channel at :data:`REFERENCE_HZ`."""
    rate_hz: int
    channels: int
    clipped_share: float


def _read(path: Path) -> _Heard:
    try:
        with soundfile.SoundFile(path) as file:
            if file.format not in FORMATS:
                raise UnusableReferenceError(f"it is {file.format}; send wav, flac, mp3 or ogg")
            if not RATES_HZ[0] <= file.samplerate <= RATES_HZ[1]:
                raise UnusableReferenceError(
                    f"its rate is {file.samplerate} Hz; record at 22050 Hz or more"
                )
            if file.channels > MOST_CHANNELS:
                raise UnusableReferenceError(
                    f"it has {file.channels} channels; send one or two of them"
                )
            return _decoded(file)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise UnusableReferenceError(
            "it is no audio that can be read; send wav, flac, mp3 or ogg"
        ) from error


def _decoded(file: soundfile.SoundFile) -> _Heard:
    """Block by block: a header may promise less than there is."""
    mean, first = _resampler(file.samplerate), _resampler(file.samplerate)
    means, firsts = [], []
    frames, clipped, level, level_of_mean = 0, 0, 0.0, 0.0
    for block in _blocks(file):
        frames += len(block)
        if frames > LONGEST_FILE_S * file.samplerate:
            raise UnusableReferenceError(
                f"it goes on for more than {LONGEST_FILE_S} s; send {LONGEST_S:g} s of speech"
            )
        mixed = block.mean(axis=1)
        clipped += _clipped(block)
        level += float((block.astype(np.float64) ** 2).mean(axis=1).sum())
        level_of_mean += float((mixed.astype(np.float64) ** 2).sum())
        means.append(mean.resample_chunk(mixed))
        firsts.append(first.resample_chunk(np.ascontiguousarray(block[:, 0])))
    rest = np.zeros(0, np.float32)
    means.append(mean.resample_chunk(rest, last=True))
    firsts.append(first.resample_chunk(rest, last=True))
    cancels = level_of_mean < 0.1 * level  # one channel is the other, turned over
    samples = np.concatenate(firsts if cancels else means)
    return _Heard(samples, file.samplerate, file.channels, clipped / max(1, frames))


def _resampler(rate_hz: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(rate_hz, REFERENCE_HZ, 1, dtype="float32", quality="HQ")


def _blocks(file: soundfile.SoundFile) -> Iterator[Floats]:
    while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():
            raise UnusableReferenceError("it holds values that are no audio; export it again")
        yield block


def _clipped(block: Floats) -> int:
    """Frames that are part of a run at full scale in some channel."""
    full = np.abs(block) >= _FULL_SCALE
    if len(full) < _RUN:
        return 0
    runs = np.lib.stride_tricks.sliding_window_view(full, _RUN, axis=0).all(axis=-1)
    return int(runs.any(axis=-1).sum())


def _speech(samples: Floats) -> tuple[Floats, float]:
    """The recording with its pauses shortened, and what is heard in them, in dBFS."""
    size = round(_FRAME_S * REFERENCE_HZ)
    whole = samples.size // size
    if whole == 0:
        return samples[:0], -np.inf
    power = (samples[: whole * size].reshape(whole, size).astype(np.float64) ** 2).mean(axis=1)
    levels = 10 * np.log10(power + 1e-12)
    loud, noise = np.percentile(levels, 90), np.percentile(levels, 5)
    threshold = max(loud - 35, min(noise + 8, loud - 12))
    spoken = levels > max(threshold, FAINTEST_DBFS - 10)
    keep = _near(spoken, round(_PAUSE_KEPT_S / 2 / _FRAME_S))
    return samples[: whole * size].reshape(whole, size)[keep].reshape(-1), float(noise)


def _near(spoken: npt.NDArray[np.bool_], frames: int) -> npt.NDArray[np.bool_]:
    """Frames with speech within so many frames before or after them."""
    counted = np.convolve(spoken.astype(np.int32), np.ones(2 * frames + 1, np.int32), "same")
    return np.asarray(counted > 0)


def _check(duration_s: float, level_dbfs: float, heard: _Heard) -> None:
    if level_dbfs < FAINTEST_DBFS:
        raise UnusableReferenceError("nobody is heard in it; record it again, nearer to the mouth")
    if duration_s < SHORTEST_S:
        raise UnusableReferenceError(
            f"it has {duration_s:.1f} s of speech without its pauses; "
            f"record {SHORTEST_S:g} to {LONGEST_S:g} s"
        )
    if duration_s > LONGEST_S:
        raise UnusableReferenceError(
            f"it has {duration_s:.0f} s of speech; cut it to {LONGEST_S:g} s or less"
        )
    if heard.clipped_share > CLIPPED_REFUSED:
        raise UnusableReferenceError(
            f"{heard.clipped_share:.0%} of it are clipped; record it again at a lower level"
        )


def _warnings(heard: _Heard, speech: Floats, level_dbfs: float, noise_dbfs: float) -> Iterator[str]:
    if heard.clipped_share > CLIPPED_WARNED:
        yield "Some of it is clipped: the voice may sound rough; record it at a lower level."
    over_noise_db = level_dbfs - noise_dbfs
    if over_noise_db < NOISY_DB:
        yield (
            f"Speech is only {over_noise_db:.0f} dB above the noise ({noise_dbfs:.0f} dBFS): the "
            "voice may bring it along; record it in a quiet room."
        )
    if heard.rate_hz < TELEPHONE_HZ:
        yield f"It was recorded at {heard.rate_hz} Hz: the voice will sound as on a telephone."
    if may_be_several(speech, REFERENCE_HZ):
        yield (
            "More than one person may be speaking: pitch and timbre fall into two groups; the "
            "voice would be a mixture."
        )


def _level_dbfs(speech: Floats) -> float:
    """Measured at full scale: what is silence then is not speech, however faint all of it is."""
    peak = float(np.abs(speech).max(initial=0))
    if peak == 0:
        return -np.inf
    at_full_scale = speech_rms_dbfs(_int16(speech / np.float32(peak)), REFERENCE_HZ)
    return at_full_scale + 20 * float(np.log10(peak))


def _at_level(speech: Floats, level_dbfs: float) -> Floats:
    """At :data:`LEVEL_DBFS`, or as near to it as the peaks allow."""
    peak = float(np.abs(speech).max())
    gain = min(10 ** ((LEVEL_DBFS - level_dbfs) / 20), 10 ** (PEAK_DBFS / 20) / peak)
    return np.asarray(speech * np.float32(gain))


def _int16(samples: Floats) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _flac(samples: Floats) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, _int16(samples), REFERENCE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()
