"""Work that everything else on the machine goes before."""

import os
import sys
import threading
from typing import Final

LAST: Final = 19
"""The highest niceness that there is."""


def go_last(pid: int) -> None:
    """Let a process of one thread run where nobody else wants to.

    On Linux it is preempted at once by whoever wakes up (SCHED_IDLE): one that is only nice is
    left its slice of some 3 ms, and a call's frames are late by that. Raises ``OSError`` for a
    process that has ended.
    """
    os.setpriority(os.PRIO_PROCESS, pid, LAST)
    if sys.platform == "linux":
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def be_nice_here() -> None:
    """Let others go before the thread that calls this, where threads have a priority of their own.

    No more than that: it holds the interpreter's lock now and then, and who waits for that would
    wait until nobody else on the machine wants to run.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
