"""How things are said: signs of listening, abuse, no answer, another language."""

import re
from collections.abc import Callable
from dataclasses import dataclass


def no_other_language(_keys: list[str]) -> str | None:
    """For languages that tell no other from their own by themselves."""
    return None


@dataclass(frozen=True, slots=True)
class MannerWords:
    """A language's words that are no errand, folded."""

    backchannels: frozenset[str]
    plain_answers: frozenset[str]
    """Listening noises that answer a question where one was asked."""
    abuse: re.Pattern[str]
    ignorance: re.Pattern[str]
    """ "não sei": there is no answer to give."""
    other_language: Callable[[list[str]], str | None] = no_other_language
    """The language that folded words are plainly in, where it is another one."""

    def is_backchannel(self, keys: list[str], *, asked: bool) -> bool:
        """Whether the words are only signs of listening; ``asked``: an answer was awaited."""
        listening = self.backchannels - self.plain_answers if asked else self.backchannels
        return bool(keys) and all(key in listening for key in keys)

    def is_abusive(self, text: str) -> bool:
        """Whether folded ``text`` swears or insults."""
        return self.abuse.search(text) is not None

    def does_not_know(self, text: str) -> bool:
        """Whether folded ``text`` says that there is no answer to give."""
        return self.ignorance.search(text) is not None
