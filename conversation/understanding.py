"""What was made of a turn: the slots that a flow decides on, never free text."""

from dataclasses import dataclass, field
from enum import StrEnum


class Expecting(StrEnum):
    """Which answer was asked for."""

    NOTHING = "nothing"
    PURPOSE = "purpose"
    """Why the visitor has come, and for whom: the open first question."""
    VISITOR_NAME = "visitor_name"
    UNIT = "unit"
    """Apartment and block, or a resident's name."""
    BLOCK = "block"
    """Which block or tower, the number being known."""
    COMPANY = "company"
    MESSAGE = "message"
    """Anything: it is kept as it was said."""
    CODE = "code"
    """A code that the visitor was given, or a resident's PIN."""
    PHONE = "phone"
    """A telephone number, digit by digit or in pairs."""
    YES_NO = "yes_no"
    AUTHORISATION = "authorisation"
    """The resident's decision: yes, no, or a question back."""


class Intent(StrEnum):
    """What somebody wants, as far as the doorman's flow distinguishes it."""

    DELIVERY = "delivery"
    VISIT = "visit"
    SERVICE = "service"
    RESIDENT = "resident"
    """Says to live here (forgot the key, wants the gate opened)."""
    EMERGENCY = "emergency"
    HUMAN = "human"
    """Asks for a person: the guard, the manager."""
    GOODBYE = "goodbye"
    CANCEL = "cancel"
    REPEAT = "repeat"
    """Did not hear or understand us."""
    WRONG_NUMBER = "wrong_number"
    HURRY = "hurry"
    """Asks how long it takes, or whether anybody has answered."""
    VOICE_MAIL = "voice_mail"
    """A machine answered and asks for a message."""
    GREETING = "greeting"
    """Only a greeting: "boa noite", "alô"."""


class Answer(StrEnum):
    """A yes or a no."""

    YES = "yes"
    NO = "no"


class Question(StrEnum):
    """What the resident wants to know before deciding."""

    WHO = "who"
    WHERE_FROM = "where_from"
    WHAT = "what"
    FOR_WHOM = "for_whom"


class Instruction(StrEnum):
    """What the resident wants done, other than a plain yes or no."""

    LEAVE_AT_DESK = "leave_at_desk"
    LEAVE_IN_LOCKER = "leave_in_locker"
    WAIT = "wait"
    COMING_DOWN = "coming_down"
    SEND_AWAY = "send_away"
    TALK = "talk"
    """Wants to speak with the visitor."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """The slots of one turn; ``None`` means that nothing was said about it.

    ``text`` is what was heard (lower case, no punctuation), ``confidence`` is 0..1 of hearing and
    extraction together. ``apartment`` and ``block`` are canonical ("501", "B"). Names are as
    said ("seu daniel"), to be matched by the directory.
    """

    text: str
    confidence: float = 1.0
    intent: Intent | None = None
    answer: Answer | None = None
    outright: bool = False
    """Has a word that no refusal has after its beginning, "sim"; in Spanish is only that, as "si"
    sounds the same in "no sé si puede pasar"."""
    visitor_name: str | None = None
    resident_name: str | None = None
    apartment: str | None = None
    apartment_alternatives: tuple[str, ...] = ()
    """Other readings of the same words, likeliest first: "vinte um" is 21 or 201."""
    block: str | None = None
    block_unheard: bool = False
    """Answers which block, and its name was not heard: "cento e um bloco"."""
    company: str | None = None
    code: str | None = field(default=None, repr=False)
    """The digits of a code that was read out, which are in no other slot and not in ``text``; empty
    where one was only spoken of."""
    signature: bool = False
    """What is delivered has to be signed for."""
    question: Question | None = None
    instruction: Instruction | None = None
    topics: tuple[str, ...] = ()
    """What it is about, by the ids of whatever list the agent has: a receptionist's handbook."""
    phone: str | None = None
    """Digits of a telephone number, or of a part of one."""
    language: str | None = None
    """The language that the words are in, where it is plainly another one ("en")."""
    leans_to: str | None = None
    """A language that they may be in: too little to go by, unless it comes again."""
    backchannel: bool = False
    """Only a sign of listening: "aham", "tá", "sei"."""
    murmur: bool = False
    """May be a sign of listening that was misheard: "a", "um um"; over our words it is one."""
    objects: bool = False
    """Asks us to wait, or says that something is wrong: "espera", "não é isso"."""
    small_talk: bool = False
    """About the weather, or to whoever stands beside."""
    abusive: bool = False
    does_not_know: bool = False
    """Has no answer to what was asked: "não sei", "não está escrito"."""

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it that a flow could act on: more than a greeting."""
        slots = (
            self.answer, self.visitor_name, self.resident_name, self.apartment, self.block,
            self.company, self.question, self.instruction, self.language, self.topics, self.phone,
        )  # fmt: skip
        if self.code is not None or self.signature:
            return True
        return any(slots) or self.intent not in (None, Intent.GREETING)
