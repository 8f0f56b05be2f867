"""What the server that runs and the one that takes its place say to each other.

============== =========== ============================================================
kind           to          fields (and descriptors)
============== =========== ============================================================
``take_over``  predecessor ``pid``, ``version``: the successor is there, its database open
``seat``       successor   ``pid`` (the lock of the data directory, the control socket)
``listening``  successor   (up to four listening sockets of extensions)
``http``       successor   (the API's listening socket)
``all``        successor   nothing more comes; the predecessor goes on accepting until then
``accepting``  predecessor the successor's workers accept: stop accepting and finish
``drains``     successor   ``calls``, ``limit_s``: what is still to be finished
``figures``    successor   ``worker``, ``metrics``: what a worker that still has calls counted
``steer``      either      ``number``, ``call_id``, ``action``, ``argument`` (of a leg that only the
                           other one can wait for: its connection)
``steered``    either      ``number``, ``known``, ``reason``
============== =========== ============================================================

Whoever closes the line before ``accepting`` leaves everything as it was.
"""

from typing import Final

TAKE_OVER: Final = "take_over"
SEAT: Final = "seat"
LISTENING: Final = "listening"
HTTP: Final = "http"
ALL: Final = "all"
ACCEPTING: Final = "accepting"
DRAINS: Final = "drains"
FIGURES: Final = "figures"
STEER: Final = "steer"
STEERED: Final = "steered"

ANSWER_LIMIT_S: Final = 10.0
"""For what the other side has at hand."""
FIGURES_EVERY_S: Final = 1.0
ACCEPT_LIMIT_S: Final = 300.0
"""For the successor's workers to load their engines and take up every extension."""
