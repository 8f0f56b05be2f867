"""Scripts of simulated people as data: how somebody sounds, and what they do, from YAML."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from supervisor.callers.noises import NoiseKind
from supervisor.callers.steps import (
    Converse,
    HangUp,
    Interrupt,
    Listen,
    Play,
    Press,
    Say,
    StayOnLine,
    StaySilent,
    Step,
)
from supervisor.errors import OperatorError

KINDS: dict[str, tuple[type[Step], str | None]] = {
    "listen": (Listen, "words"),
    "say": (Say, "text"),
    "play": (Play, "path"),
    "interrupt": (Interrupt, "text"),
    "press": (Press, "digits"),
    "stay_silent": (StaySilent, "for_s"),
    "stay_on_line": (StayOnLine, "within_s"),
    "converse": (Converse, "replies"),
    "hang_up": (HangUp, None),
}
"""Steps by their name in a script, and the field that ``name: value`` stands for."""


class ScriptError(OperatorError):
    """A script or scenario that cannot be used; the message says which, where and why."""


def read_step(raw: Any) -> Any:
    """A step from ``listen``, ``say: Boa tarde`` or ``interrupt: {text: Oi, after_ms: 900}``.

    Raises ``ValueError`` for anything else; a step that is one already passes through.
    """
    if isinstance(raw, tuple(kind for kind, _ in KINDS.values())):
        return raw
    name, value = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else (raw, {})
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"{raw!r} is no step; the steps are {', '.join(KINDS)}")
    kind, field = KINDS[name]
    fields = value if isinstance(value, dict) else {field: value}
    return TypeAdapter(kind).validate_python(fields)


ReadStep: TypeAlias = Annotated[Step, BeforeValidator(read_step)]


class Strict(BaseModel):
    """Data of ours from a file: an unknown name is a mistake, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoiseScript(Strict):
    """What sounds behind a person all the time."""

    kind: NoiseKind = "street"
    snr_db: float = Field(default=15, ge=-5, le=60)
    """How far it is below the voice."""


class EchoScript(Strict):
    """A phone whose microphone picks up its own loudspeaker."""

    delay_ms: float = Field(default=80, ge=20, le=600)
    return_loss_db: float = Field(default=20, ge=0, le=60)
    """How much softer our words come back than they were heard."""


class PersonScript(Strict):
    """How a simulated person sounds and what they do."""

    voice: str = "pt-br+f3"
    """espeak-ng's name of the voice; never the agent's own."""
    hears: Literal["pt-BR", "en", "es"] = "pt-BR"
    """The language in which our words are understood."""
    pitch: float = Field(default=0.6, ge=0, le=1)
    speed: float = Field(default=1.1, gt=0.4, lt=2.5)
    street_snr_db: float | None = Field(default=None, ge=0, le=40)
    """Street noise all the time, this far below the voice; none for None."""
    noise: NoiseScript | None = None
    """Any other noise in its place."""
    echo: EchoScript | None = None
    gain_db: float = Field(default=0, ge=-30, le=12)
    """How much louder than usual the person speaks; negative for softer."""
    steps: tuple[ReadStep, ...] = ()


def read_text(path: Path) -> str:
    """A file's text. Raises :class:`ScriptError` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"The scenario {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ScriptError(f"The scenario {path} is not UTF-8 text; save it again.") from None


def read_yaml(text: str, source: str) -> Any:
    """The data of a YAML text; ``source`` names it in :class:`ScriptError`."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ScriptError(f"{source} is not valid YAML ({reason}); correct it.") from None


def first_mistake(error: ValidationError) -> ErrorDetails:
    """What to tell: a name that is misspelt before what is missing for it."""
    mistakes = error.errors(include_url=False, include_input=False)
    return min(mistakes, key=lambda one: one["type"] != "extra_forbidden")


def complaint(error: ValidationError, source: str) -> ScriptError:
    """The first thing wrong with a script, in one sentence."""
    first = first_mistake(error)
    where = ".".join(str(part) for part in first["loc"]) or "the whole file"
    message = first["msg"].removeprefix("Value error, ").splitlines()
    return ScriptError(f"{source}: {where}: {' '.join(message)}; correct it.")


def load_person(path: Path) -> PersonScript:
    """The person of a script file: a script itself, or the visitor of a demo scenario.

    Raises :class:`ScriptError`.
    """
    data = read_yaml(read_text(path), path.name)
    try:
        person = data["visitor"] if isinstance(data, dict) and "visitor" in data else data
        return PersonScript.model_validate(person)
    except ValidationError as error:
        raise complaint(error, path.name) from None
