"""Abbreviations and signs of pt-BR."""

import re

from tts.normalising.portuguese_numbers import LETTERS
from tts.normalising.rules import Rule, rule, word_rule

_TITLES = {
    "Sr.": "senhor", "Sra.": "senhora", "Srs.": "senhores", "Sras.": "senhoras",
    "Srta.": "senhorita", "Dr.": "doutor", "Dra.": "doutora", "Drs.": "doutores",
    "Prof.": "professor", "Profa.": "professora", "Eng.": "engenheiro", "Enga.": "engenheira",
    "Exmo.": "excelentíssimo", "Exma.": "excelentíssima", "Pe.": "padre", "Sto.": "santo",
    "Sta.": "santa", "Cel.": "coronel", "Cap.": "capitão",
}  # fmt: skip
_PLACES = {
    "apto": "apartamento", "aptos": "apartamentos", "apt": "apartamento", "apts": "apartamentos",
    "ap": "apartamento", "bl": "bloco", "cj": "conjunto", "conj": "conjunto", "cond": "condomínio",
    "ed": "edifício", "edif": "edifício", "qd": "quadra", "lt": "lote", "tel": "telefone",
}  # fmt: skip
_STREETS = {
    "Av": "avenida", "R": "rua", "Rod": "rodovia", "Trav": "travessa", "Tv": "travessa",
    "Al": "alameda", "Pça": "praça", "Pç": "praça", "Pca": "praça", "Est": "estrada",
    "Jd": "jardim", "Vl": "vila", "Pq": "parque", "Lgo": "largo", "D": "dona",
}  # fmt: skip
_SHORT = {
    "p/": "para ", "c/": "com ", "s/": "sem ", "e/ou": "e ou", "a/c": "aos cuidados de",
    "vc": "você", "vcs": "vocês", "tb": "também", "tbm": "também", "pq": "porque",
    "qdo": "quando", "qto": "quanto", "hj": "hoje", "obs.": "observação,", "Obs.": "Observação,",
    "etc.": "etcétera", "etc": "etcétera", "Ltda.": "limitada", "Ltda": "limitada",
    "Cia.": "companhia", "S.A.": "ésse á", "S/A": "ésse á", "ex.:": "exemplo:", "máx.": "máximo",
    "s/n": "sem número", "km/h": "quilômetros por hora", "p. ex.": "por exemplo",
    "p.ex.": "por exemplo", "Jr.": "Júnior",
    "jr.": "júnior", "pág.": "página", "págs.": "páginas", "depto.": "departamento",
    "dept.": "departamento", "séc.": "século", "art.": "artigo",
    "Art.": "Artigo", "arts.": "artigos", "Arts.": "Artigos",
    "qtd.": "quantidade", "vs.": "versus",
    "adm.": "administração", "V. Sa.": "Vossa Senhoria", "V.Sa.": "Vossa Senhoria",
    "mín.": "mínimo", "aprox.": "aproximadamente", "ref.": "referência", "tel.": "telefone",
    "cel.": "celular", "and.": "andar", "Res.": "residencial",
}  # fmt: skip
_SPELLED = "UPS USB IPTU IPVA INSS IBGE OAB RH PM UTI IP API BBB EUA CEO TI IA ID UBS IML"
_SPELLED_ANYWAY = frozenset(_SPELLED.split())
_MONARCHS = (
    "Pedro|João|Manuel|Bosco|Henrique|Sebastião|Afonso|Fernando|Miguel|Dinis|Diniz|José|Luís|Luiz|"
    "Paulo|Hélder|Evaristo|Orani|Odilo|Duarte|Aquino|Casmurro|Quixote"
)
_SHOPS = {"sl": "sala ", "lj": "loja "}
_VOWELS = set("AEIOUÁÉÍÓÚÂÊÔÃÕY")
_KEYS = {"*": "asterisco", "#": "jogo da velha"}


def _place(match: re.Match[str]) -> str:
    word = _PLACES[match[1].lower()] + " "
    return word.capitalize() if match[1][0].isupper() else word


def _title(match: re.Match[str]) -> str:
    return _TITLES[match[1] + "."].capitalize()


def _acronym(match: re.Match[str]) -> str:
    word = match[0]
    if word in _SPELLED_ANYWAY or not _VOWELS & set(word):
        return " ".join(LETTERS[letter] for letter in word)
    return word


