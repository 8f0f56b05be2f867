"""Whole sentences and sentence parts of a Brazilian doorman's calls, as data.

Lower case, no punctuation: as the recogniser writes.
"""

from __future__ import annotations

from stt.training.grammar.wordlist import phrases, words

SHORT = phrases("""
    sim|não|pode|pode sim|não pode|claro|isso|isso mesmo|exato|exatamente|correto|certo|tá certo|
    tá|tá bom|tá bem|está bem|beleza|ok|okay|aham|uhum|é|é isso|é sim|é não|sei|entendi|alô|oi|olá|
    opa|fala|pronto|diga|pois não|sou eu|eu|eu mesmo|eu mesma|ele mesmo|ela mesma|positivo|
    negativo|afirmativo|nada|ninguém|nenhum|talvez|depois|agora|agora não|já|ainda não|espera|
    calma|como|o quê|oi como|quem|quem é|qual|onde|quando|por quê|tchau|valeu|obrigado|obrigada|
    de nada|por favor|desculpa|perdão|licença|socorro|ajuda|fogo|polícia|ladrão|assalto|bombeiro|
    ambulância|repete|de novo|volta|cancela|para|pare|chega|sair|encerrar|pode subir|pode entrar|
    pode liberar|pode deixar|pode ser|pode mandar|pode abrir|manda subir|manda entrar|deixa subir|
    deixa entrar|deixa|libera|liberado|autorizo|autorizado|autoriza|abre|recuso|não quero|
    não autorizo|não libera|não deixa|de jeito nenhum|nem pensar|com certeza|sem problema|
    claro que sim|claro que não|acho que sim|acho que não|não sei|errado|tá errado|está errado|
    confirmo|confirma|confirmado|entrega|visita|serviço|mudança|encomenda|morador|visitante|
    entregador|prestador|portaria|porteiro|síndico|zelador|ainda|sozinho|sozinha|ele|ela|aqui|aí|
    lá|bom dia|boa tarde|boa noite|tudo bem|tudo bom|que bom|perfeito|ótimo|maravilha|combinado|
    fechado|verdade|sério
""")

GREETINGS = phrases("""
    bom dia|boa tarde|boa noite|oi|olá|alô|oi tudo bem|opa|oi boa tarde|oi bom dia|oi boa noite|
    olá bom dia|olá boa tarde|olá boa noite|alô bom dia|alô boa noite|alô boa tarde|e aí|
    opa bom dia|opa boa noite|oi tudo bom|bom dia tudo bem|boa tarde tudo bem|boa noite tudo bem|
    bom dia moço|bom dia senhor|oi meu amigo|fala meu querido|boa noite portaria|bom dia portaria
""")

TAILS = phrases("""
    por favor|obrigado|obrigada|tá bom|pode ser|se possível|rapidinho|né|ok|muito obrigado|
    muito obrigada|faz favor|valeu|moço|senhor|senhora|viu|tá|por gentileza|entendeu|querida|amigo|
    meu amigo|agora|hoje|já|então|está bem|certo|aí|beleza
""")

