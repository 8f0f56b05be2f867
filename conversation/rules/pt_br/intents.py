"""What somebody wants, asks or orders, by the phrases of the gate and of the intercom."""

from conversation.rules.intents import IntentWords
from conversation.rules.patterns import any_of
from conversation.rules.pt_br.common_words import KIN
from conversation.understanding import Instruction, Intent, Question

_EMERGENCY = any_of(
    """
    socorro|emergencia|incendio|pegando fogo|fogo|assalto|assaltado|assaltada|assaltando|ladrao
    ladroes|sequestro|infarto|infartando|desmaiou|desmaiada|desmaiado|desmaiando|convulsao|sangrando
    passando mal|passou mal|morrendo|ferido|ferida|baleado|um tiro|tiros|tiroteio|armado|com arma
    vazamento de gas|cheiro de gas|vazando gas|explosao|me seguindo|me perseguindo|invadindo
    (chama|chame|chamar|liga|ligue|ligar)( _){0,3} (policia|bombeiro|bombeiros|ambulancia|samu)
    preciso (de|da|do) (uma )?(policia|bombeiro|bombeiros|ambulancia|samu)
    policia urgente|me ajuda pelo amor de deus|nao consigo respirar|me bateu|esta me batendo
    """
)
_NO_EMERGENCY = any_of(
    """
    nao (e|tem|ha|foi) (uma |nenhuma |nada de )?(emergencia|incendio|fogo|assalto|socorro)
    (luz|saida|porta|escada|lampada|sistema|bomba|alarme|brigada|extintor|\
        extintores) de (emergencia|incendio)
    (luzes|alarmes|bombas|portas) de (emergencia|incendio)
    combate a incendio|fogos|fogo de chao|morrendo de (fome|sede|calor|frio|rir|sono|pressa)|\
        bombeiro hidraulico|pronto socorro
    (encanador|eletricista|servico|chaveiro|atendimento|plantao|visita) de emergencia
    """
)
_HUMAN = any_of(
    """
    (falar|fala|conversar) (com )?(o |a |um |uma |algum |alguma )?(porteiro|portaria|zelador|\
        zeladora|sindico|sindica|atendente|humano|humana|pessoa|alguem|gente|gerente|\
        administracao|seguranca|vigia|vigilante|guarda|responsavel|supervisor|ser humano|recepcao)
    (chama|chame|chamar|cade|quero|preciso do|preciso de|me passa|passa|me transfere|transfere|\
        transferir)( para| pra| pro| com| o| a| um| uma| ao)* (porteiro|zelador|sindico|sindica|\
        atendente|humano|pessoa|alguem|gerente|administracao|seguranca|vigia|vigilante|guarda|\
        atendimento humano|ser humano)
    oficial de justica|pessoa de verdade|gente de verdade|atendimento humano|atendente humano
    voce e um robo|e um robo
    e maquina|falar com robo|nao quero falar com (maquina|robo|voce)|nao falo com (maquina|robo)
    (aqui e|e|sou|somos) (a |o |da |do )?(policia|policial|oficial de justica)( _)*
    """
)
_CANCEL = any_of(
    """
    cancela|cancelar|deixa pra la|deixa para la|deixa quieto|esquece|esqueca|desisto|desisti
    nao precisa mais|vou embora|to indo embora|volto depois|volto mais tarde|volto outra hora
    volto amanha|nao quero mais|ja resolvi|ja resolveu|ja consegui
    """
)
_REPEAT = any_of(
    """
    repete|repita|repetir|de novo|novamente|nao entendi|nao ouvi|nao escutei|nao compreendi
    nao to (ouvindo|entendendo|escutando)|nao estou (ouvindo|entendendo|escutando)|como e que e
    (o que|que) (e que )?(voce|a senhora|o senhor|ce) (disse|falou|perguntou)|nao deu pra (ouvir|\
        entender)
    fala mais (alto|devagar)|ta cortando|esta cortando|cortou|ligacao (ta|esta) ruim|como assim
    """
)
_LONE_REPEAT = any_of(
    "(oi )?(como|hein|ha|ah|hum|o que|oque|que|oi|desculpa|perdao|o que foi|como e)"
    "\n((oi|alo|mas|e) )*quem (e que )?(ta |esta |que ta )?(falando|fala)( por favor)?"
)
_WRONG_NUMBER = any_of(
    """
    engano|numero errado|ligou errado|telefone errado|nao e daqui|nao mora aqui|nao mora mais aqui
    nao moro mais|nao moro ai|nao moro nesse|nao e desse numero|nao tenho apartamento|me mudei
    nao e (o |meu |desse |do )?(meu )?condominio|nao conheco esse condominio
    """
)
_VOICE_MAIL = any_of(
    """
    caixa postal|deixe (o )?seu recado|deixe (a )?sua mensagem|grave (o )?seu recado|apos o sinal
    apos o bip|grave sua mensagem|nao pode atender|nao posso atender|fora da area de cobertura
    numero (que voce|chamado|discado) _|pessoa para quem voce ligou|nao se encontra disponivel
    esta desligado ou fora|caixa de mensagens|correio de voz|seu recado|sua mensagem
    caixa de recados
    (chamada|ligacao)( _){0,2} encaminhada( _)*|(apos|depois do|pois) o? ?(sinal|bip|bipe|tom)
    """
)
_GOODBYE = any_of("tchau|tchauzinho|ate logo|ate mais|adeus|falou valeu|tchau tchau|bye")
_HURRY = any_of(
    """
    (vai|ta|esta) (demorar|demorando)( _)*|demora|demorado|falta muito|quanto tempo( _)*
    ja (chamou|ligou|avisou|atendeu|atenderam|falou)( _)*|alguem atendeu|ninguem atende( _)*
    cade|anda logo|vamos logo|rapido|to com pressa|estou com pressa|pressa
    """
)
_RESIDENT = any_of(
    """
    (sou|eu sou) (o |a )?(morador|moradora|proprietario|proprietaria|inquilino|inquilina)( _)*
    moro (aqui|no|na|nesse|neste|ai)|moramos|esqueci (a |minha |a minha )?(chave|tag|controle|senha)
    perdi (a |minha |a minha )?(chave|tag|controle)|minha (tag|digital|biometria|senha) nao
    (a tag|o controle|a chave|a facial|o facial|o aplicativo) nao (funciona|abre|ta|esta|\
        reconhece)( _)*
    """
)
_KIN = "(" + "|".join(sorted(KIN | {"hospede", "professor", "professora"})) + ")"
_VISIT = any_of(
    """
    visita|visitas|visitar|visitante|visitando|convidado|convidada|convidados|aniversario|festa
    churrasco
    (sou|somos) (_ )?KIN
    e (o|a) KIN (_ )?(do|da|de|dele|dela)
    (vim|vou|quero|queria|gostaria de|preciso) (ver|encontrar|falar com|conversar com|buscar)( _)*
    (falar|conversar) com (o|a|seu|dona|_)( _)*
    (me|nos) (esperando|aguardando|convidou|chamou)|airbnb|hospede|vim pro jantar|vim pra janta
    (vim|vou) (na|no) (casa|apartamento|ape) (de|do|da) _
    (estou procurando|to procurando|procuro|procurando) (o|a|pelo|pela|seu|dona|alguem) _
    aula particular|buscar (ele|ela|meu|minha)|carona|corrida|passageiro|motorista de aplicativo
    tenho (uma )?reserva|to de uber|vim almocar|vim jantar|vim tomar( _)*
    """.replace("KIN", _KIN)
)
_SERVICE = any_of(
    """
    servico|servicos|prestador|prestadora|tecnico|tecnica|manutencao|conserto|consertar|instalar
    instalacao|encanador|encanamento|eletricista|pintor|pintura|pedreiro|diarista|faxineira|faxina
    limpeza|dedetizacao|ar condicionado|marcenaria|marceneiro|jardineiro|jardinagem|montador
    montagem
    montar|vidraceiro|chaveiro|mudanca|obra|reforma|vistoria|internet|wifi|fibra|encanar
    desentupimento
    desentupidora|assistencia tecnica|trocar (o|a) _|arrumar (o|a) _|medidor|relogio|leitura|gesso
    gesseiro|serralheiro|cuidadora|enfermeira|fisioterapia|fisioterapeuta|baba|personal|veterinario
    banho e tosa|passeador|corretor|corretora|imovel|elevador|antena|estofado|sofa pra limpar
    cortina
    vim trabalhar|trabalho no|trabalho na|vim fazer um (_ )?(orcamento|reparo|conserto)|orcamento
    """
)
_DELIVERY = any_of(
    """
    entrega|entregas|entregar|entregando|entregador|entregadora|entrega aqui|encomenda|encomendas
    pacote|pacotes|pacotinho|pedido|sedex|motoboy|moto boy|motoca|correio|correios|carteiro|pizza
    pizzas|comida|lanche|lanches|marmita|hamburguer|acai|sushi|remedio|remedios|medicamento|compras
    mercadoria|carta|carta registrada|cartao|envelope|volume|volumes|buque|flores|cesta|galao|gas
    botijao|delivery|delivere|package|produto|documento|documentos|intimacao|notificacao
    (trazer|trouxe|deixar|chegou|vim deixar|vim trazer|to com|estou com) (um|uma|uns|umas|\
        o|a|as|os) _
    (caixa|caixinha|sacola|sacolas|movel|geladeira|fogao|colchao|sofa|agua|bolo|presente)
    retirar um|coleta|coletar|devolucao|retirada
    """
)
_GREETING = any_of(
    "(oi|ola|alo|opa|ei|hey|bom dia|boa tarde|boa noite|tudo bem|tudo bom|e ai|salve|pronto|"
    "pois nao|como vai|beleza|portaria|porteiro|moco|moca|amigo|senhor|senhora|meu|por favor)"
    "( (oi|ola|alo|opa|ei|bom dia|boa tarde|boa noite|tudo bem|tudo bom|e ai|como vai|portaria|"
    "porteiro|moco|moca|amigo|senhor|senhora|meu|querido|e|com voce|beleza|pois nao|por favor))*"
)

