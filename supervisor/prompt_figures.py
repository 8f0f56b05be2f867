"""What the prompt cache counts, for Prometheus: how often what is said was rendered before."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tts.cache import PromptCache


class PromptFigures(Collector):
    """Reads a cache's own counters when somebody asks.

    The hit rate of calls is ``found`` other than ``nowhere``, ``use="call"``, against all of them.
    """

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """The families of the prompt cache."""
        told, files = self._cache.counters, self._cache.file_counters
        prompts = CounterMetricFamily(
            "ramal_prompts",
            "Prompts asked for, by whether a call wants them now, and where they were found",
            labels=["use", "found"],
        )
        for use, found, count in (
            ("call", "memory", told.memory_hits),
            ("call", "disk", told.disk_hits),
            ("call", "nowhere", told.misses),
            ("ahead", "cache", told.ahead_found),
            ("ahead", "nowhere", told.ahead_missing),
        ):
            prompts.add_metric([use, found], count)
        yield prompts
        evicted = CounterMetricFamily(
            "ramal_prompts_evicted", "Prompts that made room for others", labels=["where"]
        )
        evicted.add_metric(["memory"], told.evicted)
        evicted.add_metric(["disk"], files.evicted)
        yield evicted
        yield GaugeMetricFamily(
            "ramal_prompts_memory_bytes", "Prompts held in memory", self._cache.memory_bytes
        )
        yield CounterMetricFamily(
            "ramal_prompts_damaged", "Prompt files that were no good any more", files.corrupted
        )
        yield CounterMetricFamily(
            "ramal_prompts_disk_failures",
            "Reads and writes of prompts that the disk refused",
            files.failures,
        )
