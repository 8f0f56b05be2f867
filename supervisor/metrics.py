"""What is counted, for Prometheus; one registry per process, passed to whoever counts."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from audiosocket.limits import WireCounters
from engines.recognition_figures import RecognitionFigures
from stt.counters import RecognitionCounters
from supervisor.prompt_figures import PromptFigures
from supervisor.take_figures import TakeFigures
from tts.cache import PromptCache
from tts.gate import TakeCounters


class Metrics:
    """The counters and gauges of one process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.calls = Counter(
            "ramal_calls", "Visitors' calls taken", ["extension"], registry=self.registry
        )
        self.calls_running = Gauge("ramal_calls_running", "Calls going on", registry=self.registry)
        self.calls_refused = Counter(
            "ramal_calls_refused",
            "Connections with the id of a call that is here already or is over",
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
        self.journal_waiting = Gauge(
            "ramal_journal_waiting",
            "Entries of the journal that the database has not taken yet, in memory and on disk",
            registry=self.registry,
        )
        self.journal_spooled = Counter(
            "ramal_journal_spooled",
            "Entries of the journal that were written to the spool",
            registry=self.registry,
        )
        self.spool_failures = Counter(
            "ramal_spool_failures",
            "Times that the spool did not take entries; they wait in memory",
            ["reason"],
            registry=self.registry,
        )
        self.spool_damaged = Counter(
            "ramal_spool_damaged",
            "Records of the spool that could not be read again, mostly a last one cut off",
            registry=self.registry,
        )
        self.recording_lost = Counter(
            "ramal_recording_lost_seconds",
            "Seconds of recordings that the disk did not take; they are silence",
            registry=self.registry,
        )
        self.worker_restarts = Counter(
            "ramal_worker_restarts", "Workers that died and were replaced", registry=self.registry
        )
        self.alarms = Counter(
            "ramal_alarms",
            "Alarms raised, those of workers with the worker",
            ["kind"],
            registry=self.registry,
        )
        self.webhook_attempts = Counter(
            "ramal_webhook_attempts",
            "Requests to webhooks, by what came of them",
            ["outcome"],
            registry=self.registry,
        )
        self.synthesis_items = Counter(
            "ramal_synthesis_items",
            "Attempts at items of synthesis jobs, by what came of them",
            ["outcome"],
            registry=self.registry,
        )
        self.synthesis_audio = Counter(
            "ramal_synthesis_audio_seconds",
            "Audio that synthesis jobs made",
            registry=self.registry,
        )
        self.ami_reconnects = Counter(
            "ramal_ami_reconnects", "Connections to Asterisk that were lost", registry=self.registry
        )
        self.ari_reconnects = Counter(
            "ramal_ari_reconnects",
            "Event streams from Asterisk's ARI that were lost",
            registry=self.registry,
        )

        self.engine_level = Gauge(
            "ramal_engine_level",
            "The step of a stage's ladder of engines that works now; 0 is the best",
            ["stage"],
            registry=self.registry,
        )
        self.engine_shifts = Counter(
            "ramal_engine_shifts",
            "Times that a stage stepped down or up its ladder",
            ["stage", "way"],
            registry=self.registry,
        )
        self.engine_restarts = Counter(
            "ramal_engine_restarts",
            "Engine processes of our own that ended and were started again",
            ["kind"],
            registry=self.registry,
        )
        self.engine_failures = Counter(
            "ramal_engine_failures",
            "Times that a step of a ladder failed, or was too slow",
            ["stage", "step"],
            registry=self.registry,
        )
        self.doors = Counter(
            "ramal_doors",
            "Doors that were ordered to open, by how it went",
            ["driver", "outcome"],
            registry=self.registry,
        )
        self.door_seconds = Histogram(
            "ramal_door_seconds",
            "From the order to a door to its answer",
            ["driver"],
            registry=self.registry,
        )

        self.turns = Counter(
            "ramal_turns",
            "Visitors' answers where a language model may be asked, by whether it was",
            ["rules"],
            registry=self.registry,
        )
        self.model_requests = Counter(
            "ramal_model_requests",
            "Requests to language models, by what came of them",
            ["model", "outcome"],
            registry=self.registry,
        )
        self.model_seconds = Histogram(
            "ramal_model_seconds",
            "From a request to a language model to its end",
            ["model"],
            buckets=(0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 5.0),
            registry=self.registry,
        )
        self.model_tokens = Counter(
            "ramal_model_tokens",
            "Tokens that language models counted",
            ["model", "kind"],
            registry=self.registry,
        )
        self.model_cost = Counter(
            "ramal_model_cost",
            "What they cost by the prices in the settings",
            ["model"],
            registry=self.registry,
        )

    def watch_wire(self, counters: WireCounters) -> None:
        """Tell what the wire counts, among it every connection that ended for what it sent."""
        self.registry.register(_Wire(counters))

    def watch_recogniser(self, counters: RecognitionCounters) -> None:
        """Tell what a recogniser counts, among it every text that was not believed."""
        self.registry.register(RecognitionFigures(counters))

    def watch_takes(self, counters: TakeCounters) -> None:
        """Tell how many takes of prompts were good enough to be kept."""
        self.registry.register(TakeFigures(counters))

    def watch_prompts(self, cache: PromptCache) -> None:
        """Tell how often what is said was rendered before."""
        self.registry.register(PromptFigures(cache))


class _Wire(Collector):
    """Reads the wire's own counters when somebody asks: counting there costs no lock."""

    def __init__(self, counters: WireCounters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The families of the wire."""
        told = self._counters
        yield CounterMetricFamily("ramal_connections", "Connections taken", told.connections)
        ended = CounterMetricFamily(
            "ramal_connections_ended", "Connections that ended, by reason", labels=["reason"]
        )
        for reason, count in told.ended.items():
            ended.add_metric([reason], count)
        yield ended
        yield CounterMetricFamily("ramal_frames_in", "Frames received", told.frames_in)
        yield CounterMetricFamily("ramal_frames_out", "Frames sent", told.frames_out)
        yield CounterMetricFamily(
            "ramal_frames_dropped", "Frames not sent: the peer did not read", told.dropped_out
        )
        yield CounterMetricFamily("ramal_frames_stale", "Frames that came too late", told.stale_in)
