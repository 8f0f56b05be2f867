"""Words that fill the slots of a doorman's sentences: people, companies, trades, parcels.

Lower case, spelt with the characters the recogniser knows. ``HELD_FIRST`` and ``HELD_LAST`` are
never used in training: they measure how well a name is heard that the network never met.
"""

from __future__ import annotations

from stt.training.grammar.wordlist import words

FIRST: tuple[str, ...] = words(
    """
    adriana adriano alan alana alberto alessandra alessandro alexandre alexandra alex alice aline
    allan amanda amélia ana anderson andré andréia andressa ângela ângelo anita antonella antônia
    antônio aparecida ariane arlete arnaldo arthur augusto aurora bárbara beatriz benedita benedito
    benício benjamin bernardo berenice bianca breno brenda bruna bruno caio calebe camila carina
    carla carlos carmem carolina caroline cássia cássio catarina cauã cecília celeste célia celina
    celso césar cíntia cícero clara clarice cláudia cláudio cleber cleide cleiton clóvis conceição
    cristiane cristiano cristina dalva damião daniel daniela daniele dário davi débora deise diana
    diego diogo dirce domingos douglas edgar edilson edite edmilson edna edson eduarda eduardo
    elaine eliana eliane elias elisa elisângela eloá elisabete elza emanuel emília enzo érica érico
    ernesto estela ester eugênia eunice eva evandro everton ezequiel fabiana fabiano fabrício fábio
    fátima felipe fernanda fernando flávia flávio francisca francisco frederico gabriel gabriela
    geovana geraldo germano gilberto gilda gilson giovana gisele gislaine glória gonçalo graça
    guilherme gustavo heitor helena hélio heloísa henrique hilda humberto iara igor inácio inês
    ingrid irene íris isaac isabel isabela isadora isaura israel ítalo ivan ivete jacira jaime jair
    jaqueline jéssica jeferson joana joão joaquim joel jonas jonathan jorge josé josefa josiane
    josué joyce juarez júlia juliana juliano júlio juraci jussara karina kátia kelly laís lara
    larissa laura lauro lavínia leandro leila leonardo leonor letícia lia lidiane lígia lilian
    lívia lorena lourdes lourival luan luana lúcia luciana luciano lúcio lucas lucila ludmila luís
    luísa luzia magali magda maiara maísa manuel manuela mara marcela marcelo márcia márcio marco
    marcos margarida maria mariana marília marina mário marisa marlene marli marta mateus matilde
    maurício mauro maria mercedes michele miguel míriam moacir moisés mônica murilo nádia nair
    natália nathan neide neusa nicolas nicole nilton nilza nívea noemi norma odete olavo olga
    olívia orlando oscar osvaldo otávio otília pablo pâmela patrícia paula paulo paulina pedro
    penha pietra priscila quitéria rafael rafaela raimunda raimundo ramon raquel raul rebeca
    regiane regina reginaldo reinaldo renata renato ricardo rita roberta roberto robson rodrigo
    rogério romeu ronaldo rosa rosana rosângela rose roseli rosemary rosimeire rubens rute samanta
    samara samuel sandra sandro sara sarah saulo sebastiana sebastião selma sérgio severino sheila
    sidnei silas silvana sílvia sílvio simone sofia solange sônia stela susana tainá taís tales
    talita tamires tânia tarcísio telma teodoro teresa terezinha tiago tomás ubirajara ulisses
    valdir valdemar valentina valéria valter vanda vanderlei vanessa vânia vera verônica vicente
    vicentina vinícius violeta virgínia vítor vitória viviane vladimir washington wellington wesley
    william wilson yago yasmin yuri zélia zilda zuleica theo
    """
)

