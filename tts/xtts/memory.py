"""What to do when a GPU's memory is full: free what is only cached, wait a little, try again."""

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

import torch

WAITS_S: Final = (0.02, 0.1, 0.4)
"""Before each further attempt: others on the GPU may give some back. In all it is less than what a
caller notices, and more than a chunk takes."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Patience:
    """Retries what ran out of memory; ``stop`` ends the waiting."""

    def __init__(self, stop: threading.Event) -> None:
        self.times = 0
        """How often memory ran out."""
        self._stop = stop

    def attempt(self, work: Callable[[], T]) -> T:
        """Its result. Raises torch's ``OutOfMemoryError`` if it never fits."""
        for wait_s in WAITS_S:
            try:
                return work()
            except torch.OutOfMemoryError as full:
                self._free(full)
            if self._stop.wait(wait_s):
                break
        try:
            return work()
        except torch.OutOfMemoryError as full:
            self._free(full)
            raise

    def _free(self, full: torch.OutOfMemoryError) -> None:
        self.times += 1
        _log.warning("XTTS ran out of memory: %s", str(full).split("\n")[0])
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
