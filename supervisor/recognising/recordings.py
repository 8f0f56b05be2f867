"""Recordings as a recogniser gets them, and what was really said in them."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from stt.recogniser import TELEPHONE_HZ
from supervisor.errors import OperatorError

Samples: TypeAlias = npt.NDArray[np.int16]

LONGEST_PIECE_S = 28.0
SHORTEST_PIECE_S = 15.0
"""A longer recording is cut at its quietest moment after so long: an engine hears 30 s at most."""
_QUIET_S = 0.2
COLUMNS = ["file", "text"]


class RecordingError(OperatorError):
    """A recording or the list of references cannot be used."""


@dataclass(frozen=True, slots=True)
class Recording:
    """``pieces`` are int16 mono at ``rate_hz``, in their order, and leave nothing out."""

    path: Path
    pieces: tuple[Samples, ...]
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """How long all of it is."""
        return sum(map(len, self.pieces)) / self.rate_hz


def read_recording(path: Path, channel: int, best_hz: int) -> Recording:
    """One channel (from 1) of a WAV, FLAC, MP3 or Ogg file, at 8 kHz or at ``best_hz`` if the
    file has as much. Raises :class:`RecordingError`."""
    try:
        audio, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise RecordingError(f"{path} cannot be read as audio ({error}).") from None
    if channel > audio.shape[1]:
        raise RecordingError(
            f"{path} has {audio.shape[1]} channel(s), so there is no channel {channel}."
        )
    samples = np.ascontiguousarray(audio[:, channel - 1])
    wanted_hz = best_hz if rate_hz >= best_hz else TELEPHONE_HZ
    if rate_hz != wanted_hz:
        samples = np.asarray(soxr.resample(samples, rate_hz, wanted_hz), np.int16)
    return Recording(path, tuple(pieces(samples, wanted_hz)), wanted_hz)


def pieces(samples: Samples, rate_hz: int) -> list[Samples]:
    """``samples`` cut where it is quiet, so that none is longer than an engine's window."""
    cut: list[Samples] = []
    while len(samples) > LONGEST_PIECE_S * rate_hz:
        end = _quietest(samples, rate_hz)
        cut.append(samples[:end])
        samples = samples[end:]
    return [*cut, samples]


def _quietest(samples: Samples, rate_hz: int) -> int:
    first = int(SHORTEST_PIECE_S * rate_hz)
    width = int(_QUIET_S * rate_hz)
    stretch = samples[first : int(LONGEST_PIECE_S * rate_hz)].astype(np.float64)
    power = np.convolve(stretch**2, np.ones(width), "valid")
    return first + int(np.argmin(power)) + width // 2


def read_references(path: Path) -> dict[str, str]:
    """What was said, by the file's name without folders; a CSV with the columns file and text.

    Raises :class:`RecordingError` that names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or [])]
            if missing:
                raise RecordingError(
                    f"{path} has no column {missing[0]}; its first line must be: file,text"
                )
            return dict(_reference(path, rows.line_num, row) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(f"{path} cannot be read as CSV ({error}).") from None


def _reference(path: Path, line: int, row: dict[str, str]) -> tuple[str, str]:
    file, text = (row[name] for name in COLUMNS)
    if not file or text is None:
        raise RecordingError(f"{path}, line {line}: a file and what is said in it are needed.")
    return Path(file).name, text
