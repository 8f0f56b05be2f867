"""What all processes of this machine count, as one answer for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

MOST_BYTES: Final = 32 * 1024
"""Of one process's figures: they travel in a heartbeat, which has a limit of its own."""
CREATED: Final = "_created"


def exposed(registry: CollectorRegistry) -> str:
    """The figures of this process as text; empty for too many to be told."""
    text = generate_latest(registry)
    return text.decode() if len(text) <= MOST_BYTES else ""


class Exposition:
    """Our own figures, and those of workers with their names as the label ``worker``.

    A worker that replaces a dead one has another name, so that no counter ever goes back.
    """

    def __init__(self, own: Iterable[CollectorRegistry], workers: Mapping[str, str]) -> None:
        self._own = tuple(own)
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        """Each family once, whoever told of it."""
        families: dict[str, Metric] = {}
        for registry in self._own:
            for family in registry.collect():
                _merge(families, family, {})
        for name, text in self._workers.items():
            for family in text_string_to_metric_families(text):
                _merge(families, family, {"worker": name})
        yield from families.values()

    def text(self) -> bytes:
        """The answer to be sent."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)


def _merge(families: dict[str, Metric], family: Metric, labels: Mapping[str, str]) -> None:
    """Times of creation are left out: in the text they would be families of their own."""
    if family.name.endswith(CREATED):
        return
    known = families.setdefault(
        family.name, Metric(family.name, family.documentation, family.type, family.unit)
    )
    known.samples += [
        sample._replace(labels={**sample.labels, **labels})
        for sample in family.samples
        if not sample.name.endswith(CREATED)
    ]
