"""The patience of a session: named timers that can be set anew and all be cancelled."""

import asyncio
from collections.abc import Callable


class Timers:
    """At most one timer per name, on the running loop."""

    def __init__(self) -> None:
        self._handles: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    def set(self, name: str, after_s: float, call: Callable[[], None]) -> None:
        """Call ``call`` in ``after_s`` seconds; a timer of the same name is replaced.

        After :meth:`close` nothing is set any more.
        """
        self.cancel(name)
        if not self._closed:
            self._handles[name] = asyncio.get_running_loop().call_later(
                after_s, self._fire, name, call
            )

    def runs(self, name: str) -> bool:
        """Whether a timer of this name is set and has not fired."""
        return name in self._handles

    def cancel(self, name: str) -> None:
        """Forget a timer; none of that name is no error."""
        if (handle := self._handles.pop(name, None)) is not None:
            handle.cancel()

    def close(self) -> None:
        """Forget every timer, and those that are still to be set."""
        self._closed = True
        for name in list(self._handles):
            self.cancel(name)

    def _fire(self, name: str, call: Callable[[], None]) -> None:
        self._handles.pop(name, None)
        call()
