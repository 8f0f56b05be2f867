"""Words around names in Spanish: "me llamo carlos", "busco a la señora rita", "amigo de daniel"."""

from conversation.rules.es.common_words import (
    GIVEN_NAMES,
    KIN,
    NAME_SHAPED_VERBS,
    NEVER_NAMES,
    PARTICLES,
    TITLES,
)
from conversation.rules.es.companies import FIRMS
from conversation.rules.names import NameWords
from conversation.rules.words import phrases_in, words_in

_INTRODUCTIONS = phrases_in(
    "mi nombre es", "mi nombre completo es", "el nombre es", "nombre es", "me llamo", "yo me llamo",
    "mi nombre", "soy", "aqui es", "le habla", "habla", "aqui habla", "quien habla es",
    "dile que es", "digale que es", "diga que es",
)  # fmt: skip
_SURE = phrases_in("me llamo", "yo me llamo", "le habla", "aqui habla", "quien habla es")
_OWNED = KIN | words_in(
    """
    casa apartamento departamento depto apto encomienda entrega paquete fiesta pedido cumpleaños
    cena almuerzo empleada comida pizza medicina compra
    """
)

NAMES = NameWords(
    given=GIVEN_NAMES,
    never=NEVER_NAMES | KIN,
    titles=TITLES,
    particles=PARTICLES,
    kin=KIN,
    shaped_like_verbs=NAME_SHAPED_VERBS,
    firms=FIRMS.words | words_in("net vivo claro sky"),
    articles=words_in("el la los las"),
    introductions=_INTRODUCTIONS,
    sure=frozenset(_SURE) | {phrase for phrase in _INTRODUCTIONS if "nombre" in phrase},
    wanted_after=words_in(
        """
        para visitar visita ver buscando busco busca llamar llame familia hablar con donde
        """
    ),
    between=words_in("a al el la los las con es para un una de del"),
    owned=_OWNED,
    of=words_in("de del"),
    awaits=words_in("esperando espera llamo pidio invito vive autorizo"),
    it_is=("es",),
    known_only=words_in("con donde para"),
)