LAST: tuple[str, ...] = words(
    """
    abreu aguiar alencar almeida alves amaral amorim andrade antunes aragão aranha araújo arruda
    assis assunção ávila azevedo bandeira barbosa barcelos barreto barros bastos batista bezerra
    borges braga brandão brasil brito bueno cabral caetano caldeira câmara camargo campos cardoso
    carneiro carvalho castilho castro cavalcanti cerqueira chagas chaves coelho cordeiro correia
    costa coutinho couto cruz cunha dantas dias diniz domingues dourado duarte dutra esteves
    evangelista fagundes falcão faria farias fernandes ferraz ferreira figueira figueiredo flores
    fonseca fontes fraga franco franca freire freitas frota gaspar gentil godói gomes gonçalves
    gouveia guedes guerra guimarães gusmão henriques holanda inácio jardim jesus junqueira lago
    lara leal leão leitão leite leme lemos lima linhares lins lira lobo lopes lourenço luz macedo
    machado maciel madeira magalhães maia malta marinho mariano marques martinez martins
    mascarenhas matos medeiros melo mendes mendonça menezes mesquita miranda monteiro moraes
    moreira mota moura muniz nascimento navarro negrão neto neves nobre nogueira novaes nunes
    oliveira ortiz pacheco padilha paes paiva palmeira parente passos patriota paz pedrosa peixoto
    penteado pereira perez pessoa pimenta pimentel pinheiro pinto pires pontes portela porto prado
    prates queiroz quevedo ramos rangel rabelo rego reis rezende ribas ribeiro rios rocha rodrigues
    romano romero rosa sá saldanha sales sampaio sanches santana santiago santos saraiva seixas
    sena serra severo silva silveira simões siqueira soares sobral souza tavares taveira teixeira
    teles toledo torres trajano uchoa vale valle vargas varela vasconcelos vaz veiga veloso viana
    vidal vieira vilela villar xavier yamamoto tanaka nakamura suzuki kim rossi ferrari schmidt
    muller weber becker
    """
)

HELD_FIRST: tuple[str, ...] = words(
    "denise emerson hugo ivone lorenzo melissa milena nelson renan sueli tatiane wagner"
)
HELD_LAST: tuple[str, ...] = words(
    "bittencourt damasceno furtado lacerda quintana salgado trindade valente"
)

COMPANIES: tuple[str, ...] = (
    "correios", "o correio", "mercado livre", "amazon", "ifood", "aifúd/ifood", "rappi", "uber",
    "úber/uber", "uber flash", "úber/uber flash",
    "noventa e nove", "shopee", "xopí/shopee", "lógui/loggi", "loggi",
    "magazine luiza", "magalu", "sedex", "jadlog", "dhl",
    "fedex", "total express", "azul cargo", "padaria", "farmácia", "supermercado", "pizzaria",
    "restaurante", "lanchonete", "floricultura", "lavanderia", "americanas", "casas bahia",
    "ponto frio", "droga raia", "drogasil", "pague menos", "zé delivery", "pão de açúcar",
    "carrefour", "extra", "petz", "cobasi", "shein", "aliexpress", "kabum", "renner", "riachuelo",
    "leroy merlin", "tok stok", "natura", "boticário",
    "habibs", "burger king", "mcdonalds", "méquidônaldis/mcdonalds",
    "bobs", "subway", "cacau show", "transportadora", "distribuidora", "papelaria", "açougue",
    "hortifruti", "sushi", "china in box", "daki", "james", "cornershop",
)  # fmt: skip

FIRMS: tuple[str, ...] = (
    "net", "claro", "vivo", "tim", "oi", "sky", "enel", "light", "cemig", "copel", "sabesp",
    "comgás", "ultragaz", "liquigás", "otis", "atlas", "thyssen", "porto seguro", "prefeitura",
    "imobiliária", "administradora", "construtora", "polícia", "receita federal", "defesa civil",
    "corpo de bombeiros", "vigilância sanitária", "oficial de justiça",
)  # fmt: skip

