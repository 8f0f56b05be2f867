"""Words of everyday Portuguese: which are names, which never are, which are titles."""

from conversation.rules.given_names import GIVEN_NAMES
from conversation.rules.pt_br.numbers import NUMBER_WORDS
from conversation.rules.words import words_in

__all__ = [
    "GIVEN_NAMES",
    "KIN",
    "NAME_SHAPED_VERBS",
    "NEVER_NAMES",
    "PARTICLES",
    "TITLES",
]

TITLES = words_in(
    """
    seu dona doutor doutora dr dra senhor senhora sr sra dom professor professora tia tio vo
    """
)
"""Said before a name; ``senhor`` alone is how one addresses the doorman."""

PARTICLES = words_in("da de do das dos")

KIN = words_in(
    """
    filho filha mãe pai irmão irmã amigo amiga primo prima namorado namorada sobrinho sobrinha avó
    avô vizinho vizinha cunhado cunhada sogra sogro marido esposa mulher genro nora neto neta
    colega babá motorista advogado advogada corretor corretora enfermeira cuidadora
    afilhado afilhada madrinha padrinho noivo noiva cliente parente médico médica paciente aluno
    aluna convidado convidada empregada funcionária funcionário
    """
)
"""Whose somebody is: "sou amigo do daniel"."""

NEVER_NAMES = NUMBER_WORDS | words_in(
    """
    a o as os um uma uns umas e é ou mas que se não sim em no na nos nas ao à aos às pelo pela
    pelos pelas com sem por pra pro para prá pros pras per até após ante sob sobre entre desde
    contra eu tu ele ela nós eles elas você vocês lhe me te mim ti si meu minha meus minhas teu tua
    seus sua suas nosso nossa dele dela deles delas isso isto aquilo este esta esse essa aquele
    aquela aqui ali lá aí agora hoje amanhã ontem já ainda também tambem só mesmo mesma muito mais
    menos bem mal bom boa bons boas dia tarde noite oi olá alô opa ei tudo tá tô ta to está estou
    são é era foi for seja ser sou somos estar estava tem ter tenho tinha há vai vou vamos ir indo
    vim vem vir veio vindo faz fazer fez feito pode posso poder podia quer quero querer queria sei
    saber sabe dá dar deu diz dizer disse dizia fala falar falo fale falando falou ver vendo viu
    olha olhe deixa deixar deixe deixo traz trazer trouxe trazendo pega pegar buscar busca entregar
    entrega entregas entregue entregando entregador entregadora encomenda encomendas pacote pacotes
    pedido pedidos volume volumes caixa caixas envelope documento documentos carta cartas
    correspondência remédio remédios medicamento pizza pizzas comida comidas lanche lanches marmita
    marmitas almoço janta jantar bolo flores buquê sacola sacolas compra compras mercadoria
    mercadorias produto produtos água gás galão botijão móvel móveis sofá geladeira fogão colchão
    armário mesa cama televisão tv celular presente chave chaves motoboy moto boy carteiro visita
    visitas visitante visitar visitando conhecer serviço serviços prestador prestadora técnico
    técnica manutenção conserto consertar instalar instalação arrumar encanador eletricista pintor
    pintura pedreiro limpeza faxina faxineira diarista dedetização montador montagem vidraceiro
    chaveiro mudança obra reforma vistoria internet telefone luz energia elevador interfone portão
    porta garagem câmera câmeras alarme antena cabo morador moradora moro mora moram morando morar
    apartamento apê ape apto ap unidade bloco torre prédio edifício casa sala conjunto número andar
    cobertura térreo portaria porteiro zelador síndico síndica guarda segurança vigia vigilante
    recepção administração administradora gerente atendente pessoa pessoas alguém ninguém gente
    humano humana moço moça rapaz menino menina cara amigão chefe patrão querido querida amor
    senhor senhora senhores seu dona doutor doutora favor obrigado obrigada valeu licença desculpa
    desculpe perdão tchau até logo depois antes então aí assim porque porquê como quando onde quem
    qual quais quanto quantos quantas nome chamo chama chamar chamando chamado sobrenome momento
    minuto minutos instante segundo segundos hora horas espera esperar esperando espere aguarda
    aguardar aguarde aguardando entra entrar entre subir sobe subindo subi descer desce descendo
    desço passar passa passe libera liberar libere liberado autoriza autorizar autorizo autorizado
    abre abrir abra manda mandar mande mandou pediu pedi pedir peço precisa preciso precisar
    preciso preso empresa loja firma equipe pessoal parte nome sexo rua avenida endereço condomínio
    residencial lado frente fundo fundos embaixo baixo cima dentro fora perto longe certo certa
    errado errada correto exato exatamente isso claro certeza positivo negativo ok okay beleza blz
    né hein hã hum ah eh uhum aham ahã tipo ué uai nossa puxa calma rápido rapidinho rapidão
    urgente urgência emergência socorro ajuda ajude polícia bombeiro bombeiros ambulância incêndio
    fogo ladrão assalto tiro procuro procurando procurar procura encontrar falta coisa coisas
    negócio assunto motivo cpf rg placa código senha nota fiscal documento identidade registro
    registrada sedex chegou chegar chegando chegamos esqueci perdi perdeu esqueceu festa
    aniversário reunião churrasco reserva consulta aula particular combinado combinei marcado
    marquei hóspede airbnb aluguel alugar imóvel venda vender passeio cachorro gato estacionado
    carro veículo nada algo cada todo toda todos todas outro outra outros outras primeiro primeira
    segundo segunda terceiro quarto quarta quinto quinta último última novo nova velho velha grande
    pequeno quase apenas somente talvez acho sempre nunca jamais letra traço meia hífen barra ponto
    vírgula dúzia metade norte sul leste oeste escuta escutar ouve ouvir ouvindo ouvi entendi
    entender entendeu entendendo subiu subiram autorizou autorização tenta tentar vista sério
    pressa presa preto direita esquerda servidor respirar reservar causa atrás three eight live
    right block conhece entende causa paguei prestar guardar guardado aliás digo robô robot máquina
    lembro lembrar lembra sobrenome repete repetir repita novamente vez vezes volta voltar volto
    cancela cancelar esquece quieto desisto embora ligar liga ligou ligando ligação trabalho
    trabalha trabalhar trabalhando vendedor vendedora corretor oficial justiça prefeitura fiscal
    instalador leitura medidor relógio recado mensagem parece funcionário funcionária equipamento
    roteador modem fibra ar condicionado máquina lavar sozinho sozinha junto juntos hello hi the my
    name is for and you yes please delivery apartment good morning afternoon evening speak english
    i am
    """
)
"""Words that end a name or cannot begin one."""

NAME_SHAPED_VERBS = ("ando", "endo", "indo", "ar", "er", "ir", "ei", "ou", "mente", "avam")
"""Endings of verbs and adverbs; a word with one is a name only where it is known as a name."""
