"""Yes, no, and neither: what counts as an authorisation, and what only sounds like one.

A yes must be clear. "sim não", "pode não", "acho que sim" and "pode subir quem" are no answer, and
are asked about again. A negation governs the verbs that follow it: "não pode deixar subir" is a no.
"""

from conversation.rules.patterns import any_of
from conversation.understanding import Answer, Expecting

_HARMLESS = any_of(
    """
    (nao tem|nao ha|nao vejo) (problema|problemas|erro|nada contra)
    pois nao
    nao por isso
    """
)
"""Negations that deny nothing; before "não" they may still be one, see :func:`_clear_idioms`."""

_UNSURE = any_of(
    """
    acho|acho que|creio|imagino
    nao sei|nao sei nao|sei la|talvez|depende|quem sabe|mais ou menos|nao tenho certeza|sera
    se for _|so se|se ele|se ela|desde que|deixa eu (ver|pensar)
    nao entendi|nao ouvi|nao escutei|nao compreendi|como assim|por que nao
    daqui a pouco|mais tarde|outro dia|amanha|agora nao sei
    (pode|autoriza|libera) (ou|se) _
    """
)

_CLEAR_YES = any_of(
    """
    sim|claro|com certeza|certeza|positivo|afirmativo|ok|okay|beleza|blz|perfeito|concordo
    isso|isso mesmo|isso ai|sem problema|sem problemas|tranquilo|combinado
    (ta|esta|tah) (bom|bem|certo|autorizado|autorizada|liberado|liberada|ok)
    tudo (bom|bem|certo|ok)(?! com)
    autorizo|autorizado|autorizada|autoriza|libero|libera|liberado|liberada|permito|permitido
    (pode|podem|manda|mandar|deixa|deixe|deixar|faz) (_ ){0,3}(subir|sobe|subi|entrar|entra|passar)
    (pode|podem) (_ )?(vir|liberar|libera|autorizar|autoriza|abrir|abre)
    pode mandar (ele |ela |eles )?(vir|entrar|subir)
    pode ser|pode sim|sim pode|sobe|manda entrar|manda vir
    (abre|abra)( pra| para| o| a| ele| ela| portao| porta| la)*
    """
)

_LONE_YES = any_of(
    "(pode|podem|manda|yes|pode mandar)"
    "( sim| ele| ela| por favor| senhor| senhora| moco| entao| claro| ja)*"
)
"""Yes only where nothing else is said: "pode" may begin "pode deixar", "pode mandar embora"."""

_SIMPLE_YES = any_of(
    """
    e|eh|e isso|e sim|aham|uhum|ta|certo|correto|corretamente|exato|exatamente|confirmo|confirmado
    certinho|esse mesmo|essa mesma|e esse|e essa|e ele|e ela|yes|isso e|positivo|acho que sim
    """
)
"""Yes to a question of fact ("apartamento 501, certo?"), not enough to open a door."""

_NEGATION = any_of("nao|naum|num|nem|nunca|jamais|negativo|nenhum|nenhuma|ninguem")
_CLEAR_NO = any_of(
    """
    nao|naum|negativo|nunca|jamais|nem pensar|de jeito nenhum|de jeito algum|nem a pau
    (num|nem) (pode|deixa|libera|autorizo|quero|conheco|to|estou|pedi)
    recuso|recusa|nego|negado|negada|proibido|bloqueia|barra ele|barra ela|dispensa|dispenso
    (deixa|libera|libero|autorizo|autoriza|quero|conheco|pedi|espero|sobe|abre|mora) nao
    """
)
_GOVERNED = any_of(
    "(nao|naum|num|nem)( (?!(sim|claro|ok|isso) )_){0,2}? (pode|podem|posso|poderia|deixa|deixe|"
    "deixar|libera|libere|"
    "liberar|libero|autoriza|autorize|autorizo|autorizar|autorizado|autorizada|liberado|liberada|"
    "manda|mande|mandar|abre|abra|abrir|permito|permitido|sobe|entra|e|esta|ta|quero|concordo)"
    "( deixar| liberar| autorizar| mandar| abrir| subir| entrar| passar| sobe| entra| ele| ela|"
    " eles| autorizado| autorizada| liberado| liberada| ninguem| nada| o| a| os| as| entrada|"
    " portao| porta| isso| certo| correto| ok| esse|"
    " essa| rapaz| moco| moca| cara| entregador| visitante| pessoa| agora| vir| ser)*"
)
"""A negation with the verb that it denies and what hangs on it."""

_POSTPOSED = any_of(
    "(deixa|libera|libero|autorizo|autoriza|quero|conheco|pedi|espero|sobe|abre|mora)"
    "( subir| entrar| ele| ela)* nao"
)
"""The Brazilian no that comes last: "deixa não", "autorizo não"."""

_WRONG = any_of("errado|errada|incorreto|nada disso|nao e esse|outro apartamento|ta errado")


def find_answer(text: str, expecting: Expecting, *, asks: bool) -> Answer | None:
    """A clear yes or no in folded ``text``, else None.

    ``asks`` says that the text also asks something back: then it is no yes yet.
    """
    text = _clear_idioms(text)
    if _UNSURE.search(text) and not (_is_fact(expecting) and text.startswith("acho que")):
        return None
    if _NEGATION.search(text) or _CLEAR_NO.search(text):
        return _negative(text)
    if _is_fact(expecting) and _WRONG.search(text):
        return Answer.NO
    if asks:
        return None
    return Answer.YES if _is_yes(text, expecting) else None


def _clear_idioms(text: str) -> str:
    """Drop negations that deny nothing, unless another "não" makes them doubtful."""
    bare = " ".join(_HARMLESS.sub(" ", text).split())
    return text if _NEGATION.search(bare) else bare


def _is_fact(expecting: Expecting) -> bool:
    return expecting is not Expecting.AUTHORISATION


def _is_yes(text: str, expecting: Expecting) -> bool:
    if _CLEAR_YES.search(text) or _LONE_YES.fullmatch(text):
        return True
    return expecting is Expecting.YES_NO and _SIMPLE_YES.search(text) is not None


def _negative(text: str) -> Answer | None:
    """No, unless something around it says yes: "sim não", "não sim pode"."""
    rest, denied = _GOVERNED.subn(" ", text)
    rest, postposed = _POSTPOSED.subn(" ", rest)
    rest = " ".join(rest.split()).removeprefix("claro que ")
    rest_positive = " ".join(_NEGATION.sub(" ", rest).split())
    if _CLEAR_YES.search(rest_positive) or _LONE_YES.fullmatch(rest_positive):
        return None
    return Answer.NO if denied or postposed or _CLEAR_NO.search(rest) else None
