"""Sentences written by hand for evaluation: no grammar made them and training never sees them."""

from __future__ import annotations

from stt.training.grammar.wordlist import phrases

PORTUGUESE = phrases("""
    o rapaz da padaria trouxe o pão de queijo da dona lúcia|
    eu combinei com a patrícia às sete e meia|
    pode avisar a senhora do quinhentos e um que a comida dela chegou|
    olha eu não tenho certeza mas acho que é no bloco c|
    moço o portão da garagem não quer abrir de jeito nenhum|
    é para buscar a chave que o fernando deixou aí|meu filho esqueceu o caderno e eu vim trazer|
    tenho que entregar dois envelopes no escritório do terceiro andar|
    ela pediu para eu subir direto|não precisa chamar ninguém eu tenho a chave|
    desculpa eu errei o número é o setecentos e dois|
    o senhor pode ligar para o apartamento novecentos e quatro|
    boa noite vim para o jantar na casa do henrique|sou a nova diarista da dona regina|
    deixa ele entrar é o eletricista que eu chamei|
    fala para ele que hoje eu não posso receber ninguém|
    tá bom então pode mandar ele subir pelo elevador de serviço|
    eu não pedi pizza nenhuma deve ser engano|quem foi que autorizou esse carro a entrar|
    a minha mãe mora aqui no trezentos e dois do bloco a|
    preciso falar urgente com o síndico por causa do vazamento|
    tem uma pessoa caída aqui na frente do prédio|
    meu nome é marcelo trabalho na manutenção dos elevadores|
    vim trocar o medidor de gás de vários apartamentos|só vim deixar um remédio para o seu antônio|
    a encomenda precisa de assinatura do morador|é o carteiro tenho uma carta registrada|
    pode deixar comigo que eu entrego quando ele chegar|
    estamos em quatro pessoas para a festa da camila|o nome na encomenda é gabriela souza|
    não é setenta e um é sessenta e um|é o apartamento mil duzentos e três da torre norte|
    meia zero dois bloco b por gentileza|o interfone dela deve estar com defeito|
    eu moro no oitavo andar mas esqueci o controle|ele disse que ia deixar meu nome na portaria|
    sim sim pode abrir eu estou esperando por ela|não senhor aqui não mora nenhuma beatriz|
    espera um instante que eu vou perguntar para o meu marido|a moça da farmácia pode subir|
    boa tarde eu sou da imobiliária e tenho uma visita marcada|
    que horas a administração abre amanhã|vocês poderiam chamar o zelador por favor|
    acho que tem alguém tentando arrombar o portão|
    minha avó está passando mal chama uma ambulância|está saindo fumaça do apartamento do vizinho|
    vim montar o guarda roupa que chegou ontem|é uma entrega grande precisa de duas pessoas|
    pode confirmar o número do bloco por favor|o entregador já está subindo pode abrir a porta|
    ligo mais tarde obrigado|entendi obrigada pela ajuda|quero cadastrar um visitante para amanhã|
    ninguém atende nesse apartamento|tem certeza que é esse o apartamento|
    vim visitar minha tia ela se chama helena|eu já falei o nome três vezes|
    por favor repita o nome da empresa|é da companhia de água viemos ver o vazamento|
    traga um documento com foto por favor
""")

ENGLISH = phrases("""
    good evening i am here to see my friend carlos|could you tell her that her food is here|
    i think it is apartment four hundred and two|the delivery is too big for the elevator|
    please ask him to come down and pick it up|she told me to go straight up|
    i left my keys inside the apartment|what is the name of the company|
    nobody is answering the phone in that apartment|he is my cousin you can let him in|
    i did not order any food tonight|we are four people for the party|
    can you open the garage please|my name is peter and i work for the internet company|
    i have an appointment with doctor taylor at ten|there is smoke coming from the second floor|
    just leave the box with the doorman thank you|could you speak a little slower please|
    i am looking for block b apartment five oh one|sorry i have the wrong building
""")

SPANISH = phrases("""
    buenas noches vengo a la cena en casa de mi amigo carlos|puede decirle que llegó su comida|
    creo que es el apartamento cuatrocientos dos|la caja es muy grande para el ascensor|
    dígale por favor que baje a recogerla|me dijo que subiera directo|
    dejé las llaves adentro del apartamento|cuál es el nombre de la empresa|
    nadie contesta el teléfono en ese apartamento|es mi primo puede dejarlo pasar|
    yo no pedí comida esta noche|somos cuatro personas para la fiesta|
    puede abrir la cochera por favor|me llamo pedro y trabajo en la compañía de internet|
    tengo una cita con la doctora torres a las diez|está saliendo humo del segundo piso|
    deje la caja con el portero muchas gracias|podría hablar un poco más despacio|
    busco el bloque b apartamento quinientos uno|disculpe me equivoqué de edificio
""")
