from pathlib import Path

import pytest

from supervisor.settings import AmiSettings, AriSettings, Settings, SettingsError, load_settings


def _file(folder: Path, text: str) -> Path:
    file = folder / "ramal.toml"
    file.write_text(text)
    return file


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "RAMAL_CONFIG", "RAMAL_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_file_the_defaults_work_alone() -> None:
    settings = load_settings()
    assert settings.database_url is None
    assert settings.data_dir == Path("var")
    assert settings.ami is None


def test_the_file_in_the_current_folder_is_read(tmp_path: Path) -> None:
    _file(tmp_path, 'host = "10.0.0.1"\n[ami]\nsecret = "s"\n')
    settings = load_settings()
    assert settings.host == "10.0.0.1"
    assert settings.ami is not None
    assert settings.ami.port == 5038


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.toml"
    other.write_text("workers = 3")
    monkeypatch.setenv("RAMAL_CONFIG", str(other))
    assert load_settings().workers == 3


def test_the_environment_wins_over_the_file_key_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _file(tmp_path, '[ami]\nsecret = "from file"\nuser = "doorman"\n')
    monkeypatch.setenv("RAMAL_AMI__SECRET", "from environment")
    settings = load_settings()
    assert settings.ami is not None
    assert settings.ami.secret.get_secret_value() == "from environment"
    assert settings.ami.user == "doorman"


def test_plain_database_url_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    url = load_settings().database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://u:p@h/d"


def test_an_unknown_key_is_named_with_its_file_and_the_known_ones(tmp_path: Path) -> None:
    file = _file(tmp_path, '[ami]\nsecret = "s"\nhots = "x"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert str(file) in str(caught.value)
    assert '"ami.hots"' in str(caught.value)
    assert "host" in str(caught.value).split("one of")[1]


def test_a_wrong_value_is_named_with_what_is_expected(tmp_path: Path) -> None:
    file = _file(tmp_path, "workers = 0\n")
    with pytest.raises(SettingsError, match=r'"workers" is wrong: input should be greater'):
        load_settings(file)


def test_a_wrong_value_in_the_environment_is_named_as_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAMAL_WORKERS", "many")
    with pytest.raises(SettingsError, match=r"^RAMAL_WORKERS: "):
        load_settings()


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    file = _file(tmp_path, "workers = \n")
    with pytest.raises(SettingsError, match=r"ramal\.toml is not valid TOML: .*line 1"):
        load_settings(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_a_channel_template_without_a_place_for_the_number_is_refused(tmp_path: Path) -> None:
    file = _file(tmp_path, '[ami]\nsecret = "s"\ndial = "PJSIP/201"\n')
    with pytest.raises(SettingsError, match=r"ami\.dial"):
        load_settings(file)


def test_secrets_never_print_themselves(tmp_path: Path) -> None:
    settings = load_settings(_file(tmp_path, '[ami]\nsecret = "hush"\n'))
    assert "hush" not in repr(settings)


def test_a_worker_gets_the_same_settings_whatever_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(_file(tmp_path, '[ami]\nsecret = "hush"\n'))
    monkeypatch.setenv("RAMAL_HOST", "0.0.0.0")
    given = Settings.from_supervisor(settings.for_worker())
    assert given.model_dump() == settings.model_dump()


def test_the_example_file_says_what_the_defaults_are() -> None:
    example = Path(__file__).parents[2] / "deploy" / "ramal.toml"
    assert load_settings(example).model_dump() == load_settings().model_dump()
    text = example.read_text()
    for name in [*Settings.model_fields, *AmiSettings.model_fields]:
        assert name in text


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("RAMAL_WORKRES", "RAMAL_WORKERS"),
        ("RAMAL_AMI_SECRET", "RAMAL_AMI__SECRET"),
        ("ramal_data_directory", "RAMAL_DATA_DIR"),
    ],
)
def test_a_misspelt_variable_is_named_with_what_was_meant(
    variable: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "2")
    with pytest.raises(SettingsError, match=f"{variable}: .* did you mean {meant}"):
        load_settings()


def test_a_misspelt_key_is_named_before_what_is_missing_because_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAMAL_AMI__SECRT", "x")
    with pytest.raises(SettingsError, match=r'no setting "ami\.secrt"'):
        load_settings()


def test_what_kubernetes_puts_into_the_environment_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "RAMAL_PORT": "tcp://10.0.0.7:9101",
        "RAMAL_PORT_9101_TCP_ADDR": "10.0.0.7",
        "RAMAL_SERVICE_PORT_AUDIO": "9101",
        "RAMAL_HTTP_SERVICE_HOST": "10.0.0.8",
    }.items():
        monkeypatch.setenv(name, value)
    assert load_settings().host == "127.0.0.1"


@pytest.mark.parametrize("value", ["whisper", "3", "{"])
def test_a_section_in_a_variable_of_its_own_is_explained(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAMAL_STT", value)
    with pytest.raises(SettingsError, match=r"RAMAL_STT: .* section; .*RAMAL_STT__ENGINE"):
        load_settings()


def test_a_section_that_is_no_section_in_the_file_is_explained(tmp_path: Path) -> None:
    _file(tmp_path, "ami = 3\n")
    with pytest.raises(SettingsError, match=r'ramal\.toml: "ami" is a section; write \[ami\]'):
        load_settings()


def test_no_host_at_all_does_not_mean_every_address(tmp_path: Path) -> None:
    _file(tmp_path, 'host = ""\n')
    with pytest.raises(SettingsError, match=r'ramal\.toml: the setting "host" is wrong'):
        load_settings()


def test_ari_without_its_section_is_told_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ramal.toml").write_text('telephone = "ari"\n')
    with pytest.raises(SettingsError, match=r'ramal.toml: "telephone" is "ari".*add \[ari\]'):
        load_settings()


def test_the_secret_of_ari_reaches_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ramal.toml").write_text('telephone = "ari"\n[ari]\nsecret = "quiet"\n')
    chosen = Settings.from_supervisor(load_settings().for_worker()).asterisk
    assert isinstance(chosen, AriSettings)
    assert (chosen.secret.get_secret_value(), chosen.line_hz) == ("quiet", 16000)
