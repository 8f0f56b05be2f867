"""Firms that send couriers and technicians, as they are said, and the article each takes."""

import re
from collections.abc import Sequence

from conversation.rules.companies import Company
from conversation.rules.pt_br.common_words import GIVEN_NAMES, NEVER_NAMES, TITLES
from conversation.rules.words import Word, fold, words_in
from conversation.understanding import Intent

_D, _S = Intent.DELIVERY, Intent.SERVICE

_KNOWN: tuple[tuple[str, str, Intent | None, str], ...] = (
    ("Mercado Livre", "do", _D, "mercado livre|mercadolivre|meli"),
    ("Correios", "dos", _D, "correios|correio|carteiro|sedex"),
    ("Amazon", "da", _D, "amazon|amazom|amazonas prime"),
    ("iFood", "do", _D, "ifood|i food|ai food|aifood|ifud|aifude"),
    ("Rappi", "do", _D, "rappi|rapi|rape"),
    ("Uber", "da", None, "uber"),
    ("99", "da", None, "noventa e nove|99"),
    ("Shopee", "da", _D, "shopee|shope|chopi|xopi|shoppe"),
    ("Loggi", "da", _D, "loggi|logi|loge"),
    ("Magalu", "da", _D, "magalu|magazine luiza|magazine"),
    ("Jadlog", "da", _D, "jadlog|jade log|jad log"),
    ("Total Express", "da", _D, "total express"),
    ("Azul Cargo", "da", _D, "azul cargo"),
    ("DHL", "da", _D, "dhl|de aga ele"),
    ("FedEx", "da", _D, "fedex|fedequis"),
    ("Americanas", "das", _D, "americanas|lojas americanas"),
    ("Casas Bahia", "das", _D, "casas bahia|casa bahia"),
    ("Ponto Frio", "do", _D, "ponto frio"),
    ("Droga Raia", "da", _D, "droga raia|drogaraia"),
    ("Drogasil", "da", _D, "drogasil"),
    ("Pague Menos", "da", _D, "pague menos"),
    ("Zé Delivery", "do", _D, "ze delivery"),
    ("Pão de Açúcar", "do", _D, "pao de acucar"),
    ("Carrefour", "do", _D, "carrefour|carrefur"),
    ("Petz", "da", _D, "petz"),
    ("Cobasi", "da", _D, "cobasi"),
    ("Shein", "da", _D, "shein|xein"),
    ("AliExpress", "do", _D, "aliexpress|ali express"),
    ("Kabum", "da", _D, "kabum"),
    ("Renner", "da", _D, "renner"),
    ("Leroy Merlin", "da", _D, "leroy merlin|leroy"),
    ("Natura", "da", _D, "natura"),
    ("Boticário", "do", _D, "boticario"),
    ("Habib's", "do", _D, "habibs|habib"),
    ("Burger King", "do", _D, "burger king"),
    ("McDonald's", "do", _D, "mcdonalds|mc donalds|meque donalds|mequi"),
    ("Lalamove", "da", _D, "lalamove"),
    ("Daki", "da", _D, "daki"),
    ("China in Box", "do", _D, "china in box"),
    ("padaria", "da", _D, "padaria"),
    ("farmácia", "da", _D, "farmacia|drogaria"),
    ("supermercado", "do", _D, "supermercado|mercado"),
    ("pizzaria", "da", _D, "pizzaria"),
    ("restaurante", "do", _D, "restaurante"),
    ("lanchonete", "da", _D, "lanchonete"),
    ("hamburgueria", "da", _D, "hamburgueria"),
    ("floricultura", "da", _D, "floricultura"),
    ("lavanderia", "da", _D, "lavanderia"),
    ("transportadora", "da", _D, "transportadora"),
    ("papelaria", "da", _D, "papelaria"),
    ("hortifruti", "do", _D, "hortifruti"),
    ("Claro", "da", _S, "da claro|claro internet|net claro"),
    ("Net", "da", _S, "da net|pela net|empresa net"),
    ("Vivo", "da", _S, "da vivo|pela vivo|empresa vivo"),
    ("Tim", "da", _S, "da tim|pela tim"),
    ("Oi", "da", _S, "da oi|pela oi"),
    ("Sky", "da", _S, "da sky|pela sky"),
    ("Enel", "da", _S, "enel"),
    ("Light", "da", _S, "da light"),
    ("Cemig", "da", _S, "cemig"),
    ("Copel", "da", _S, "copel"),
    ("Sabesp", "da", _S, "sabesp|sabespe"),
    ("Comgás", "da", _S, "comgas"),
    ("Ultragaz", "da", _D, "ultragaz|ultragas"),
    ("Liquigás", "da", _D, "liquigas"),
    ("Otis", "da", _S, "da otis"),
    ("Atlas Schindler", "da", _S, "da atlas|atlas schindler"),
    ("Porto Seguro", "da", _S, "da porto seguro|pela porto seguro|da porto"),
    ("prefeitura", "da", _S, "prefeitura"),
    ("imobiliária", "da", _S, "imobiliaria"),
    ("administradora", "da", _S, "da administradora"),
)

