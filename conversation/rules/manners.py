"""How things are said: signs of listening, abuse, no answer, another language."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_MURMUR_WORDS = 4
_LONG_ENOUGH = 3
"""Letters from which a sound has few neighbours."""


def no_other_language(_keys: list[str]) -> str | None:
    """For languages that tell no other from their own by themselves."""
    return None


@dataclass(frozen=True, slots=True)
class MannerWords:
    """A language's words that are no errand, folded."""

    backchannels: frozenset[str]
    murmurs: frozenset[str]
    """What else a recogniser makes of such sounds: "a" of "ah", "um" of "hum"."""
    plain_answers: frozenset[str]
    """Listening noises that answer a question where one was asked."""
    abuse: re.Pattern[str]
    ignorance: re.Pattern[str]
    """ "não sei": there is no answer to give."""
    objections: re.Pattern[str]
    """Who speaks over us with one of these wants us to stop, whatever it is about."""
    small_talk: re.Pattern[str]
    """What is said to whoever stands beside, or about the weather."""
    other_language: Callable[[list[str]], str | None] = no_other_language
    """The language that folded words are plainly in, where it is another one."""

    def is_backchannel(self, keys: list[str], *, asked: bool) -> bool:
        """Whether the words are only signs of listening; ``asked``: an answer was awaited."""
        listening = self.backchannels - self.plain_answers if asked else self.backchannels
        return bool(keys) and all(key in listening for key in keys)

    def is_murmur(self, keys: list[str]) -> bool:
        """Whether a few words may be no more than sounds of listening, misheard."""
        return 0 < len(keys) <= _MURMUR_WORDS and all(map(self._sounds_like_listening, keys))

    def _sounds_like_listening(self, key: str) -> bool:
        """A letter more, less or another one, but not the first: "tranquelo", "seis" for "sei"."""
        return key in self.murmurs or any(
            key[0] == sound[0] and Levenshtein.distance(key, sound, score_cutoff=1) <= 1
            for sound in self.backchannels
            if key == sound or len(sound) >= _LONG_ENOUGH
        )

    def is_objection(self, text: str) -> bool:
        """Whether folded ``text`` asks us to wait, or says that something is wrong."""
        return self.objections.search(text) is not None

    def is_small_talk(self, text: str) -> bool:
        """Whether folded ``text`` is about nothing that concerns us."""
        return self.small_talk.search(text) is not None

    def is_abusive(self, text: str) -> bool:
        """Whether folded ``text`` swears or insults."""
        return self.abuse.search(text) is not None

    def does_not_know(self, text: str) -> bool:
        """Whether folded ``text`` says that there is no answer to give."""
        return self.ignorance.search(text) is not None
