"""What is counted, for Prometheus; one registry per process, passed to whoever counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The counters and gauges of one process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.calls = Counter(
            "ramal_calls", "Visitors' calls taken", ["extension"], registry=self.registry
        )
        self.calls_running = Gauge("ramal_calls_running", "Calls going on", registry=self.registry)
        self.connections_refused = Counter(
            "ramal_connections_refused",
            "Connections that were ended at once, or for what they sent",
            ["reason"],
            registry=self.registry,
        )
        self.session_errors = Counter(
            "ramal_session_errors", "Calls that ended by an error of ours", registry=self.registry
        )
        self.journal_lost = Counter(
            "ramal_journal_lost",
            "Entries of the journal that could not be kept",
            ["reason"],
            registry=self.registry,
        )
        self.worker_restarts = Counter(
            "ramal_worker_restarts", "Workers that died and were replaced", registry=self.registry
        )
        self.ami_reconnects = Counter(
            "ramal_ami_reconnects", "Connections to Asterisk that were lost", registry=self.registry
        )