RESIDENT = phrases("""
    pode deixar subir|pode deixar entrar|pode deixar ele subir|pode deixar ela entrar|
    pode mandar subir|pode mandar entrar|pode autorizar|pode autorizar a entrada|
    pode liberar a entrada|pode liberar ele|libera a entrada|libera ele por favor|eu autorizo|
    eu autorizo sim|sim eu autorizo|autorizo a entrada|autorizo sim pode subir|está autorizado|
    está autorizada|está liberado|está liberada|tá liberado|tá autorizado|sim pode entrar|
    sim pode subir|sim pode deixar subir|sim deixa ele entrar|sim estou esperando|
    estou esperando sim|é meu convidado|é minha convidada|é da família|eu conheço|conheço sim|
    é meu amigo|é minha amiga|pode abrir o portão|pode abrir a garagem|não autorizo a entrada|
    eu não autorizo|não está autorizado|não está autorizada|não libera não|não deixa entrar|
    não deixa subir|não deixa ele subir|não pode entrar|não pode subir|não pode deixar subir|
    não manda subir|não abre|não abre o portão|não estou esperando ninguém|
    não estou esperando nada|não estou esperando visita|não conheço|não conheço essa pessoa|
    não conheço ninguém com esse nome|não sei quem é|não é aqui|não é para mim|não é pra mim|
    não pedi nada|não pedi comida|não quero receber|não quero falar|não posso atender agora|
    estou ocupado|estou ocupada|estou em reunião|não estou em casa|estou viajando|
    estou no trabalho|diz que eu não estou|fala que eu não estou|manda ele embora|
    pede para voltar depois|pede para voltar amanhã|ela não mora mais aqui|ele não mora mais aqui|
    não mora ninguém com esse nome|esse apartamento está vazio|quem está falando|quem fala|
    quem gostaria|quem está aí|quem está na portaria|quem é ele|qual o nome|qual o nome dele|
    qual o nome dela|qual é o nome dele|qual é o nome dela|é de onde|de onde é|de que empresa|
    de qual empresa|o que ele quer|o que ela quer|o que é|do que se trata|é sobre o quê|
    qual o assunto|é entrega do quê|ele está sozinho|está de carro|um momento|só um momento|
    só um minuto|um minutinho|um instante|espera um pouco|peraí|espera aí|já vou|já estou descendo|
    eu vou descer|vou descer|vou descer para buscar|vou buscar aí embaixo|vou aí|
    meu marido vai descer|minha filha vai descer|deixa na portaria|pode deixar na portaria|
    deixa com o porteiro|deixa aí na portaria|deixa aí embaixo que eu já busco|guarda para mim|
    pode guardar que eu pego depois|recebe para mim por favor|pode receber por mim|
    deixa no armário|pede para deixar no locker|pede para esperar|peça para aguardar|
    pede para esperar um pouco|manda esperar|pede para ele subir|fala para ele subir|
    diz para ela entrar|manda pelo elevador de serviço|só deixa na porta|pode subir pelo social|
    fala para subir no elevador de serviço
""")

VISITOR = phrases("""
    é uma visita|é visita|sou visita|sou visitante|é uma entrega|é entrega|vim fazer uma entrega|
    vim entregar uma encomenda|tenho uma entrega|tenho uma encomenda|sou entregador|sou motoboy|
    sou o entregador|é um serviço|sou prestador de serviço|prestador de serviço|
    vim prestar um serviço|vim fazer um serviço|vim fazer uma visita|vim fazer um orçamento|
    sou morador|sou moradora|sou novo morador|sou proprietário|sou inquilino|moro aqui|
    eu moro aqui|esqueci minha chave|esqueci a senha|perdi minha chave|estou sem a chave|
    esqueci o controle|meu controle não funciona|vim ver um apartamento|
    vim ver o apartamento para alugar|tenho hora marcada|estou no portão|estou na portaria|
    estou aqui embaixo|estou aqui fora|estou na garagem|estou em frente ao prédio|cheguei|
    já cheguei|acabei de chegar|estou de carro|estou a pé|estou de moto|estou de bicicleta|
    estou com um amigo|somos duas pessoas|somos três|abre o portão|abre a porta|abre a garagem|
    abre aqui|abre aí|pode abrir|pode abrir por favor|abre por gentileza|o portão está fechado|
    o portão não abre|a porta não abriu|o portão abriu|já entrei|quero entrar|quero subir|
    preciso entrar|preciso subir|eu posso subir|posso entrar|posso subir|posso deixar aqui|
    posso deixar na portaria|quer que eu deixe aqui|vou deixar na portaria|ele está me esperando|
    ela está me esperando|eles estão me esperando|é aniversário dela|vim buscar meu filho|
    vim buscar a minha filha|vim pegar uma encomenda|vim pegar um documento|vim retirar uma peça|
    vim buscar as chaves|vim instalar|vim consertar|tem estacionamento|onde eu estaciono|
    onde fica o bloco|onde é o elevador|qual é o andar|qual o apartamento|não sei o apartamento|
    não sei o número|não lembro o número|não lembro o apartamento|não sei o bloco|não sei o nome|
    só sei o primeiro nome|não sei o sobrenome|ele não atende|ela não atende o telefone|
    tenta de novo|pode tentar de novo|liga de novo|pode ligar de novo|liga para ele|liga pra ela|
    tenta outro número|chama outra pessoa|não precisa|deixa pra lá|deixa quieto|vou embora|
    eu volto depois|volto mais tarde|volto amanhã|vou esperar|eu espero|posso esperar aqui
""")

