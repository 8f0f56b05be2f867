"""What the server itself says, with its slots: tests transcribe it as callers heard it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from stt.training.grammar import numbers
from stt.training.grammar import pt_br_phrases as p


@dataclass(frozen=True, slots=True)
class Slots:
    """One call's particulars, in words."""

    rng: random.Random
    unit: str
    block: str
    person: str
    other: str
    company: str
    building: str


def server_sentence(slots: Slots) -> str:
    """One sentence of ours with some of the slots in it."""
    choose = slots.rng.choice
    unit, person, company = slots.unit, slots.person, slots.company
    who = choose((f"o entregador da {company}", f"uma entrega da {company}",
                     f"uma entrega do {company}", person, f"uma visita de {person}",
                     f"{person} da {company}", "uma pessoa", "um entregador"))  # fmt: skip
    of = choose(("da ", "do ")) + company
    place = choose(("residencial ", "condomínio ", "edifício ", "prédio ")) + slots.building
    floor = numbers.portuguese(slots.rng.randrange(1, 20))
    sentences = (
        f"portaria do {place}", f"portaria do {place} {choose(p.GREETINGS)}",
        f"portaria do {place} {choose(p.GREETINGS)} em que posso ajudar",
        f"{choose(p.GREETINGS)} {place} em que posso ajudar",
        f"bem vindo ao {place}", f"você ligou para o {place}", f"aqui é da portaria do {place}",
        f"um momento vou chamar o {unit}", f"vou chamar o {unit}", f"vou ligar para o {unit}",
        f"um momento por favor vou chamar {person}", f"vou chamar {person} do {unit}",
        f"vou avisar {person}", f"estou ligando para o {unit}", f"o {unit} não atendeu",
        f"não encontrei o {unit}", f"não encontrei {person}", f"{person} não atendeu",
        f"{who} autoriza a entrada", f"entrega do {company} autoriza a entrada",
        f"tem {who} na portaria autoriza a entrada", f"há {who} na portaria",
        f"{who} está na portaria posso liberar", f"{who} para {person} autoriza",
        f"olá {person} aqui é da portaria", f"olá {person} tem {who} na portaria para você",
        f"{who} está na portaria e quer falar com {person}",
        f"você disse {unit}", f"é o {unit} certo", f"{unit} certo", f"confirma {unit}",
        f"você quer falar com {person}", f"você quer falar com {person} do {unit}",
        f"o seu nome é {person}", f"obrigado {person}", f"certo {person}", f"olá {person}",
        f"{person} autorizou a sua entrada", f"{person} autorizou a sua entrada pode subir",
        f"sua entrada foi autorizada pode subir {unit}", f"{person} pediu para aguardar",
        f"sua entrada foi autorizada {slots.block} {floor} andar",
        f"{choose(p.GREETINGS)} portaria {place} pois não",
        f"{place} {choose(p.GREETINGS)} pois não",
        f"entrega {of} {unit} um momento vou chamar",
        f"certo entrega {of} {unit} vou chamar um momento",
        f"certo {person} {unit} um momento vou chamar", f"visita {unit} um momento vou chamar",
        f"obrigado {person} vou chamar {unit} um momento", f"serviço {of} {unit} vou chamar",
        f"olá é da portaria chegou uma entrega {of} autoriza a entrada",
        f"oi aqui é da portaria tem uma entrega {of} autoriza a entrada",
        f"olá é da portaria {person} veio fazer uma visita autoriza a entrada",
        f"oi aqui é da portaria {person} está aqui para uma visita autoriza a entrada",
        f"olá é da portaria {person} está no portão autoriza a entrada",
        f"olá é da portaria chegou um serviço {of} autoriza a entrada",
        f"é um entregador {of} não informou o nome", f"{unit} não consta aqui",
        f"{unit} isso mesmo", f"é {unit} isso mesmo", f"confirma para mim {unit}",
        f"é para {person} certo", f"para {person} isso mesmo", f"o nome é {person}",
        f"encontrei {person} e {slots.other} qual deles", f"qual {person.split()[0]}",
    )  # fmt: skip
    return choose(sentences)
