"""What somebody wants, asks or orders, by the phrases of the gate and of the intercom."""

import re
from dataclasses import dataclass

from conversation.understanding import Instruction, Intent, Question


@dataclass(frozen=True, slots=True)
class IntentWords:
    """A language's phrases, folded; lists are searched in their order."""

    emergency: re.Pattern[str]
    no_emergency: re.Pattern[str]
    """ "luz de emergência": what only sounds like one."""
    greeting: re.Pattern[str]
    """A whole turn that only greets."""
    lone_repeat: re.Pattern[str]
    """A whole turn that asks for our words again: "como?"."""
    intents: tuple[tuple[re.Pattern[str], Intent], ...]
    """A courier for the technician's box is rarer than a technician with one."""
    delivers: re.Pattern[str]
    """What makes a delivery of a service's or a visit's words: "entrega de uma cortina"."""
    questions: tuple[tuple[re.Pattern[str], Question], ...]
    """The more particular first."""
    instructions: tuple[tuple[re.Pattern[str], Instruction], ...]
    doubtful: re.Pattern[str]
    """Orders that may be denied or not: "não pode deixar na portaria"."""

    def intent(self, text: str) -> Intent | None:
        """The intent of folded ``text``; an emergency goes before everything."""
        if self.is_emergency(text):
            return Intent.EMERGENCY
        if self.greeting.fullmatch(text):
            return Intent.GREETING
        if self.lone_repeat.fullmatch(text):
            return Intent.REPEAT
        for pattern, intent in self.intents:
            if pattern.search(text):
                return self._delivery_first(text, intent)
        return None

    def _delivery_first(self, text: str, intent: Intent) -> Intent:
        """ "entrega de uma cortina" is a delivery, whatever is in the parcel."""
        weaker = intent in (Intent.SERVICE, Intent.VISIT)
        return Intent.DELIVERY if weaker and self.delivers.search(text) else intent

    def is_emergency(self, text: str) -> bool:
        """Whether folded ``text`` tells of danger; "luz de emergência" and "não é" do not."""
        return self.emergency.search(self.no_emergency.sub(" ", text)) is not None

    def question(self, text: str) -> Question | None:
        """What is asked back."""
        return next((asked for pattern, asked in self.questions if pattern.search(text)), None)

    def is_doubtful(self, text: str) -> bool:
        """Whether an order in folded ``text`` may be denied or not: then there is no decision."""
        return self.doubtful.search(text) is not None

    def instruction(self, text: str) -> Instruction | None:
        """What the resident orders, if it is plain."""
        if self.is_doubtful(text):
            return None
        return next((order for pattern, order in self.instructions if pattern.search(text)), None)
