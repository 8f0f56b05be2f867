"""Finding a Chromium, short of fetching one: what is decided, what is said without one."""

from pathlib import Path

import pytest

from tests.browser import fetch
from tests.packages.fetching import Unavailable


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No Chromium, no apt, an empty cache."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RAMAL_DEBIAN_MIRROR", raising=False)
    return tmp_path


def test_a_machine_without_apt_is_told_so_in_plain_words(bare_machine: Path) -> None:
    with pytest.raises(Unavailable, match=r"no Chromium .* no Debian apt to fetch one with"):
        fetch.find_or_fetch(lambda line: None)


def test_a_program_that_only_says_where_to_get_one_is_none(bare_machine: Path) -> None:
    stub = bare_machine / "chromium"
    stub.write_text("#!/bin/sh\necho 'install the snap' >&2\nexit 1\n")
    stub.chmod(0o755)
    assert fetch.system_browser() is None


def test_the_machines_own_is_taken_with_its_version(bare_machine: Path) -> None:
    program = bare_machine / "chromium"
    program.write_text("#!/bin/sh\necho 'Chromium 150.0.7871.100 built on Debian'\n")
    program.chmod(0o755)
    found = fetch.system_browser()
    assert found is not None
    assert (found.version, found.program) == ("150.0.7871.100", program)


def test_the_c_library_is_the_machines_own() -> None:
    program = fetch.chromium()
    assert not program.expected.match("libc6")
    assert program.never.match("libc6")
    assert program.expected.match("libnss3")
    assert program.is_wanted("usr/lib/chromium/chromium")
    assert not program.is_wanted("usr/share/doc/chromium/copyright")
