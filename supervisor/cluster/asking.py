"""One more try at another replica: what a gateway does when one dies, hangs or is taken away."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

ATTEMPTS: Final = 2
"""One retry: a request that kills two replicas is not given a third."""
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


def is_full(error: BaseException) -> bool:
    """Whether the deployment has no place left, which is no replica's fault."""
    return isinstance(error, BackPressureError)