_BY_PHRASE = {
    phrase: Company(name, of, purpose)
    for name, of, purpose, phrases in _KNOWN
    for phrase in phrases.split("|")
}
_OF = {name: of for name, of, _, _ in _KNOWN}
_PHRASES = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, _BY_PHRASE), key=len, reverse=True))})\b"
)
_INTRODUCES_99 = re.compile(r"\b(?:da|pela|empresa|na) $")
_BEFORE_A_FIRM = words_in(
    """
    sou somos e falo venho vim vem entrega entregas encomenda pacote pedido compra tecnico tecnica
    equipe pessoal empresa firma loja funcionario instalador entregador motoboy motorista servico
    prestador pizza lanche remedio caixa flores manutencao produto volume mercadoria
    """
)
_LINKS = words_in("da do das dos pela pelo")
_LONGEST_NAME = 3

COMPANY_WORDS = tuple(
    word
    for phrase in _BY_PHRASE
    for word in phrase.split()
    if len(word) >= 6 and word not in NEVER_NAMES
)
"""Words of the known firms, for mending what was misheard."""

COMPANY_PHRASES = tuple(_BY_PHRASE)

KNOWN = _KNOWN
"""Name, article, purpose and phrases of each firm: other languages know the same ones."""


def of_company(name: str) -> str:
    """The firm with "of the" before it: "do Mercado Livre", "dos Correios", "da Kalunga"."""
    return f"{_OF.get(name, 'da')} {name}"


def find_company(words: Sequence[Word]) -> tuple[Company, str] | None:
    """The firm that somebody comes from, a known one or what follows "sou da", "entrega da", with
    the folded words that named it."""
    text = " ".join(word.key for word in words)
    for match in _PHRASES.finditer(text):
        company = _BY_PHRASE[match.group()]
        if company.name != "99" or _INTRODUCES_99.search(text[: match.start()]):
            return company, match.group()
    return _unknown_firm(words)


def _unknown_firm(words: Sequence[Word]) -> tuple[Company, str] | None:
    for at in range(1, len(words) - 1):
        if words[at].key in _LINKS and words[at - 1].key in _BEFORE_A_FIRM:
            name = _firm_name(words, at + 1)
            if name:
                return Company(name, words[at].key, None), fold(name)
        if words[at].key in ("empresa", "firma", "loja") and words[at - 1].key in ("da", "e", "a"):
            name = _firm_name(words, at + 1)
            if name:
                return Company(name, "da", None), fold(name)
    return None


def _firm_name(words: Sequence[Word], at: int) -> str:
    taken: list[str] = []
    for word in words[at : at + _LONGEST_NAME]:
        if word.key in NEVER_NAMES or len(word.key) < 2 or word.key.isdigit():
            break
        if not taken and (word.key in GIVEN_NAMES or word.key in TITLES):
            break
        taken.append(word.heard.capitalize() if len(fold(word.heard)) > 2 else word.heard)
    while taken and taken[-1].lower() in _LINKS | {"de", "e"}:
        taken.pop()
    return " ".join(taken)
