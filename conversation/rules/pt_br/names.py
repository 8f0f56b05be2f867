"""Words around names in Portuguese: "meu nome é carlos", "é pra dona rita", "sou amigo do zé"."""

from conversation.rules.names import NameWords
from conversation.rules.pt_br.common_words import (
    GIVEN_NAMES,
    KIN,
    NAME_SHAPED_VERBS,
    NEVER_NAMES,
    PARTICLES,
    TITLES,
)
from conversation.rules.pt_br.companies import COMPANY_WORDS
from conversation.rules.words import phrases_in, words_in

_ARTICLES = words_in("o a os as")

_INTRODUCTIONS = phrases_in(
        "meu nome e", "meu nome completo e", "o nome e", "nome e", "me chamo", "eu me chamo",
        "me chama de", "quem fala e", "quem ta falando e", "quem esta falando e", "quem e e",
        "diz que e", "fala que e", "avisa que e", "diga que e", "diz pra ele que e",
        "pode falar que e", "aqui quem fala e", "aqui e", "ca e", "aqui fala", "fala aqui",
        "meu nome", "sou", "my name is", "i am",
)  # fmt: skip
"""Longest first where one begins with another."""
_BEFORE_ANY_NAME = (
    "me chamo", "eu me chamo", "aqui e", "aqui quem fala e", "quem fala e", "quem ta falando e",
    "quem esta falando e",
)  # fmt: skip
_SURE = frozenset(
    phrase for phrase in _INTRODUCTIONS if "nome" in phrase or " ".join(phrase) in _BEFORE_ANY_NAME
)
_WANTED_AFTER = words_in(
    """
    see para pra pro pras pros visitar visita ver procurar procurando procuro procura chamar chama
    chame familia falar conversar encontrar encontro morador moradora proprietario proprietaria
    destinatario destinataria residente
    """
)
_BETWEEN = words_in("o a os as com e para pra pro em um uma ao do da")
_OWNED = KIN | words_in(
    """
    casa apartamento ape apto encomenda entrega pacote festa pedido aniversario churrasco janta
    jantar almoco particular diarista faxineira motorista convidado remedio compra compras pizza
    lanche carro
    """
)
_AWAITS = words_in("esperando aguardando chamou pediu convidou mora autorizou ligou")

NAMES = NameWords(
    given=GIVEN_NAMES,
    never=NEVER_NAMES,
    titles=TITLES,
    particles=PARTICLES,
    kin=KIN,
    shaped_like_verbs=NAME_SHAPED_VERBS,
    firms=frozenset(COMPANY_WORDS) | words_in("net vivo claro sky"),
    articles=_ARTICLES,
    introductions=_INTRODUCTIONS,
    sure=_SURE,
    wanted_after=_WANTED_AFTER,
    between=_BETWEEN,
    owned=_OWNED,
    of=words_in("do da de"),
    awaits=_AWAITS,
    it_is=("e",),
)
