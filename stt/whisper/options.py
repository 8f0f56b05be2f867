"""How to load and run a Whisper model."""

from dataclasses import dataclass

DEFAULT_MODEL = "small"
WHISPER_RATE_HZ = 16_000
LONGEST_S = 30
"""Whisper's own window, which no utterance exceeds."""


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """``model`` is a size (``small``), the name of a converted model on the Hugging Face hub, or a
    folder with one; ``download`` allows fetching it. ``device`` is ``cpu``, ``cuda`` or ``auto``;
    ``compute_type`` is int8 on a CPU and float16 on a GPU unless given.
    """

    model: str = DEFAULT_MODEL
    device: str = "auto"
    compute_type: str | None = None
    window_s: int | None = None
    """The encoder always works on 30 s, which on a CPU is most of the time. With a window of 8 s a
    3 s utterance takes about a fifth; a longer utterance gets a longer window, so that nothing is
    cut. Models were trained on 30 s: compare the error rates on your own calls before you use it
    (``ramal recognise --compare-window``)."""
    workers: int | None = None
    """Utterances computed at once, each on one core: all the cores unless given, 2 on a GPU."""
    batch: int | None = None
    """Waiting utterances that one worker takes together: 8 on a GPU, 1 on a CPU, where the encoder
    gains nothing by it."""
    waiting: int = 32
    """Utterances that may wait for a worker; one more is refused at once."""
    beam: int = 1
    prompt: str | None = None
    """What the model is told it wrote before: names and spelling of the place, in its language."""
    partial_every_s: float = 0.6
    """How much new speech is worth a partial result; 0 makes none."""
    languages: tuple[str, ...] = ("pt-BR", "en", "es")
    """Among which ``auto`` chooses."""
    deadline_s: float = 5.0
    """How long a result may take, waiting for a free worker included."""
    download: bool = True

    def __post_init__(self) -> None:
        if self.window_s is not None and not 1 <= self.window_s <= LONGEST_S:
            raise ValueError(f"window_s is between 1 and {LONGEST_S}, not {self.window_s}")
        counts = (self.beam, self.workers or 1, self.batch or 1, self.waiting)
        if min(counts) < 1 or self.workers == 0 or self.batch == 0:
            raise ValueError("beam, workers, batch and waiting are at least 1")
        if not self.languages:
            raise ValueError("auto needs at least one language to choose")
        if self.partial_every_s < 0 or self.deadline_s <= 0:
            raise ValueError("partial_every_s is 0 or more, deadline_s is above 0")
