"""Names of people in Brazil, whatever language is spoken at the gate."""

from conversation.rules.words import words_in

GIVEN_NAMES = words_in(
    """
    ademir adriana adriano agata ailton alan alana alberto alessandra alessandro alex alexandra
    alexandre alice aline altair amanda amelia ana anderson andre andrea andreia andressa angela
    anita antonia antonio aparecida ariane arnaldo arthur artur augusto aurora barbara beatriz bela
    benedita benedito benjamin bento bernardo beto bia bianca bruna bruno cadu caio camila carina
    carla carlos carmem carmen carol carolina caroline cassia catarina caua cecilia celia celina
    celso cesar chico cicero clara clarice claudia claudio cleber cleide cleiton clovis conceicao
    cris cristiane cristiano cristina daiane dalva damiao dani daniel daniela daniele danilo dario
    davi debora deise denise diana diego diogo douglas du duda edgar edilson edmilson edna edson
    edu eduarda eduardo elaine eliana eliane elias elisa elisangela eliete eloa elza emanuel
    emerson emilia enzo erica erick ernesto estela ester eunice eva evandro everton fabiana fabiano
    fabio fabricio fatima felipe fernanda fernando flavia flavio francisca francisco frederico fred
    gabi gabriel gabriela geovana geraldo gil gilberto gilson giovana giovanna gisele gislaine
    gloria gonçalo graça guilherme gui gustavo guto heitor helena helio heloisa henrique hilda hugo
    humberto iara igor inacio ines iolanda iracema irene iris isaac isabel isabela isadora israel
    italo ivan ivone jacqueline jaime jair jairo jaqueline jefferson jeferson jessica joana joao
    joaquim joel jonas jonathan jorge jose josefa joseane joyce juarez ju julia juliana juliano
    julio junior jussara karen karina katia kelly laís lara larissa laura leandro leia leila leo
    leonardo leonor leticia lia ligia lilian livia lorena lorenzo lourdes lu luan luana lucas lucia
    luciana luciano lucio luis luisa luiz luiza luzia magali maiara manoel manuel manuela mara
    marcela marcelo marcia marcio marco marcos margarida maria mariana marilia marina mario marisa
    marlene marli marta mateus matheus mauricio mauro mayara melissa michele miguel milena milton
    miriam moacir moises monica murilo nadia nair natalia nando neide nelson neto neusa ney nicolas
    nicole nilton nilza noemi norma olga olivia orlando oscar osmar osvaldo otavio pablo pamela
    patricia paula paulo pedro pietra priscila rafa rafael rafaela raimunda raimundo ramon raquel
    raul rebeca regiane regina reginaldo reinaldo renan renata renato ricardo rita roberta roberto
    robson rodrigo rogerio romeu ronaldo rosa rosana rosangela roseli rosemary rosimeire rubens
    rute sabrina samanta samara samuel sandra sandro sara sebastiana sebastiao selma sergio
    severino sheila sidnei silas silvana silvia silvio simone sofia solange sonia stefany stela
    sueli susana suzana tadeu tainá tais talita tamires tania tarcisio tati tatiana tatiane teco
    telma teo teodoro teresa tereza terezinha thais thales thiago tiago tina toninho tony ubirajara
    ulisses valdir valdemar valentina valeria valmir valter vanda vanderlei vanessa vania vera
    veronica vicente vinicius virginia vitor vitoria vivi viviane vladimir wagner waldir walter
    wanderley washington wellington wesley william wilson uelinton uashington yago yara yasmin yuri
    ze zeca zelia zelma zilda abreu aguiar almeida alves amaral amorim andrade antunes aragão
    araujo arruda assis azevedo barbosa barreto barros bastos batista bezerra bittencourt borges
    braga brandao brito bueno cabral camargo campos cardoso carneiro carvalho castro cavalcanti
    chaves coelho cordeiro correia correa costa coutinho couto cruz cunha damasceno dantas dias
    diniz duarte dutra esteves fagundes falcao faria farias fernandes ferraz ferreira figueiredo
    fonseca franco freire freitas furtado garcia gomes gonçalves gouveia guedes guerra guimaraes
    holanda jardim jesus lacerda leal leite leme lemos lima lins lobo lopes luz macedo machado
    maciel madeira magalhaes maia marinho marques martins matos mattos medeiros meireles mello melo
    mendes mendonça menezes mesquita miranda monteiro moraes morais moreira mota moura nascimento
    neves nobre nogueira novaes nunes oliveira pacheco padilha paiva passos peixoto penteado
    pereira perez pimenta pimentel pinheiro pinto pires porto prado queiroz quintana ramos rangel
    reis resende rezende ribeiro rios rocha rodrigues romano rosa sales salgado sampaio sanches
    santana santiago santos saraiva sena serra silva silveira simoes siqueira soares sobral sousa
    souza tavares teixeira teles toledo torres trindade valente valle vargas vasconcelos vaz veiga
    viana vidal vieira vilela xavier tanaka suzuki kim rossi ferrari schmidt muller weber becker
    """
)
"""Common given names, short forms and surnames: never mended, and names even without a trigger."""
