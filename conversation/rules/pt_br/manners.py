"""How things are said: signs of listening, abuse, another language."""

from conversation.rules.manners import MannerWords
from conversation.rules.patterns import any_of
from conversation.rules.words import words_in

_BACKCHANNELS = words_in(
    """
    aham ahan aha uhum hum hm uhm ta tah sei ah eh e ahh oh entendi certo ok okay isso sim bom bem
    beleza blz perfeito otimo otima joia legal combinado maravilha tranquilo show bacana correto
    exato pois claro massa fechado suave positivo tudo entendido valeu entao certinho
    """
)
_MURMURS = words_in("a o u um am an ha ham ra mm mhm hem em oi la")
_PLAIN_ANSWERS = words_in(
    """
    ok okay isso sim certo entendi bom bem e beleza blz perfeito otimo otima joia legal combinado
    maravilha tranquilo show bacana correto exato claro massa fechado suave positivo tudo entendido
    valeu certinho
    """
)
"""Listening noises that answer a question where one was asked."""

_ABUSE = any_of(
    """
    porra|caralho|merda|puta|putas|puto|foder|fodase|foda|fode|fodido|cacete|desgraca|desgracado
    desgracada|idiota|imbecil|otario|otaria|babaca|cuzao|buceta|viado|arrombado|arrombada|fdp|pqp
    filho da puta|filha da puta|vai tomar no|tomar no cu|cu|vai se ferrar|vai pro inferno|corno
    vagabundo|vagabunda|palhacada|estupido|estupida|retardado
    bosta|vsf|vtnc|piranha|safado|maldito|maldita
    """
)
_OBJECTIONS = any_of(
    """
    espera|espere|perai|pera|calma|cancela|cancele|errado|errada|outro|outra|na verdade|desculpa
    deixa pra la|deixa quieto|volta|volte|nao precisa|nao quero|nao e|nao era|nao foi
    nao estou|nao to|ja achei
    nao nao|nao obrigad*|eu falei|eu disse|eu ja|voce disse|o que|como assim|escuta|para com
    nao( (moco|moca|senhor|senhora))?$
    ei( _)?$
    """
)
_SMALL_TALK = any_of(
    """
    chov*|chuva|garoa|calor|frio|esfri*|sol|ventando|vento|transito|que horas
    segura aqui|fica quieto
    """
)
_DOES_NOT_KNOW = any_of(
    """
    nao sei|nao faco ideia|nao (me )?lembro|nem sei|sei la|esqueci( _){0,2} (numero|bloco)
    nao (tem|tenho|diz|fala|consta|informou|informaram|falou|falaram)( o| a| nenhum| aqui)? (bloco|\
        torre|numero|apartamento)
    nao (ta|esta|veio) (escrito|escrita|na nota|no pedido)|(so|somente) (tem|diz|fala) (o|a) _
    (nao (tem|diz|fala|consta|informou|informaram|falou|falaram))( aqui| na nota| no pedido)*$
    sem bloco|particular|autonomo|autonoma|por conta propria|nenhuma empresa|de nenhuma
    """
)
_ENGLISH = words_in(
    """
    hello hi hey english speak please name is my am i'm im the there here delivery package for
    apartment apt good morning afternoon evening night yes you sorry thanks thank guard help see
    visit visiting friend from with have what where who need want can could would to of and i this
    it food door open gate building number block tower room five one two three four six seven eight
    nine ten hundred oh zero
    """
)
_SHARED_WITH_PORTUGUESE = words_in("delivery and of is to it the for am hi")


def is_english(keys: list[str]) -> bool:
    """Whether the words are plainly English: half of them, two at least, or a telling one."""
    english = sum(key in _ENGLISH for key in keys)
    telling = any(key in _ENGLISH and key not in _SHARED_WITH_PORTUGUESE for key in keys)
    if keys in (["hello"], ["english"], ["hi"], ["hey"], ["hello", "hello"], ["speak", "english"]):
        return True
    return telling and english >= 2 and english * 2 >= len(keys)


def other_language(keys: list[str]) -> str | None:
    """English, which even a Portuguese doorman tells from noise."""
    return "en" if is_english(keys) else None


MANNERS = MannerWords(
    _BACKCHANNELS,
    _MURMURS,
    _PLAIN_ANSWERS,
    _ABUSE,
    _DOES_NOT_KNOW,
    _OBJECTIONS,
    _SMALL_TALK,
    other_language,
)
