"""Whether somebody who speaks while we speak is interrupting us: one small decision, alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from conversation.understanding import Intent, Understanding

WORD: Final = re.compile(r"\w+")
SENTENCE: Final = 3
"""Words from which something is a sentence."""
PHRASE_OF_OURS: Final = 8
"""Letters from which what is in our text was hardly said by anybody else ..."""
WORD_OF_OURS: Final = 4
"""... and where the line has brought our voice back before."""
LAST_WORD: Final = 60.0
"""How much alike (0..100) our last word and that of an echo are, which is heard worst."""


class Reaction(StrEnum):
    """What to do about speech that begins while we speak."""

    STOP = "stop"
    """Be silent now; whether it was an interruption is decided from the words."""
    IGNORE = "ignore"
    """This must not be interrupted."""
    SUSPECT_ECHO = "suspect_echo"
    """It is our own voice coming back: go on, and look again while it lasts."""


class Verdict(StrEnum):
    """What the words of such speech turned out to be."""

    INTERRUPTION = "interruption"
    GO_ON = "go_on"
    """Nothing that we should stop for: no words, a sign of listening, or our own words."""


@dataclass(frozen=True, slots=True)
class BargeIn:
    """The default strategy. ``own_words`` (0..100) is how much alike a text must be to be ours."""

    own_words: float = 85.0
    clear: float = 0.75
    """Confidence (0..1) from which a sentence was not made of noise."""

    def react(self, *, interruptible: bool, sounds_ours: bool) -> Reaction:
        """Decide within 150 ms of the first sound, from the sound alone."""
        if not interruptible:
            return Reaction.IGNORE
        if sounds_ours:
            return Reaction.SUSPECT_ECHO
        return Reaction.STOP

    def judge(
        self,
        heard: Understanding,
        own_text: str,
        *,
        asked: bool,
        decides: bool = False,
        echoing: bool = False,
    ) -> Verdict:
        """Decide from the words, once the turn is over.

        Where we had not ``asked`` anything, small talk ("está chovendo, moço") is no reason to
        leave what we were telling unsaid. Where we had, a word or two that mean nothing to us are
        no answer: who meant one says it again when we have finished asking. Who ``decides``, a yes
        or a no, is asked at once what "certo" means. On an ``echoing`` line one word of ours is our
        own.
        """
        if not heard.text or _only_listens(heard) or _only_a_greeting(heard):
            return Verdict.GO_ON
        few = len(WORD.findall(heard.text)) < SENTENCE and not decides
        if not self._concerns_us(heard) and (few or not asked):
            return Verdict.GO_ON
        if self._is_own(heard.text, own_text, WORD_OF_OURS if echoing else PHRASE_OF_OURS):
            return Verdict.GO_ON
        return Verdict.INTERRUPTION

    def _concerns_us(self, heard: Understanding) -> bool:
        """Whether somebody whom nothing was asked wants to tell us something: what is understood,
        an objection, or a clear sentence about whatever else."""
        if heard.says_something or heard.objects:
            return True
        clear = heard.confidence >= self.clear
        return clear and len(WORD.findall(heard.text)) >= SENTENCE and not heard.small_talk

    def echoes(self, text: str, said_lately: Iterable[str]) -> bool:
        """Whether a turn that sounded like our own voice, and outlasted it, is our own words.

        Somebody who answers while our echo dies away adds to it: then it does not end as we did.
        """
        own = " ".join(said_lately)
        last, our_last = (WORD.findall(each.lower())[-1:] for each in (text, own))
        ends_alike = bool(last and our_last) and fuzz.ratio(last[0], our_last[0]) >= LAST_WORD
        return ends_alike and len(text) <= len(own) and self._is_own(text, own)

    def _is_own(self, heard: str, own_text: str, least: int = PHRASE_OF_OURS) -> bool:
        """Our own words come back in pieces; a short "sim" inside a long sentence is no proof."""
        return len(heard) >= least and fuzz.partial_ratio(heard, own_text.lower()) >= self.own_words


def _only_listens(heard: Understanding) -> bool:
    return heard.backchannel or heard.murmur


def _only_a_greeting(heard: Understanding) -> bool:
    """ "Alô?" over our first words says only that the line works."""
    return heard.intent is Intent.GREETING
