import pytest

from conversation.directory import Directory, Finding, Resident, Unit
from conversation.directory.phonetics import sound_of
from conversation.directory.units import canonical_block, canonical_number

PEOPLE = """
A 101 Helena Siqueira
A 102 Otávio Bezerra
A 201 Wellington Dias, Thaís Dias
A 302 Beatriz Monteiro
A 501 Daniel Reis
A 502 Sônia Vasconcelos
B 101 Leonardo Assis
B 102 Rita Figueiredo
B 201 Daniel Souza
B 202 Heloísa Pacheco
B 301 Sebastião Amaral
B 302 Marina Queiroz, Davi Queiroz
B 401 Fernanda Leite
B 402 José Carlos da Silva
B 501 Luiz Fernando Prado
B 1204 Gabriela Nunes
"""


def unit(line: str) -> Unit:
    block, number, names = line.split(" ", 2)
    people = [Resident(name, (f"{block}{number}",)) for name in names.split(", ")]
    return Unit(number, block, tuple(people))


DIRECTORY = Directory(unit(line) for line in PEOPLE.strip().splitlines())


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("daniel reis", "A/501"),
        ("seu reis", "A/501"),
        ("dani reis", "A/501"),
        ("dona rita", "B/102"),
        ("ritinha", "B/102"),
        ("uelinton", "A/201"),
        ("tais", "A/201"),
        ("família dias", "A/201"),
        ("bia", "A/302"),
        ("léo", "B/101"),
        ("tião", "B/301"),
        ("seu sebastião do amaral", "B/301"),
        ("queirós", "B/302"),
        ("marina queiros", "B/302"),
        ("dona eloísa", "B/202"),
        ("nanda", "B/401"),
        ("zé carlos", "B/402"),
        ("seu zé", "B/402"),
        ("luis fernando", "B/501"),
        ("gabi", "B/1204"),
        ("otavio bezerra", "A/102"),
        ("dona sonia", "A/502"),
        ("heleninha", "A/101"),
    ],
)
def test_people_are_found_by_what_others_call_them(name: str, found: str) -> None:
    lookup = DIRECTORY.find(resident_name=name)
    assert lookup.finding is Finding.EXACT
    assert lookup.unit is not None
    assert lookup.unit.key == found


@pytest.mark.parametrize("name", ["rodrigo", "carlos eduardo martins", "zuleica", "", "seu"])
def test_a_name_that_nobody_has_finds_nobody(name: str) -> None:
    assert DIRECTORY.find(resident_name=name).unit is None


@pytest.mark.parametrize("name", ["mariana", "leonarda", "fernando"])
def test_a_name_that_only_looks_like_one_is_not_taken_for_it(name: str) -> None:
    lookup = DIRECTORY.find(resident_name=name)
    assert lookup.unit is None or name in lookup.unit.residents[0].name.lower()


def test_two_people_of_one_name_are_told_apart_by_more_of_it() -> None:
    both = DIRECTORY.find(resident_name="daniel")
    assert both.finding is Finding.WHICH_RESIDENT
    assert {match.unit.key for match in both.matches} == {"A/501", "B/201"}
    assert DIRECTORY.find(resident_name="daniel souza").unit == DIRECTORY.unit("B/201")
    assert DIRECTORY.find(resident_name="daniel", block="b").unit == DIRECTORY.unit("B/201")


def test_a_number_without_a_block_is_enough_where_only_one_block_has_it() -> None:
    assert DIRECTORY.find("1204").unit == DIRECTORY.unit("B/1204")
    assert DIRECTORY.find("501").finding is Finding.WHICH_BLOCK


@pytest.mark.parametrize(
    ("blocks", "heard", "meant"),
    [("AB", "E", "A"), ("AB", "B", "B"), ("AB", "D", "D"), ("AE", "E", "E"), ("AE", "I", "I")],
)
def test_a_vowel_alone_is_the_only_block_that_is_one(blocks: str, heard: str, meant: str) -> None:
    directory = Directory(Unit("101", block) for block in blocks)
    assert directory.block_like(heard) == meant


@pytest.mark.parametrize(
    ("blocks", "meant"), [("AB", "A"), ("BC", None), ("AE", None), ("12", None)]
)
def test_a_block_that_was_swallowed_is_the_only_vowel(blocks: str, meant: str | None) -> None:
    directory = Directory(Unit("101", block) for block in blocks)
    assert directory.block_of_a_vowel == meant


def test_a_residents_name_tells_the_block() -> None:
    assert DIRECTORY.find("501", resident_name="seu daniel").unit == DIRECTORY.unit("A/501")


def test_a_wrong_name_does_not_hide_the_number() -> None:
    lookup = DIRECTORY.find("1204", "b", resident_name="rodrigo")
    assert lookup.unit == DIRECTORY.unit("B/1204")


def test_the_other_reading_of_a_number_is_tried_where_the_first_does_not_exist() -> None:
    assert DIRECTORY.find("51", "a", alternatives=("501",)).unit == DIRECTORY.unit("A/501")


@pytest.mark.parametrize(("number", "block"), [("999", None), ("501", "f"), ("1204", "a")])
def test_what_does_not_exist_is_not_found(number: str, block: str | None) -> None:
    assert DIRECTORY.find(number, block).finding is Finding.NOTHING


def test_numbers_with_letters_and_houses_without_blocks_are_found() -> None:
    village = Directory([Unit("12"), Unit("51B"), Unit("0301")])
    assert village.find("12", "c").unit == village.unit("/12")
    assert village.find("51", "b").unit == village.unit("/51B")
    assert village.find("301").unit == village.unit("/301")


def test_numbers_and_blocks_have_one_form() -> None:
    assert canonical_number(" 051-a ") == "51A"
    assert canonical_block("Bloco 02") == canonical_block("2") == "2"
    assert canonical_block("Torre Ipê") == "IPE"
    assert canonical_block("  ") is None


def test_a_hunt_list_has_each_residents_phones_in_order_and_none_twice() -> None:
    flat = Unit("1", None, (Resident("A", ("10", "11")), Resident("B", ("20", "10"))))
    assert flat.phones() == ("10", "11", "20")


def test_longer_numbers_are_known_to_begin_with_shorter_ones() -> None:
    assert DIRECTORY.is_start_of_number("12")
    assert not DIRECTORY.is_start_of_number("501")
    assert not DIRECTORY.is_start_of_number("9")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thais", "taís"),
        ("luiz", "luís"),
        ("wagner", "vagner"),
        ("wesley", "uesley"),
        ("sophia", "sofia"),
        ("jéssica", "géssica"),
        ("raquel", "rakel"),
        ("walter", "valter"),
        ("iara", "yara"),
        ("christian", "cristian"),
        ("queiroz", "queirós"),
        ("souza", "sousa"),
        ("izabel", "isabel"),
        ("heitor", "eitor"),
        ("michelle", "michele"),
        ("katia", "cátia"),
    ],
)
def test_names_that_sound_alike_have_one_sound(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("rita", "renata"), ("carlos", "marcos"), ("ana", "ane")]
)
def test_names_that_sound_apart_have_two(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


def test_a_recogniser_is_told_units_blocks_and_names_as_they_are_said() -> None:
    words = DIRECTORY.spoken_words()
    assert {
        "apartamento quinhentos e um",
        "apartamento mil duzentos e quatro",
        "bloco b",
        "daniel reis",
        "daniel",
    } <= set(words)
    assert len(words) == len(set(words))
