"""What XTTS knows of a voice: computed from a recording, kept as a file, loaded anywhere."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tts.cloning import REFERENCE_HZ, CloningError

LONGEST_REFERENCE_S: Final = 30
"""More of a recording is not used: the model's own limit (``max_ref_length``)."""
PIECE_S: Final = 6
"""The pieces of which the model takes the mean (``gpt_cond_chunk_len``)."""
SHORTEST_REFERENCE_S: Final = 1.0
LARGEST_BYTES: Final = 1 << 20
FORMAT: Final = "xtts-latents-1"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceLatents:
    """``conditioning`` (32, width) tells the GPT how to speak, ``speaker`` (512,) the vocoder who
    speaks; float32, of no device."""

    conditioning: Floats
    speaker: Floats

    def to_bytes(self) -> bytes:
        """For a file or a request: a NumPy archive of plain arrays."""
        file = io.BytesIO()
        np.savez(file, format=FORMAT, conditioning=self.conditioning, speaker=self.speaker)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "VoiceLatents":
        """What :meth:`to_bytes` made; raises :class:`~tts.cloning.CloningError` for anything
        else, and runs nothing that may be in it."""
        if len(data) > LARGEST_BYTES:
            raise CloningError(f"latents of {len(data)} bytes are none of XTTS: they are smaller")
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                if sum(each.file_size for each in archive.zip.infolist()) > LARGEST_BYTES:
                    raise ValueError("it is larger inside than out")
                if str(archive["format"]) != FORMAT:
                    raise ValueError(f"its format is {archive['format']}")
                latents = cls(_floats(archive["conditioning"], 2), _floats(archive["speaker"], 1))
        except (ValueError, KeyError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as bad:
            raise CloningError(f"these are no latents of XTTS: {bad}") from bad
        return latents


def conditioning(model: Any, samples: Floats) -> VoiceLatents:
    """The latents of who speaks in ``samples``, mono at :data:`REFERENCE_HZ`, range -1..1.

    ``model`` is coqui-tts's ``Xtts``; this takes a second on a CPU. Raises
    :class:`~tts.cloning.CloningError` for less than :data:`SHORTEST_REFERENCE_S`.
    """
    import torch  # noqa: PLC0415 - whoever has a model has paid for this

    if samples.size < SHORTEST_REFERENCE_S * REFERENCE_HZ:
        raise CloningError(f"a voice needs {SHORTEST_REFERENCE_S:g} s of speech at the very least")
    used = np.clip(samples[: LONGEST_REFERENCE_S * REFERENCE_HZ], -1.0, 1.0)
    audio = torch.from_numpy(np.ascontiguousarray(used, np.float32))[None]
    with torch.inference_mode():
        gpt = model.get_gpt_cond_latents(audio, REFERENCE_HZ, LONGEST_REFERENCE_S, PIECE_S)
        speaker = model.get_speaker_embedding(audio.clone(), REFERENCE_HZ)
    return of_tensors(gpt, speaker)


def of_tensors(gpt: Any, speaker: Any) -> VoiceLatents:
    """From the tensors that XTTS has of a voice, on whatever device and of whatever precision."""
    return VoiceLatents(
        _floats(gpt.detach().float().cpu().numpy()[0], 2),
        _floats(speaker.detach().float().cpu().numpy().reshape(-1), 1),
    )


def _floats(array: npt.NDArray[Any], dimensions: int) -> Floats:
    if array.ndim != dimensions or not array.size or array.dtype.kind != "f":
        raise ValueError(f"an array of shape {array.shape} and type {array.dtype} is none of them")
    if not np.isfinite(array).all():
        raise ValueError("they hold numbers that are none")
    return np.ascontiguousarray(array, np.float32)
