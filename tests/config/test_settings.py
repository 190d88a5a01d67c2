import re
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.settings import INFLUENCE_WEIGHTS, Settings, load_settings

DOCS = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from the project, so that a data folder there does not count."""
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.data == Path("data")
    assert settings.url == "sqlite:///data/hearken.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8470)
    assert not settings.secure_cookies


def test_argument_before_environment_before_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "hearken.toml").write_text('port = 9001\nthreads = 8\nhost = "::1"\n')
    monkeypatch.setenv("HEARKEN_DATA", str(tmp_path / "not there"))
    monkeypatch.setenv("HEARKEN_PORT", "9002")
    settings = load_settings(folder)
    assert settings.data == folder
    assert (settings.port, settings.threads, settings.host) == (9002, 8, "::1")


def test_environment_names_the_data_folder_whose_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hearken.toml").write_text("default_interval = 600\n")
    monkeypatch.setenv("HEARKEN_DATA", str(tmp_path))
    assert load_settings().default_interval == 600


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEARKEN_PORT", "no number"),
        ("HEARKEN_PORT", "0"),
        ("HEARKEN_PORT", "65536"),
        ("HEARKEN_THREADS", "3"),
        ("HEARKEN_LOG_LEVEL", "loud"),
        ("HEARKEN_APPROVAL_REQUIRED", "perhaps"),
        ("HEARKEN_DEFAULT_INTERVAL", "4"),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_key(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert variable in caught.value.message
    assert caught.value.exit_code == 2


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARKEN_PROT", "9000")
    with pytest.raises(SettingsError, match="no setting HEARKEN_PROT"):
        load_settings()


def test_the_variable_of_the_test_run_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARKEN_TEST_ALL", "1")
    assert load_settings().port == 8470


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hearken.toml").write_text("prot = 9000\n")
    with pytest.raises(SettingsError, match="prot"):
        load_settings(tmp_path)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "hearken.toml").write_text("port: 9000\n")
    with pytest.raises(SettingsError, match=r"hearken\.toml cannot be read"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://db/hearken", "postgresql+psycopg://db/hearken"),
        (
            "postgresql://a:b@db:5432/hearken?sslmode=require",
            "postgresql+psycopg://a:b@db:5432/hearken?sslmode=require",
        ),
        ("postgresql+psycopg://db/hearken", "postgresql+psycopg://db/hearken"),
        ("sqlite:////srv/hearken.db", "sqlite:////srv/hearken.db"),
    ],
)
def test_database_urls_get_the_driver_in_use(given: str, used: str) -> None:
    assert Settings(database_url=given).url == used


def test_cookies_are_secure_where_people_come_by_https() -> None:
    assert Settings(public_url="https://hearken.example").secure_cookies
    assert not Settings(public_url="http://hearken.example").secure_cookies


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", {}),
        ("de=transformers:/models/german", {"de": "transformers:/models/german"}),
        (
            "de=transformers:a?L_0=negative,L_1=positive, es=lexicon",
            {"de": "transformers:a?L_0=negative,L_1=positive", "es": "lexicon"},
        ),
    ],
)
def test_own_analysers_can_stand_in_the_environment(
    given: str, read: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARKEN_ANALYSERS", given)
    assert load_settings().analysers == read


def test_own_analysers_can_stand_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "hearken.toml").write_text('[analysers]\nde = "transformers:/models/german"\n')
    assert load_settings(tmp_path).analysers == {"de": "transformers:/models/german"}


@pytest.mark.parametrize("value", ["lexicon", "de=", "=lexicon", "de"])
def test_own_analysers_need_a_language_and_a_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARKEN_ANALYSERS", value)
    with pytest.raises(SettingsError, match=r"HEARKEN_ANALYSERS.*de=transformers:/models/german"):
        load_settings()


def test_an_own_analyser_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "hearken.toml").write_text("analysers = {de = 7}\n")
    with pytest.raises(SettingsError, match=r"Setting analysers \(HEARKEN_ANALYSERS, .*string"):
        load_settings(tmp_path)


def test_every_setting_is_documented_with_its_variable_and_default() -> None:
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(), re.MULTILINE))
    assert documented.keys() == Settings.model_fields.keys()
    for name, field in Settings.model_fields.items():
        if field.default_factory:
            assert documented[name] == "see right"
            continue
        shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default or "")
        assert documented[name].strip("`").removeprefix("none") == shown, name


def test_weights_of_influence_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(f"{part} = {weight:.0f}" in DOCS.read_text() for part, weight in INFLUENCE_WEIGHTS.items())
    monkeypatch.setenv("HEARKEN_INFLUENCE_WEIGHTS", '{"reach": 0, "recency": 60}')
    weights = load_settings().influence_weights
    assert (weights["reach"], weights["recency"], weights["position"]) == (0, 60, 25)


@pytest.mark.parametrize(
    "value",
    [
        '{"luck": 1}',
        '{"reach": -1}',
        '{"reach": "much"}',
        '{"reach": 0, "engagement": 0, "resonance": 0, "relevance": 0, "recency": 0, "position": 0}',
    ],
)
def test_weights_that_cannot_be_are_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARKEN_INFLUENCE_WEIGHTS", value)
    with pytest.raises(SettingsError, match="influence_weights"):
        load_settings()
