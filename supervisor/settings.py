"""What an operator can set: ``ramal.toml``, ``RAMAL_*`` in the environment, and the defaults.

The environment wins over the file. Nested names take two underscores: ``RAMAL_AMI__SECRET``.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    Field,
    IPvAnyNetwork,
    NonNegativeFloat,
    PositiveFloat,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariableError

from audiosocket.frames import TELEPHONE_HZ, WIDEBAND_HZ
from supervisor.environment import misspelt
from supervisor.errors import OperatorError
from supervisor.section import Section
from supervisor.speech_settings import EnginesSettings, SttSettings, TtsSettings, TurnsSettings

DEFAULT_FILE = Path("ramal.toml")


class SettingsError(OperatorError):
    """The settings cannot be used; the message names the file or variable, the key and the cure."""


class AsteriskSettings(Section):
    """How a phone number becomes a channel, and what becomes of the channel once answered."""

    host: str = Field(default="127.0.0.1", min_length=1)
    user: str = Field(default="ramal", pattern=r"^[^:\r\n]+$")
    secret: SecretStr
    dial: str = Field(default="PJSIP/{phone}", pattern=r"^[A-Za-z0-9_./@:{}\-]*\{phone\}[^\r\n]*$")
    """The channel to originate; ``{phone}`` is replaced by the resident's number."""
    context: str = Field(default="ramal-resident", pattern=r"^[A-Za-z0-9_\-]+$")
    """Where the dialplan takes an answered leg: extension ``s``, priority 1."""
    caller_id: str = Field(default="Portaria", pattern=r"^[^\r\n]*$")
    audio: Literal["slin", "slin16"] = "slin"
    """The resident's audio between Asterisk and us: 8 kHz, or 16 kHz for phones with G.722."""

    @property
    def line_hz(self) -> int:
        """The rate of an answered leg."""
        return WIDEBAND_HZ if self.audio == "slin16" else TELEPHONE_HZ


class AmiSettings(AsteriskSettings):
    """How to reach Asterisk's manager interface."""

    port: int = Field(default=5038, ge=1, le=65535)


class AriSettings(AsteriskSettings):
    """How to reach Asterisk's REST interface; ``secret`` is what ari.conf calls the password."""

    port: int = Field(default=8088, ge=1, le=65535)
    audio: Literal["slin", "slin16"] = "slin16"


class LlmSettings(Section):
    """How language models are asked that tenants have; ``ramal model`` says which and where."""

    filler_after_ms: int = Field(default=800, ge=200, le=5000)
    """The visitor hears "só um instante" if there is no answer by then."""
    speculates: bool = True
    """Whether a model is asked at the first short pause, before the turn is surely over: sooner,
    and a little dearer."""
    break_after: int = Field(default=5, ge=1)
    """Failures in a row after which a model is left alone ..."""
    break_s: PositiveFloat = 30.0
    """... for so long."""
    prices: dict[str, tuple[NonNegativeFloat, NonNegativeFloat]] = Field(default_factory=dict)
    """By model: of a million tokens in, and of a million out."""


class SpoolSettings(Section):
    """How much disk entries of calls may take while the database is away: ``data_dir``/spool."""

    limit_mb: int = Field(default=512, ge=1)
    """For all workers together; beyond it entries wait in memory, and then are lost and told."""


class RecordingSettings(Section):
    """Where recordings are kept: ``data_dir``/recordings. Whose are made is the condominium's
    setting."""

    keep_free_mb: int = Field(default=1024, ge=0)
    """Left on the disk for the spool and the database: with less, calls go on unrecorded."""


class LogSettings(Section):
    """How much is logged and in which form; ``auto`` is for people on a terminal, else JSON."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class HttpSettings(Section):
    """Where the admin API listens, and how much one client may ask of it."""

    enabled: bool = True
    host: str = Field(default="127.0.0.1", min_length=1)
    """Keep it private, or behind a proxy that does TLS."""
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes any free one, which the log names."""
    requests_per_minute_per_key: int = Field(default=1200, ge=1)
    requests_per_minute: int = Field(default=2400, ge=1)
    """... of one address, with whichever key."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose X-Forwarded-For and X-Forwarded-Proto are believed."""


