"""The rules for Spanish: its tables, together."""
# ruff: noqa: E501 - a line is a group of phrases

import re
from collections.abc import Iterable

from conversation.rules.completeness import EndWords
from conversation.rules.es import companies
from conversation.rules.es.answers import ANSWERS
from conversation.rules.es.common_words import GIVEN_NAMES, KIN, NEVER_NAMES, TITLES
from conversation.rules.es.intents import INTENTS
from conversation.rules.es.names import NAMES
from conversation.rules.es.numbers import NUMERALS
from conversation.rules.es.units import UNITS
from conversation.rules.extraction import Lexicon, LexiconRules
from conversation.rules.manners import MannerWords
from conversation.rules.patterns import any_of
from conversation.rules.words import Vocabulary, phrases_in, words_in

_KEYWORDS = words_in(
    """
    apartamento departamento unidad bloque torre edificio entrega entregar repartidor encomienda
    paquete correo pedido visita visitar visitante servicio tecnico mantenimiento instalacion
    mudanza autorizo autorizado autorizada portero conserje residente esperando momento minuto
    emergencia policia bomberos ambulancia incendio repetir empresa conozco persona correcto
    farmacia plomero electricista quinientos doscientos trescientos cuatrocientos seiscientos
    """
)
_OF_COURSE = re.compile(r"\b(?:c[oó]mo no|no faltaba más)\b")
"""A yes that has a "no" in it."""
_LEXICON = Lexicon(
    language="es",
    vocabulary=Vocabulary(
        keywords=_KEYWORDS | companies.FIRMS.words,
        others=GIVEN_NAMES | NEVER_NAMES | KIN | TITLES,
    ),
    units=UNITS,
    names=NAMES,
    answers=ANSWERS,
    intents=INTENTS,
    manners=MannerWords(
        backchannels=words_in("aja ajá uhum hum mm hm ya ah ok okay bueno claro si eso entiendo"),
        murmurs=words_in("a o e um am ha aha la"),
        plain_answers=words_in("ok okay si claro bueno eso ya entiendo aja"),
        abuse=any_of(
            """
            mierda|puta|puto|carajo|joder|cabron|pendejo|pendeja|idiota|imbecil|estupido|estupida|coño
            hijo de puta|chinga*|verga|culero|boludo|pelotudo|gilipollas|vete a la|maldito|maldita|huevon
            """.replace("ñ", "n")
        ),
        ignorance=any_of(
            """
            no (lo )?se|no tengo idea|no (me )?acuerdo|no recuerdo|ni idea|se me olvido (el|la)( _)*
            no (tiene|tengo|dice|hay|aparece)( el| la| ningun)? (bloque|torre|numero|apartamento|nada)
            no (esta|viene) escrito|solo (tiene|dice) (el|la)( _)*|sin bloque|particular|independiente
            ninguna empresa|por mi cuenta|no dice$
            """
        ),
        objections=any_of(
            """
            espera|espere|un momento|pare|cancela|cancele|equivocado|otro|otra|en realidad|perdon
            disculpe|disculpa|escuche|oiga|no no|no es|no era|no hace falta|yo dije|ya le dije|no$
            """
        ),
        small_talk=any_of("llov*|llueve|lluvia|frio|calor|sol|viento|trafico|que hora|aguanta esto"),
    ),
    ends=EndWords(
        units=UNITS,
        numerals=NUMERALS,
        hanging=UNITS.anchors
        | words_in(
            """
            el la los las un unos unas de del en al con para que y por mi su don doña señor señora
            doctor doctora pero o soy me llamo mil porque entonces numero nombre vengo voy estoy
            tengo quiero hablar visitar entregar traer dejar
            """
        ),
        goes_on_or_not=words_in("puede pueden deja deje que"),
        hesitation=words_in("eh hum hm ah este mmm"),
        closed=words_in("gracias favor adios chao"),
        thinking=phrases_in(
            "a ver", "dejame ver", "deja ver", "un segundo", "en realidad", "quiero decir",
            "creo que", "es decir", "pues", "bueno",
        ),
        assents=words_in(
            "si no esta todo bien claro que ok okay vale dale bueno de acuerdo por supuesto"
        ),
        introductions=words_in("aqui soy somos habla"),
    ),
    codes=words_in("codigo codigos clave contrasena pin"),
    signing=any_of(
        """
        (necesita|necesito|tiene|tienen|requiere|hay que|falta)( _){0,4} (firmar|firma|firme|firmado)
        con (firma|acuse de recibo)|carta certificada
        """
    ),
    find_company=companies.FIRMS.find,
    company=companies.company,
    of_company=companies.of_company,
    decisions=(
        "sí", "no", "que suba", "que pase", "déjelo subir", "puede subir", "puede pasar", "autorizo",
        "no autorizo", "no lo deje pasar", "no lo conozco", "no espero a nadie", "quién es",
        "de qué empresa", "qué es", "un momento", "que espere", "ya bajo", "déjelo en la portería",
        "quiero hablar con él", "diga que no estoy", "claro", "aló", "hola", "bueno",
    ),
    confirmations=("sí", "no", "correcto", "exacto", "así es", "apartamento", "bloque", "torre"),
    errands=(
        "entrega", "entrega para el apartamento", "encomienda", "paquete", "visita", "vengo a visitar",
        "servicio", "mantenimiento", "me llamo", "mi nombre es", "apartamento", "departamento",
        "bloque", "torre", "buenos días", "buenas tardes", "buenas noches", "sí", "no", "amigo",
        "quiero hablar con el portero", *companies.FIRMS.phrases,
    ),
    prepare=lambda text: _OF_COURSE.sub("claro", text.lower()),
)  # fmt: skip


class EsRules(LexiconRules):
    """Slot extraction for Spanish."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """``names`` are the directory's words; see :class:`LexiconRules`."""
        super().__init__(_LEXICON, names)
