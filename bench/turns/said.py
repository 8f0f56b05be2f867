"""Turns that callers end, and may pause in: written for the benchmark, after the rules.

``|`` is a place for a breath, ``~`` follows a hesitation. The lines are under what was asked.
"""

import re
from collections.abc import Mapping

from bench.turns import fresh_lines
from bench.turns.people import PAUSE
from conversation.understanding import Expecting
from supervisor.callers.steps import Say
from supervisor.simulation.reading import shipped_scenarios

PT_PURPOSE = """
bom dia | tenho um pacote da Natura | pra Marina do trezentos e dois | bloco B
boa tarde, é da Shopee | entrega no quinhentos e um | bloco A
opa, tudo bem? | entrega do Mercado Livre | apartamento quinhentos e dois
é uma encomenda | pro apartamento cento e dois | do bloco B
vim trazer | é ~ uma pizza | pro quinhentos e um do bloco B
boa noite, entrega | pro senhor Wellington | do doze zero quatro
eu queria | deixar um documento | com a Juliana Prado
sou o encanador | vim consertar a pia | no trezentos e dois bloco B
oi, eu sou a prima da Rita | do cento e dois
vim visitar | o Daniel Reis
tenho um remédio da farmácia | pro duzentos e um | bloco A
eu vim pra | é ~ instalar a internet | no quinhentos e um bloco A
é entrega da Amazon
entrega
boa noite
bom dia, tudo bom?
oi, boa tarde | é o Carlos | vim falar com o Daniel Souza
é a dona Rita que está me esperando | cento e dois
vim buscar uma mala | no quinhentos e dois | bloco B
sou eletricista | a Marina me chamou | no trezentos e dois
moço, é uma entrega rápida | é ~ quinhentos e um | bloco B
eu moro aqui | esqueci a chave | apartamento trezentos e dois
quero falar com o porteiro
tem um cheiro de gás muito forte | aqui na entrada
socorro
gostaria de falar | com o Cláudio Rezende
é pro ~ pro quinhentos e dois bloco B
trouxe as compras do supermercado | pra Juliana | bloco B
sou da empresa do elevador | vim fazer a manutenção
é do correio | carta registrada | pra Rita Figueiredo
apartamento cinco zero dois | bloco B
cinco | zero | um | bloco A
quinhentos | e um | bloco B
é o ~ é o Wellington que pediu | doze zero quatro
vim fazer a faxina | no duzentos e um
boa tarde, sou o técnico da Vivo | é ~ vou no cento e dois
entrega de flores | para Marina Queiroz
eu tenho uma visita marcada | com o doutor Cláudio
deixei meu celular | no apartamento quinhentos e um | do bloco A
o portão não abriu | eu sou morador | do duzentos e um
"""

PT_UNIT = """
quinhentos e um
apartamento quinhentos e dois
é o trezentos e dois | bloco B
cinco | zero | dois
um | zero | dois | bloco B
doze | zero quatro
mil duzentos | e quatro
é no ~ é no duzentos e um
bloco B | apartamento cento e dois
apartamento ~ cento e dois
hum ~ quinhentos e um | bloco A
não sei o número | é a casa da Juliana
é da Marina Queiroz
é pra dona Rita
apartamento quinhentos | e um | do bloco B
o número é | cinco zero um
deixa eu ver ~ trezentos e dois
acho que é | duzentos e um
não sei
setecentos | e um
é o do Wellington
bloco A | é ~ quinhentos e um
"""

PT_BLOCK = """
bloco B
B
é o A
bloco ~ bloco A
não sei o bloco
acho que é o | B
é o segundo | o bloco B
"""

PT_NAME = """
Carlos Menezes
meu nome é | Roberto Farias
é o Tiago
sou a Patrícia | da Silva
Anderson | da transportadora
meu nome é ~ Eduardo Lima
pode falar que é o Beto
é a Sônia | mãe dele
Luiz Fernando | de Andrade
Fátima
"""

PT_COMPANY = """
Mercado Livre
sou da | Loggi
é da ~ da Shopee
é particular
da farmácia
eu trabalho na | Claro
"""

PT_YES_NO = """
sim
isso
isso mesmo
não
não, é o quinhentos e dois
é isso aí
correto
não | é no bloco A
isso | por favor
exatamente
não senhor
positivo
claro
na verdade | é o trezentos e dois
"""

