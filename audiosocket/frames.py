"""The AudioSocket codec, sans I/O: bytes in, frames out; frames in, bytes out.

A frame is one byte of kind, two bytes of length (big endian) and the payload; audio payloads are
little-endian int16 mono. Kinds and limits are those of Asterisk 22 (``res_audiosocket.c``), as
measured in its behaviour; what Asterisk itself drops a call for, this decoder refuses too.
"""

from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

HEADER_BYTES: Final = 3
FRAME_MS: Final = 20
"""The length of every audio frame that we send."""
TELEPHONE_HZ: Final = 8000
WIDEBAND_HZ: Final = 16000
"""What G.722 and Asterisk's ``slin16`` carry."""
MAX_AUDIO_MS: Final = 1000
"""Longest audio frame taken: Asterisk's own limit, 16000 bytes at 8 kHz."""


class Kind(IntEnum):
    """What a frame carries; the names follow Asterisk's (``SLIN16`` is 16 kHz audio)."""

    HANGUP = 0x00
    UUID = 0x01
    DTMF = 0x03
    SLIN = 0x10
    SLIN12 = 0x11
    SLIN16 = 0x12
    SLIN24 = 0x13
    SLIN32 = 0x14
    SLIN44 = 0x15
    SLIN48 = 0x16
    SLIN96 = 0x17
    SLIN192 = 0x18
    ERROR = 0xFF


RATE_HZ: Final[dict[Kind, int]] = {
    Kind.SLIN: 8000,
    Kind.SLIN12: 12000,
    Kind.SLIN16: 16000,
    Kind.SLIN24: 24000,
    Kind.SLIN32: 32000,
    Kind.SLIN44: 44100,
    Kind.SLIN48: 48000,
    Kind.SLIN96: 96000,
    Kind.SLIN192: 192000,
}
"""Sample rate of each audio kind; a kind that is not here carries no audio."""

KIND_OF_RATE: Final[dict[int, Kind]] = {rate_hz: kind for kind, rate_hz in RATE_HZ.items()}


class Frame(NamedTuple):
    """One frame; ``payload`` excludes the header."""

    kind: Kind
    payload: bytes


class ProtocolError(Exception):
    """The peer does not speak AudioSocket; the message says what was wrong.

    ``frames_before`` are the good frames that stood before the bad one in the same bytes.
    """

    def __init__(self, message: str, frames_before: list[Frame] | None = None) -> None:
        super().__init__(message)
        self.frames_before: list[Frame] = frames_before or []


def _payload_limits(kind: Kind) -> tuple[int, int]:
    """Smallest and largest payload of a kind, in bytes."""
    if kind in RATE_HZ:
        return 1, min(0xFFFF, RATE_HZ[kind] * 2 * MAX_AUDIO_MS // 1000)
    if kind is Kind.UUID:
        return 16, 16
    if kind is Kind.DTMF:
        return 1, 1
    return 0, 0xFF  # 0x00 is empty, 0xff carries a code; no more is said of them


# Indexed by the kind's byte: (kind, smallest, largest payload), or None for an unknown kind.
_RULES: Final[tuple[tuple[Kind, int, int] | None, ...]] = tuple(
    (Kind(code), *_payload_limits(Kind(code))) if code in Kind._value2member_map_ else None
    for code in range(256)
)


class FrameDecoder:
    """Cuts a byte stream into frames, however it was split.

    One pass over each chunk; only a frame that is not whole yet is kept, at most 64 KiB. A bad
    header is refused as soon as its three bytes are there, and for ever after.
    """

    __slots__ = ("_error", "_needed_bytes", "_pending")

    def __init__(self) -> None:
        self._pending = bytearray()
        self._needed_bytes = 0  # of a frame that waits for its rest
        self._error = ""

    @property
    def is_mid_frame(self) -> bool:
        """Whether the beginning of a frame waits for its rest."""
        return bool(self._pending)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes of the stream; returns the frames that are whole now.

        Raises :class:`ProtocolError` at the first bad frame, and again on every later call.
        """
        size = len(data) - HEADER_BYTES
        if size > 0 and not self._needed_bytes:  # most often: exactly one good frame
            rule = _RULES[data[0]]
            if rule and data[1] << 8 | data[2] == size and rule[1] <= size <= rule[2]:
                return [tuple.__new__(Frame, (rule[0], data[HEADER_BYTES:]))]
        return self._feed_slowly(data)

    def _feed_slowly(self, data: bytes) -> list[Frame]:
        if self._pending:
            self._pending += data
            if len(self._pending) < self._needed_bytes:
                return []
            data = bytes(self._pending)
            self._pending.clear()
            self._needed_bytes = 0
        elif self._error:
            raise ProtocolError(self._error)
        return self._cut(data)

    def _cut(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        start, end = 0, len(data)
        while end - start >= HEADER_BYTES:
            length = data[start + 1] << 8 | data[start + 2]
            rule = _RULES[data[start]]
            if rule is None or not rule[1] <= length <= rule[2]:
                self._refuse(data[start], length, frames)
            body = start + HEADER_BYTES
            stop = body + length
            if stop > end:
                self._keep(data[start:], HEADER_BYTES + length)
                return frames
            frames.append(Frame(rule[0], data[body:stop]))  # type: ignore[index]
            start = stop
        if start < end:
            self._keep(data[start:], HEADER_BYTES)
        return frames

    def _keep(self, rest: bytes, needed_bytes: int) -> None:
        self._pending += rest
        self._needed_bytes = needed_bytes

    def _refuse(self, code: int, length: int, frames: list[Frame]) -> None:
        rule = _RULES[code]
        if rule is None:
            self._error = f"unknown kind 0x{code:02x}"
        else:
            self._error = (
                f"kind 0x{code:02x} with {length} bytes, {rule[1]} to {rule[2]} are possible"
            )
        self._needed_bytes = HEADER_BYTES
        raise ProtocolError(self._error, frames)


def encode_frame(kind: Kind, payload: bytes = b"") -> bytes:
    """The bytes of one frame. Raises ``ValueError`` for a payload above 65535 bytes."""
    length = len(payload)
    if length > 0xFFFF:
        raise ValueError(f"a frame holds 65535 bytes at most, not {length}")
    return bytes((kind, length >> 8, length & 0xFF)) + payload


def encode_uuid(call_id: UUID) -> bytes:
    """The frame that opens a call."""
    return encode_frame(Kind.UUID, call_id.bytes)


def frame_bytes(rate_hz: int) -> int:
    """Payload of a 20 ms audio frame in bytes: 320 at 8 kHz, 640 at 16 kHz."""
    return rate_hz * FRAME_MS // 1000 * 2
