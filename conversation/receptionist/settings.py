"""How a receptionist behaves: every choice in one place, with its reason beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceptionistSettings:
    """What an operator may set for an extension; confidences are 0..1."""

    business: str
    """As it is said: "Clínica Boa Vista"."""
    offers_languages: bool = False
    """Whether the greeting says which key the other languages are on; it is longer then."""
    offers_menu: bool = False
    """Whether the greeting says which keys the departments are on: people who can speak need not
    wait for it, and hear it anyway once they were not understood."""
    takes_messages: bool = True
    operator: str | None = None
    """Where people who ask for a person are transferred; None: nobody is there."""
    sure_confidence: float = 0.6
    """Below this a department is read back before anybody is transferred."""
    heard_confidence: float = 0.2
    """Below this a turn counts as not understood."""
    max_misunderstood: int = 4
    """Turns in a row without a meaning, after which it is a person or a goodbye."""
    max_silences: int = 3
    max_answers: int = 12
    """Facts that one call hears: more is somebody who reads the handbook out."""