SERVICES: tuple[str, ...] = (
    "internet", "gás", "água", "luz", "energia", "telefone", "encanador", "encanamento",
    "eletricista", "pintor", "pintura", "limpeza", "faxina", "dedetização", "ar condicionado",
    "manutenção", "elevador", "marcenaria", "jardinagem", "diarista", "montador de móveis",
    "montagem de móveis", "vidraceiro", "chaveiro", "mudança", "obra", "reforma", "tv a cabo",
    "interfone", "portão", "portão eletrônico", "câmeras", "alarme", "caixa d'água", "esgoto",
    "desentupimento", "vistoria", "instalação", "assistência técnica", "máquina de lavar",
    "geladeira", "fogão", "chuveiro", "piscina", "gesso", "serralheiro", "cortina", "persiana",
    "tapeçaria", "cuidadora", "enfermeira", "fisioterapia", "babá", "personal", "aula particular",
    "passeador de cachorro", "veterinário", "banho e tosa", "leitura do medidor", "antena",
)  # fmt: skip

PARCELS_F: tuple[str, ...] = (
    "encomenda", "entrega", "pizza", "comida", "compra", "caixa", "carta", "carta registrada",
    "água mineral", "geladeira", "sacola", "cesta", "marmita", "intimação", "mercadoria",
    "televisão", "cama", "mesa", "correspondência", "roupa", "chave", "bolsa",
)  # fmt: skip
PARCELS_M: tuple[str, ...] = (
    "pacote", "remédio", "documento", "botijão de gás", "lanche", "envelope", "móvel", "bolo",
    "buquê", "sofá", "colchão", "sedex", "volume", "presente", "galão de água", "almoço", "jantar",
    "pedido", "boleto", "celular", "computador", "armário", "guarda roupa", "fogão",
)  # fmt: skip

KIN: tuple[str, ...] = words(
    """
    filho filha mãe pai irmão irmã amigo amiga primo prima namorado namorada sobrinho sobrinha tia
    tio avó avô vizinho vizinha cunhado cunhada sogra sogro marido esposa mulher genro nora neto
    neta colega professora professor médico médica babá diarista motorista advogado corretor
    corretora enfermeira cuidadora afilhado madrinha padrinho noivo noiva
    """
)

BUILDINGS: tuple[str, ...] = (
    "ipê", "das flores", "dos pássaros", "jardim europa", "bela vista", "vila nova", "parque real",
    "solar dos lagos", "monte verde", "água verde", "boa vista", "porto seguro", "vila rica",
    "santa clara", "são francisco", "san marino", "villa lobos", "ipanema", "copacabana",
    "morumbi", "alto da serra", "parque das águas", "sol nascente", "recanto verde",
    "edifício central", "primavera", "aurora", "palmeiras", "araucária", "jacarandá", "ramal",
    "horizonte", "itália", "atlântico", "imperial", "alvorada", "bosque", "mirante", "das acácias",
)  # fmt: skip

TOWER_NAMES: tuple[str, ...] = (
    "norte", "sul", "leste", "oeste", "azul", "verde", "amarela", "branca", "principal", "fundos",
    "frente", "ipê", "jacarandá", "flamboyant", "paris", "roma", "londres", "alfa", "beta",
)  # fmt: skip

ENGLISH_NAMES: tuple[str, ...] = words(
    """
    john mary james robert michael william david richard joseph thomas charles daniel matthew
    anthony mark paul steven andrew kevin brian george edward ryan jason laura susan jessica sarah
    karen nancy lisa betty margaret sandra ashley emily donna michelle carol amanda melanie
    stephanie rebecca sharon cynthia kathleen amy angela anna emma olivia grace peter frank scott
    oliver jack harry lucy sophie alice jane kate helen rachel tom sam ben alex max
    """
)
ENGLISH_LAST: tuple[str, ...] = words(
    """
    smith johnson williams brown jones garcia miller davis wilson anderson taylor thomas moore
    jackson martin lee thompson white harris clark lewis robinson walker young allen king wright
    scott hill green adams baker hall campbell mitchell carter roberts turner phillips parker evans
    edwards collins stewart morris murphy cook rogers morgan cooper reed bailey bell
    """
)