class AuthSettings(Section):
    """How people log in to the admin API, and how long a login lasts."""

    signing_keys: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = ()
    """Of access tokens, the newest first, for several machines; without them, keys are made under
    ``data_dir`` and replaced every ``signing_key_days``."""
    signing_key_days: PositiveFloat = 30.0
    access_minutes: int = Field(default=10, ge=1, le=60)
    idle_days: PositiveFloat = 7.0
    """A login that is not refreshed for so long is over."""
    session_days: PositiveFloat = 30.0
    """... and any login after so long."""
    argon2_memory_mib: int = Field(default=64, ge=8, le=4096)
    """What a password's hash costs; after a change, each password is hashed anew at its login."""
    argon2_passes: int = Field(default=3, ge=1, le=100)
    argon2_lanes: int = Field(default=4, ge=1, le=64)


class VisitorSettings(Section):
    """Codes of expected visitors, and residents' PINs."""

    key: SecretStr | None = Field(default=None, min_length=32)
    """What their hashes are made with: needed where several machines answer calls; without it one
    is kept under ``data_dir``/auth. Another key makes every code and PIN void."""
    wrong_per_extension: int = Field(default=10, ge=1, le=1000)
    """Wrong ones within an hour, after which an extension compares nothing ..."""
    wrong_per_unit: int = Field(default=5, ge=1, le=1000)
    """... and those of one unit, at whichever extension."""
    keep_days: float = Field(default=30.0, ge=0, le=3650)
    """An entry whose time is over is deleted after so long: who asks why somebody was not let in
    asks soon, and what happened is in the visit log."""


class OutgoingSettings(Section):
    """Where webhooks and door commands may go: URLs that customers give."""

    allow_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks that are no part of the public Internet and may be spoken to all the same."""
    allow_http: bool = False
    """Whether requests may go out without TLS: who is on the way then reads them."""


class WebhookSettings(Section):
    """How long webhooks are tried, and how long what became of them is kept."""

    request_limit_s: PositiveFloat = 10.0
    """How long a receiver may take to answer."""
    give_up_after_h: PositiveFloat = 24.0
    """A delivery that failed for so long is dead, until somebody has it sent again."""
    disable_after_h: PositiveFloat = 72.0
    """An endpoint that took nothing for so long is disabled, with an alarm."""
    keep_days: PositiveFloat = 7.0
    keep_dead_days: PositiveFloat = 30.0


class SynthesisSettings(Section):
    """Synthesis jobs: how much a tenant may ask for, and how long results are kept."""

    at_once: int = Field(default=1, ge=0, le=64)
    """Items that this machine makes at once; 0 leaves them to others."""
    jobs_per_tenant: int = Field(default=5, ge=1)
    """Jobs that are not finished."""
    characters_per_day: int = Field(default=200_000, ge=1)
    """... of a tenant, by the calendar of UTC."""
    attempts: int = Field(default=5, ge=1, le=100)
    """Without any progress; then an item is a dead letter."""
    keep_days: PositiveFloat = 7.0
    """After a job's end its files and texts are deleted."""
    keep_free_mb: int = Field(default=1024, ge=0)
    """Left on the disk: with less, jobs wait."""


class AlertSettings(Section):
    """Who is told of alarms, besides webhooks and the log."""

    urls: tuple[SecretStr, ...] = ()
    """Addresses as apprise writes them: ``mailto://``, ``slack://``, ``tgram://`` ..."""
    most_per_hour: int = Field(default=20, ge=1)
    """Messages to each address; what is kept back is counted in the next one."""