_INTENTS = (
    (_VOICE_MAIL, Intent.VOICE_MAIL),
    (_HUMAN, Intent.HUMAN),
    (_WRONG_NUMBER, Intent.WRONG_NUMBER),
    (_CANCEL, Intent.CANCEL),
    (_RESIDENT, Intent.RESIDENT),
    (_SERVICE, Intent.SERVICE),
    (_DELIVERY, Intent.DELIVERY),
    (_VISIT, Intent.VISIT),
    (_REPEAT, Intent.REPEAT),
    (_GOODBYE, Intent.GOODBYE),
    (_HURRY, Intent.HURRY),
)
"""In order: a courier for the technician's box is rarer than a technician with one."""

_DELIVERS = any_of(
    "entrega|entregar|entregador|entregadora|encomenda|pacote|pedido|motoboy|correios|sedex|trazer"
    " uma|delivery"
)

_QUESTIONS = (
    (
        any_of(
            """
            de onde|da onde|(de |da |do |qual |pra |e )?(que|qual) (empresa|loja|firma|\
                aplicativo|lugar|mercado|transportadora)
            (entrega|encomenda|pacote|pedido) de onde|quem mandou|quem enviou|quem ta mandando|\
                e de onde
            """
        ),
        Question.WHERE_FROM,
    ),
    (
        any_of(
            """
            (?<!nao )e (pra|para) mim
            para quem|pra quem|com quem (ele|ela|quer)( _)*|qual apartamento
            (pra|para) qual (apartamento|unidade|bloco)|no nome de quem|em nome de quem
            """
        ),
        Question.FOR_WHOM,
    ),
    (
        any_of(
            """
            o que e|oque e|o que que e|que que e|que e isso|do que se trata|sobre o que
            de que se trata
            o que (ele|ela|eles) (quer|querem|trouxe|tem|deseja)|que (entrega|encomenda|pacote|\
                servico|visita)
            (entrega|encomenda|servico|pacote) (de|do) que|qual (o |e o )?(assunto|motivo|\
                servico)|pra que
            o que foi|que tipo de _|o que ele veio fazer|veio fazer o que|o que seria
            """
        ),
        Question.WHAT,
    ),
    (
        any_of(
            """
            quem|quem e|qual (e )?(o )?(seu )?nome( _)*|como (ele|ela) (se )?chama|como se chama
            nome (dele|dela|do _|da _)|que pessoa|que visita e essa|que _ e esse|que _ e essa
            """
        ),
        Question.WHO,
    ),
)

