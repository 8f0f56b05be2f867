"""From a turn's words to its slots, by rules alone, in microseconds."""

from collections.abc import Iterable, Sequence
from itertools import chain

from conversation.rules.pt_br import answers, companies, intents, manners, names, phrases, units
from conversation.rules.pt_br.common_words import GIVEN_NAMES, KIN, NEVER_NAMES, TITLES
from conversation.rules.pt_br.completeness import completeness
from conversation.rules.pt_br.english import in_portuguese
from conversation.rules.pt_br.number_mending import LOOK_ALIKES, mend_numbers
from conversation.rules.pt_br.numbers import NUMBER_WORDS
from conversation.rules.words import Vocabulary, Word, fold, words_in
from conversation.understanding import Answer, Expecting, Instruction, Intent, Understanding
from stt.endpointing import Completeness

_KEYWORDS = words_in(
    """
    apartamento unidade bloco torre predio edificio entrega entregar entregador encomenda pacote
    correios motoboy pedido visita visitar visitante servico tecnico manutencao instalacao mudanca
    autorizo autorizado autorizada autoriza libera liberar liberado entrar subir descer portaria
    embaixo porteiro zelador sindico morador moradora esperando esperar aguardar momento minuto
    instante socorro emergencia policia bombeiros ambulancia incendio repetir repete entendi
    empresa conheco ninguem pessoa certeza errado correto remedio farmacia mercado livre internet
    encanador eletricista diarista prestador
    """
)
_ASKED = frozenset({Expecting.YES_NO, Expecting.AUTHORISATION})
_NAMELESS = frozenset(
    {Intent.EMERGENCY, Intent.HUMAN, Intent.REPEAT, Intent.GREETING, Intent.VOICE_MAIL}
)
"""Turns in which whatever looks like a name is none."""
_MENDING_COSTS = 0.92
"""Confidence is scaled by this for every word that had to be mended."""
_VOCABULARY = Vocabulary(
    keywords=_KEYWORDS | NUMBER_WORDS | frozenset(companies.COMPANY_WORDS),
    others=GIVEN_NAMES | NEVER_NAMES | KIN | TITLES | LOOK_ALIKES,
)


class PtBrRules:
    """Slot extraction for Brazilian Portuguese.

    ``names`` are the directory's words: they are never mended into keywords, and count as names
    without a trigger.
    """

    language = "pt-BR"

    def __init__(self, names: Iterable[str] = ()) -> None:
        known = chain.from_iterable(fold(name).split() for name in names)
        self._names = frozenset(known) - NEVER_NAMES
        self._vocabulary = _VOCABULARY.beside(self._names)

    def interpret(
        self, text: str, confidence: float = 1.0, expecting: Expecting = Expecting.NOTHING
    ) -> Understanding:
        """Fill the slots of a turn that was heard with ``confidence`` (0..1)."""
        return self._interpret(text, self._words(text), confidence, expecting)

    def _words(self, text: str) -> list[Word]:
        words = self._vocabulary.words(text)
        english = manners.is_english([word.key for word in words])
        return in_portuguese(words) if english else mend_numbers(words, units.ANCHORS)

    def _interpret(
        self, text: str, words: Sequence[Word], confidence: float, expecting: Expecting
    ) -> Understanding:
        keys = [word.key for word in words]
        joined = " ".join(keys)
        question = intents.find_question(joined)
        orders = intents.find_instruction(joined)
        heard = names.find_names(words, expecting, self._names.__contains__)
        unit = units.find_unit(words, expecting)
        firm = companies.find_company(words)
        company, firm_words = firm or (None, "")
        intent = intents.find_intent(joined) or (company.purpose if company else None)
        return Understanding(
            text=text,
            confidence=confidence * _MENDING_COSTS ** sum(word.mended for word in words),
            intent=intent,
            answer=self._answer(joined, expecting, asks=question is not None, orders=orders),
            visitor_name=heard.visitor if intent not in _NAMELESS else None,
            resident_name=self._person(heard.resident, firm_words, intent),
            apartment=unit.apartment,
            apartment_alternatives=unit.others,
            block=unit.block,
            company=company.name if company else None,
            question=question,
            instruction=orders,
            language="en" if manners.is_english([fold(word.heard) for word in words]) else None,
            backchannel=manners.is_backchannel(keys, asked=expecting in _ASKED),
            abusive=manners.is_abusive(joined),
            does_not_know=manners.does_not_know(joined),
        )

    @staticmethod
    def _person(name: str | None, firm_words: str, intent: Intent | None) -> str | None:
        """A name that is none of the firm's ("zé delivery")."""
        mistaken = intent in _NAMELESS or (name and fold(name) in firm_words)
        return None if mistaken else name

    @staticmethod
    def _answer(
        text: str, expecting: Expecting, *, asks: bool, orders: Instruction | None
    ) -> Answer | None:
        """A yes or no where one was asked for; an order to do something else is no yes."""
        if expecting not in _ASKED or intents.is_doubtful(text):
            return None
        answer = answers.find_answer(text, expecting, asks=asks)
        return None if answer is Answer.YES and orders else answer

    def completeness(self, text: str, expecting: Expecting) -> Completeness:
        """How far ``text`` answers what was asked."""
        return self.judge(text, expecting)[1]

    def judge(self, text: str, expecting: Expecting) -> tuple[Understanding, Completeness]:
        """The slots of a turn that may go on, and how far it answers what was asked."""
        words = self._words(text)
        understood = self._interpret(text, words, 1.0, expecting)
        keys = [word.key for word in words]
        return understood, completeness(understood, keys, expecting)

    def phrases(self, expecting: Expecting) -> tuple[str, ...]:
        """What people often answer, as it is said: for a recogniser's hints."""
        if expecting is Expecting.AUTHORISATION:
            return phrases.DECISIONS
        if expecting is Expecting.YES_NO:
            return phrases.CONFIRMATIONS
        return (*phrases.ERRANDS, *companies.COMPANY_PHRASES)

    def of_company(self, company: str) -> str:
        """A firm as somebody comes from it: "do Mercado Livre"."""
        return companies.of_company(company)
