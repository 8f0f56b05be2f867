"""Numbers as they are said in Latin America."""

from tts.normalising.shared_rules import NumberWords
from tts.normalising.spanish_nouns import before_noun

WORDS = NumberWords(
    tag="es",
    digit_names="cero uno dos tres cuatro cinco seis siete ocho nueve",
    thousands=".",
    decimal_point="coma",
    percent="por ciento",
    range_word="a",
    minus="menos",
    by="por",
    one="un",
    code_words="código|clave|contraseña|pin|dni|rut|cpf|interno|extensión|protocolo|legajo",
    units={
        "km/h": ("kilómetro por hora", "kilómetros por hora"),
        "km²": ("kilómetro cuadrado", "kilómetros cuadrados"),
        "km": ("kilómetro", "kilómetros"),
        "m²": ("metro cuadrado", "metros cuadrados"),
        "m2": ("metro cuadrado", "metros cuadrados"),
        "m³": ("metro cúbico", "metros cúbicos"),
        "m": ("metro", "metros"),
        "cm": ("centímetro", "centímetros"),
        "mm": ("milímetro", "milímetros"),
        "kg": ("kilo", "kilos"),
        "g": ("gramo", "gramos"),
        "t": ("tonelada", "toneladas"),
        "ml": ("mililitro", "mililitros"),
        "l": ("litro", "litros"),
        "L": ("litro", "litros"),
        "min": ("minuto", "minutos"),
        "seg": ("segundo", "segundos"),
        "s": ("segundo", "segundos"),
        "hs": ("hora", "horas"),
        "hrs": ("hora", "horas"),
        "h": ("hora", "horas"),
        "V": ("voltio", "voltios"),
        "W": ("vatio", "vatios"),
        "kW": ("kilovatio", "kilovatios"),
        "GB": ("gigabyte", "gigabytes"),
        "MB": ("megabyte", "megabytes"),
        "°C": ("grado", "grados"),
        "ºC": ("grado", "grados"),
    },
    currencies={
        "R$": ("real", "reales", "centavo", "centavos"),
        "US$": ("dólar", "dólares", "centavo", "centavos"),
        "U$S": ("dólar", "dólares", "centavo", "centavos"),
        "$": ("peso", "pesos", "centavo", "centavos"),
        "€": ("euro", "euros", "céntimo", "céntimos"),
        "£": ("libra", "libras", "penique", "peniques"),
        "¥": ("yen", "yenes", "", ""),
    },
    joined="con",
    multiples={"mil": "mil ", "millones": "millones de ", "millón": "millón de "},
    parts_of_one={
        2: ("medio", "medios"),
        3: ("tercio", "tercios"),
        4: ("cuarto", "cuartos"),
        5: ("quinto", "quintos"),
        8: ("octavo", "octavos"),
        10: ("décimo", "décimos"),
    },
    and_a_half="y medio",
    times=("vez", "veces"),
    letters=(
        "a,be,ce,de,e,efe,ge,hache,i,jota,ka,ele,eme,ene,o,pe,cu,erre,ese,te,u,uve,doble ve,equis,"
        "i griega,zeta"
    ),
    before_noun=before_noun,
)
_ORDINALS = (
    "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo"
)


def ordinal(number: int, *, is_feminine: bool = False, is_before_noun: bool = False) -> str:
    """``3`` as "tercero", "tercera", or "tercer" before a noun."""
    known = 1 <= number <= 12
    said = _ORDINALS.split()[number - 1] if known else WORDS.ordinal(number)
    if is_feminine:
        return " ".join(word[:-1] + "a" if word.endswith("o") else word for word in said.split())
    if is_before_noun and said.endswith(("primero", "tercero")):
        return said[:-1]
    return said
