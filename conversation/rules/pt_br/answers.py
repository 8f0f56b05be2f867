"""Yes and no in Portuguese; a door depends on these words."""

from conversation.rules.answers import AnswerWords
from conversation.rules.patterns import any_of
from conversation.rules.pt_br.common_words import KIN
from conversation.rules.words import words_in

_HARMLESS = any_of(
    """
    (nao tem|nao ha|nao vejo) (problema|problemas|erro|nada contra)
    pois nao
    nao por isso
    """
)
"""Negations that deny nothing; before "não" they may still be one."""

_UNSURE = any_of(
    """
    acho|creio|imagino|parece|talvez|depende|duvido|sera|quem sabe|mais ou menos|sei la
    nao sei|nao tenho certeza|tem certeza|deixa eu (ver|pensar)
    se|senao|quando|quanto|por que|porque|qual|caso|so que|mas so|desde que|antes
    nao entendi|nao ouvi|nao escutei|nao compreendi|como assim
    como nao (e|ou|ouve|vi)$
    depois|daqui a pouco|mais tarde|outro dia|outra hora|amanha|ontem|ja ja
    (sim|pode|autoriza|libera) ou _
    contato|fila|vaga|reclamacao|ocorrencia|chamado|ova|caramba
    (ele|ela|voce|voces|quem|cara|rapaz|moca|entregador) (ja )?(disse|falou|acha|pensa) que
    (subir|sobe|entrar|entra|vir|liberar|abrir) o que
    (pode|podem) (subir|entrar|vir) (nada|ninguem|nenhum|nenhuma)
    so (o|a|os|as) (pacote|pacotes|encomenda|encomendas|entrega|comida|caixa|compras|pedido)
    (abrir|abre|abra|abrindo) (um|uma) _
    """
)
"""Words that make any answer conditional, later or doubtful, or turn it into something else: "manda
ele entrar em contato" lets nobody in."""

_SOMEBODY = (
    "(ele|ela|eles|elas|esse|essa|o|a|os|as|seu|dona|meu|minha|rapaz|moca|moco|homem|mulher|"
    "entregador|entregadora|motoboy|visita|visitante|pessoa|pessoal|menino|menina|tecnico|senhor|"
    "senhora|cara|ja|sim|entao|logo|la|aqui|deixar|mandar|liberar|vir|ir)"
)
_PERMISSION = any_of(
    f"(pode|podem|manda|mande|deixa|deixe) ({_SOMEBODY} |(o|a|seu|dona) _ ){{0,4}}"
    "(subir|sobe|subi|entrar|entra|vir)"
    "\n(pode|podem) ((ele|ela|sim|ja|deixar) )?(liberar|libera|autorizar|autoriza|abrir|abre|"
    "passar$)"
    "\n(eu |ja |ta |esta |estou |ja ta |entrada |a entrada )?"
    "(autorizo|autorizado|autorizada|autorizando|permito|permitido|libero)"
    "\n(ta|esta|ja ta|pode ficar) (liberado|liberada)"
    "\n(deixa|deixe|pode deixar|manda|mande) (ele |ela |eles )?(passar|entrar|subir)( por favor)?$"
)
"""Words that let somebody in, wherever they stand in a turn."""

_ORDER = any_of(
    "(?!autoriza a entrada$)(sim |claro |ok |pode |ta |entao |ja |favor |senhor |isso )*"
    "(libera|libere|autoriza|autorize|liberado|liberada|sobe|abre|abra|entra|manda|pode mandar)"
    "( a entrada| entrada| o portao| a porta| portao| porta| pra ele| pra ela| para ele| para ela|"
    " ele| ela| ai| la| sim| ja| entao| por favor| faz favor| obrigado| obrigada| o rapaz| a moca|"
    " o entregador| a visita| o acesso| moco| moca| senhor| senhora| logo)*"
)
"""Bare orders: a yes only where nothing else is said ("quem autoriza é o síndico" is none). Our own
question is none either: it comes back from loudspeakers."""

_ASSENT = words_in(
    """
    sim claro pode podem ok okay isso beleza blz positivo afirmativo perfeito concordo combinado
    certeza bom tranquilo problema problemas yes bem
    """
)
_PERMITTING = words_in(
    "pode podem deixa deixe libera libere autorizo autoriza manda abre permito liberado autorizado"
)
_COURTESY = (
    words_in(
        """
    a ah ai e eh eu ele ela eles esse essa mesmo com ta esta tudo certo sem ser por favor faz
    gentileza
    senhor senhora moco moca amigo obrigado obrigada bom boa dia tarde noite oi ola alo entao ja uai
    ue ne so to tou estou esperando aguardando sou pedi comprei encomendei minha meu nossa nosso
    agora
    querido querida olha opa tal uma um entrega visita encomenda pizza pode
    """
    )
    | KIN
)
_ASSENTS = any_of(
    """
    sim|claro|pode|podem|ok|okay|isso|beleza|blz|positivo|afirmativo|perfeito|concordo|combinado|yes
    com certeza|(ta|esta) (bom|bem|certo|ok)|tudo (bem|certo|ok)(?! por)|sem problema
    sem problemas|tranquilo
    pode ser
    """
)
"""Words of assent: a yes only where nothing but courtesies stands beside them ("isso é um golpe",
"é da claro" and "tem certeza" are none)."""

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

_NOT_NOW = any_of(
    "((agora|hoje|no momento) nao|nao (agora|hoje|no momento))"
    "( (da|posso|quero|so|mais tarde|depois|amanha|outro dia|outra hora|obrigado|obrigada|"
    "por favor|volta|volte))*"
)
"""A no for now is a no, where nothing else is said."""

_WRONG = any_of("errado|errada|incorreto|nada disso|nao e esse|outro apartamento|ta errado")

ANSWERS = AnswerWords(
    harmless=_HARMLESS,
    unsure=_UNSURE,
    permission=_PERMISSION,
    order=_ORDER,
    assents=_ASSENTS,
    assent=_ASSENT,
    courtesy=_COURTESY,
    permitting=_PERMITTING,
    yes_itself=any_of("sim|yes"),
    simple_yes=_SIMPLE_YES,
    negation=_NEGATION,
    clear_no=_CLEAR_NO,
    governed=_GOVERNED,
    postposed=_POSTPOSED,
    not_now=_NOT_NOW,
    wrong=_WRONG,
    not_word="nao",
    like_not=words_in("alo"),
    i_think="acho que",
    of_course_that="claro que ",
)
