"""Turns written after the last change to how ends are judged, and run once: nothing was made for
them. Marked as those in :mod:`bench.turns.said`; a full stop before a breath is a voice that falls.
"""

PT_PURPOSE = """
boa tarde. | eu vim deixar a roupa da lavanderia. | é no duzentos e um | bloco A
entrega da Centauro | apartamento trezentos e dois | bloco B
oi, tudo bom? | é aqui o Residencial Aurora? | tenho um pacote | pro quinhentos e um | bloco A
bom dia | eu sou a fisioterapeuta | da dona Rita Figueiredo
vim entregar a cesta básica | é pro cento e dois
oi | eu tô procurando | a Marina Queiroz
é a moça da limpeza. | vou no quinhentos e dois | bloco B
tenho que entregar um contrato | pro Cláudio Rezende
boa noite | o Wellington me chamou | pra ver o futebol
meu carro tá na frente da garagem | queria avisar alguém
é da dedetização | marcaram hoje de manhã | no duzentos e um
opa | bolo de aniversário | pro Davi | do trezentos e dois
eu esqueci um guarda-chuva | no apartamento cinco zero dois | bloco B
vim ver o apartamento | que tá pra alugar
chegou o gás | do quinhentos e um | bloco B. | pode avisar?
sou o neto da Rita
farmácia | apartamento quinhentos e dois
é um presente | da tia dele | pro Davi
"""

PT_UNIT = """
trezentos | e dois
é no bloco B | quinhentos e dois
ai, deixa eu olhar aqui ~ cento e dois
duzentos e um | do bloco A
quinhentos e um. | bloco B
doze | zero | quatro
eu não lembro o número | é da Rita
apartamento | trezentos e dois
"""

PT_NAME = """
Marcelo
é o Jonas | Pereira
Cristina Albuquerque
fala que é a Bete | do salão
meu nome é Otávio | Ramos Filho
"""

PT_YES_NO = """
sim, senhora
isso | bloco B
não | é o outro
tá certo
é sim
não. | é o duzentos e um
uhum, isso
"""

PT_AUTHORISATION = """
sim | pode vir
quem tá aí?
não tô esperando ninguém
libera
pode | pode entrar
fala pra ele | me esperar na portaria
deixa subir | obrigada
agora não posso. | pede pra voltar amanhã
é o rapaz do gás? | pode mandar
não. | não abre
ah, é a minha mãe. | deixa entrar
espera | eu vou ver com a minha esposa
"""
