"""The rules for Brazilian Portuguese: its tables, together."""

from collections.abc import Iterable

from conversation.rules.extraction import Lexicon, LexiconRules
from conversation.rules.patterns import any_of
from conversation.rules.pt_br import companies, phrases
from conversation.rules.pt_br.answers import ANSWERS
from conversation.rules.pt_br.common_words import GIVEN_NAMES, KIN, NEVER_NAMES, TITLES
from conversation.rules.pt_br.completeness import ENDS
from conversation.rules.pt_br.english import in_portuguese
from conversation.rules.pt_br.intents import INTENTS
from conversation.rules.pt_br.manners import MANNERS, is_english
from conversation.rules.pt_br.names import NAMES
from conversation.rules.pt_br.number_mending import LOOK_ALIKES, mend_numbers
from conversation.rules.pt_br.numbers import NUMBER_WORDS
from conversation.rules.pt_br.units import UNITS
from conversation.rules.words import Vocabulary, Word, words_in

_KEYWORDS = words_in(
    """
    apartamento unidade bloco torre predio edificio entrega entregar entregador encomenda pacote
    correios motoboy pedido visita visitar visitante servico tecnico manutencao instalacao mudanca
    autorizo autorizado autorizada autoriza libera liberar liberado entrar subir descer portaria
    embaixo porteiro zelador sindico morador moradora esperando esperar aguardar momento minuto
    instante socorro emergencia policia bombeiros ambulancia incendio repetir repete entendi
    empresa conheco ninguem pessoa certeza errado correto remedio farmacia mercado livre internet
    encanador eletricista diarista prestador desisti desisto cancela cancelar
    """
)


def _mend(words: list[Word]) -> list[Word]:
    """Numbers mended, or the words of somebody who speaks English put into Portuguese."""
    english = is_english([word.key for word in words])
    return in_portuguese(words) if english else mend_numbers(words, UNITS.anchors)


_LEXICON = Lexicon(
    language="pt-BR",
    vocabulary=Vocabulary(
        keywords=_KEYWORDS | NUMBER_WORDS | frozenset(companies.COMPANY_WORDS),
        others=GIVEN_NAMES | NEVER_NAMES | KIN | TITLES | LOOK_ALIKES,
    ),
    units=UNITS,
    names=NAMES,
    answers=ANSWERS,
    intents=INTENTS,
    manners=MANNERS,
    ends=ENDS,
    codes=words_in("codigo codigos senha pin token"),
    signing=any_of(
        """
        (precisa|precisam|tem|tenho|preciso|necessita|falta|requer|exige)( _){0,4} (assinar|\
            assine|assinatura|assinado|assinada|recibo)
        com (assinatura|aviso de recebimento)|assinar o recibo|carta registrada
        """
    ),
    find_company=companies.find_company,
    company=str,
    of_company=companies.of_company,
    decisions=phrases.DECISIONS,
    confirmations=phrases.CONFIRMATIONS,
    errands=(*phrases.ERRANDS, *companies.COMPANY_PHRASES),
    mend=_mend,
)


class PtBrRules(LexiconRules):
    """Slot extraction for Brazilian Portuguese."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """``names`` are the directory's words; see :class:`LexiconRules`."""
        super().__init__(_LEXICON, names)
