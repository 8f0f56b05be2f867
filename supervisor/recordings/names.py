"""What recordings are called: by the call, the party, and when the part began."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

FOLDER: Final = "recordings"
"""Below ``data_dir``."""
LIVE: Final = "live"
"""The folder of parts that are being written, or wait to be archived."""
RENDERED: Final = "rendered"
"""The folder of what was made for downloads: joined, or in another format."""
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_NAME: Final = re.compile(r"([0-9a-f-]{36})\.(visitor|resident)\.(\d{8}T\d{12}Z)")


@dataclass(frozen=True, slots=True)
class PartName:
    """A part is one connection's: a party of a call that comes back after a crash begins another.

    ``started_at`` is wall time in UTC.
    """

    call_id: UUID
    party: str
    started_at: datetime

    def __str__(self) -> str:
        return f"{self.call_id}.{self.party}.{self.started_at.astimezone(UTC):{_STAMP}}"

    @classmethod
    def parse(cls, name: str) -> "PartName | None":
        """What ``str`` made; ``None`` for anything else."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        started_at = datetime.strptime(match[3], _STAMP).replace(tzinfo=UTC)
        return cls(UUID(match[1]), match[2], started_at)

    def live_in(self, folder: Path) -> Path:
        """Where it is written."""
        return folder / LIVE / f"{self}.wav"

    @property
    def archived_as(self) -> str:
        """Where it is kept, below the folder: by day."""
        return f"{self.started_at.astimezone(UTC):%Y-%m-%d}/{self}.flac"
