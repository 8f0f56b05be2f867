from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import ResidentRow, UnitRow, load_units, store_units
from supervisor.database.directory_file import DirectoryFileError, read_directory
from supervisor.database.pool import Pool
from supervisor.phones import PHONE, PhoneError, normalise_phone

HEADER = "block,unit,resident,phone,notes\n"


def _file(folder: Path, text: str) -> Path:
    file = folder / "directory.csv"
    file.write_bytes(text.encode())
    return file


def test_rows_of_one_unit_are_residents_and_phones_in_their_order(tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        HEADER + "A,501,Daniel Souza,(11) 98765-4321,\nA,501,Daniel Souza,2005,\n"
        "A,501,Rita Souza,201,surda\nB,101,,,vazio\n",
    )
    assert read_directory(file) == [
        UnitRow(
            "A",
            "501",
            (
                ResidentRow("Daniel Souza", ("11987654321", "2005")),
                ResidentRow("Rita Souza", ("201",), "surda"),
            ),
        ),
        UnitRow("B", "101", (), "vazio"),
    ]


def test_residents_may_have_a_language_and_its_column_may_be_missing(tmp_path: Path) -> None:
    header = HEADER.replace("notes", "notes,language")
    rows = "A,501,Ann,201,,en\nA,501,Ann,202,,\nA,501,Rui,203,,\n"
    [unit] = read_directory(_file(tmp_path, header + rows))
    assert [(one.name, one.language) for one in unit.residents] == [("Ann", "en"), ("Rui", "")]
    with pytest.raises(DirectoryFileError, match='line 2: nobody is called in "fr"; write pt-BR'):
        read_directory(_file(tmp_path, header + "A,501,Ann,201,,fr\n"))


async def test_a_file_that_says_nothing_of_languages_leaves_them(
    database: Pool, tmp_path: Path
) -> None:
    async def languages() -> list[str | None]:
        [unit] = await load_units(database, place)
        return [one.language for one in unit.residents]

    def units(language: str | None) -> list[UnitRow]:
        people = (ResidentRow("Rui", ("202",)), ResidentRow("Ann", ("201",), language=language))
        return [UnitRow("A", "501", people)]

    async with database.acquire() as connection:
        place = await find_or_create_condominium(connection, "Edifício Aurora")
        for said, known in (("en", "en"), (None, "en"), ("es", "es"), ("", None)):
            await store_units(connection, place, units(said))
            assert await languages() == [None, known]


def test_what_a_brazilian_spreadsheet_writes_is_read(tmp_path: Path) -> None:
    file = _file(tmp_path, "\ufeffBlock;Unit;Resident;Phone;Notes\r\nA;501;José;201;\r\n\r\n")
    assert read_directory(file) == [UnitRow("A", "501", (ResidentRow("José", ("201",)),))]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("A,501,Ana,not a phone,", 'line 3: "not a phone" is not a telephone number'),
        ("A,501,Ana,201@evil,", "is not a telephone number"),
        ("A,,Ana,201,", "line 3: the unit is missing"),
        ("A,501,,201,", "line 3: a phone without a resident"),
        ("A,501,Ana,201", "line 3: there are 4 fields instead of 5"),
        ('A,501,"Ana,201,', "line 3: unexpected end of data"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, row: str, complaint: str) -> None:
    file = _file(tmp_path, HEADER + "A,101,Rui,301,\n" + row)
    with pytest.raises(DirectoryFileError) as caught:
        read_directory(file)
    assert complaint in str(caught.value)
    assert "Nothing was imported." in str(caught.value)


@pytest.mark.parametrize("text", ["", "unit,phone\n", "block,unit,resident,phone,other\n"])
def test_other_columns_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DirectoryFileError, match="the columns must be block,unit,resident,phone"):
        read_directory(_file(tmp_path, text))


def test_latin_1_is_refused_with_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_bytes("block;unit;resident;phone;notes\nA;1;José;201;\n".encode("latin-1"))
    with pytest.raises(DirectoryFileError, match=r"line 2: .* export the file again as CSV UTF-8"):
        read_directory(file)


def test_a_file_without_units_does_not_empty_the_directory(tmp_path: Path) -> None:
    with pytest.raises(DirectoryFileError, match="holds no units"):
        read_directory(_file(tmp_path, HEADER + "\n,,,,\n"))


@given(st.text(max_size=30))
def test_nothing_with_a_meaning_to_a_dialplan_passes_as_a_phone(written: str) -> None:
    try:
        phone = normalise_phone(written)
    except PhoneError:
        return
    assert PHONE.fullmatch(phone)
    assert set(phone) <= set("+0123456789*#")


@pytest.fixture
async def condominium(database: Pool) -> UUID:
    async with database.acquire() as connection:
        return await find_or_create_condominium(connection, "Edifício Aurora")


async def test_a_directory_comes_back_as_it_was_stored(database: Pool, condominium: UUID) -> None:
    units = [
        UnitRow("A", "501", (ResidentRow("Rita", ("2", "1")), ResidentRow("Ana", ("3",)))),
        UnitRow("B", "101", (), "vazio"),
    ]
    async with database.acquire() as connection:
        await store_units(connection, condominium, units)
        assert await load_units(connection, condominium) == units


async def test_a_second_import_replaces_the_units_it_names_and_keeps_the_others(
    database: Pool, condominium: UUID
) -> None:
    first = [UnitRow("", "1", (ResidentRow("Ana", ("11",)),)), UnitRow("", "2", ())]
    changed = UnitRow("", "1", (ResidentRow("Bia", ("12",)),))
    async with database.acquire() as connection:
        await store_units(connection, condominium, first)
        await store_units(connection, condominium, [changed])
        assert await load_units(connection, condominium) == [changed, first[1]]
        await store_units(connection, condominium, [changed], replace=True)
        assert await load_units(connection, condominium) == [changed]
