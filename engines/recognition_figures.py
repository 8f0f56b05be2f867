"""What a recogniser counts, for the ``/metrics`` of the process that it is in."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from stt.counters import RecognitionCounters


class RecognitionFigures(Collector):
    """Reads a recogniser's counters when somebody asks."""

    def __init__(self, counters: RecognitionCounters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The families of recognition."""
        told = self._counters
        results = CounterMetricFamily(
            "ramal_recognition_results", "Texts of utterances", labels=["kind"]
        )
        results.add_metric(["final"], told.results)
        results.add_metric(["partial"], told.partials)
        yield results
        failures = CounterMetricFamily(
            "ramal_recognition_missed",
            "Texts that were not in time, partial ones left out, and what speech made out of date",
            labels=["reason"],
        )
        failures.add_metric(["refused"], told.refused)
        failures.add_metric(["late"], told.late)
        failures.add_metric(["partial_skipped"], told.partials_skipped)
        failures.add_metric(["given_up"], told.given_up)
        yield failures
        guarded = CounterMetricFamily(
            "ramal_recognition_not_believed",
            "Texts that were taken for made up, partial ones among them, by guard",
            labels=["guard"],
        )
        for guard, count in told.guarded.items():
            guarded.add_metric([guard], count)
        yield guarded
        yield CounterMetricFamily(
            "ramal_recognition_compute_seconds", "Seconds of recognition threads", told.compute_s
        )
