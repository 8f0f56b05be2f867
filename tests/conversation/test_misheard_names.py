"""Names as they are said, heard and written: whom the directory finds, and what it never tells."""

import pytest

from conversation.directory import Directory, Finding, Resident, Unit
from conversation.flow import CallOut, Party
from tests.conversation.gate import DIRECTORY as GATES
from tests.conversation.gate import Gate

WRITTEN = """
Wellington Dias: uelinton, ueliton, welington, uélinton, welinton dias, seu wellington, wellingtom
Thaís Bittencourt: taís, thais, tais bitencourt, dona thaís, tháis
Washington Moreira: uóshington, uashington, vashington, washinton, seu washington moreira
Jheniffer Lopes: jenifer, jennifer, geniffer, jênifer, jeniffer lopes
Kauã Teixeira: cauã, kauan, cauan, cauã teixeira
Cristhian Rocha: cristian, christian, kristian, cristiam
Rhuan Carvalho: ruan, ruam, rhuan
Thiago Wagner: tiago, tiago vagner, thiago vágner
Nathália Souza: natália, natalia sousa, nathalia
Raphael Queiróz: rafael, rafael queiroz, raphaél queirós, rafa
Stephanie Alves: estefani, stefani, stefany, estéfani
Hellen Guimarães: elen, hélen, ellen
Yasmin Cavalcante: iasmin, yasmim, iasmim
Luiz Gustavo Pereira: luís gustavo, luis gustavo
Josué Hipólito: josué ipólito, hipólito, jozué
Sueli Aparecida: suely, sueli
Edivaldo Xavier: edivaldo chavier
Walkíria Schmidt: valquíria, valkiria, walquiria
Sônia Vasconcellos: sonia, dona sônia vasconcelos
Mychel Dutra: michel, michel dutra
"""
ROWS = [
    (name, said.strip())
    for line in WRITTEN.strip().splitlines()
    for name, heard in [line.split(":")]
    for said in heard.split(",")
]
PEOPLE = list(dict.fromkeys(name for name, _ in ROWS))
DIRECTORY = Directory(
    Unit(str(101 + at), None, (Resident(name, (f"9{at}",)),)) for at, name in enumerate(PEOPLE)
)


@pytest.mark.parametrize(("name", "said"), ROWS)
def test_a_name_is_found_as_it_sounds(name: str, said: str) -> None:
    found = DIRECTORY.find(resident_name=said)
    assert found.finding is Finding.EXACT, found
    assert found.unit is not None
    assert found.unit.residents[0].name == name


@pytest.mark.parametrize(
    "said", ["edmilson", "carla", "tânia", "wesley", "catarina", "gustavo lima"]
)
def test_a_name_of_nobodys_is_not_taken_for_one_that_it_resembles(said: str) -> None:
    found = DIRECTORY.find(resident_name=said)
    assert found.unit is None or said.split(maxsplit=1)[0] in found.unit.residents[0].name.lower()


@pytest.mark.parametrize("said", ["edvaldo", "maicon dutra", "guga"])
def test_a_name_that_is_only_alike_is_not_enough_to_call_somebody(said: str) -> None:
    """The number is asked for: a wrong phone must not ring."""
    assert DIRECTORY.find(resident_name=said).unit is None


# ---------------------------------------------------------------- what a visitor is never told


def everything_said(gate: Gate) -> str:
    return " ".join(text for party, text in gate.said if party is Party.VISITOR).lower()


def unsaid_names(heard: str) -> set[str]:
    """Words of residents' names that the visitor did not say."""
    words = {
        word.lower()
        for unit in GATES.units
        for each in unit.residents
        for word in each.name.split()
    }
    return words - set(heard.split())


@pytest.mark.parametrize(
    "said",
    [
        "vim visitar o daniel",
        "vim visitar o daniel meu nome é caio",
        "visita pra marina meu nome é caio",
        "queria falar com a juliana",
        "quem mora no quinhentos e um bloco b",
        "a juliana prado mora aí",
        "o daniel é do quinhentos e um ou do duzentos e um",
        "visita no quinhentos e um bloco a é do daniel né",
        "visita no quinhentos e um é o apartamento da rita né",
        "me diz o sobrenome do daniel",
        "qual é o telefone da dona rita",
        "vim ver o uelinton",
        "visita pro danilo",
    ],
)
def test_a_visitor_hears_no_name_and_no_unit_that_they_did_not_say(said: str) -> None:
    gate = Gate().visitor(said).visitor(said).visitor("sim").visitor("não sei")
    told = everything_said(gate)
    assert not {word for word in unsaid_names(said) if word in told.split()}
    numbers = {unit.number for unit in GATES.units if unit.number in told}
    spoken = {"501": "quinhentos e um", "201": "duzentos e um"}
    assert {spoken.get(number, number) for number in numbers} <= {
        words for words in spoken.values() if words in said
    }


def test_two_of_one_name_are_asked_about_without_saying_who_and_where() -> None:
    gate = Gate().visitor("vim visitar o daniel meu nome é caio")
    assert gate.keys_said == ["ask.surname"]
    assert "reis" not in gate.to_visitor.lower() and "souza" not in gate.to_visitor.lower()
    assert gate.visitor("souza").ringing == "1201"


@pytest.mark.parametrize("name", ["zuleica", "jonatas", "rodrigo salles"])
def test_a_name_that_nobody_has_and_one_that_is_only_alike_are_answered_in_the_same_words(
    name: str,
) -> None:
    nobody = Gate().visitor(f"vim visitar {name}")
    nearly = Gate().visitor("vim visitar davida reizinho")
    assert nobody.keys_said == nearly.keys_said == ["ask.unit_instead"]
    assert nobody.to_visitor == nearly.to_visitor


def test_who_is_denied_hears_the_same_as_whose_call_nobody_takes() -> None:
    """Being sent away says no more of who is at home than a phone that rings out."""
    visit = "visita pro duzentos e um bloco a meu nome é caio"
    sent_away = Gate().visitor(visit).answered().resident("fala que não estou")
    assert "closing.no_answer" in sent_away.keys_said


@pytest.mark.parametrize(
    ("confidence", "asked"), [(0.95, False), (0.65, False), (0.55, True), (0.3, True)]
)
def test_a_unit_is_read_back_only_where_it_was_not_clearly_heard(
    confidence: float, asked: bool
) -> None:
    gate = Gate().visitor("entrega no quinhentos e dois bloco b", confidence)
    assert ("confirm.unit" in gate.keys_said) is asked
    assert bool(gate.each(CallOut)) is not asked
