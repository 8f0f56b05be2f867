"""What the quality gate counts, for Prometheus: how many takes were good enough to be kept."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from tts.gate import TakeCounters
from tts.quality import Fault


class TakeFigures(Collector):
    """Reads a gate's own counters when somebody asks."""

    def __init__(self, counters: TakeCounters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        """The families of the gate."""
        told = self._counters
        takes = CounterMetricFamily(
            "ramal_takes", "Takes that were judged before they were kept", labels=["outcome"]
        )
        takes.add_metric(["kept"], told.accepted)
        for fault in Fault:
            takes.add_metric([str(fault)], told.rejected[fault])
        yield takes
        yield CounterMetricFamily(
            "ramal_takes_read_back", "Takes that a recogniser listened to", told.read_back
        )
        prompts = CounterMetricFamily(
            "ramal_prompts_without_take",
            "Prompts of which no take was good, and what became of them",
            labels=["instead"],
        )
        prompts.add_metric(["next engine"], told.stepped_down)
        prompts.add_metric(["nothing"], told.given_up)
        yield prompts
