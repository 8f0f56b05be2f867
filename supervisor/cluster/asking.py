"""One more try at another replica: what a gateway does when one dies, hangs or is taken away."""

import asyncio
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from ray.exceptions import ActorUnavailableError, RayError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

ATTEMPTS: Final = 2
"""One retry: a request that kills two replicas is not given a third."""
PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Ray says for a moment that a dead replica is out of reach, until it knows better."""
LOST: Final = (RayError, DeploymentUnavailableError, TimeoutError)
"""What a replica that is no more, or no longer answers, looks like from a gateway."""


class Tries:
    """How often one request may be asked: a replica that is lost costs one of :data:`ATTEMPTS`, one
    that may only be out of reach for a moment a pause."""

    def __init__(self) -> None:
        self._lost = 0
        self._pauses = iter(PAUSES_S)

    async def has_another(self, error: BaseException) -> bool:
        """Whether to ask again after this error; returns when it is time to."""
        if isinstance(error, ActorUnavailableError):
            pause_s = next(self._pauses, None)
            if pause_s is not None:
                await asyncio.sleep(pause_s)
                return True
        self._lost += 1
        return self._lost < ATTEMPTS


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


def is_full(error: BaseException) -> bool:
    """Whether the deployment has no place left, which is no replica's fault."""
    return isinstance(error, BackPressureError)
