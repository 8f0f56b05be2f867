"""What an operator can set about engines on a Ray cluster: ``args`` of the application."""

from typing import Final

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from supervisor.section import Section
from supervisor.speech_settings import EngineSpeakerSettings, RecogniserModelSettings

STOP_LIMIT_S: Final = 20.0
"""How long a replica that is no longer wanted may go on with what it has: a long sentence."""


class Scale(Section):
    """How many replicas a deployment has, and what each of them takes of its node."""

    least: int = Field(default=1, ge=1)
    most: int | None = Field(default=None, ge=1)
    """More than ``least`` lets Serve add replicas while they are busy, and take them away again."""
    per_node: int | None = Field(default=None, ge=1)
    """At most so many on one node, so that they are spread: losing a node then leaves some."""
    at_once: int = Field(default=4, ge=1)
    """Requests that a replica takes at a time; those of more callers wait for it."""
    busy: PositiveFloat | None = None
    """Requests under way in each replica at which another is started: half of ``at_once`` unless
    given."""
    add_after_s: NonNegativeFloat = 5.0
    remove_after_s: NonNegativeFloat = 300.0
    cpus: NonNegativeFloat = 1.0
    gpus: NonNegativeFloat = 0.0
    """A fraction shares one GPU: 0.25 lets four replicas load their models on it. It is what Ray
    reckons with when it places them; the memory that they use is up to the models."""
    health_every_s: PositiveFloat = 2.0
    health_limit_s: PositiveFloat = 10.0
    """A replica that does not say that it is well within this is replaced."""

    @model_validator(mode="after")
    def _ordered(self) -> "Scale":
        if self.most is not None and self.most < self.least:
            raise ValueError(f"most ({self.most}) is less than least ({self.least})")
        return self

    @property
    def highest(self) -> int:
        """Replicas at most."""
        return self.most or self.least


class Batching(Section):
    """Recognition of several callers' utterances in one pass of the model."""

    most: int = Field(default=8, ge=1, le=64)
    wait_ms: NonNegativeFloat = 4.0
    """How long the first utterance waits for others; a caller does not hear so little."""


class Patience(Section):
    """How long a gateway waits for one replica before it asks another. A replica that died is
    known at once; this is for one that hangs."""

    result_s: PositiveFloat = 2.0
    first_sound_s: PositiveFloat = 2.0
    next_sound_s: PositiveFloat = 1.5


class ClusterSettings(Section):
    """Which engines run, and how they are spread; ``None`` leaves one out.

    ``engines.token`` is not here: it is read where the nodes are started (RAMAL_ENGINES__TOKEN).
    """

    stt: RecogniserModelSettings | None = RecogniserModelSettings()
    tts: EngineSpeakerSettings | None = EngineSpeakerSettings()
    gateways: Scale = Scale(at_once=1000, busy=200, cpus=0.5)
    """What callers are connected to: HTTP, WebSockets and who may go first; they load no model."""
    listening: Scale = Scale(at_once=16)
    speaking: Scale = Scale()
    batching: Batching = Batching()
    patience: Patience = Patience()
    most_waiting: int = Field(default=64, ge=0)
    """Requests that may wait in a gateway for each kind of engine; one more is refused."""

    @model_validator(mode="after")
    def _something(self) -> "ClusterSettings":
        if self.stt is None and self.tts is None:
            raise ValueError("neither stt nor tts: there would be nothing to serve")
        return self
