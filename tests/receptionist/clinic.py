"""A clinic with a handbook, for the tests of its receptionist."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from conversation.flow import Action, CallStarted, Heard, KeyPressed, Party, Say
from conversation.receptionist import Handbook, Receptionist, ReceptionistSettings
from conversation.receptionist.handbook_file import handbook_of, read_handbook
from conversation.receptionist.rules import ReceptionRules
from conversation.receptionist.topics import Topics
from conversation.rules import Rules, rules_for
from conversation.rules.polyglot import Polyglot
from conversation.understanding import Understanding

LANGUAGES = ("pt-BR", "en", "es")
FILE = Path(__file__).with_name("clinic.yaml")
DOCUMENT = read_handbook(FILE.read_text(encoding="utf-8"), "clinic.yaml")
HANDBOOK = handbook_of(DOCUMENT, LANGUAGES)
MONDAY = datetime(2026, 11, 23, 10, 0)
SUNDAY = datetime(2026, 11, 22, 10, 0)


def rules(handbook: Handbook = HANDBOOK) -> dict[str, Rules]:
    spoken: dict[str, Rules] = {
        each: ReceptionRules(rules_for(each), Topics(handbook, each)) for each in LANGUAGES
    }
    return {each: Polyglot(own, spoken) for each, own in spoken.items()}


RULES = rules()


class Caller:
    """Somebody on the line of a receptionist; ``said`` is what they heard last, by key."""

    def __init__(
        self,
        language: str = "pt-BR",
        at: datetime = MONDAY,
        flow: Receptionist | None = None,
        **more: object,
    ) -> None:
        given = {"operator": "8000", **more}
        settings = ReceptionistSettings("Clínica Boa Vista", **given)  # type: ignore[arg-type]
        self.flow = flow or Receptionist(settings, HANDBOOK, language, RULES)
        self.actions: list[Action] = []
        self.last: Sequence[Action] = ()
        self.does(CallStarted(at.hour, at=at))

    def does(self, event: object) -> "Caller":
        self.last = self.flow.handle(event)  # type: ignore[arg-type]
        self.actions += self.last
        return self

    def says(self, *texts: str, confidence: float = 0.9) -> "Caller":
        for text in texts:
            language = self.flow.language(Party.VISITOR) or self.flow._desk.own
            heard = RULES[language].interpret(text, confidence, self.flow.expecting(Party.VISITOR))
            self.hears(heard)
        return self

    def hears(self, heard: Understanding) -> "Caller":
        return self.does(Heard(Party.VISITOR, heard))

    def keys(self, digits: str) -> "Caller":
        for digit in digits:
            self.does(KeyPressed(Party.VISITOR, digit))
        return self

    @property
    def said(self) -> list[str]:
        return [action.text for action in self.last if isinstance(action, Say)]

    @property
    def answers(self) -> list[str]:
        """The facts that were spoken, in all of the call."""
        return [
            action.values["answer"]
            for action in self.actions
            if isinstance(action, Say) and action.text == "answer"
        ]