TALK = phrases("""
    não entendi|como assim|pode repetir|pode repetir por favor|repete por favor|fala de novo|
    o que você disse|o que o senhor falou|não ouvi|não escutei|não escutei direito|
    a ligação está ruim|a ligação está cortando|está cortando|o som está baixo|fala mais alto|
    fala mais devagar|não estou ouvindo|não estou te ouvindo|está me ouvindo|você está me ouvindo|
    tá me ouvindo|alguém aí|tem alguém aí|alô tem alguém aí|alô alô|alô está ouvindo|tchau tchau|
    até logo|até mais|até amanhã|tenha um bom dia|bom trabalho|boa noite até mais|com licença|
    me desculpe|desculpe|foi engano|liguei errado|é engano|quero falar com o porteiro|
    quero falar com a portaria|quero falar com uma pessoa|quero falar com um humano|
    quero falar com um atendente|me passa para um atendente|me transfere para o porteiro|
    chama o porteiro|chama o zelador|chama o síndico|quero falar com o síndico|
    quero falar com a administração|quero falar com o zelador|você é um robô|é uma gravação|
    estou falando com quem|quem está falando aí|é uma máquina|isso é um robô|tem alguma pessoa aí|
    não quero falar com robô|pode cancelar|começa de novo|vamos começar de novo|eu errei|
    falei errado|não foi isso|não é isso|não foi isso que eu disse|não é esse apartamento|
    é outro apartamento|é outro bloco|está errado o nome|o nome está errado|o número está errado|
    corrigindo|quer dizer|na verdade|deixa eu ver|deixa eu pensar|espera que eu vou ver|
    um momento que eu vou confirmar|vou confirmar|eu não sei|não sei dizer|não tenho certeza|
    tenho certeza|acho que é esse|tem alguma encomenda para mim|chegou alguma coisa para mim|
    chegou alguma entrega|quero fazer uma reclamação|quero reclamar do barulho|tem muito barulho|
    o vizinho está fazendo barulho|o som está muito alto|tem uma festa|a música está alta|
    o elevador está parado|o elevador quebrou|o elevador não funciona|acabou a luz|acabou a água|
    está sem água|está sem luz|tem um vazamento|está vazando água|tem um carro na minha vaga|
    tem um carro na frente da garagem|o alarme está tocando|o cachorro está latindo|
    o portão quebrou|o interfone não funciona|faz tempo que estou esperando|
    estou esperando faz tempo|que demora|isso é um absurdo|vocês demoram muito|ninguém atende|
    quero reservar o salão de festas|quero reservar a churrasqueira|qual o horário da piscina|
    qual o horário da mudança|a academia está aberta|que horas fecha|que horas abre|
    qual é o horário|qual o valor|como eu faço|como funciona|para que serve|pode me ajudar|
    me ajuda|você pode me ajudar|preciso de ajuda|preciso de uma informação|queria uma informação|
    tenho uma pergunta|posso fazer uma pergunta|está chovendo|estou com pressa|é rápido|
    é rapidinho|vai demorar|quanto tempo demora
""")

