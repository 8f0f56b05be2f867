"""Where an engines process listens: ``unix:PATH`` or ``http://HOST:PORT``."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LONGEST_PATH_BYTES: Final = 107
"""Of a Unix socket on Linux (``sun_path`` in unix(7), less its closing zero)."""


@dataclass(frozen=True, slots=True)
class Address:
    """``path`` of a Unix socket, or ``host`` and ``port``."""

    path: str | None = None
    host: str = ""
    port: int = 0
    secure: bool = False

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Raises ``ValueError`` with one sentence."""
        if text.startswith("unix:"):
            path = text.removeprefix("unix:")
            if not path or len(path.encode()) > LONGEST_PATH_BYTES:
                raise ValueError(
                    f"the path of a socket has 1 to {LONGEST_PATH_BYTES} bytes, not "
                    f"{len(path.encode())}: {path!r}"
                )
            return cls(path=path)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or port is None:
            raise ValueError(f"{text!r} is neither unix:PATH nor http://HOST:PORT")
        return cls(host=parts.hostname, port=port, secure=parts.scheme == "https")

    @property
    def base_url(self) -> str:
        """What requests are sent to; the host of a Unix socket says nothing."""
        if self.path is not None:
            return "http://engines"
        scheme = "https" if self.secure else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path is not None else self.base_url
