"""What is said between :mod:`tts.espeak` and its helper process, over the helper's pipes.

Towards the helper every message is one line of JSON; from it, frames of a fixed header and a
payload. Both ends come from the same checkout, so there is no version to negotiate.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

from tts.engine import OUTPUT_RATE_HZ

HEADER = struct.Struct("<IBI")
"""Of a frame from the helper: the request's number, the kind, the payload's length in bytes."""

LONGEST_PAYLOAD_BYTES = 1 << 20


class FrameKind(IntEnum):
    """What a frame from the helper carries; ``HELLO`` and ``UNUSABLE`` come before any request."""

    HELLO = 0
    AUDIO = 1
    END = 2
    FAILED = 3
    UNUSABLE = 4
    PHONEMES = 5


@dataclass(frozen=True, slots=True)
class Request:
    """Speak ``text``; ``voice`` is espeak-ng's own name, ``pitch`` its 0..99, ``rate_hz`` that of
    the audio to be delivered."""

    number: int
    text: str
    voice: str
    words_per_minute: int
    pitch: int
    rate_hz: int = OUTPUT_RATE_HZ


@dataclass(frozen=True, slots=True)
class PhonemesRequest:
    """Tell how each of ``clauses`` is pronounced: a JSON list of strings in the International
    Phonetic Alphabet. ``tie`` joins the letters of one sound, where it is not empty."""

    number: int
    clauses: tuple[str, ...]
    voice: str
    tie: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the request ``number``, whether it is being spoken or still waits."""

    number: int


def encode_request(message: Request | PhonemesRequest | Cancel) -> bytes:
    """One line for the helper's standard input."""
    fields = asdict(message)
    if isinstance(message, Cancel):
        fields = {"cancel": message.number}
    return json.dumps(fields, ensure_ascii=True).encode() + b"\n"


def decode_request(line: bytes) -> Request | PhonemesRequest | Cancel:
    """The message of a line. Raises ``ValueError``, ``KeyError`` or ``TypeError`` on nonsense."""
    fields = json.loads(line)
    if "cancel" in fields:
        return Cancel(int(fields["cancel"]))
    if "clauses" in fields:
        return PhonemesRequest(**{**fields, "clauses": tuple(fields["clauses"])})
    return Request(**fields)


def encode_frame(number: int, kind: FrameKind, payload: bytes = b"") -> bytes:
    """One frame for the helper's standard output."""
    return HEADER.pack(number, kind, len(payload)) + payload
