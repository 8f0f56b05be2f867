"""Listening in on a connection: every frame of both directions, with its place in time."""

from typing import Protocol


class Tap(Protocol):
    """What a connection tells whoever listens in (:meth:`Connection.add_tap`).

    Both methods run on the event loop for every frame of the call: they take a microsecond, keep
    the bytes as they are, and never raise. What is done with them is done elsewhere.
    """

    def frame_sent(self, frame: bytes, period: int) -> None:
        """A frame of ours, with its header, that was written to the socket.

        ``period`` is the media clock's count of 20 ms periods: two frames are as far apart as
        their periods, whatever the event loop was doing meanwhile.
        """

    def audio_heard(self, payload: bytes, rate_hz: int, at: float) -> None:
        """An audio frame of the peer, slin at ``rate_hz``, that arrived at clock time ``at``.

        Frames that arrived together have the same ``at``. What came too late to be of use to
        anybody (:class:`~audiosocket.timeline.Timeline`) is not told.
        """
