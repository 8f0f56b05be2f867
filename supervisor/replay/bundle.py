"""A recorded call as a folder: what was said, what was decided, and who lived there then.

    call.json       the extension, the condominium's directory, doors and texts, the call's events
    visitor.flac    left the party, right what it heard; resident-1.flac and so on for each resident

No secret is in it: doors are kept by name alone. Voices and names of people are: treat the folder
as the recording that it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import soundfile

from audiosocket.slin import Samples
from supervisor.database.extensions import Extension
from supervisor.errors import OperatorError

FILE: Final = "call.json"
FORMAT: Final = 1


class ReplayError(OperatorError):
    """A call cannot be played again; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the call, ``at_s`` after its first one."""

    at_s: float
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Voiced:
    """What one party said: int16 mono from the moment its leg came up."""

    rate_hz: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that is needed to play a call again. ``condominium`` has ``units``, ``doors`` (by
    name), ``texts`` and a receptionist's handbook (``document``); ``residents`` are
    in the order in which they answered."""

    call_id: UUID
    began: datetime
    extension: Extension
    condominium: Mapping[str, Any]
    events: Sequence[Told]
    visitor: Voiced
    residents: Sequence[Voiced]


def load(folder: Path) -> Bundle:
    """Read a folder. Raises :class:`ReplayError`."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if told.get("format") != FORMAT:
            raise ReplayError(f"{folder} was written by another version; export the call again.")
        files = [folder / name for name in told["residents"]]
        return Bundle(
            UUID(told["call_id"]),
            datetime.fromisoformat(told["began"]),
            Extension.from_json(told["extension"]),
            told["condominium"],
            [Told(**event) for event in told["events"]],
            voiced(folder / told["visitor"]),
            [voiced(file) for file in files],
        )
    except FileNotFoundError as missing:
        raise ReplayError(
            f"{missing.filename} is missing; write the folder with ramal replay CALL_ID --export."
        ) from None
    except (KeyError, TypeError, ValueError) as wrong:
        raise ReplayError(f"{folder / FILE} is damaged ({wrong}); export the call again.") from None


def voiced(file: Path) -> Voiced:
    """The party's channel of a recording. Raises ``FileNotFoundError``, :class:`ReplayError`."""
    file.stat()
    try:
        samples, rate_hz = soundfile.read(file, dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ReplayError(f"{file} cannot be read ({error}); export the call again.") from None
    return Voiced(int(rate_hz), samples[:, 0].copy())


def save(bundle: Bundle, folder: Path) -> None:
    """Write a folder, which must be new or empty. Raises :class:`ReplayError`."""
    if folder.exists() and any(folder.iterdir()):
        raise ReplayError(f"{folder} is not empty; choose another one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = [f"resident-{number}.flac" for number in range(1, len(bundle.residents) + 1)]
    voices = {"visitor.flac": bundle.visitor, **dict(zip(names, bundle.residents, strict=True))}
    for name, voice in voices.items():
        soundfile.write(folder / name, voice.samples[:, None], voice.rate_hz, "PCM_16")
    told = {
        "format": FORMAT,
        "call_id": str(bundle.call_id),
        "began": bundle.began.isoformat(),
        "extension": bundle.extension.to_json(),
        "condominium": bundle.condominium,
        "events": [
            {"at_s": event.at_s, "kind": event.kind, "data": event.data} for event in bundle.events
        ],
        "visitor": "visitor.flac",
        "residents": names,
    }
    (folder / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
