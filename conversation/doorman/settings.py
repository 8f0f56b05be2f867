"""How a condominium's doorman behaves: every choice in one place, with its reason beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DoormanSettings:
    """What an operator may set for an extension; confidences are 0..1."""

    condominium: str
    """As it is said: "Residencial Aurora"."""
    unit_word: str = "apartamento"
    """What a unit is called: "apartamento", "casa", "sala"."""
    block_word: str = "bloco"
    offers_languages: bool = False
    """Whether the greeting says which key the other languages are on; it is longer then."""
    ring_s: float = 30.0
    """How long each phone rings: six rings of the Brazilian cadence of 5 s."""
    ring_steps_s: tuple[float, ...] = ()
    """How long the first, the second ... phone rings, where that is not ``ring_s``."""
    max_phones: int = 3
    """Phones tried per visit: a visitor at the gate waits a minute and a half, not longer. Those
    that do not exist or cannot be reached do not count."""
    hunt_limit_s: float = 120.0
    """The longest that phones ring for one visit, all together."""
    nobody_answers: str = "goodbye"
    """What follows when no phone was answered: "goodbye", "guard", or "message", which offers to
    take one."""
    call_backs: int = 1
    """Times that a phone is called again when its owner hangs up without deciding."""
    joins: bool = True
    """Whether a resident who asks for it may talk with the visitor."""
    talk_limit_s: float = 180.0
    """How long they may: who stands at a gate needs a minute, and others wait behind."""
    opens_door: bool = True
    """Whether an authorisation carries out the door command."""
    leave_at_desk: bool = True
    """Whether parcels may be left at the desk on the resident's word."""
    offer_desk: bool = False
    """Whether couriers are offered to leave the parcel at the desk when nobody answers."""
    desk_opens_door: bool = False
    """Whether the courier must be let in to reach the desk."""
    desk_signs: bool = False
    """Whether somebody at the desk signs for parcels: a virtual doorman has nobody there."""
    lockers: bool = False
    """Whether there are lockers for parcels, which a resident may send a courier to."""
    locker_opens_door: bool = False
    """Whether the courier must be let in to reach them."""
    takes_codes: bool = True
    """Whether visitors' codes are taken. Nothing changes where no resident has made one."""
    checks_list: bool = True
    """Whether a visitor's name is looked for on the unit's list before anybody is called."""
    takes_pins: bool = False
    """Whether who says to live here is asked for a PIN: one question more for everybody who forgot
    a key, so only where residents have PINs."""
    max_code_tries: int = 3
    """Codes and PINs that are compared in one call; more than three slips is guessing. Across calls
    the database counts (``supervisor/admission/lockout.py``)."""
    guard: str | None = None
    """Where people who ask for a person are transferred; None: nobody is there."""
    emergency: str | None = None
    """Where emergencies go; None: to the guard."""
    sure_confidence: float = 0.6
    """Below this an apartment is read back before anybody is called."""
    decision_confidence: float = 0.5
    """Below this a resident's yes or no is asked for again."""
    heard_confidence: float = 0.2
    """Below this a turn counts as not understood."""
    max_misunderstood: int = 3
    """Turns in a row without a meaning, after which a person or a goodbye is better."""
    max_unknown_units: int = 3
    max_silences: int = 3
    max_unclear: int = 2
    """Times that a resident is asked again before silence or noise counts as no authorisation."""
    max_resident_silences: int = 3
    patience_after_wait: int = 4
    """Reprompts withheld after a resident said "um momento": at 5 s each, about 20 s."""

    @property
    def emergency_destination(self) -> str | None:
        """Where an emergency goes, if anywhere."""
        return self.emergency or self.guard
