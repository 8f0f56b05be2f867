"""Session descriptions (RFC 8866): one audio stream, and telephone events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.asterisk.codecs import AUDIO, L16
from tests.asterisk.g711 import PCMA, PCMU

TELEPHONE_EVENT = 101
"""The dynamic payload type that we offer for DTMF (RFC 4733)."""

_FORMATS = {
    PCMU: "PCMU/8000",
    PCMA: "PCMA/8000",
    L16: "L16/16000",
    TELEPHONE_EVENT: "telephone-event/8000",
}


@dataclass(frozen=True, slots=True)
class Media:
    """Where the other side wants its audio, and as what: payload types, the best first."""

    address: tuple[str, int]
    payload_types: tuple[int, ...]

    @property
    def audio(self) -> int:
        """The payload type to send: the first that we can speak. Raises ``ValueError``."""
        for payload_type in self.payload_types:
            if payload_type in AUDIO:
                return payload_type
        raise ValueError(f"no codec of ours among the payload types {self.payload_types}")


NARROW = (PCMU, PCMA, TELEPHONE_EVENT)
WIDE = (L16, TELEPHONE_EVENT)


def describe(port: int, payload_types: Sequence[int] = NARROW) -> str:
    """An offer or answer for audio at ``port`` of loopback, 20 ms to the packet."""
    return "".join(
        f"{line}\r\n"
        for line in (
            "v=0",
            f"o=- {port} 1 IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {port} RTP/AVP {' '.join(map(str, payload_types))}",
            *(f"a=rtpmap:{kind} {_FORMATS[kind]}" for kind in payload_types),
            f"a=fmtp:{TELEPHONE_EVENT} 0-16",
            "a=ptime:20",
            "a=sendrecv",
        )
    )


def parse(body: str, codecs: Sequence[int] = NARROW) -> Media:
    """What a description asks for, of what we speak. Raises ``ValueError`` without audio."""
    stream = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", body, re.MULTILINE)
    host = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    if stream is None or host is None:
        raise ValueError("a session description without audio")
    kinds = tuple(int(kind) for kind in stream.group(2).split() if int(kind) in codecs)
    return Media((host.group(1), int(stream.group(1))), kinds)
