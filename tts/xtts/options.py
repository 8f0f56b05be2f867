"""How to load and run XTTS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from tts.profiles import PROFILES, ProfileName, QualityProfile

Precision = Literal["auto", "fp32", "bf16", "int8", "fp16"]
Device = Literal["auto", "cpu", "cuda"]

MODEL_HZ: Final = 24_000
"""What the vocoder gives out."""
TOKEN_S: Final = 1024 / 22_050
"""Seconds of speech in an audio token."""
GPU_STREAMS, CPU_STREAMS = 16, 2


@dataclass(frozen=True, slots=True)
class XttsOptions:
    """``model`` is the folder with model.pth, config.json, vocab.json and speakers_xtts.pth."""

    model: Path
    device: Device = "auto"
    """``auto`` takes a GPU where there is one."""
    precision: Precision = "auto"
    """fp16 on a GPU, fp32 on a CPU unless given. On a CPU bf16 and int8 are faster; what they
    do to the sound of trained weights has not been measured."""
    profiles: Mapping[ProfileName, QualityProfile] = field(default_factory=lambda: PROFILES)
    voice: str | None = None
    """Where nobody names one: the first that the model brought."""
    language: str = "pt-BR"
    streams: int | None = None
    """Texts spoken at once: 16 on a GPU, 2 on a CPU unless given."""
    together: int | None = None
    """Streams whose tokens are computed in one pass; all of them unless given."""
    threads: int | None = None
    """Of a CPU, for one computation; torch's own choice unless given."""
    seed: int = 0
    """Another one gives every text another take."""

    def __post_init__(self) -> None:
        counts = (self.streams, self.together, self.threads)
        if any(each is not None and each < 1 for each in counts):
            raise ValueError("streams, together and threads are at least 1")
