"""What supervisor and worker say to each other, by the name of the message's kind.

============== ========== ==========================================================
kind           to         fields (and descriptors)
============== ========== ==========================================================
``configure``  worker     ``name``, ``flows``, ``settings``, ``database_url``: the first one
``prepare``    worker     ``flows``: load what these need; extensions of them may follow
``serve``      worker     ``extension`` (visitors' socket, return legs' socket)
``change``     worker     ``extension``: the same sockets, new settings for new calls
``stop``       worker     ``extension_id``: no new calls; those that run finish
``drain``      worker     ``limit_s``, ``let_go``: no new calls at all, then leave; calls that
                          outlast the limit say goodbye, or are let go for another server
``steer``      worker     ``number``, ``call_id``, ``action``, ``argument``: in a call of its own
                          (``listen``: the socket that its audio goes to; ``take_leg``: the
                          connection of a leg, by the id of that)
``recalled``   worker     ``number``, ``lines``, ``last_sequence``: what is known of a call; 0 for
                          nothing
``placed``     worker     ``number``, ``known``: whether somebody else took the leg
``ready``      supervisor the worker is built and waits for extensions
``serving``    supervisor ``extension_id``: connections are accepted from now on
``failed``     supervisor ``extension_id``, ``reason``: it cannot be served; ``goes_on``: but is, on
                          the settings and ports of before
``closed``     supervisor ``return_port``: of an extension that was stopped, no call goes on
``steered``    supervisor ``number``, ``known``, ``reason``: what became of it; not, for a reason
``leg``        supervisor ``number``, ``leg_id``: nobody here waits for it (its connection)
``remember``   supervisor ``line``: an entry of a call, for who takes over if the worker dies
``recall``     supervisor ``number``, ``call_id``: of a call that may be another worker's
``alarm``      supervisor ``alarm``: one that was raised in the worker
``heartbeat``  supervisor ``calls``, ``calls_of`` (by extension), ``resident_bytes``, ``metrics``
============== ========== ==========================================================
"""

from typing import Final

CONFIGURE: Final = "configure"
PREPARE: Final = "prepare"
SERVE: Final = "serve"
CHANGE: Final = "change"
STOP: Final = "stop"
DRAIN: Final = "drain"
STEER: Final = "steer"
READY: Final = "ready"
SERVING: Final = "serving"
FAILED: Final = "failed"
CLOSED: Final = "closed"
STEERED: Final = "steered"
LEG: Final = "leg"
PLACED: Final = "placed"
REMEMBER: Final = "remember"
RECALL: Final = "recall"
RECALLED: Final = "recalled"
ALARM: Final = "alarm"
HEARTBEAT: Final = "heartbeat"

HEARTBEAT_EVERY_S: Final = 1.0
HEARTBEAT_LIMIT_S: Final = 10.0
"""A worker that says nothing for so long has a hung event loop, and is replaced."""
FAREWELL_S: Final = 15.0
"""For the last words of a call that was asked to end."""
READY_LIMIT_S: Final = 180.0
"""Loading models may take a while on a machine that has something else to do."""