KEY_RULES: tuple[Rule, ...] = (
    rule(
        r"\b(tecl\w+|digit\w+|apert\w+|pression\w+|disqu\w+)((?: a tecla| o)?) ['\"]?([*#])['\"]?",
        lambda match: f"{match[1]}{match[2]} {_KEYS[match[3]]}",
        any_case=True,
    ),
    rule(r"(?<=\S )([*#])(?=[\s.,;:!?]|$)", lambda match: _KEYS[match[1]]),
)
"""The telephone's keys, before markup is removed."""

WORD_RULES: tuple[Rule, ...] = (
    rule(r"\b(" + "|".join(title[:-1] for title in _TITLES) + r")\.", _title),
    rule(r"\b(sra?s?|srta|dra?|profa?)\.(?=\s)", lambda match: _TITLES[match[1].title() + "."]),
    rule(r"\b(Sra?s?|Srta|Dra?|Profa?)(?=\s+[A-ZÀ-Ú])", _title),
    rule(r"\b[Ss]r\(a\)\.?", "senhor ou senhora"),
    rule(rf"\b((?i:{'|'.join(_PLACES)}))(?:\.\s*(?=[\w#])|\s*(?=\d)|\s+(?=[A-Z]\b))", _place),
    rule(rf"\bD\.\s*(?={_MONARCHS})", "Dom "),
    rule(r"\b(eng)(a?)\.(?= [A-ZÀ-Ú])", lambda match: "engenheir" + (match[2] or "o")),
    rule(r"\b([Ss]l|[Ll]j)\.\s?(?=\d)", lambda match: _SHOPS[match[1].lower()]),
    rule(r"\b([Aa])pto\b\.?(?=\s*(?:[?!,;:]|$))", r"\1partamento"),
    rule(r"#\s?(?=\d)", "número "),
    rule(r"§(§?)\s?", lambda match: "parágrafos " if match[1] else "parágrafo "),
    rule(r"\b([Ii])nc\.\s?(?=[IVX\d])", r"\1nciso "),
    rule(r"\b([Cc])[óo]d\.\s?(?=\d)", r"\1ódigo "),
    rule(r"\bkm\s?(?=\d)", "quilômetro "),
    rule(r"/(?=(?:mês|dia|semana|ano|hora|noite|pessoa|unidade)\b)", " por "),
    rule(r"(?<![\d/])24/7(?![\d/])", "vinte e quatro horas por dia, sete dias por semana"),
    rule(
        rf"\b({'|'.join(_STREETS)})\.\s*(?=[A-ZÀ-Ú]|d[aeo]s? )",
        lambda match: _STREETS[match[1]] + " ",
    ),
    word_rule(_SHORT, before=r"(?<![\w/])", after=r"(?![\w])"),
    word_rule({"p/": "para ", "c/": "com ", "s/": "sem "}, before=r"(?<![\w/])", after=r"(?=\w)"),
    rule(r"\b(?:n|nr|num|núm)(?:[º°]\.?|o\.|\.[º°]?)\s*(?=\d)", "número ", any_case=True),
    rule(r"\bS\. (?=Paulo|Pedro|Jo[ãs]|Lu[ií]|Bern|Caet|Vic|Seb|Franc|Carlos|Mig|Jor|Mat)", "São "),
    rule(r"\bSt([oa])(?= [A-ZÀ-Ú])", r"Sant\1"),
    rule(r"\bn[º°](?=\s|$)", "número"),
    rule(r"(\w)\((?:a|as|o|os|s|es)\)", r"\1"),
    rule(r"\bS\.?O\.?S\b\.?", "ésse ó ésse"),
)  # fmt: skip
"""Abbreviations: before numbers, while their full stops and digits still tell them apart."""

SIGN_RULES: tuple[Rule, ...] = (
    rule(r"\s?&\s?", " e "),
    rule(r"(?<=\w)\s*\+\s*(?=\w)", " mais "),
    rule(r"\s?=\s?", " igual a "),
    rule(r"@", " arroba "),
    rule(r"(?<=[^\W\d])\s?/\s?(?=[^\W\d])", " ou "),
    rule(r"\b[A-Z]{2,5}\b", _acronym),
    rule(r"(?<![\w'-])([B-DF-NP-Z])(?![\w'.-])", lambda match: LETTERS[match[1]]),
    rule(r"[#*_~^|\\<>/°ºª$£€+%]", " "),
)
"""What is left of signs, and acronyms: after numbers."""
