"""What a report says besides its entries, and the words that it says it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from supervisor.database.visit_chain import Chain

OUTCOMES: Final[Mapping[str, str]] = {
    "authorised": "Autorizado",
    "denied": "Negado",
    "left_at_desk": "Deixado na portaria",
    "coming_down": "Morador desceu",
    "no_answer": "Ninguém atendeu",
    "message_left": "Recado deixado",
    "undecided": "Sem decisão",
    "unknown_unit": "Unidade inexistente",
    "silent": "Não falou",
    "not_understood": "Não compreendido",
    "left": "Foi embora",
    "cancelled": "Desistiu",
    "transferred": "Transferido",
    "emergency": "Emergência",
    "failed": "Falha na ligação",
    "timed_out": "Tempo esgotado",
    "answered": "Respondido",
    "unanswered": "Sem resposta",
}
"""A word that is not here is shown as it is in the log."""
INTENTS: Final[Mapping[str, str]] = {
    "delivery": "Entrega",
    "visit": "Visita",
    "service": "Serviço",
    "resident": "Morador",
    "emergency": "Emergência",
}
ANSWERS: Final[Mapping[str, str]] = {
    "answered": "atendeu",
    "busy": "ocupado",
    "rejected": "recusou",
    "no_answer": "não atendeu",
    "unreachable": "fora de alcance",
    "invalid": "número inválido",
    "failed": "falha",
    "cancelled": "cancelada",
}
FILTERS: Final[Mapping[str, str]] = {
    "outcome": "resultado",
    "apartment": "apartamento",
    "block": "bloco",
    "visitor": "visitante",
    "search": "texto",
    "call_id": "chamada",
}
UTC_NAME: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk over a condominium's chain found; hashes in hexadecimal."""

    entries: int
    last_hash: str
    broken: str | None
    """Which entry is the first that does not hold, and why; ``None`` for a whole chain."""


def verified_of(chain: Chain) -> Verified:
    """What a walk found, as a report tells it."""
    if chain.broken is None:
        return Verified(chain.entries, chain.last_hash, None)
    reason = f"entrada {chain.broken.position}: {chain.broken.reason}"
    return Verified(chain.entries, chain.last_hash, reason)


@dataclass(frozen=True, slots=True)
class Report:
    """What stands around the entries. ``timezones`` are by the condominium's id; ``filters`` are
    what else was asked for, as it is to be shown. ``since`` and ``until`` are ISO 8601."""

    made_at: str
    condominium: str | None = None
    timezones: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None
    until: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    verified: Verified | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Report":
        """What ``dataclasses.asdict`` made."""
        verified = data["verified"]
        return cls(**{**data, "verified": Verified(**verified) if verified else None})

    def local(self, at: str, condominium_id: str | None = None) -> datetime:
        """A moment where it happened; the only condominium's time where none is named."""
        only = next(iter(self.timezones.values()), UTC_NAME)
        zone = self.timezones.get(condominium_id, UTC_NAME) if condominium_id else only
        return datetime.fromisoformat(at).astimezone(ZoneInfo(zone))


class WriteVisit(Protocol):
    """Takes a visit, in the order of the file: columns of the table as JSON-able data."""

    def __call__(self, visit: Mapping[str, Any], /) -> None:
        """Raises ``OSError``, and ``TooLongError`` for one entry too many."""


class TooLongError(Exception):
    """There are more entries than the format takes; the message says how many it takes."""


def unit_of(data: Mapping[str, Any]) -> str:
    """Block and apartment in one."""
    return " ".join(str(data[name]) for name in ("block", "apartment") if data.get(name))


def calls_of(data: Mapping[str, Any]) -> str:
    """Who was called on which number, and what came of it."""
    calls: Sequence[Mapping[str, Any]] = data.get("calls") or ()
    return "; ".join(
        f"{call.get('phone') or ''} {words_of(call.get('outcome'), ANSWERS)}".strip()
        for call in calls
    )


def words_of(value: object, known: Mapping[str, str]) -> str:
    """What is shown for a word of the log."""
    return "" if value is None else known.get(str(value), str(value))
