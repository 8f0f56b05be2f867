"""Random English sentences of a doorman's calls, smaller in scale than the Portuguese grammar."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from stt.training.grammar import names as n
from stt.training.grammar import numbers
from stt.training.grammar.general import general_english
from stt.training.grammar.wordlist import phrases

SHORT = phrases("""
    yes|no|yeah|yep|nope|yes please|no thanks|no thank you|sure|of course|okay|ok|right|correct|
    that's right|that's correct|exactly|hello|hi|hey|good morning|good afternoon|good evening|
    thank you|thanks|bye|goodbye|please|sorry|what|who|who is it|who's there|when|where|wait|
    hold on|one moment|just a moment|just a second|go ahead|let him in|let her in|let them in|
    send him up|send her up|he can come up|she can come up|come in|open the gate|open the door|
    uh huh|mm hmm|alright|all right|fine|great|perfect|never mind|cancel|stop|repeat|again|
    i don't know|i'm not sure|maybe|wrong|that's wrong|not really|not now|help|fire|police|
    delivery|visitor|service|package|i approve|approved|denied|i do|i don't|absolutely|go on
""")
WHOLE = phrases("""
    i have a delivery|it's a delivery|i'm here for a visit|i'm here to deliver a package|
    i'm a visitor|i'm the plumber|i'm the electrician|i live here|i'm a resident|i forgot my key|
    i lost my key|i'm at the gate|i'm downstairs|i'm outside|i'm here|i just arrived|
    i'm in the car|the gate is closed|the gate won't open|could you open the gate please|
    can i come in|can i come up|may i come in|i'm in a hurry|she's expecting me|he's expecting me|
    they're waiting for me|he's not answering|can you try again|please try again|please call again|
    i'll wait|i'll come back later|i can wait here|can i leave it here|can i leave it at the desk|
    let me in please|yes you can let him in|yes let her in please|yes i authorize|
    yes i'm expecting him|yes i'm expecting a delivery|please send him up|no don't let him in|
    no don't let them in|i'm not expecting anyone|i don't know this person|
    i don't know anyone by that name|i didn't order anything|wrong apartment|
    you have the wrong apartment|who is this|who's calling|who is speaking|what's his name|
    what's her name|what does he want|what is it about|where is he from|which company|
    leave it at the front desk|please leave it at the desk|i'll come down|i'm coming down|
    i'm on my way|ask him to wait|tell him to wait|ask her to come back later|i'm not at home|
    i'm busy right now|i can't talk right now|i didn't hear you|i can't hear you|can you hear me|
    could you repeat that please|can you say that again|say again please|i don't understand|
    i didn't understand|speak louder please|speak slower please|do you speak english|
    i don't speak portuguese|is anybody there|is someone there|can i talk to a person|
    i want to talk to a person|i want to speak to the manager|are you a robot|is this a recording|
    can you help me|i need help|it's an emergency|call the police|call an ambulance|
    call the fire department|there's a fire|i smell gas|somebody is hurt|i'm stuck in the elevator|
    there's a thief|someone is breaking in|there's too much noise|the elevator is broken|
    the power is out|there's a leak|do i have any packages|is there a package for me|
    what time is it|where do i park|which floor|where is the elevator|it's the wrong name|
    that's not what i said|start over|have a nice day|have a good day|see you later|
    how can i help you|what's your name|may i have your name please|which apartment|which block|
    who are you visiting|one moment please|please hold on|i'm calling the resident|
    the resident did not answer|the apartment did not answer|nobody answered|
    your entry has been authorized|you may come in|your entry was not authorized|
    i'm sorry i didn't understand|please say yes or no|do you authorize the entry|
    shall i let them in|i couldn't find that apartment|i couldn't find that resident|
    is that correct|is it a delivery a visit or a service|help is on the way|
    please stay on the line
""")
ITEMS = phrases("""
    package|parcel|pizza|letter|box|food order|envelope|document|bag|gift|cake|flowers|groceries|
    medicine|lunch|dinner|book|computer|phone|key|gas bottle|water bottle|sofa|table
""")
TRADES = phrases("""
    plumber|electrician|cleaner|painter|gardener|technician|internet technician|locksmith|nurse|
    teacher|doctor|driver|courier|elevator maintenance|air conditioning|cable company|gas company|
    delivery guy|babysitter|real estate agent|movers|pest control
""")
COMPANIES = phrases("""
    amazon|dhl|fedex|ups|uber|ifood|rappi|the post office|the supermarket|the pharmacy|
    the restaurant|the bakery|the gas company|the internet company|mercado livre|correios|shopee