_INSTRUCTIONS = (
    (
        any_of(
            """
            (fala|fale|diz|diga|avisa|fala pra ele|diz pra ele) que (eu )?(nao|sai|to fora|\
                estou fora|viajei)( _)*
            (manda|mande|mandar|manda ele|pode mandar)( _){0,2} (embora|ir embora|voltar|sair)
            (pede|peca|fala|diz)( _){0,2} (ir embora|voltar (depois|outro dia|mais tarde|amanha)|\
                sair)
            nao (atendo|recebo) (ninguem|visita|visitas)
            """
        ),
        Instruction.SEND_AWAY,
    ),
    (
        any_of(
            """
            (deixa|deixe|deixar|larga|bota|botar|coloca|colocar|guarda|guardar|poe|por|entrega|\
                pode ser)( _){0,4} (no|nos|num|em um) (armario|armarios|locker|lockers|escaninho|\
                guarda volumes)( _)*
            (no|num) (armario|locker|escaninho)( por favor| mesmo| entao)*$
            """
        ),
        Instruction.LEAVE_IN_LOCKER,
    ),
    (
        any_of(
            """
            (deixa|deixe|deixar|larga|bota|coloca|guarda|guardar|recebe|receber|segura|\
                entrega)( _){0,4} (na portaria|na recepcao|na guarita|no armario|no locker|\
                com o porteiro|com voce|com voces|ai embaixo|la embaixo|aqui embaixo|embaixo|\
                ai em baixo|em baixo|na entrada|ai mesmo|com o zelador)( _)*
            (pode|podem) (deixar|deixa) ai( _)*
            (pode )?(receber|recebe|guardar|guarda) (pra|para|por) mim
            deixa ai( que)?( eu)?( ja)?( depois)? (pego|busco)( _)*
            (depois|mais tarde|ja) (eu )?(pego|busco) (na portaria|ai|ai embaixo|la embaixo)
            """
        ),
        Instruction.LEAVE_AT_DESK,
    ),
    (
        any_of(
            """
            (ja |eu |eu ja )?(to|estou|tou) (descendo|indo ai|indo buscar)|ja desco|ja de so|\
                ja vou descer|desco ja
            (ja |eu )(deso|desso|deco|decso|dess)( ai| la| ja)*$|(jadeso|jadesso|jadesco)
            ja (so|eso|isso|gesso)$|eu (de so|des) (ai|la)$
            ^(eu )?(deso|desso|deco|de so|de o|de) (e|em|en|um) _ minutos?$
            (eu )?(vou|vo|vamos) (descer|buscar|pegar|ai embaixo|la embaixo|ai|la)( _)*|eu desco|\
                ja vou ai
            (ja|eu) (busco|pego)( _)*|desco em _ minutos|vou ate (ai|a portaria)
            """
        ),
        Instruction.COMING_DOWN,
    ),
    (
        any_of(
            """
            (quero|queria|posso|deixa eu|gostaria de|preciso) (falar|\
                conversar)( _){0,2} (com )?(ele|ela|eles|o rapaz|a moca|o entregador|o visitante|\
                a pessoa|o cara|o moco)( _)*
            (passa|passe|coloca|poe|bota|me passa) (pra|para|o|a)?( )?(ele|ela|rapaz|moca|\
                entregador)( _)*
            (coloca|bota|poe) (ele|ela) na linha
            (quero|queria|deixa eu|gostaria de|preciso) (falar|conversar) com (e|el|eli|a visita|\
                esse rapaz|essa moca|essa pessoa|quem esta ai)
            (passa|passe|pode passar)( a ligacao| a chamada| ele| ela)? (pra|para) mim( _){0,2}
            (passa|passe|pode passar) a (ligacao|chamada)( _){0,2}
            (deixa (que )?)?eu( mesmo| mesma)? falo (com (ele|ela)|direto)( _){0,2}
            """
        ),
        Instruction.TALK,
    ),
    (
        any_of(
            """
            (so )?(um|uns|1) (momento|momentinho|minuto|minutinho|instante|instantinho|segundo|\
                segundinho|pouco|pouquinho|segundos|minutos)
            (espera|espere|aguarda|aguarde|perai|pera|calma)( ai)?( um)?( pouco| pouquinho|\
                 minuto| momento| instante)?
            (manda|pede|peca|fala|diz)( _){0,3} (esperar|aguardar)( _)*|deixa eu (ver|perguntar|\
                pensar|olhar|confirmar)
            vou (chamar|perguntar|ver|confirmar|verificar)( _)*|ja volto|um instante|perai um pouco
            """
        ),
        Instruction.WAIT,
    ),
)
_DOUBTFUL = any_of(
    """
    (nao|num|nem)( _)? (pode|podem|deixe|quero|precisa|da)( _){0,2} (deixar|deixa|deixe|receber|\
        guardar)( _){0,3} (portaria|recepcao|guarita|armario|porteiro|zelador|ai|embaixo|voce|\
        voces)
    nao (manda|mande|pede|peca|fala|diz)( _){0,2} (embora|voltar|sair|que)
    """
)
"""Orders after a "não" that may deny them or stand alone: "não pode deixar na portaria"."""

INTENTS = IntentWords(
    emergency=_EMERGENCY,
    no_emergency=_NO_EMERGENCY,
    greeting=_GREETING,
    lone_repeat=_LONE_REPEAT,
    intents=_INTENTS,
    delivers=_DELIVERS,
    questions=_QUESTIONS,
    instructions=_INSTRUCTIONS,
    doubtful=_DOUBTFUL,
)
