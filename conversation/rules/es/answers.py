"""Yes and no in Spanish; a door depends on these words."""
# ruff: noqa: E501 - a line is a group of phrases

from conversation.rules.answers import AnswerWords
from conversation.rules.es.common_words import KIN
from conversation.rules.patterns import any_of
from conversation.rules.words import words_in

_SOMEBODY = (
    "(que|el|ella|ellos|ellas|lo|la|los|las|le|les|al|a|señor|señora|señorita|joven|muchacho|"
    "muchacha|hombre|mujer|repartidor|repartidora|visita|visitante|persona|tecnico|chico|chica|"
    "amigo|amiga|por|favor|ya|si|no mas|nomas|ese|esa)"
).replace("ñ", "n")
_ENTER = "(subir|suba|sube|suban|entrar|entre|entra|entren|pasar|pase|pasa|pasen|ingresar|ingrese)"

_PERMISSION = any_of(
    f"(puede|pueden|puedes) ({_SOMEBODY} ){{0,3}}{_ENTER}"
    f"\n(deja|deje|dejalo|dejala|dejenlo|dejenla|dejelo|dejela|dejale|dejelos|dejalos|manda|mande|"
    f"haga|haz|hagalo|hagala|hazlo|hazla|permita|permite|permitale) ({_SOMEBODY} |(don|dona) _ ){{0,4}}{_ENTER}"
    f"\nque ({_SOMEBODY} ){{0,3}}(suba|entre|pase|ingrese|suban|entren|pasen)"
    "\n(puede|pueden|puedes) (abrir|abrirle|autorizar|autorizarlo|autorizarla|dejarlo|dejarla|dejarle)"
    "( la puerta| el porton| entrar| pasar| subir)*$"
    "\n(yo |lo |la |si |si lo |si la |los )*(autorizo|permito)( la entrada| el ingreso)*$"
    "\n(esta |queda |entrada |la entrada |ya esta )(autorizado|autorizada|permitido|permitida)$"
    "\n(abrale|abrele|abre|abra|abran)( la puerta| el porton| puerta| porton)"
    "\n(dejalo|dejala|dejelo|dejela|mandalo|mandala|mandelo|mandela|hagalo|hagala) "
    "(subir|entrar|pasar)"
)
_ORDER = any_of(
    "(si |claro |ok |dale |ya |bueno |por favor |entonces )*"
    "(abrale|abrele|abre|abra|abran|autorizo|autorizado|autorizada|autorice|autoricelo|pase|suba|"
    "que pase|que suba|que entre|adelante|mandelo|mandela|mandalo|mandala)"
    "( la puerta| el porton| puerta| porton| por favor| gracias| ya| si| senor| senora| entonces)*"
)
_ASSENT = words_in(
    """
    si claro puede pueden ok okay dale vale positivo afirmativo perfecto acuerdo correcto supuesto
    adelante seguro bueno bien problema problemas listo
    """
)
_COURTESY = (
    words_in(
        """
        a ah ay y eh yo el ella ellos ese esa mismo con esta todo sin ser por favor de no señor
        señora
        joven gracias muchas buenos buenas dia dias tarde tardes noche noches hola alo entonces ya
        estoy estamos esperando esperandolo esperandola lo la soy pedi compre mi mis una un entrega
        visita
        comida pizza encomienda paquete muy que es
        """
    )
    - {"no"}
) | KIN
_ASSENTS = any_of(
    """
    si|claro|claro que si|por supuesto|ok|okay|dale|vale|positivo|afirmativo|perfecto|de acuerdo
    adelante|(esta|todo) bien|sin problema|sin problemas|como no|desde luego|seguro que si
    (^(puede|bueno|listo)( (si|por favor|gracias|dale|claro))*$)
    """
)
_UNSURE = any_of(
    """
    creo|pienso|supongo|parece|talvez|tal vez|quizas|quiza|depende|dudo|sera|quien sabe|mas o menos
    no (lo )?se|no estoy (seguro|segura)|esta (seguro|segura)|dejeme (ver|pensar|preguntar)
    dejame (ver|pensar|preguntar)|a lo mejor|a ver|cuando|cuanto|por que|porque|cual|como asi
    solo si|si (el|ella|es|no|viene|trae|tiene|quiere)|pero|siempre que|antes|aunque|sino
    no (le |lo |te )?(entendi|escuche|oi|escucho|oigo|entiendo)|despues|mas tarde|luego|otro dia
    manana|ayer|ahorita no se|(puede|autoriza) o _|contacto|fila|reclamo|queja
    (el|ella|usted|ustedes|quien|alguien|joven) (ya )?(cree|piensa) que|(dijo|dice|dijeron|dicen) que
    (subir|sube|entrar|entra|pasar|abrir) que|que (suba|entre|pase) (quien|que)
    (puede|pueden|que) (subir|entrar|pasar|suba|entre|pase) (nada|nadie|ninguno|ninguna)
    solo (el|la|los|las) (paquete|paquetes|encomienda|entrega|comida|caja|pedido)|ni loco
    (abrir|abre|abra) (un|una) _|mentira|ni hablar|si y no|que (pase|entre) el tiempo
    """
)
_NEGATION = any_of("no|ni|nunca|jamas|negativo|ningun|ninguno|ninguna|nadie|tampoco")
_CLEAR_NO = any_of(
    """
    no|negativo|nunca|jamas|ni hablar|de ninguna manera|para nada|nadie|tampoco
    rechazo|rechazado|niego|negado|negada|prohibido|prohibida
    """
)
_GOVERNED = any_of(
    "(no|ni|nunca)( (?!(si|claro|ok|que) )_){0,2}? (puede|pueden|puedo|podria|deja|deje|dejes|deja(lo|la)|"
    "deje(lo|la|n)|permita|autorizo|autorice|autoriza|autorizado|autorizada|abra|abre|abras|abrale|"
    "mande|manda|mandes|suba|sube|entre|entra|pase|pasa|es|esta|quiero|acepto|acuerdo)"
    "( subir| entrar| pasar| suba| entre| pase| el| ella| ellos| la| lo| los| autorizado| autorizada|"
    " nadie| nada| entrada| ingreso| puerta| porton| eso| bien| correcto| ese| esa| senor| senora|"
    " joven| muchacho| hombre| mujer| repartidor| visitante| persona| ahora| que| a| al)*"
)
_NOT_NOW = any_of(
    "(no )*((ahora|ahorita|hoy|por el momento|en este momento) no|no (ahora|ahorita|hoy|por el momento|"
    "en este momento))"
    "( (puedo|gracias|por favor|mas tarde|despues|luego|manana|otro dia|que vuelva|vuelva))*"
)