PT_AUTHORISATION = """
pode subir
sim
sim | pode deixar entrar
não
não | fala que eu não estou
pode | pode mandar subir
quem é?
de que empresa?
manda esperar | um minutinho
já desço
pede pra deixar na portaria
ah tá | pode liberar
é ~ pode subir sim
não conheço | não autorizo
deixa entrar
alô
oi | quem está falando?
hum ~ manda ele subir
eu não pedi nada
pode liberar | por favor
"""

EN_PURPOSE = """
good evening | I have a parcel | for apartment five oh one
hello, I am here to visit | Marina | in three oh two
delivery for | uh ~ five hundred and two | block B
I am the plumber | for one oh two
hi | it's a pizza | for Daniel
I would like to speak | to the doorman
"""

EN_YES_NO = """
yes
yes | that's right
no
no | it's block A
correct
"""

ES_PURPOSE = """
buenas tardes | traigo un paquete | para el quinientos uno
hola | vengo a visitar | a Marina del trescientos dos
es una entrega | para el ~ para el ciento dos | bloque B
soy el plomero | vengo al doscientos uno
quiero hablar | con el portero
"""

ES_YES_NO = """
sí
sí | correcto
no
no | es el bloque A
así es
"""

SAID: dict[tuple[str, Expecting], str] = {
    ("pt-BR", Expecting.PURPOSE): PT_PURPOSE,
    ("pt-BR", Expecting.UNIT): PT_UNIT,
    ("pt-BR", Expecting.BLOCK): PT_BLOCK,
    ("pt-BR", Expecting.VISITOR_NAME): PT_NAME,
    ("pt-BR", Expecting.COMPANY): PT_COMPANY,
    ("pt-BR", Expecting.YES_NO): PT_YES_NO,
    ("pt-BR", Expecting.AUTHORISATION): PT_AUTHORISATION,
    ("en", Expecting.PURPOSE): EN_PURPOSE,
    ("en", Expecting.YES_NO): EN_YES_NO,
    ("es", Expecting.PURPOSE): ES_PURPOSE,
    ("es", Expecting.YES_NO): ES_YES_NO,
}


FRESH: dict[tuple[str, Expecting], str] = {
    ("pt-BR", Expecting.PURPOSE): fresh_lines.PT_PURPOSE,
    ("pt-BR", Expecting.UNIT): fresh_lines.PT_UNIT,
    ("pt-BR", Expecting.VISITOR_NAME): fresh_lines.PT_NAME,
    ("pt-BR", Expecting.YES_NO): fresh_lines.PT_YES_NO,
    ("pt-BR", Expecting.AUTHORISATION): fresh_lines.PT_AUTHORISATION,
}


def turns() -> list[tuple[str, Expecting, str]]:
    """Language, what was asked, and the text with its marks."""
    return _lines(SAID)


def fresh_turns() -> list[tuple[str, Expecting, str]]:
    """The same of lines that were written last."""
    return _lines(FRESH)


def _lines(said: Mapping[tuple[str, Expecting], str]) -> list[tuple[str, Expecting, str]]:
    return [
        (language, asked, line.strip())
        for (language, asked), text in said.items()
        for line in text.strip().splitlines()
    ]


def from_scenarios() -> list[tuple[str, Expecting, str]]:
    """What visitors say first, and residents after their greeting, in the shipped scenarios; each
    comma and full stop is a place for a breath; at a full stop the voice falls."""
    found: dict[tuple[str, Expecting, str], None] = {}
    for scenario in shipped_scenarios():
        says = [step.text for step in scenario.visitor.steps if isinstance(step, Say)]
        answers = [
            step.text
            for resident in scenario.residents.values()
            for step in resident.steps
            if isinstance(step, Say)
        ]
        for asked, texts in ((Expecting.PURPOSE, says[:1]), (Expecting.AUTHORISATION, answers)):
            for text in texts:
                if scenario.visitor.voice.startswith("pt") and len(text.split()) > 1:
                    found["pt-BR", asked, _breathing(text)] = None
    return list(found)


def _breathing(text: str) -> str:
    sentences = re.sub(r"[.;]\s+(?=\S)", f". {PAUSE} ", text.strip(" .!"))
    return re.sub(r",\s+(?=\S)", f" {PAUSE} ", sentences)
