"""One entry of the journal as a line of a spool's file, and back.

A line is the CRC-32 (zlib's) of what follows, as eight hexadecimal digits, a space, the entry as
JSON in ASCII, and a line feed. Lines keep damage where it is: what cannot be read is left out, and
the next line stands on its own. They also let an operator look with ``less``.
"""

import json
import zlib
from datetime import datetime
from typing import Final
from uuid import UUID

from conversation.journal import Entry

_CRC_DIGITS: Final = 8
_BODY: Final = _CRC_DIGITS + 1


class DamagedLineError(ValueError):
    """A line is not what was written: cut off, or changed on the disk."""


def encode_line(entry: Entry) -> bytes:
    """The entry as a line. Raises ``ValueError`` or ``TypeError`` for what is not JSON."""
    record = [str(entry.call_id), entry.sequence, entry.at.isoformat(), entry.kind]
    body = json.dumps(
        [*record, dict(entry.data)], separators=(",", ":"), default=str, allow_nan=False
    ).encode("ascii")
    return b"%08x %b\n" % (zlib.crc32(body), body)


def decode_line(line: bytes) -> Entry:
    """The entry of a line, its data as JSON gives it back. Raises :class:`DamagedLineError`."""
    body = line[_BODY:-1]
    if line != b"%08x %b\n" % (zlib.crc32(body), body):
        raise DamagedLineError(f"{len(line)} bytes that are no record")
    call_id, sequence, at, kind, data = json.loads(body)
    return Entry(UUID(call_id), sequence, datetime.fromisoformat(at), kind, data)
