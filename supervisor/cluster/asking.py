"""One more try at another replica: what a gateway does when one dies, hangs or is taken away."""

import asyncio
import time
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from ray.exceptions import ActorUnavailableError, RayError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

ATTEMPTS: Final = 2
"""One retry: a request that kills two replicas is not given a third."""
PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Ray says for a moment that a dead replica is out of reach, until it knows better; the last one
is made again and again."""
LOST: Final = (RayError, DeploymentUnavailableError, TimeoutError)
"""What a replica that is no more, or no longer answers, looks like from a gateway."""


class Retries(Collector):
    """Counts requests that were asked again at another replica, for a gateway's ``/metrics``."""

    def __init__(self) -> None:
        self._counts = {"stt": 0, "tts": 0}

    def add(self, kind: str) -> None:
        """One more of ``stt`` or ``tts``."""
        self._counts[kind] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """For the registry."""
        family = CounterMetricFamily(
            "ramal_cluster_retries",
            "Requests that were asked again at another replica",
            labels=["kind"],
        )
        for kind, count in self._counts.items():
            family.add_metric([kind], count)
        yield family


class Tries:
    """How often one request of a ``kind`` may be asked: a replica that is lost costs one of
    :data:`ATTEMPTS`; one that may only be out of reach for a moment costs a pause, until
    ``patience_s`` are over. However often it is asked again, it counts once."""

    def __init__(self, retries: Retries, kind: str, patience_s: float) -> None:
        self._retries = retries
        self._kind = kind
        self._until = time.monotonic() + patience_s
        self._lost = 0
        self._pauses = chain(PAUSES_S, repeat(PAUSES_S[-1]))
        self._is_counted = False

    async def has_another(self, error: BaseException) -> bool:
        """Whether to ask again after this error; returns when it is time to."""
        if isinstance(error, ActorUnavailableError) and time.monotonic() < self._until:
            await asyncio.sleep(next(self._pauses))
        else:
            self._lost += 1
            if self._lost >= ATTEMPTS:
                return False
        if not self._is_counted:
            self._retries.add(self._kind)
            self._is_counted = True
        return True


def is_full(error: BaseException) -> bool:
    """Whether the deployment has no place left, which is no replica's fault."""
    return isinstance(error, BackPressureError)


def said_there(error: Exception) -> Exception:
    """What a replica raised, as it raised it: Ray puts the whole traceback into the sentence."""
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else error
