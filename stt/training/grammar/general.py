"""Everyday Portuguese that is not about doors, so that the network learns to spell more."""

from __future__ import annotations

import random

from stt.training.grammar.wordlist import phrases, words

MASCULINE = words(
    """
    carro caminho dia tempo mundo lugar homem menino filho amigo trabalho dinheiro nome livro jogo
    problema sistema programa banco mercado hospital médico professor aluno curso exame documento
    papel telefone celular computador aplicativo cartão contrato aluguel pagamento boleto recibo
    prazo horário motivo assunto resultado serviço produto preço valor desconto presente almoço
    jantar café pão queijo leite arroz feijão frango peixe bolo suco vinho copo prato garfo fogão
    armário sofá quarto banheiro corredor telhado muro jardim cachorro gato pássaro passeio ônibus
    metrô táxi avião aeroporto hotel restaurante cinema teatro parque campo clube time treino
    barulho vizinho síndico morador visitante funcionário gerente diretor chefe cliente advogado
    engenheiro motorista pedreiro pintor encanador eletricista técnico vendedor entregador carteiro
    bombeiro policial guarda segurança vigia pacote envelope saco remédio tratamento acidente
    incêndio vazamento conserto reparo vidro portão cadeado alarme controle botão sinal fio cabo
    """
)
FEMININE = words(
    """
    casa rua cidade praça escola igreja loja padaria farmácia empresa pessoa mulher menina filha
    amiga família criança vida hora semana noite manhã tarde festa viagem reunião conversa mensagem
    carta caixa chave porta janela parede cozinha sala cama mesa cadeira geladeira televisão máquina
    roupa camisa calça bolsa mala sacola comida carne fruta salada sopa água cerveja garrafa panela
    conta compra venda troca entrega encomenda nota taxa multa vaga garagem moto bicicleta estrada
    ponte praia piscina quadra academia biblioteca aula prova pergunta resposta dúvida ideia opinião
    notícia foto câmera senha placa obra reforma pintura limpeza mudança visita vizinha moradora
    secretária enfermeira médica professora advogada diarista babá cozinheira gerente polícia
    ambulância emergência ajuda dor febre consulta receita vacina doença saúde força calma pressa
    verdade mentira vontade sorte coisa parte metade maioria lista data idade altura largura cor
    """
)
INFINITIVES = words(
    """
    comprar vender pagar receber entregar trazer levar buscar pegar deixar guardar abrir fechar
    trancar ligar desligar chamar avisar falar perguntar responder explicar mostrar ver olhar ouvir
    escutar ler escrever assinar mandar enviar pedir oferecer aceitar recusar marcar cancelar trocar
    mudar consertar arrumar limpar lavar pintar instalar montar quebrar perder achar encontrar
    procurar esquecer lembrar conhecer visitar ajudar acompanhar esperar usar testar medir contar
    conferir verificar confirmar cadastrar alugar emprestar devolver carregar empurrar puxar cortar
    preparar cozinhar comer beber provar experimentar estudar aprender ensinar entender resolver
    """
)
WISHES = phrases(
    """
    eu quero|eu queria|eu preciso|eu vou|eu posso|eu tenho que|eu gostaria de|eu vim|eu vim aqui
    para|você pode|você poderia|você consegue|o senhor pode|a senhora pode|nós vamos|a gente vai|a
    gente precisa|ele quer|ela quer|ele vai|ela vai|ela precisa|eles querem|eles vão|elas precisam|
    não quero|não vou|não posso|não consigo|não preciso|quero|preciso|vou|vamos|dá para|tem que|é
    para|acabei de|esqueci de|tentei|estou tentando|consegui|pretendo|prefiro|ele pediu para|ela
    mandou|me pediram para|combinei de|vim para|deixa eu|será que posso|como eu faço para
    """
)
STATEMENTS = phrases(
    """
    ele disse que|ela disse que|eu acho que|parece que|acho que|eu sei que|não sei se|eu espero que|
    é que|o problema é que|a verdade é que|olha|então|bom|por isso|mas|porque|quando|se|já|agora|
    ontem|hoje|amanhã|de novo|infelizmente|talvez|com certeza|na verdade|só que|também
    """
)
STATES = phrases(
    """
    está aberto|está fechado|está pronto|está quebrado|está funcionando|não funciona|está atrasado|
    está ocupado|está livre|está sujo|está limpo|está longe|está perto|está aqui|está lá fora|ficou
    pronto|ficou em casa|ficou para amanhã|chegou agora|chegou ontem|chega mais tarde|saiu cedo|já
    saiu|já foi embora|vai chegar|vai demorar|vai voltar|voltou|sumiu|caiu|parou|mudou|acabou|
    começou|é novo|é velho|é grande|é pequeno|é meu|é seu|é nosso|é dele|é dela|é muito caro|é
    barato|é bom|é ruim|é melhor|é pior|é importante|é perigoso|é proibido|é permitido|precisa de
    ajuda|tem razão|não tem problema|tem pressa|mora longe|mora perto|trabalha aqui|trabalha muito
    """
)
TAILS = phrases(
    """
    hoje|amanhã|ontem|agora|mais tarde|logo|cedo|depois do almoço|antes do jantar|de manhã|de tarde|
    à noite|de noite|no fim de semana|na segunda feira|na terça feira|na quarta feira|na quinta
    feira|na sexta feira|no sábado|no domingo|na semana que vem|no mês que vem|em casa|no trabalho|
    na rua|na escola|no hospital|aqui|ali|lá em cima|lá embaixo|lá fora|aqui perto|do outro lado|na
    esquina|no meio do caminho|com calma|com cuidado|com pressa|sem falta|sem problema|de novo|outra
    vez|sozinho|sozinha|com a família|com os amigos|por causa da chuva|por telefone|pela internet|
    para a minha mãe|para o meu pai|para mim|para você|para todo mundo|também|de verdade
    """
)


