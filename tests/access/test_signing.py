"""The keys of access tokens: kept from others, replaced in time, shared by processes."""

import stat
from pathlib import Path
from uuid import UUID, uuid4

import jwt
import pytest

from supervisor.access import signing
from supervisor.access.signing import FILE, FOLDER, GivenKeys, KeptKeys, Signer, SigningKeyError

DAY_S = 86400.0


class Wall:
    """Wall time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


def kept(folder: Path, wall: Wall) -> KeptKeys:
    return KeptKeys(folder, lasting_days=30, overlap_s=600, now=wall)


def signer(folder: Path, wall: Wall) -> Signer:
    return Signer(kept(folder, wall), 600, now=wall)


SESSION, USER = uuid4(), uuid4()


def test_a_token_says_its_session_until_it_is_over(tmp_path: Path, wall: Wall) -> None:
    signs = signer(tmp_path, wall)
    token = signs.sign(SESSION, USER)
    assert signs.session_of(token) == SESSION
    wall.now += 599
    assert signs.session_of(token) == SESSION
    wall.now += 1
    assert signs.session_of(token) is None


def test_nobody_else_can_read_the_file_of_keys(tmp_path: Path, wall: Wall) -> None:
    signer(tmp_path, wall).sign(SESSION, USER)
    folder = tmp_path / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


def test_keys_outlive_the_process(tmp_path: Path, wall: Wall) -> None:
    token = signer(tmp_path, wall).sign(SESSION, USER)
    assert signer(tmp_path, wall).session_of(token) == SESSION


def test_a_key_is_replaced_in_time_and_verifies_until_its_tokens_are_over(
    tmp_path: Path, wall: Wall
) -> None:
    signs = signer(tmp_path, wall)
    signs.sign(SESSION, USER)
    wall.now += 30 * DAY_S - 300
    old = signs.sign(SESSION, USER)
    wall.now += 301
    new = signs.sign(SESSION, USER)
    kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
    assert kids[0] != kids[1]
    assert signs.session_of(old) == SESSION
    wall.now += 30 * DAY_S
    signs.sign(SESSION, USER)
    left = [each.id for each in kept(tmp_path, wall).current()]
    assert kids[0] not in left


def test_a_key_that_another_process_made_is_found(tmp_path: Path, wall: Wall) -> None:
    first, second = signer(tmp_path, wall), signer(tmp_path, wall)
    first.sign(SESSION, USER)
    second.sign(SESSION, USER)
    wall.now += 31 * DAY_S
    token = first.sign(SESSION, USER)
    wall.now -= 31 * DAY_S  # the other one's clock is behind: to it no new key is due
    second_reads = second.session_of(token)
    assert second_reads == SESSION


def test_keys_of_the_settings_are_shared_by_machines_and_rotated_by_hand(wall: Wall) -> None:
    old, new = "o" * 32, "n" * 32
    before = Signer(GivenKeys([old]), 600, wall).sign(SESSION, USER)
    both = Signer(GivenKeys([new, old]), 600, wall)
    assert both.session_of(before) == SESSION
    after = both.sign(SESSION, USER)
    assert Signer(GivenKeys([old]), 600, wall).session_of(after) is None


def test_what_is_no_token_of_ours_is_nobodys(wall: Wall) -> None:
    secret = "s" * 64
    signs = Signer(GivenKeys([secret]), 600, wall)
    kid = jwt.get_unverified_header(signs.sign(SESSION, USER))["kid"]
    claims = {"iss": "ramal", "sub": str(USER), "sid": str(SESSION), "exp": wall.now + 60}
    forged = [
        jwt.encode(claims, None, "none", headers={"kid": kid}),
        jwt.encode(claims, "x" * 32, "HS256", headers={"kid": kid}),
        jwt.encode(claims, secret, "HS512", headers={"kid": kid}),
        jwt.encode(claims, secret, "HS256"),
        jwt.encode({**claims, "iss": "x"}, secret, "HS256", headers={"kid": kid}),
        jwt.encode({**claims, "sid": "x"}, secret, "HS256", headers={"kid": kid}),
        jwt.encode({"iss": "ramal", "sid": str(SESSION)}, secret, "HS256", headers={"kid": kid}),
        "",
        "x",
        "a.b.c",
        "é.é.é",
    ]
    assert [signs.session_of(token) for token in forged] == [None] * len(forged)
    good = jwt.encode(claims, secret, "HS256", headers={"kid": kid})
    assert isinstance(signs.session_of(good), UUID)  # the others failed for what they lack


def test_a_damaged_file_is_told_in_one_sentence(tmp_path: Path, wall: Wall) -> None:
    signer(tmp_path, wall).sign(SESSION, USER)
    (tmp_path / FOLDER / FILE).write_text("{")
    with pytest.raises(SigningKeyError, match="is damaged; remove it"):
        signer(tmp_path, wall).sign(SESSION, USER)


def test_logins_go_on_with_the_old_key_when_a_new_one_cannot_be_kept(
    tmp_path: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = signer(tmp_path, wall)
    signs.sign(SESSION, USER)
    wall.now += 31 * DAY_S

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(signing, "write_private", full)
    token = signs.sign(SESSION, USER)
    assert signs.session_of(token) == SESSION
    with pytest.raises(SigningKeyError, match="No space left"):
        signer(tmp_path / "new", wall).sign(SESSION, USER)
