"""What the supervisor's process counts, alarms and knows of its database, from its first moment."""

from dataclasses import dataclass

from supervisor.alarms import Alarms
from supervisor.database.outage import Outage
from supervisor.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Lookout:
    """One per process, passed to whoever has something to tell."""

    metrics: Metrics
    alarms: Alarms
    outage: Outage

    @classmethod
    def new(cls) -> "Lookout":
        """With nothing counted yet."""
        metrics = Metrics()
        alarms = Alarms(metrics)
        return cls(metrics, alarms, Outage(alarms))