EMERGENCY = phrases("""
    socorro|me ajuda por favor|me ajudem|é urgente|é muito urgente|é uma emergência|emergência|
    chama a polícia|chama a polícia agora|liga para a polícia|chama o bombeiro|chama os bombeiros|
    chama a ambulância|chama uma ambulância|chama o samu|liga para o samu|liga para a ambulância|
    fogo|tem fogo aqui|está pegando fogo|tem fogo no prédio|incêndio|é um incêndio|tem fumaça|
    tem muita fumaça|tem cheiro de gás|está vazando gás|tem um vazamento de gás|fui assaltado|
    fui assaltada|é um assalto|tem um ladrão|tem um ladrão no prédio|estão invadindo|
    tem alguém tentando entrar|tem um homem armado|ele está armado|alguém está passando mal|
    minha mãe está passando mal|meu pai caiu|ele desmaiou|ela desmaiou|estou passando mal|
    não consigo respirar|estou presa no elevador|estou preso no elevador|
    tem gente presa no elevador|está tendo uma briga|ele está batendo nela|está sangrando|
    teve um acidente|chama um médico|preciso de um médico|chama a segurança|chama o segurança
""")

AGENT = phrases("""
    em que posso ajudar|em que posso ajudar você|como posso ajudar|como posso ajudar você hoje|
    é entrega visita ou serviço|é uma entrega uma visita ou um serviço|
    você veio fazer uma entrega uma visita ou um serviço|qual o motivo da sua visita|
    qual é o seu nome|qual é o seu nome por favor|por favor diga o seu nome|
    me diga o seu nome completo|com quem eu falo|quem está falando por favor|para qual apartamento|
    qual o apartamento|qual é o apartamento|qual é o número do apartamento|
    qual apartamento e bloco|e qual é o bloco|qual é o bloco|qual é a torre|em qual bloco|
    com quem você quer falar|quem você veio visitar|qual o nome do morador|
    qual é o nome do morador|de qual empresa você é|qual é a empresa|de qual empresa é a entrega|
    um momento|um momento por favor|só um momento|só um momento por favor|aguarde um momento|
    aguarde um instante por favor|aguarde na linha|aguarde por favor|vou chamar o morador|
    vou chamar o apartamento|vou ligar para o apartamento|vou verificar com o morador|
    estou chamando o morador|estou ligando para o apartamento|estou tentando falar com o morador|
    estou tentando mais uma vez|ainda estou chamando|o apartamento não atendeu|
    o apartamento não atende|o morador não atendeu|ninguém atendeu no apartamento|ninguém atendeu|
    a ligação não foi atendida|o morador não autorizou a entrada|o morador não autorizou|
    sua entrada não foi autorizada|a entrada não foi autorizada|
    infelizmente a entrada não foi autorizada|sua entrada foi autorizada|
    sua entrada foi autorizada pode subir|a entrada foi autorizada|entrada autorizada|
    entrada autorizada pode subir|entrada liberada|o portão está aberto|
    o morador autorizou a sua entrada|o morador autorizou pode subir|
    pode entrar o portão está aberto|pode subir o elevador fica à direita|
    o morador pediu para deixar na portaria|por favor deixe a encomenda na portaria|
    pode deixar a entrega na portaria|o morador vai descer para buscar|o morador já vai descer|
    o morador pediu para aguardar|não encontrei esse apartamento|não encontrei esse morador|
    não encontrei esse apartamento no cadastro|não encontrei ninguém com esse nome|
    esse apartamento não existe|encontrei mais de um morador com esse nome|
    pode me dizer o sobrenome|você disse|entendi|entendi certo|está correto|está certo|
    é isso mesmo|certo|muito bem|desculpe não entendi|não entendi pode repetir|
    desculpe pode repetir|desculpe não ouvi pode repetir por favor|não ouvi a sua resposta|
    você ainda está aí|por favor fale mais alto|por favor responda sim ou não|diga sim ou não|
    por favor digite o número do apartamento no teclado|digite o número do apartamento|
    digite um para autorizar ou dois para recusar|tecle um para autorizar|
    posso autorizar a entrada|autoriza a entrada|você autoriza a entrada|posso liberar a entrada|
    posso deixar subir|pode liberar|você conhece essa pessoa|tem uma visita para você|
    tem uma entrega para você|há uma entrega para você|há uma visita para você na portaria|
    tem uma pessoa na portaria|boa noite aqui é da portaria|aqui é da portaria|aqui é a portaria|
    aqui é o assistente da portaria|sou o assistente virtual da portaria|
    olá eu sou o porteiro virtual|portaria bom dia|portaria boa tarde|portaria boa noite|
    obrigado pela visita|obrigado por aguardar|obrigado até logo|até logo|tenha um bom dia|
    tenha uma boa tarde|tenha uma boa noite|tchau|de nada|vou transferir a ligação|
    vou transferir para um atendente|vou chamar uma pessoa para ajudar|
    transferindo para a portaria|vou avisar o zelador|já estou chamando ajuda|
    estou chamando a emergência|fique na linha|fique calmo|a ajuda está a caminho|
    desculpe tivemos um problema na ligação|a ligação caiu vamos continuar|desculpe a interrupção|
    vamos continuar de onde paramos|continuando|não posso dar essa informação|
    não posso informar se o morador está em casa|não posso passar o telefone do morador|
    por segurança não posso dar essa informação|o horário de mudança é das oito às dezoito|
    a mudança precisa ser agendada|no momento não posso completar a ligação|
    tente novamente mais tarde|o sistema está fora do ar|por favor aguarde o porteiro
""")

