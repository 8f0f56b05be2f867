"""The gender of what is counted in pt-BR: "duas caixas", "duzentas vagas", but "dois dias"."""

import re

from tts.normalising.portuguese_numbers import feminine
from tts.normalising.rules import Rule, rule

_FEMININE_WORDS = (
    "encomenda entrega visita pessoa hora vez caixa chave carta mensagem vaga tentativa ligação "
    "semana noite tarde manhã compra sacola garrafa criança moça senhora mulher unidade torre "
    "casa sala porta opção pergunta resposta palavra câmera bicicleta moto libra parte nuvem "
    "ordem viagem garagem passagem bagagem imagem mãe irmã flor cor voz luz cruz mão parede rede "
    "sede fase classe frase base ponte fonte gente chance tag van pizza taxa multa conta fatura "
    "parcela cota folha página linha letra máquina mudança obra reunião festa reserva piscina "
    "cópia foto senha mala cesta marmita dose família filha amiga rua quadra nota moeda polegada "
    "tonelada milha etapa edição televisão geladeira cadeira mesa cama pilha lâmpada bolsa "
    "estante gata cachorra aluna professora moradora vizinha babá enfermeira médica faxineira "
    "empregada senhorita esposa avó tia prima sobrinha neta lata bala vassoura escada"
)
_FEMININE = frozenset(_FEMININE_WORDS.split())
_MASCULINE_WORDS = (
    "dia mapa problema sistema programa tema cinema idioma grama quilograma telegrama planeta "
    "poeta pijama atlas lápis ônibus sofá tapa clima drama esquema diploma dilema carma trauma "
    "aroma cometa guarda colega papa atleta pirata lua-de-mel"
)
_MASCULINE = frozenset(_MASCULINE_WORDS.split())
_MANY_ENDINGS = ("ções", "sões", "dades", "tudes", "agens", "ugens", "igens")
_NO_NOUNS = {"apenas", "depois", "mas", "mais", "das", "nas", "às", "suas", "duas", "elas"}
_LABELLED = (
    "apartamento|apto|ap|unidade|bloco|torre|casa|sala|loja|quadra|lote|vaga|número|ramal|opção|"
    "andar|conjunto|edifício|portão|box|rua|linha|ônibus|canal|página|capítulo|item|versão|o|a|do|da"
)
_ADJECTIVES = (
    "(?:nov|outr|últim|primeir|pequen|mesm|próxim|divers)as?|grandes?|boas?|simples|possíve(?:l|is)"
)


def is_feminine(noun: str) -> bool:
    """Of a noun in the singular or plural, lower case; False where the ending does not tell."""
    if noun in _NO_NOUNS:
        return False
    one = _singular(noun)
    if one in _MASCULINE or one.endswith("ista"):
        return False
    return one in _FEMININE or noun.endswith(_MANY_ENDINGS) or (len(noun) > 4 and noun[-2:] == "as")


def is_feminine_alone(noun: str) -> bool:
    """Of a noun in the singular that is surely one: after "1/2"."""
    return noun in _FEMININE or (noun.endswith("a") and noun not in _MASCULINE)


def _singular(noun: str) -> str:
    for many, one in (
        ("ções", "ção"),
        ("sões", "são"),
        ("ões", "ão"),
        ("gens", "gem"),
        ("ns", "m"),
    ):
        if noun.endswith(many):
            return noun.removesuffix(many) + one
    for ending in ("res", "zes", "ses"):
        if noun.endswith(ending) and noun[:-2] in _FEMININE:
            return noun[:-2]
    return noun.removesuffix("s")


def _counted(match: re.Match[str]) -> str:
    label, first, joined, digits, thousands, adjective, noun = match.groups()
    if label or not is_feminine(noun) or (digits == "1" and _singular(noun) not in _FEMININE):
        return match[0]
    count = "" if thousands and digits == "1" else _feminine(digits)
    counts = f"{_feminine(first)} {joined} {count}" if first else count
    said = [counts, (thousands or "").strip(), (adjective or "").strip(), noun]
    return " ".join(filter(None, said))


def _feminine(digits: str) -> str:
    return feminine(int(digits.replace(".", "")))


NOUN_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?<![\w.,])(?:((?i:{_LABELLED})) )?(?<![\d.,])(?:(\d{{1,4}}) (a|ou|e) )?"
        rf"(\d{{1,3}}(?:\.\d{{3}})+|\d{{1,6}})( mil)?"
        rf" ((?:{_ADJECTIVES}) )?([a-zà-ú-]{{2,}})(?![\w-])",
        _counted,
    ),
)
"""After measures and before plain numbers."""