class Settings(BaseSettings):
    """Everything an operator can set, with defaults that work alone."""

    model_config = SettingsConfigDict(
        env_prefix="RAMAL_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    database_url: SecretStr | None = None
    """A PostgreSQL; without it the embedded one runs under ``data_dir``."""
    data_dir: Path = Path("var")
    host: str = Field(default="127.0.0.1", min_length=1)
    """The address that extensions listen on. AudioSocket has no authentication: keep it private."""
    workers: int | None = Field(default=None, ge=1, le=256)
    """Worker processes; one per core where nothing is said."""
    spare_worker: bool = True
    """Keep one more worker ready, with its engines loaded, to take the place of one that dies."""
    worker_memory_mb: int | None = Field(default=None, ge=1)
    """A worker with more is replaced; half of the machine's memory where nothing is said."""
    drain_s: PositiveFloat = 120.0
    """How long calls may go on after the server was asked to stop."""
    max_calls: int = Field(default=400, ge=1)
    """Calls at once for each extension; one more goes to the dialplan's fallback."""
    telephone: Literal["ami", "ari"] = "ami"
    """The interface of Asterisk through which people are called: the section of that name."""
    ami: AmiSettings | None = None
    ari: AriSettings | None = None
    stt: SttSettings = SttSettings()
    tts: TtsSettings = TtsSettings()
    turns: TurnsSettings = TurnsSettings()
    engines: EnginesSettings = EnginesSettings()
    llm: LlmSettings = LlmSettings()
    spool: SpoolSettings = SpoolSettings()
    recording: RecordingSettings = RecordingSettings()
    log: LogSettings = LogSettings()
    http: HttpSettings = HttpSettings()
    auth: AuthSettings = AuthSettings()
    visitors: VisitorSettings = VisitorSettings()
    outgoing: OutgoingSettings = OutgoingSettings()
    webhooks: WebhookSettings = WebhookSettings()
    synthesis: SynthesisSettings = SynthesisSettings()
    alerts: AlertSettings = AlertSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, whose contents come in as keyword arguments."""
        return env_settings, init_settings

    def for_worker(self) -> dict[str, Any]:
        """The settings as JSON-able data, secrets included: for a private channel, never a log."""
        data = self.model_dump(mode="json", exclude={"auth"})  # a worker lets nobody in
        if self.database_url is not None:
            data["database_url"] = self.database_url.get_secret_value()
        for name, section in (("ami", self.ami), ("ari", self.ari)):
            if section is not None:
                data[name]["secret"] = section.secret.get_secret_value()
        if self.engines.token is not None:
            data["engines"]["token"] = self.engines.token.get_secret_value()
        for name, key in (("stt", self.stt.openai.key), ("tts", self.tts.openai.key)):
            if key is not None:
                data[name]["openai"]["key"] = key.get_secret_value()
        if self.visitors.key is not None:
            data["visitors"]["key"] = self.visitors.key.get_secret_value()
        return data

    @property
    def asterisk(self) -> AmiSettings | AriSettings | None:
        """The section that ``telephone`` names; none where nobody can be called."""
        return self.ari if self.telephone == "ari" else self.ami

    @classmethod
    def from_supervisor(cls, data: Mapping[str, Any]) -> "Settings":
        """What :meth:`for_worker` made; the environment has no say any more."""
        return _Given(**data)


class _Given(Settings):
    """Settings decided elsewhere: nothing is read from the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings file and the environment.

    ``path`` defaults to ``RAMAL_CONFIG``, then to ``./ramal.toml`` if there is one. ``overrides``
    are the program's own and win over both. Raises :class:`SettingsError`.
    """
    file = _settings_file(path)
    data: dict[str, Any] = _read(file) if file else {}
    if url := os.environ.get("DATABASE_URL"):
        data["database_url"] = url
    if mistake := misspelt(os.environ, _variables()):
        raise SettingsError(mistake)
    try:
        settings = Settings(**data)
    except UnreadableVariableError:
        raise SettingsError(_section_complaint()) from None
    except ValidationError as error:
        raise SettingsError(_first_complaint(error, file, data)) from None
    if settings.telephone == "ari" and settings.ari is None:
        where = f"{file}: " if file and "telephone" in data else "RAMAL_TELEPHONE: "
        raise SettingsError(
            f'{where}"telephone" is "ari", but nothing says how to reach it; add [ari] and its '
            "secret, or RAMAL_ARI__SECRET."
        )
    return settings.model_copy(update=overrides)


def _settings_file(path: Path | None) -> Path | None:
    if path is not None:
        return path
    if named := os.environ.get("RAMAL_CONFIG"):
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}; correct that line.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text; save it again as UTF-8.") from None
    except OSError as error:
        raise SettingsError(
            f"The settings file {file} cannot be read ({error.strerror}); correct the path in "
            "RAMAL_CONFIG or the file's permissions."
        ) from None


def _first_complaint(error: ValidationError, file: Path | None, data: Mapping[str, Any]) -> str:
    errors = error.errors(include_url=False, include_input=False)
    # A misspelt key first: what is "missing" then is missing because of it.
    first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    parts = [str(part) for part in first["loc"]]
    where = f"{file}: " if file and _is_in(parts, data) else f"{_variable(parts)}: "
    key = ".".join(parts)
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(_known_beside(parts)))
        return f'{where}there is no setting "{key}"; remove it or use one of {known}.'
    if first["type"] == "model_type":
        if _given(key):
            return _section_complaint()
        return f'{where}"{key}" is a section; write [{key}] and its keys below.'
    return f'{where}the setting "{key}" is wrong: {_plain(first["msg"])}; correct it.'


def _section_complaint() -> str:
    """A variable with the name of a section must be a JSON object, which is hardly ever meant."""
    wrong = next(name for name in _SECTIONS if _given(name) and not _is_object(_given(name)))
    keys = ", ".join(_variable([wrong, key]) for key in _SECTIONS[wrong].model_fields)
    return f'{_variable([wrong])}: "{wrong}" is a section; set its keys one by one: {keys}.'


def _given(section: str) -> str:
    return os.environ.get(_variable([section]), "")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_in(parts: list[str], data: Mapping[str, Any]) -> bool:
    if os.environ.get(_variable(parts)) is not None:
        return False
    return parts[:1] == [] or parts[0] in data


def _variable(parts: list[str]) -> str:
    if parts == ["database_url"] and "RAMAL_DATABASE_URL" not in os.environ:
        return "DATABASE_URL"
    return "RAMAL_" + "__".join(part.upper() for part in parts)


_SECTIONS: Mapping[str, type[BaseModel]] = {
    "ami": AmiSettings,
    "ari": AriSettings,
    "stt": SttSettings,
    "tts": TtsSettings,
    "turns": TurnsSettings,
    "engines": EnginesSettings,
    "llm": LlmSettings,
    "spool": SpoolSettings,
    "recording": RecordingSettings,
    "log": LogSettings,
    "http": HttpSettings,
    "auth": AuthSettings,
    "outgoing": OutgoingSettings,
    "webhooks": WebhookSettings,
    "synthesis": SynthesisSettings,
    "alerts": AlertSettings,
}


def _known_beside(parts: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in parts[:-1]:
        inner = model.model_fields[part].annotation
        model = inner if isinstance(inner, type) else _SECTIONS[part]
    return list(model.model_fields)


def _variables() -> list[str]:
    """Every setting's variable, and every section's."""
    nested = [f"{name}__{key}" for name, model in _SECTIONS.items() for key in model.model_fields]
    return [f"RAMAL_{name.upper()}" for name in (*Settings.model_fields, *nested)]


def _plain(message: str) -> str:
    return (
        message.removeprefix("Value error, ").rstrip(".")[:1].lower()
        + message.removeprefix("Value error, ").rstrip(".")[1:]
    )