COMMON_WORDS: tuple[str, ...] = words(
    """
    casa carro prédio andar porta janela chave vaga garagem elevador escada piscina festa salão
    homem mulher criança menino menina pessoa gente família cachorro gato rua avenida bairro cidade
    hora minuto dia semana mês ano hoje ontem amanhã manhã tarde noite segunda terça quarta quinta
    sexta sábado domingo janeiro fevereiro março abril maio junho julho agosto setembro outubro
    novembro dezembro grande pequeno novo velho bom ruim alto baixo aberto fechado certo primeiro
    segundo terceiro último próximo direita esquerda frente atrás dentro fora perto longe sempre
    nunca também muito pouco mais menos tudo nada algum outro mesmo quem onde quando como porque
    falar dizer fazer poder querer saber ver ouvir chegar sair entrar subir descer abrir fechar
    esperar chamar ligar atender deixar buscar trazer levar entregar receber pagar comprar morar
    trabalhar ajudar preciso precisava queria gostaria estava esteve estou estão foram fomos vamos
    tenho temos tinha teria fiz fez disse falou pediu mandou chegou saiu entrou subiu recebi paguei
    telefone celular número nome sobrenome documento identidade senha código cartão dinheiro troco
    problema ajuda barulho reclamação reserva aviso recado mensagem aplicativo condomínio síndica
    administração segurança câmera interfone portão lixo correio jornal revista água luz gás fogo
    jardim quadra academia churrasqueira parquinho bicicleta moto caminhão placa vermelho azul
    preto branco prata cinza verde amarelo que não com uma para por mas ele ela isso esse essa este
    esta aquele aquela meu minha seu sua nosso dele dela aqui ali então assim já ainda só até entre
    sem sobre depois antes durante trabalho escola médico hospital farmácia mercado loja
    restaurante
    """
)

