"""A SIP telephone on loopback: registers, calls, rings, answers, talks, keeps what it hears."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tests.asterisk import sdp, sip
from tests.asterisk.rtp import Hearing, RtpStream

T1_S = 0.5
"""First wait before a request is sent again, doubled every time (RFC 3261, section 17.1.1.1)."""

ATTEMPTS = 6
INVITE_TIMEOUT_S = 60.0
METHODS_ANSWERED = {"OPTIONS", "NOTIFY", "INFO", "UPDATE", "MESSAGE"}


class CallRefused(Exception):
    """A call that was not answered; ``status`` is the SIP code, e.g. 486 for busy."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status} {sip.REASONS.get(status, '')}".strip())
        self.status = status


class NoResponse(Exception):
    """The other side did not answer a request."""


class End(StrEnum):
    """How a call ended, as this phone saw it."""

    THEY_HUNG_UP = "they hung up"
    WE_HUNG_UP = "we hung up"
    CANCELLED = "cancelled"
    """The caller gave up while we were ringing: the phone stops ringing."""
    REJECTED = "rejected"


class Call:
    """One call of a phone, placed or received."""

    def __init__(self, phone: "Phone", dialog: sip.Dialog, stream: RtpStream) -> None:
        self.answered_at_s: float | None = None
        """Monotonic time at which audio could flow; ``None`` before."""
        self.ended_at_s: float | None = None
        self.end: End | None = None
        self.reason = ""
        """The Reason header that ended it, e.g. ``Q.850;cause=16``."""
        self._phone = phone
        self._dialog = dialog
        self._stream = stream
        self._invite: sip.Message | None = None
        self._last_response: sip.Message | None = None
        self._local_tag = sip.new_tag()
        self._ended = asyncio.Event()

    @property
    def heard(self) -> Hearing:
        """What has reached the ear so far."""
        return self._stream.hearing

    @property
    def caller(self) -> str:
        """The address of who is calling, as the phone would show it."""
        return self._dialog.remote

    async def say(self, samples: NDArray[np.int16]) -> float:
        """Speak mono at the codec's rate; returns the monotonic time of the last frame."""
        return await self._stream.play(samples)

    def mute(self) -> None:
        """Send nothing any more, as a phone that suppresses silence does."""
        self._stream.muted = True

    async def press(self, digits: str) -> None:
        """Press keys, one after the other."""
        for digit in digits:
            await self._stream.press(digit)

    def ring(self) -> None:
        """Tell the caller that the phone is ringing."""
        self._respond(180)

    def answer(self) -> None:
        """Lift the receiver."""
        assert self._invite is not None
        self._stream.start(sdp.parse(self._invite.body, self._phone.codecs))
        self.answered_at_s = time.monotonic()
        self._respond(200, sdp.describe(self._stream.port, self._phone.codecs))

    async def reject(self, status: int = 603) -> None:
        """Refuse: 486 is busy, 603 declined, 480 not available, 404 not found."""
        self._respond(status)
        await self._finish(End.REJECTED)

    async def hang_up(self) -> None:
        """End an answered call; nothing to do where it has ended."""
        if self.end is None:
            self.end = End.WE_HUNG_UP
            await self._phone.request(self._dialog.request("BYE"))
            await self._finish(End.WE_HUNG_UP)

    async def ended(self, timeout_s: float) -> End:
        """Wait for the end. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout_s):
            await self._ended.wait()
        assert self.end is not None
        return self.end

    # ---- what the phone hands to a call

    async def received(self, request: sip.Message) -> None:
        """A request of this call, the first INVITE included."""
        if request.method == "INVITE":
            self._take_invite(request)
        elif request.method == "BYE":
            self._phone.send(sip.respond(request, 200))
            self.reason = request.header("Reason")
            await self._finish(End.THEY_HUNG_UP)
        elif request.method == "CANCEL":
            await self._take_cancel(request)

    async def accepted(self, response: sip.Message) -> None:
        """The call that this phone placed was answered."""
        self._dialog.remote = response.header("To")
        self._dialog.target = sip.uri(response.header("Contact"))
        self.answered_at_s = time.monotonic()
        self._stream.start(sdp.parse(response.body, self._phone.codecs))

    def _take_invite(self, request: sip.Message) -> None:
        if self._invite is not None and sip.branch(request) == sip.branch(self._invite):
            if self._last_response is not None:  # sent again: what we said was lost
                self._phone.send(self._last_response)
            return
        self._invite = request
        if self.answered_at_s is None:
            self._respond(100)
        else:
            self.answer()

    async def _take_cancel(self, request: sip.Message) -> None:
        self._phone.send(sip.respond(request, 200))
        if self.answered_at_s is None and self.end is None:
            self.reason = request.header("Reason")
            self._respond(487)
            await self._finish(End.CANCELLED)

    def _respond(self, status: int, body: str = "") -> None:
        assert self._invite is not None
        self._last_response = sip.respond(
            self._invite,
            status,
            local_tag=self._local_tag if status > 100 else "",
            contact=self._dialog.contact,
            body=body,
        )
        self._dialog.local = self._last_response.header("To")
        self._phone.send(self._last_response)

    async def _finish(self, end: End) -> None:
        if not self._ended.is_set():
            self.end = end
            self.ended_at_s = time.monotonic()
            self._ended.set()
            await self._stream.close()


class Phone(asyncio.DatagramProtocol):
    """A user agent that belongs to one server; made by :func:`switched_on`."""

    def __init__(
        self, name: str, password: str, server: tuple[str, int], codecs: Sequence[int]
    ) -> None:
        self.name = name
        self.codecs = codecs
        """RTP payload types, the best first."""
        self.trace: list[str] = []
        """Every message sent and received, for a failing test's report."""
        self._password = password
        self._server = server
        self._incoming: asyncio.Queue[Call] = asyncio.Queue()
        self._calls: dict[str, Call] = {}
        self._responses: dict[str, asyncio.Queue[sip.Message]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._requests: asyncio.Queue[sip.Message] = asyncio.Queue()

    async def register(self, expires_s: int = 300) -> None:
        """Tell the server where we are. Raises :class:`CallRefused` with a wrong password."""
        host, port = self._server
        address = f"<sip:{self.name}@{host}>"
        dialog = self._dialog(address, f"sip:{host}:{port}")
        response = await self._authenticated(dialog, "REGISTER", [("Expires", str(expires_s))])
        if response.status != 200:
            raise CallRefused(response.status)

    async def dial(self, number: str) -> Call:
        """Call a number and wait for the answer. Raises :class:`CallRefused`.

        Cancelling the coroutine while it rings sends CANCEL.
        """
        host, port = self._server
        target = f"sip:{number}@{host}:{port}"
        stream = await RtpStream.open()
        dialog = self._dialog(f"<{target}>", target)
        call = Call(self, dialog, stream)
        self._calls[dialog.call_id] = call
        try:
            response = await self._authenticated(
                dialog,
                "INVITE",
                body=sdp.describe(stream.port, self.codecs),
                timeout_s=INVITE_TIMEOUT_S,
            )
            if response.status != 200:
                raise CallRefused(response.status)
        except BaseException:
            await stream.close()
            raise
        await call.accepted(response)
        # to the target of the answer, which is known only now
        self.send(dialog.acknowledge_accepted())
        return call

    async def next_call(self, timeout_s: float) -> Call:
        """Wait until somebody calls; it does not ring yet. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout_s):
            return await self._incoming.get()

    async def request(
        self, message: sip.Message, timeout_s: float = T1_S * 2**ATTEMPTS
    ) -> sip.Message:
        """Send a request until it is answered, and return the final response."""
        responses = self._responses[sip.branch(message)] = asyncio.Queue()
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._first_response(message, responses)
                while response.status < 200:
                    response = await responses.get()
        except TimeoutError as error:
            raise NoResponse(message.start) from error
        finally:
            del self._responses[sip.branch(message)]
        return response

    def send(self, message: sip.Message) -> None:
        """Send one message to the server."""
        assert self._transport is not None
        self.trace.append(f"{time.monotonic():.3f} > {message.start}")
        self._transport.sendto(message.encode(), self._server)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of the class that describes it
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = sip.Message.parse(data)
        self.trace.append(f"{time.monotonic():.3f} < {message.start}")
        if not message.is_response:
            self._requests.put_nowait(message)
        elif (responses := self._responses.get(sip.branch(message))) is not None:
            responses.put_nowait(message)

    async def serve_requests(self) -> None:
        """Answer what the server asks of us, in order, until cancelled."""
        while True:
            await self._serve(await self._requests.get())

    async def hang_up_all(self) -> None:
        """End every call that is up."""
        for call in self._calls.values():
            if call.answered_at_s is not None:
                await call.hang_up()

    async def _serve(self, request: sip.Message) -> None:
        call = self._calls.get(request.header("Call-ID"))
        if call is None and request.method == "INVITE":
            call = await self._new_incoming(request)
        if call is not None and request.method not in METHODS_ANSWERED:
            await call.received(request)
        elif request.method in METHODS_ANSWERED:
            self.send(sip.respond(request, 200))
        elif request.method != "ACK":
            self.send(sip.respond(request, 481))

    async def _new_incoming(self, invite: sip.Message) -> Call:
        dialog = sip.Dialog(
            call_id=invite.header("Call-ID"),
            local=invite.header("To"),
            remote=invite.header("From"),
            target=sip.uri(invite.header("Contact")),
            contact=self._contact,
        )
        call = Call(self, dialog, await RtpStream.open())
        self._calls[dialog.call_id] = call
        self._incoming.put_nowait(call)
        return call

    async def _authenticated(
        self,
        dialog: sip.Dialog,
        method: str,
        extra: list[tuple[str, str]] | None = None,
        body: str = "",
        timeout_s: float = 10.0,
    ) -> sip.Message:
        """The final response, after answering the server's challenge once."""
        message = dialog.request(method, extra or [], body)
        response = await self._final(dialog, message, timeout_s)
        if response.status in {401, 407}:
            answer = sip.authorisation(response, self.name, self._password, dialog.target)
            message = dialog.request(method, [*(extra or []), answer], body)
            response = await self._final(dialog, message, timeout_s)
        return response

    async def _final(
        self, dialog: sip.Dialog, message: sip.Message, timeout_s: float
    ) -> sip.Message:
        try:
            response = await self.request(message, timeout_s)
        except asyncio.CancelledError:
            if message.method == "INVITE":
                self.send(dialog.cancel(message))
            raise
        if message.method == "INVITE" and response.status >= 300:
            self.send(dialog.acknowledge_refused(message, response))
        return response

    async def _first_response(
        self, message: sip.Message, responses: "asyncio.Queue[sip.Message]"
    ) -> sip.Message:
        wait_s = T1_S
        for _ in range(ATTEMPTS):
            self.send(message)
            try:
                return await asyncio.wait_for(responses.get(), wait_s)
            except TimeoutError:
                wait_s *= 2
        raise NoResponse(message.start)

    def _dialog(self, remote: str, target: str) -> sip.Dialog:
        return sip.Dialog(
            call_id=secrets.token_hex(12),
            local=f"<sip:{self.name}@{self._server[0]}>;tag={sip.new_tag()}",
            remote=remote,
            target=target,
            contact=self._contact,
        )

    @property
    def _contact(self) -> str:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return f"<sip:{self.name}@{host}:{port}>"


@asynccontextmanager
async def switched_on(
    name: str, password: str, server: tuple[str, int], codecs: Sequence[int] = sdp.NARROW
) -> AsyncIterator[Phone]:
    """A phone that is registered and rings when it is called; it hangs up on the way out."""
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(
        lambda: Phone(name, password, server, codecs), local_addr=("127.0.0.1", 0)
    )
    serving = asyncio.create_task(phone.serve_requests())
    try:
        await phone.register()
        yield phone
        await phone.hang_up_all()
    finally:
        serving.cancel()
        await asyncio.wait([serving])
        transport.close()
        if not serving.cancelled():
            serving.result()