def general_sentence(rng: random.Random) -> str:
    """A simple everyday sentence, grammatical though rarely sensible."""
    masculine = rng.random() < 0.5
    noun = rng.choice(MASCULINE if masculine else FEMININE)
    articles = ("o", "um", "meu", "seu", "esse", "outro", "aquele", "nenhum")
    if not masculine:
        articles = ("a", "uma", "minha", "sua", "essa", "outra", "aquela", "nenhuma")
    thing = f"{rng.choice(articles)} {noun}"
    kind = rng.random()
    if kind < 0.5:
        sentence = f"{rng.choice(WISHES)} {rng.choice(INFINITIVES)} {thing}"
    elif kind < 0.8:
        sentence = f"{thing} {rng.choice(STATES)}"
    else:
        sentence = f"{rng.choice(INFINITIVES)} {thing}"
    if rng.random() < 0.25:
        sentence = f"{rng.choice(STATEMENTS)} {sentence}"
    return f"{sentence} {rng.choice(TAILS)}" if rng.random() < 0.45 else sentence


ENGLISH_NOUNS = words(
    """
    car house street city day time week year man woman boy girl child son daughter friend family
    mother father brother sister husband wife neighbor school office store market hospital doctor
    teacher student driver worker manager owner door window wall floor room kitchen bathroom garden
    key lock light phone computer screen message letter card money price bill ticket form list name
    number address question answer problem reason idea story song game team party dinner lunch
    breakfast coffee tea water milk bread meat fish chicken rice fruit box bag bottle cup plate
    table chair bed sofa picture book paper pen clock watch shirt coat shoes dog cat bird tree
    flower rain sun wind road train bus plane airport hotel restaurant bank church park pool gym
    elevator stairs garage gate camera alarm noise smoke fire water leak accident visit meeting
    appointment delivery order receipt repair
    """
)
ENGLISH_VERBS = words(
    """
    buy sell pay get give bring take send leave keep open close lock fix clean paint move carry
    push pull find lose look see hear read write call ask tell answer show check change cancel
    book rent borrow return use try start stop finish wait help meet visit know remember forget
    understand explain learn teach cook eat drink order deliver pick need want like love
    """
)
ENGLISH_WISHES = phrases(
    """
    i want to|i'd like to|i need to|i have to|i can|i can't|i will|i'm going to|i came to|can you|
    could you|would you|please|we want to|we need to|he wants to|she wants to|he needs to|they will|
    she told me to|he asked me to|i forgot to|i'm trying to|do you want to|don't|let me|i did|we are
    here to|you should|you may
    """
)
ENGLISH_STATES = phrases(
    """
    is open|is closed|is ready|is broken|is not working|is late|is busy|is free|is far|is near|is
    here|is outside|is upstairs|was here|is new|is old|is big|is small|is mine|is very expensive|is
    too big|is too heavy|is wrong|is gone|left already|just arrived|will arrive soon|is coming|fell
    down|stopped|has changed|is waiting|is sleeping|is at home|is not at home|needs help
    """
)
ENGLISH_TAILS = phrases(
    """
    today|tomorrow|yesterday|now|later|soon|tonight|this morning|this afternoon|this evening|on
    monday|on tuesday|on wednesday|on thursday|on friday|on saturday|on sunday|next week|at home|at
    work|at school|outside|upstairs|downstairs|on the second floor|on the third floor|in the lobby|
    at ten|at noon|with my family|with my friends|for my mother|for me|for you|again|alone|right
    away|as soon as possible|if you can|because of the rain|over there|from the street|thank you
    """
)


def general_english(rng: random.Random) -> str:
    """The same in English."""
    articles = ("the", "a", "my", "your", "this", "that", "his", "her", "our", "the other")
    thing = f"{rng.choice(articles)} {rng.choice(ENGLISH_NOUNS)}"
    if rng.random() < 0.6:
        sentence = f"{rng.choice(ENGLISH_WISHES)} {rng.choice(ENGLISH_VERBS)} {thing}"
    else:
        sentence = f"{thing} {rng.choice(ENGLISH_STATES)}"
    return f"{sentence} {rng.choice(ENGLISH_TAILS)}" if rng.random() < 0.5 else sentence
