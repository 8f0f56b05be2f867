"""What to expect from a party's mouth: words for the recogniser, and when a turn is whole."""

from conversation.directory import Directory, Finding
from conversation.doorman.state import State
from conversation.flow import Party
from conversation.rules import Rules
from conversation.understanding import Answer, Expecting, Intent, Understanding
from stt.endpointing import Completeness
from stt.recogniser import Hints

_ABOUT_UNITS = frozenset({Expecting.PURPOSE, Expecting.UNIT})


class Listening:
    """Judges and hints for one condominium; shared data only."""

    def __init__(self, directory: Directory, rules: Rules) -> None:
        self._directory = directory
        self._rules = rules
        self._visitor = Hints((*directory.spoken_words(), *rules.phrases(Expecting.PURPOSE)))
        self._confirming = Hints((*directory.spoken_words(), *rules.phrases(Expecting.YES_NO)))
        self._resident = Hints(tuple(rules.phrases(Expecting.AUTHORISATION)))

    def hints(self, party: Party, expecting: Expecting) -> Hints:
        """A visitor says units, names and firms, or confirms; a resident decides."""
        if party is Party.RESIDENT:
            return self._resident
        return self._confirming if expecting is Expecting.YES_NO else self._visitor

    def completeness(self, state: State, expecting: Expecting, text: str) -> Completeness:
        """The rules' judgement, corrected by which numbers exist here."""
        if expecting is Expecting.MESSAGE:
            return self._of_message(state, text)
        heard, judged = self._rules.judge(text, expecting)
        if expecting not in _ABOUT_UNITS or judged is Completeness.OPEN:
            return judged
        if heard.apartment is not None:
            judged = self._by_number(state, expecting, heard, judged)
        else:
            judged = self._by_name(state, expecting, heard, judged)
        if judged is Completeness.CERTAIN and expecting is Expecting.PURPOSE:
            return _of_what_else(state, heard)
        return judged

    def _of_message(self, state: State, text: str) -> Completeness:
        """Nobody knows what more there is to say, but after "mais alguma coisa?" a no is all."""
        answer = self._rules.interpret(text, 1.0, Expecting.YES_NO).answer
        no_more = bool(state.message) and answer is Answer.NO
        return Completeness.UNKNOWN if no_more else Completeness.OPEN

    def _by_number(
        self, state: State, expecting: Expecting, heard: Understanding, judged: Completeness
    ) -> Completeness:
        found = self._directory.find(
            heard.apartment, heard.block or state.block, None, heard.apartment_alternatives
        )
        if found.finding is Finding.EXACT:
            # the block comes last, and is often said where one number has no second
            whole = heard.block or state.block or not self._directory.blocks
            if whole:
                return Completeness.CERTAIN
            return Completeness.ENOUGH if expecting is Expecting.UNIT else Completeness.LIKELY
        if self._directory.is_start_of_number(heard.apartment or ""):
            return Completeness.OPEN
        # a number with its block is all that can be said of a unit, even of one that is not here
        return judged if heard.block else Completeness.UNKNOWN

    def _by_name(
        self, state: State, expecting: Expecting, heard: Understanding, judged: Completeness
    ) -> Completeness:
        """A name and surname of somebody who lives here is all that can be said of whom."""
        name = heard.resident_name or ""
        enough = expecting is Expecting.UNIT or heard.intent or state.intent
        if not name or not enough:
            return judged
        found = self._directory.find(None, heard.block or state.block, name)
        if found.finding is not Finding.EXACT:
            return judged
        return Completeness.CERTAIN if len(name.split()) > 1 else Completeness.LIKELY


def _of_what_else(state: State, heard: Understanding) -> Completeness:
    """How sure it is that somebody who said where to has said everything: people tell unasked what
    we would ask next, who they are and what they want."""
    intent = heard.intent or state.intent
    who = heard.visitor_name or heard.company or state.visitor_name or state.company
    if intent is None:
        return Completeness.LIKELY if who else Completeness.COMPLETE
    if intent is Intent.RESIDENT or (intent is Intent.SERVICE and not who):
        return Completeness.LIKELY
    return Completeness.CERTAIN