""")


class EnglishGrammar:
    """Draws English sentences; the people are a mix of English and Brazilian names."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._makers: tuple[Callable[[], str], ...] = (
            lambda: self._one(SHORT), lambda: self._one(SHORT), lambda: self._one(SHORT),
            lambda: self._one(WHOLE), lambda: self._one(WHOLE), lambda: self._one(WHOLE),
            self._introduces, self._visit, self._destination, self._parcel, self._trade,
            self._number, self._allows, self._confirms, self._digits, self._agent,
            lambda: general_english(rng), lambda: general_english(rng),
        )  # fmt: skip

    def _one(self, options: Sequence[str]) -> str:
        return self._rng.choice(options)

    def person(self) -> str:
        """A name, with a surname half of the time."""
        if self._rng.random() < 0.35:
            name, last = self._one(n.FIRST), self._one(n.LAST)
        else:
            name, last = self._one(n.ENGLISH_NAMES), self._one(n.ENGLISH_LAST)
        return f"{name} {last}" if self._rng.random() < 0.5 else name

    def unit_number(self) -> str:
        """Cardinal, digits or pairs."""
        rng = self._rng
        typical = rng.randrange(1, 26) * 100 + rng.randrange(1, 9)
        kind = rng.random()
        if kind < 0.3:
            return numbers.english(rng.randrange(1, 2501))
        if kind < 0.6:
            return numbers.english_digits(str(typical), rng)
        return numbers.english_pairs(typical)

    def unit(self) -> str:
        """``apartment five oh one block b``."""
        rng = self._rng
        text = f"{self._one(('apartment', 'apartment', 'unit', 'house', 'room'))} "
        text += ("number " if rng.random() < 0.1 else "") + self.unit_number()
        if rng.random() < 0.4:
            label = (
                rng.choice("abcdefgh")
                if rng.random() < 0.6
                else numbers.english(rng.randrange(1, 20))
            )
            text += f" {self._one(('block', 'block', 'tower', 'building'))} {label}"
        return text

    def _introduces(self) -> str:
        return (
            self._one(("my name is ", "i'm ", "this is ", "i am ", "it's ", "the name is ", ""))
            + self.person()
            + self._one(("", "", f" from {self._one(COMPANIES)}"))
        )

    def _visit(self) -> str:
        opening = self._one(
            ("i'm here to see ", "i'm visiting ", "i want to talk to ", "i'd like to see ",
             "i'm looking for ", "i'm here for ", "can i talk to ", "please call ", "it's for ")
        )  # fmt: skip
        return (
            opening + self.person() + self._one(("", f" in {self.unit()}", f" from {self.unit()}"))
        )

    def _destination(self) -> str:
        return self._one(
            ("", "i'm going to ", "it's for ", "to ", "i live in ", "she lives in ", "it's ",
             "he lives in ", "please call ")
        ) + self.unit()  # fmt: skip

    def _parcel(self) -> str:
        opening = self._one(("i have a ", "i've got a ", "delivery of a ", "i'm bringing a ", "a "))
        return (
            opening
            + self._one(ITEMS)
            + self._one(
                (
                    "",
                    f" for {self.person()}",
                    f" for {self.unit()}",
                    f" from {self._one(COMPANIES)}",
                )
            )
        )

    def _trade(self) -> str:
        return (
            self._one(("i'm the ", "i'm from the ", "it's the ", "this is the "))
            + self._one(TRADES)
            + self._one(("", f" for {self.unit()}", f" for {self.person()}"))
        )

    def _number(self) -> str:
        return self._one((self.unit_number(), numbers.english(self._rng.randrange(0, 30))))

    def _digits(self) -> str:
        rng = self._rng
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((1, 2, 3, 4, 5, 7, 9))))
        return self._one(("", "", "my number is ", "the code is ")) + numbers.english_digits(
            digits, rng
        )

    def _allows(self) -> str:
        opening = self._one(("let ", "please let ", "don't let ", "you can let ", "i authorize "))
        who = self._one((self.person(), "him", "her", "them", "the delivery guy", "the plumber"))
        return opening + who + self._one((" in", " come up", " enter", ""))

    def _confirms(self) -> str:
        return f"{self._one(('yes', 'no', 'yeah', 'right', 'okay', 'sure'))} " + self._one(
            (self._one(WHOLE), self._one(SHORT), self.unit(), self.person())
        )

    def _agent(self) -> str:
        unit, person, company = self.unit(), self.person(), self._one(COMPANIES)
        return self._one(
            (f"one moment i'll call {unit}", f"i'm calling {unit}", f"{unit} did not answer",
             f"hello {person}", f"there's a delivery from {company} do you authorize the entry",
             f"{person} is at the gate do you authorize the entry", f"thank you {person}",
             f"i couldn't find {unit}", f"you said {unit} is that correct",
             f"{person} authorized your entry", f"hello {person} this is the front desk",
             f"front desk of {self._one(n.BUILDINGS)} good evening how can i help you")
        )  # fmt: skip

    def sentence(self) -> str:
        """One utterance."""
        rng = self._rng
        text = rng.choice(self._makers)()
        if rng.random() < 0.06:
            words = (text + " " + rng.choice(self._makers)()).split()
            rng.shuffle(words)
            return " ".join(words[: rng.randrange(1, 7)])
        if rng.random() < 0.18:
            greeting = self._one(("hello", "hi", "good morning", "good evening", "good afternoon"))
            text = f"{greeting} {text}"
        if rng.random() < 0.1:
            text += self._one((" please", " thanks", " thank you", " okay"))
        return text