SERVER = phrases("""
    pois não|é entrega visita ou serviço e para qual apartamento|
    me diga o motivo entrega visita ou serviço e o apartamento|
    como posso ajudar diga o que deseja e o número do apartamento|e qual é o motivo|
    qual é o motivo entrega visita ou serviço|me diga o número do apartamento por favor|
    para qual apartamento e bloco|qual é o apartamento e qual é o bloco|
    me diga o número do apartamento e o bloco por favor|qual é o bloco por favor|
    só falta o bloco qual é|qual é o sobrenome ou o número do apartamento|
    me diga o sobrenome ou o apartamento por favor|preciso do número do apartamento qual é|
    só com o nome não consigo|quem devo anunciar|seu nome por favor|qual é a empresa por favor|
    isso mesmo|confirma para mim|se preferir digite o número do apartamento e a tecla cerquilha|
    também pode digitar o número do apartamento e depois cerquilha|
    digite um para sim ou dois para não|perdão não entendi bem|não consegui entender|
    alô ainda está aí|oi está me ouvindo|não estou ouvindo nada por aqui|continuo sem ouvir você|
    pode repetir por favor|não consta aqui|pode conferir o número|entendo vamos resolver rapidinho|
    calma eu ajudo você|por segurança preciso confirmar com o apartamento|
    para sua segurança confirmo antes com o apartamento|no momento só eu atendo por aqui|
    agora não há ninguém na guarita mas eu ajudo|um momento vou passar para um atendente|
    certo vou transferir para um atendente só um instante|
    um atendente já vem falar com você aguarde por favor|entendi é uma emergência|
    fique na linha estou chamando ajuda agora|calma estou chamando ajuda agora mesmo|
    se é uma emergência ligue agora|ambulância um nove dois|polícia um nove zero|
    bombeiros um nove três|desculpe a ligação falhou um instante|
    desculpe tivemos um problema técnico|toque de novo por favor|vou chamar um momento|
    um momento vou chamar|certo um momento vou verificar|um momento por favor vou tentar contato|
    só mais um instante por favor|continuo tentando contato aguarde um pouquinho|
    obrigado por aguardar só mais um momento|ainda estou verificando um momento|
    vou tentar outro contato um momento|só mais um momento vou tentar de outra forma|
    pediram para você aguardar um momento|aguarde um momentinho por favor|não atenderam agora|
    quer deixar na portaria|chamei e não atenderam|prefere deixar na portaria|
    o portão está aberto pode entrar|entrada autorizada o portão está aberto pode entrar|
    autorizado portão aberto pode subir|tudo certo entrada liberada pode entrar|
    tudo certo entrada liberada pode subir|entrada autorizada pode entrar|
    a entrada não foi autorizada obrigado|sinto muito não foi autorizado|
    chamei mas não atenderam agora|tente mais tarde por favor|liguei e não atenderam|
    tente de novo mais tarde por favor|não consegui a autorização agora|
    a autorização não foi confirmada|pode deixar na portaria por favor obrigado|
    tudo certo deixe na portaria obrigado|tudo bem tente mais tarde então até logo|
    aguarde aí por favor|já vêm encontrar você|já estão vindo até você aguarde um momento|
    não estou conseguindo fazer chamadas agora|tente em alguns minutos por favor|
    não tenho como chamar esse apartamento por aqui|entre em contato direto por favor|
    confira o endereço por favor até logo|tudo bem cancelei até logo|certo sem problema até logo|
    até mais|não ouvi ninguém se precisar toque de novo até logo|
    desculpe não estou conseguindo entender toque de novo por favor|preciso encerrar a chamada|
    olá é da portaria|chegou uma entrega autoriza a entrada|
    olá é da portaria chegou uma entrega autoriza a entrada|
    oi aqui é da portaria tem uma entrega para o apartamento autoriza a entrada|
    tem uma visita para o apartamento autoriza a entrada|veio fazer uma visita autoriza a entrada|
    está aqui para uma visita autoriza a entrada|
    tem um prestador de serviço aqui autoriza a entrada|veio fazer um serviço autoriza a entrada|
    tem um técnico aqui autoriza a entrada|uma pessoa no portão diz que mora aí autoriza a entrada|
    tem uma pessoa no portão para o apartamento autoriza a entrada|
    a entrada está autorizada sim ou não|só para confirmar autoriza a entrada sim ou não|
    confirma para mim posso liberar a entrada|desculpe não entendi|perdão não ouvi bem|
    alô está me ouvindo|alô é da portaria|digite um para autorizar ou dois para não autorizar|
    se preferir tecle um para autorizar ou dois para negar|não informou o nome|
    a pessoa não informou o nome|a empresa não foi informada|é um prestador de serviço|
    a pessoa diz que mora aí e quer entrar|o motivo não foi informado|claro eu aguardo|
    sem problema fico na linha|não consigo colocar a pessoa na linha|
    não é possível deixar na portaria|certo vou liberar obrigado|obrigado entrada liberada|
    certo não vou liberar obrigado|entendido entrada não liberada obrigado|
    certo vou pedir para deixar na portaria obrigado|certo vou avisar obrigado|
    certo não vou dizer que atendeu obrigado|por segurança não vou liberar obrigado|
    desculpe o engano obrigado|a pessoa foi embora obrigado até logo|
    a chamada foi cancelada na portaria obrigado até logo|estou chamando ajuda agora fique na linha
""")

