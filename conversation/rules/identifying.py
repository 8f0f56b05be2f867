"""Which language somebody speaks, by the words of a turn: never by one that several share."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conversation.rules.patterns import any_of
from conversation.rules.words import fold, words_in

_PT: Final = words_in(
    """
    não sim eu você vocês ele ela eles é são sou está tô tá vou vai vim tem tenho foi ser uma um uns
    do da das dos no na nos nas ao pelo pela com em pra pro pras meu minha seu sua isso esse essa
    aqui ali agora hoje bom boa dia noite obrigado obrigada oi olá alô moço moça portaria porteiro
    apartamento apê bloco prédio encomenda pacote entrega entregar entregador visita morador
    moradora dona senhor senhora qual quem onde quando porque mas também só mesmo muito já falar
    quero queria pode posso deixa subir abre abrir portão chamo nome dois três quatro cinco seis
    sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove vinte
    a o as os e ou se me te no de que trinta quarenta cinquenta cento duzentos trezentos
    quatrocentos quinhentos seiscentos setecentos
    oitocentos novecentos mil meia zero certo errado entendi fala português fazer trazer chegou
    conheço espero esperando manda descendo embaixo dele dela aguarda favor licença
    por para torre amigo amiga vivo
    """
)
_EN: Final = words_in(
    """
    hello hi hey the a an and of to for from in at with on is are am was i you he she they we it my
    your his her me him them this that these not do does have has had can could would will please
    thank thanks sorry good morning afternoon evening night yes yeah no name here there what where
    who which how when apartment apt building block tower number delivery deliver package parcel
    visit visiting visitor friend resident live see talk speak speaking wait open gate door let up
    come coming down want need english oh zero one two three four five six seven eight nine ten
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty
    fifty sixty seventy eighty ninety hundred thousand company food order help understand portuguese
    don't i'm it's im dont forgot key looking service fix right correct moment minute
    """
)
_ES: Final = words_in(
    """
    sí no yo usted ustedes él ella ellos es son soy está estoy voy va vengo vine tengo tiene fue ser
    una un unos unas el los las del al en con por para mi su esto eso ese esa aquí ahí ahora hoy
    bueno buenos buenas días día tardes noches gracias hola aló señor señora señorita portero
    portería apartamento departamento bloque torre edificio encomienda paquete entrega entregar
    repartidor visita residente doña cuál quién dónde cuándo pero también solo mismo muy ya hablar
    quiero quisiera puede puedo deje subir abra abrir puerta portón llamo nombre uno dos tres cuatro
    cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho
    diecinueve veinte veintiuno veintidós treinta cuarenta cincuenta sesenta setenta ochenta noventa
    a o e y ou se me te no de que ciento cien doscientos trescientos cuatrocientos quinientos
    seiscientos setecientos ochocientos
    novecientos mil cero correcto entendí habla español traigo conozco espere suba pase bajo ustedes
    hermano hermana amigo amiga busco vivo llave perdí olvidé disculpe perdón favor hay
    """
)
_WORDS: Final[Mapping[str, frozenset[str]]] = {"pt-BR": _PT, "en": _EN, "es": _ES}
_OWN: Final[Mapping[str, frozenset[str]]] = {
    language: words.difference(*(other for which, other in _WORDS.items() if which != language))
    for language, words in _WORDS.items()
}
"""Words that only one of the languages has: "no", "a" and "favor" tell nothing."""
_BORROWED: Final = words_in("hi delivery of is it to the oh hey on up ok app motoboy")
"""English words that Brazil uses too, or that noise is taken for: no evidence alone."""
_ASKED: Final[Mapping[str, re.Pattern[str]]] = {
    "en": any_of(
        """
        (speak|talk|in|say it in) english|english please|do not understand portuguese
        (fala|falar|habla|hablar|hablas|falam) (ingles|english)|^english$
        (don't|dont) speak (portuguese|spanish)|em ingles|en ingles
        """
    ),
    "es": any_of(
        """
        (speak|talk|in) spanish|spanish please|(habla|hablar|hablas|fala|falar|hablan) (en )?espanol
        (em|en) (espanol|espanhol|castellano)|espanol por favor|(fala|falar) espanhol
        no hablo (portugues|ingles)|^espanol$
        """
    ),
    "pt-BR": any_of(
        """
        (speak|talk|in) portuguese|portuguese please|(fala|falar|falam|habla|hablar) (em )?portugues
        (em|en) portugues|portugues por favor|nao falo (ingles|espanhol)|^portugues$
        """
    ),
}
"""Asking for a language is as plain as speaking it."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_ENOUGH: Final = 2
"""Words that only the other language has, before it counts as plainly spoken."""
_TIMES: Final = 2
"""How many there must be for each word that only the present language has: people mix in a word."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The other language that a turn seems to be in, and whether that is plain."""

    language: str | None = None
    plain: bool = False


def identify(text: str, present: str, others: Iterable[str]) -> Spoken:
    """Which of ``others`` a turn is in, if not in the ``present`` language.

    One word is no evidence enough, and several are none where as many speak for the present
    language; what is not plain may still be a leaning.
    """
    words = [word.replace("’", "'") for word in _WORD.findall(fold(text))]
    joined = " ".join(words)
    for language in others:
        if language != present and _ASKED[language].search(joined):
            return Spoken(language, plain=True)
    here = sum(word in _OWN[present] for word in words)
    best, most = None, 0
    for language in others:
        foreign = {word for word in words if word in _OWN[language]}
        telling = len(foreign - _BORROWED)
        if language != present and telling and telling + here > here and len(foreign) > most:
            best, most = language, len(foreign)
    if best is None or most < here:
        return Spoken()
    return Spoken(best, plain=most >= _ENOUGH and most >= _TIMES * here)
