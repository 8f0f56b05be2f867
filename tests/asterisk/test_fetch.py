"""Finding an Asterisk, short of fetching one: what is decided, what is said without one."""

from pathlib import Path

import pytest

from tests.asterisk import fetch
from tests.asterisk.installation import unpacked_installation
from tests.packages.debian import Source, host_mirror
from tests.packages.fetching import Unavailable, chosen_source, version_key


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No Asterisk, no apt, an empty cache."""
    monkeypatch.setattr(fetch, "system_installation", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RAMAL_DEBIAN_MIRROR", raising=False)
    return tmp_path


def test_a_machine_without_apt_is_told_so_in_plain_words(bare_machine: Path) -> None:
    assert host_mirror() is None
    with pytest.raises(Unavailable, match="no Debian apt to fetch one with"):
        fetch.find_or_fetch(lambda line: None)


def test_packages_that_cannot_be_checked_are_not_fetched(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAMAL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    monkeypatch.setenv("RAMAL_DEBIAN_KEYRING", str(bare_machine / "no-keys.gpg"))
    with pytest.raises(Unavailable, match="cannot be checked"):
        fetch.find_or_fetch(lambda line: None)
    assert [p.name for p in fetch.asterisk().cache.iterdir()] == ["lock"]


def test_the_newest_version_is_the_one_with_the_highest_numbers(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("22.9.0-99aa", "22.10.1-11bb", "20.16.0-22cc")]
    assert max(folders, key=version_key).name == "22.10.1-11bb"


def test_a_folder_that_was_not_unpacked_completely_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "usr/sbin").mkdir(parents=True)
    with pytest.raises(Unavailable, match="not complete"):
        unpacked_installation(tmp_path)


def test_only_files_that_asterisk_needs_are_unpacked() -> None:
    assert fetch.asterisk().is_wanted("usr/sbin/asterisk")
    assert fetch.asterisk().is_wanted(
        "usr/lib/x86_64-linux-gnu/asterisk/modules/app_audiosocket.so"
    )
    assert fetch.asterisk().is_wanted("usr/lib/aarch64-linux-gnu/libssl.so.3")
    assert not fetch.asterisk().is_wanted("usr/share/doc/asterisk/README.gz")
    assert not fetch.asterisk().is_wanted("etc/asterisk/manager.conf")


def test_the_shipped_module_list_is_what_is_asked_for() -> None:
    assert "app_audiosocket.so" in fetch.modules()
    assert len(fetch.modules()) == len(set(fetch.modules()))


def test_a_named_mirror_wins_over_the_machines_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys.gpg"
    keys.touch()
    monkeypatch.setenv("RAMAL_DEBIAN_MIRROR", "http://mirror.invalid/debian")
    monkeypatch.setenv("RAMAL_DEBIAN_KEYRING", str(keys))
    assert chosen_source("Asterisk") == Source("http://mirror.invalid/debian", keys)
