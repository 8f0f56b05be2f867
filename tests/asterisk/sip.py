"""SIP messages (RFC 3261) as far as a telephone on a quiet network needs them. No sockets here."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    404: "Not Found",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    603: "Decline",
}


class MalformedMessage(ValueError):
    """A datagram that is not a SIP message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response. ``headers`` keep their order; names compare without case."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, datagram: bytes) -> Self:
        """Raises :class:`MalformedMessage`."""
        head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = [line.partition(":") for line in lines]
        if "SIP/2.0" not in start or any(not colon for _, colon, _ in pairs):
            raise MalformedMessage(start)
        return cls(start, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)

    def encode(self) -> bytes:
        """The datagram, with the length of the body filled in."""
        kind = (("Content-Type", "application/sdp"),) if self.body else ()
        length = ("Content-Length", str(len(self.body.encode())))
        lines = [f"{name}: {value}" for name, value in (*self.headers, *kind, length)]
        return "\r\n".join([self.start, *lines, "", self.body]).encode()

    @property
    def is_response(self) -> bool:
        """Whether it answers a request."""
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        """The code of a response, 100..699."""
        return int(self.start.split(" ", 2)[1])

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        return self.header("CSeq").split()[1]

    def header(self, name: str) -> str:
        """The first header of that name; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of that name, in order."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


@dataclass(slots=True)
class Dialog:
    """What two user agents know of each other during a call; also used for a registration.

    ``local`` and ``remote`` are addresses with tags, as in From and To; ``target`` is the URI
    that requests go to.
    """

    call_id: str
    local: str
    remote: str
    target: str
    contact: str
    sequence: int = 0

    def request(
        self, method: str, extra: Sequence[tuple[str, str]] = (), body: str = ""
    ) -> Message:
        """The dialog's next request, with a number and a transaction of its own."""
        self.sequence += 1
        return self._build(method, self.sequence, new_branch(), extra, body)

    def acknowledge_accepted(self) -> Message:
        """The ACK of a 2xx: a transaction of its own, with the INVITE's number."""
        return self._build("ACK", self.sequence, new_branch())

    def acknowledge_refused(self, invite: Message, response: Message) -> Message:
        """The ACK of any other final response: part of the INVITE's transaction."""
        ack = self._build("ACK", sequence(invite), branch(invite))
        return replace(
            ack,
            headers=tuple(
                (name, response.header("To") if name == "To" else value)
                for name, value in ack.headers
            ),
        )

    def cancel(self, invite: Message) -> Message:
        """The CANCEL of an INVITE that has no final answer yet."""
        return Message(
            invite.start.replace("INVITE", "CANCEL", 1),
            tuple(
                (name, value.replace("INVITE", "CANCEL") if name == "CSeq" else value)
                for name, value in invite.headers
                if name in {"Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq"}
            ),
        )

    def _build(
        self,
        method: str,
        number: int,
        with_branch: str,
        extra: Sequence[tuple[str, str]] = (),
        body: str = "",
    ) -> Message:
        host = self.contact.rpartition("@")[2].rstrip(">")
        return Message(
            f"{method} {self.target} SIP/2.0",
            (
                ("Via", f"SIP/2.0/UDP {host};branch={with_branch};rport"),
                ("Max-Forwards", "70"),
                ("From", self.local),
                ("To", self.remote),
                ("Call-ID", self.call_id),
                ("CSeq", f"{number} {method}"),
                ("Contact", self.contact),
                *extra,
            ),
            body,
        )


def respond(
    request: Message, status: int, *, local_tag: str = "", contact: str = "", body: str = ""
) -> Message:
    """A response to ``request``; ``local_tag`` is added to To where it has none."""
    to = request.header("To")
    if local_tag and "tag=" not in to:
        to = f"{to};tag={local_tag}"
    return Message(
        f"SIP/2.0 {status} {REASONS[status]}",
        (
            *(("Via", value) for value in request.all("Via")),
            *(("Record-Route", value) for value in request.all("Record-Route")),
            ("From", request.header("From")),
            ("To", to),
            ("Call-ID", request.header("Call-ID")),
            ("CSeq", request.header("CSeq")),
            *((("Contact", contact),) if contact else ()),
        ),
        body,
    )


def authorisation(challenge: Message, user: str, password: str, uri: str) -> tuple[str, str]:
    """The header that answers a 401 or 407 (digest, MD5, qop=auth; RFC 2617)."""
    proxy = challenge.status == 407
    asked = challenge.header("Proxy-Authenticate" if proxy else "WWW-Authenticate")
    given = {key.lower(): value for key, value in re.findall(r'(\w+)="?([^",]*)"?', asked)}
    client_nonce = secrets.token_hex(8)
    secret = _md5(f"{user}:{given['realm']}:{password}")
    action = _md5(f"{challenge.method}:{uri}")
    answer = _md5(f"{secret}:{given['nonce']}:00000001:{client_nonce}:auth:{action}")
    opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
    return (
        "Proxy-Authorization" if proxy else "Authorization",
        f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
        f'uri="{uri}", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, '
        f'cnonce="{client_nonce}"{opaque}',
    )


def new_branch() -> str:
    """A transaction's id with the magic cookie of RFC 3261."""
    return f"z9hG4bK{secrets.token_hex(8)}"


def new_tag() -> str:
    """One side's part of a dialog's id."""
    return secrets.token_hex(6)


def branch(message: Message) -> str:
    """The transaction's id: the branch of the topmost Via."""
    found = re.search(r"branch=([^;\s]+)", message.header("Via"))
    return found.group(1) if found else ""


def sequence(message: Message) -> int:
    """The number in CSeq."""
    return int(message.header("CSeq").split()[0])


def uri(address: str) -> str:
    """The URI in a From, To or Contact header."""
    found = re.search(r"<([^>]+)>", address)
    return found.group(1) if found else address.partition(";")[0].strip()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
