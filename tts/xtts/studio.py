"""A loaded model with what is around it: the voices that it has, and the streams that it speaks."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from tts.cloning import CloningError
from tts.engine import RefusedTextError, SynthesisError, UnknownVoiceError, Voice
from tts.profiles import PROFILES
from tts.xtts.latents import VoiceLatents, of_tensors
from tts.xtts.loading import load_model
from tts.xtts.names import OWN
from tts.xtts.options import CPU_STREAMS, GPU_STREAMS, XttsOptions
from tts.xtts.precision import chosen_device, chosen_precision
from tts.xtts.sampling import seed_of
from tts.xtts.sound import pitch_factor
from tts.xtts.streams import Order, Streams
from tts.xtts.transformer import Transformer
from tts.xtts.vocoder import Vocoder
from tts.xtts.writing import tokens_of

CLONED_READY: Final = 64
"""Cloned voices whose tensors are kept on the device, 133 kB each."""
TOKENS_PER_CHARACTER: Final = 4
"""Far more than speech has (about 1.4): a take that long has lost its way."""
LEAST_TOKENS: Final = 60
GIVEN_WAY: Final = 2
"""Streams for each text that may be asked for: one that gave its place to a call's is computed all
the same, and the call is not to wait for its end."""
GPU_SOUNDING: Final = 16
"""Chunks that a GPU's vocoder makes at once; on a CPU that gains nothing."""


@dataclass(frozen=True, slots=True)
class Character:
    """A voice as tensors on the model's device."""

    conditioning: torch.Tensor
    speaker: torch.Tensor


class Studio:
    """What :class:`~tts.xtts.engine.XttsEngine` speaks with. Made in a thread: it takes long."""

    def __init__(self, options: XttsOptions) -> None:
        self._options = options
        self.device = chosen_device(options.device)
        self.precision = chosen_precision(options.precision, self.device)
        if options.threads:
            torch.set_num_threads(options.threads)
        model = load_model(options.model)
        if self.device == "cuda":
            model.to("cuda")
        gpt = Transformer(model.gpt, self.precision)
        if self.precision != "fp32":
            model.gpt.gpt.h = torch.nn.ModuleList()  # their weights are ours now
        on_cpu = self.device == "cpu"
        lowered = on_cpu and self.precision in ("bf16", "int8")
        self.model = model
        self.most = options.streams or (CPU_STREAMS if on_cpu else GPU_STREAMS)
        self.streams = Streams(
            gpt,
            Vocoder(model.hifigan_decoder, bf16=lowered),
            most=self.most * GIVEN_WAY,
            together=options.together,
            sounding=1 if on_cpu else GPU_SOUNDING,
        )
        self._most_text = gpt.most_text
        self._speakers = _speakers(model)
        self._own = self._own_voice()
        self._cloned = OrderedDict[str, Character]()

    @property
    def speakers(self) -> tuple[str, ...]:
        """The voices that the model brought."""
        return tuple(self._speakers)

    def order(self, piece: str, voice: Voice, take: int) -> Order:
        """How ``piece`` is to be said. Raises :class:`~tts.engine.SynthesisError`."""
        character = self._character(voice)
        profile = self._options.profiles.get(voice.profile, PROFILES[voice.profile])
        parts = (self._options.seed, voice.name, voice.version, voice.profile, voice.language)
        return Order(
            tokens_of(piece, voice.language, self.model.tokenizer, self._most_text),
            character.conditioning,
            character.speaker,
            profile,
            seed_of(*parts, piece, take),
            LEAST_TOKENS + TOKENS_PER_CHARACTER * len(piece),
            pitch_factor(voice.pitch) / (voice.speed * profile.speed),
        )

    def forget(self, version: str) -> None:
        """Drop what was made ready of a cloned voice."""
        self._cloned.pop(version, None)

    def _character(self, voice: Voice) -> Character:
        if voice.latents is not None:
            return self._of_latents(voice.version, voice.latents)
        name = self._own if voice.name == OWN else voice.name
        if (latents := self._speakers.get(name)) is None:
            raise UnknownVoiceError(f"XTTS has no voice {name!r}; it has {self._some()}")
        return self._of_latents(name, latents)

    def _of_latents(self, key: str, latents: VoiceLatents | bytes) -> Character:
        if (known := self._cloned.get(key)) is not None:
            self._cloned.move_to_end(key)
            return known
        try:
            read = VoiceLatents.from_bytes(latents) if isinstance(latents, bytes) else latents
        except CloningError as bad:
            raise RefusedTextError(str(bad)) from bad
        width = self.model.gpt.model_dim
        if read.conditioning.shape[1] != width:
            raise RefusedTextError(
                f"the voice is of a model {read.conditioning.shape[1]} wide, and this one is "
                f"{width} wide: clone it again"
            )
        made = Character(
            torch.from_numpy(read.conditioning).to(self.device),
            torch.from_numpy(read.speaker).to(self.device),
        )
        self._cloned[key] = made
        if len(self._cloned) > CLONED_READY:
            self._cloned.popitem(last=False)
        return made

    def _own_voice(self) -> str:
        wanted = self._options.voice
        if wanted and wanted not in self._speakers:
            raise SynthesisError(
                f"XTTS has no voice {wanted!r}; engines.tts.xtts.voice is one of its own: "
                f"{self._some()}"
            )
        return wanted or next(iter(self._speakers), OWN)

    def _some(self) -> str:
        """A few of the model's voices, for a message."""
        names = list(self._speakers)
        return ", ".join([*names[:5], *(["..."] if len(names) > 5 else [])]) or "none of its own"


def _speakers(model: Any) -> Mapping[str, VoiceLatents]:
    manager = model.speaker_manager
    brought = manager.speakers if manager is not None else {}
    return {
        name: of_tensors(each["gpt_cond_latent"], each["speaker_embedding"])
        for name, each in brought.items()
    }