JOINING = phrases("""
    quero falar com ele|quero falar com ela|deixa eu falar com ele|deixa eu falar com ela|
    posso falar com ele|posso falar com ela|passa pra mim|passa para mim|me passa ele|
    passa a ligação|pode passar|pode passar a ligação|coloca ele na linha|põe ele na linha|
    põe ela na linha|me deixa falar com o rapaz|quero falar com o entregador|
    quero falar direto com ele|conecta a gente|deixa que eu falo com ele|pode pôr na linha
""")

RECEPTION = phrases("""
    queria saber o horário de funcionamento|qual é o horário de atendimento|que horas vocês abrem|
    que horas vocês fecham|vocês abrem no sábado|vocês abrem no domingo|qual é o endereço|
    onde vocês ficam|como eu chego aí|tem estacionamento|quanto custa|qual é o preço|
    quais são as formas de pagamento|aceitam cartão|aceitam pix|vocês aceitam convênio|
    quero marcar um horário|quero marcar uma consulta|quero desmarcar|quero remarcar|
    quero cancelar a consulta|queria fazer um orçamento|quero fazer uma reclamação|
    quero deixar um recado|queria deixar um recado|pode anotar um recado|é sobre um boleto|
    é sobre uma cobrança|queria a segunda via do boleto|quero falar com o financeiro|
    quero falar com o comercial|quero falar com o suporte|quero falar com vendas|
    quero falar com o gerente|quero falar com o doutor|quero falar com a doutora|
    quero falar com a recepção|me liga de volta|pode me ligar de volta|peça para me ligar|
    diga que eu liguei|o assunto é particular|é sobre o contrato|é sobre o meu pedido|
    meu pedido não chegou|quero trocar um produto|quero devolver um produto|tem vaga de emprego|
    qual é o telefone|qual é o e mail|qual é o whatsapp|vocês entregam em casa|
    tem alguém que fala inglês|só isso obrigado|era só isso|mais nada obrigado
""")

ACCESS = phrases("""
    eu tenho um código|tenho uma senha|tenho um código de acesso|recebi um código|
    meu nome está na lista|estou na lista|meu nome está na lista de convidados|
    tenho autorização|já estou autorizado|já estou autorizada|ele deixou autorizado|
    ela deixou meu nome aí|o código não funciona|não tenho código|esqueci o código|
    é para a festa do salão|vim para a festa|vim para o churrasco|sou convidado|sou convidada|
    fala inglês|fala espanhol|você fala inglês|você fala espanhol|não falo português|
    precisa de assinatura|precisa assinar|tem que assinar|pode assinar por mim|
    cabe no armário|qual é o armário|deixei no armário|deixei na portaria|
    vim oferecer um produto|gostaria de apresentar um produto|vim vender|é uma pesquisa|
    faço parte da igreja|posso deixar um folheto|vim pedir uma doação
""")
