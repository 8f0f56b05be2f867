"""What visitors want, labelled: sentences written for the benchmark, each with several places."""

from itertools import cycle

from bench.rules import Said
from conversation.understanding import Intent

PLACES = (
    ("quinhentos e um bloco b", ("501", "B")),
    ("bloco a apartamento duzentos e um", ("201", "A")),
    ("cinco zero dois do bloco b", ("502", "B")),
    ("apartamento doze zero quatro", ("1204", None)),
    ("trezentos e dois no bloco b", ("302", "B")),
    ("cento e dois", ("102", None)),
    ("apartamento mil duzentos e quatro bloco a", ("1204", "A")),
)
SENTENCES = """
delivery: boa tarde tenho uma encomenda da natura {pro}
delivery: opa chegou um pacote da shopee aqui {pro}
delivery: vim deixar uma caixa do mercado livre {pro}
delivery: tô com uma pizza {pro}
delivery: é o lanche do ifood {pro}
delivery: entrega rápida da amazon {pro}
delivery: eu trouxe o remédio da farmácia {pro}
delivery: tem um sedex aqui {pro}
delivery: é da padaria com o bolo {pro}
delivery: preciso entregar umas flores {pro}
delivery: moça estou com as compras do mercado {pro}
delivery: correio carta registrada {pro}
delivery: um motoboy com documentos {pro}
delivery: vim trazer a encomenda da magalu {pro}
delivery: chegou o galão de água {pro}
delivery: entrega da loggi por favor {pro}
delivery: eu sou o entregador da shein {pro}
delivery: tenho um envelope pra deixar {no}
visit: eu vim visitar a minha tia {no}
visit: sou amigo da marina vim fazer uma visita {no}
visit: tenho um almoço marcado {no}
visit: vim pra festa de aniversário {no}
visit: sou a avó das crianças vim ver elas {no}
visit: estou de visita {no}
visit: eu sou o namorado dela vim visitar {no}
visit: vim jantar com uns amigos {no}
visit: a gente veio conhecer o bebê {no}
visit: tô aqui pra visitar o meu irmão {no}
visit: sou convidado da festa {no}
visit: vim buscar meu filho {no}
service: sou o encanador vim arrumar um vazamento {no}
service: é da vivo manutenção da internet {no}
service: eletricista chamado {pro}
service: sou a diarista {do}
service: vim consertar a geladeira {no}
service: técnico do ar condicionado {pro}
service: vim montar um guarda roupa {no}
service: sou o pintor que vai trabalhar {no}
service: é a faxina {do}
service: sou da claro vim instalar o modem {no}
service: vim medir a cozinha pros móveis planejados {no}
service: sou o pedreiro da obra {do}
resident: eu moro {no} esqueci minha chave
resident: sou morador {do} e perdi o controle
resident: moro aqui {no} o portão não abre
resident: oi sou moradora {do} estou sem a tag
"""
WAYS = {"{pro}": ("pro", "para o", "é pro"), "{no}": ("no",), "{do}": ("do",)}


def labelled(each: int = 4) -> list[Said]:
    """Every sentence with ``each`` places."""
    places, said = cycle(PLACES), []
    for line in SENTENCES.strip().splitlines():
        purpose, _, text = line.partition(": ")
        for number in range(each):
            words, unit = next(places)
            slot = next(key for key in WAYS if key in text)
            way = WAYS[slot][number % len(WAYS[slot])]
            whole = text.replace(slot, f"{way} {words}")
            said.append(Said(text=whole, purpose=Intent(purpose), firm=None, unit=unit, name=None))
    return said
