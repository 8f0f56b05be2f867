"""What an engines process counts, for its ``/metrics``."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from engines.admission import Admission


class EngineFigures:
    """The figures of one process; ``kind`` is ``stt`` or ``tts``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ramal_engine_requests",
            "Requests, by what came of them",
            ["kind", "priority", "outcome"],
            registry=self.registry,
        )
        self.answer_seconds = Histogram(
            "ramal_engine_answer_seconds",
            "From a request to its transcript, or to its first sound",
            ["kind", "priority"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=self.registry,
        )
        self._running = Gauge(
            "ramal_engine_running", "Requests at the engine", ["kind"], registry=self.registry
        )
        self._waiting = Gauge(
            "ramal_engine_waiting", "Requests that wait", ["kind"], registry=self.registry
        )

    def watch(self, kind: str, admission: Admission) -> None:
        """Tell who is at an engine and who waits."""
        self._running.labels(kind=kind).set_function(lambda: admission.running)
        self._waiting.labels(kind=kind).set_function(lambda: admission.waiting)