ANSWERS = AnswerWords(
    harmless=any_of("no (hay|tengo|veo|es) (problema|problemas|inconveniente)"),
    unsure=_UNSURE,
    permission=_PERMISSION,
    order=_ORDER,
    assents=_ASSENTS,
    assent=_ASSENT,
    courtesy=_COURTESY,
    permitting=words_in("puede pueden deja deje autorizo abra abre permita mande manda"),
    yes_itself=any_of(
        """
        yes
        (^si( (si|claro|gracias|muchas|por|favor|senor|senora|ok|dale|vale))*$)
        """
    ),  # "si" is "sí", and "if" as well: "no sé si puede pasar"
    simple_yes=any_of(
        """
        si|asi es|eso|eso es|eso mismo|aja|correcto|exacto|exactamente|cierto|claro|confirmo
        confirmado|ese mismo|esa misma|es ese|es esa|es el|es ella|afirmativo|positivo|creo que si
        yes|de acuerdo|esta bien|verdad|efectivamente|ok|por supuesto|dale|vale
        """
    ),
    negation=_NEGATION,
    clear_no=_CLEAR_NO,
    governed=_GOVERNED,
    postposed=any_of("(conozco|quiero|puede|autorizo|pedi) no$"),
    not_now=_NOT_NOW,
    wrong=any_of("equivocado|equivocada|incorrecto|error|nada de eso|otro apartamento|esta mal"),
    not_word="no",
    like_not=frozenset(),
    i_think="creo que",
    of_course_that="claro que ",
)
