"""Settings: the layers in their order, and a clear sentence for everything that is broken."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from controlroom import i18n, settings
from controlroom.errors import EnvironmentFault
from controlroom.settings import Folders, Settings


@pytest.fixture
def places(tmp_path: Path) -> Folders:
    i18n.set_language("en")
    return settings.folders(tmp_path)


def test_without_files_the_defaults_hold(places: Folders) -> None:
    loaded = settings.load(places, {})
    assert loaded.settings == Settings()
    assert loaded.settings.hub.port == 7600
    assert loaded.notices == ()


def test_the_seat_wins_over_the_site_and_the_environment_over_both(places: Folders) -> None:
    places.site_file.write_text('[ui]\ntheme = "light"\nlanguage = "en"\n[wall]\ncolumns = 4\n')
    places.seat_file.write_text('[ui]\ntheme = "dark"\nofficer = "王芳"\n')
    loaded = settings.load(
        places, {"CONTROLROOM__WALL__COLUMNS": "5", "CONTROLROOM__SOUND__ENABLED": "false", "PATH": "x"}
    )
    ui = loaded.settings.ui
    assert (ui.theme, ui.language, ui.officer) == ("dark", "en", "王芳")
    assert loaded.settings.wall.columns == 5
    assert not loaded.settings.sound.enabled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[hub]\nport = "many"', r"\$.hub.port"),
        ("[hub]\nport = 70000", r"\$.hub.port"),
        ('[ui]\ntheme = "pink"', r"\$.ui.theme"),
        ("hub = 3", r"\$.hub"),
        ("[hub\nport = 1", "line 1"),
        ("[hub]\nport = 7700\nport = 7701\n[ui]", "line 3"),
    ],
)
def test_a_broken_file_says_where_and_what_to_do(places: Folders, text: str, told: str) -> None:
    places.seat_file.write_text(text)
    with pytest.raises(EnvironmentFault, match=told) as fault:
        settings.load(places, {})
    assert str(places.seat_file) in fault.value.sentence
    assert "Correct" in fault.value.sentence


def test_a_file_that_is_no_text_says_so(places: Folders) -> None:
    places.seat_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        settings.load(places, {})


def test_a_folder_in_the_place_of_the_file_says_so(places: Folders) -> None:
    places.seat_file.mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be opened"):
        settings.load(places, {})


def test_a_wrong_environment_is_named(places: Folders) -> None:
    with pytest.raises(EnvironmentFault, match=r"CONTROLROOM__.*\$.hub.port"):
        settings.load(places, {"CONTROLROOM__HUB__PORT": "x"})


def test_unknown_settings_are_told_and_harm_nothing(places: Folders) -> None:
    places.seat_file.write_text("[ui]\ncolour = 1\n[walls]\ncolumns = 2\n")
    loaded = settings.load(places, {"CONTROLROOM__HUB__PROT": "1"})
    assert loaded.settings == Settings()
    assert [
        word for word in ("ui.colour", "walls", "hub.prot") if not any(word in told for told in loaded.notices)
    ] == []


def test_writing_keeps_the_comments_of_the_officer(places: Folders) -> None:
    places.seat_file.write_text('# my seat\n[ui]\ntheme = "dark" # at night\n')
    settings.write(places.seat_file, {"ui.theme": "light", "hub.port": 7700})
    text = places.seat_file.read_text()
    assert "# my seat" in text
    assert 'theme = "light" # at night' in text
    loaded = settings.load(places, {}).settings
    assert (loaded.ui.theme, loaded.hub.port) == ("light", 7700)
    assert list(places.seat_file.parent.iterdir()) == [places.seat_file]


def test_writing_creates_the_file_and_refuses_what_does_not_fit(places: Folders) -> None:
    with pytest.raises(KeyError):
        settings.write(places.seat_file, {"ui.colour": "pink"})
    with pytest.raises(EnvironmentFault, match=r"\$.wall.columns"):
        settings.write(places.seat_file, {"wall.columns": 99})
    assert not places.seat_file.exists()
    settings.write(places.seat_file, {"wall.columns": 4})
    assert settings.load(places, {}).settings.wall.columns == 4


def test_a_file_that_is_written_first_explains_every_setting(places: Folders) -> None:
    settings.write(places.seat_file, {"wall.columns": 4})
    written = places.seat_file.read_text("utf-8")
    assert set(settings.manual().splitlines()) < set(written.splitlines())
    assert tomllib.loads(written)["wall"] == {"columns": 4}
    assert settings.load(places, {}).notices == ()


def test_a_file_that_is_broken_already_is_not_overwritten(places: Folders) -> None:
    places.seat_file.write_text("[ui")
    with pytest.raises(EnvironmentFault):
        settings.write(places.seat_file, {"ui.theme": "light"})
    places.seat_file.write_text("ui = 3")
    with pytest.raises(EnvironmentFault):
        settings.write(places.seat_file, {"ui.theme": "light"})
    assert places.seat_file.read_text() == "ui = 3"


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault):
        settings.write(tmp_path / "file" / "settings.toml", {"ui.theme": "light"})


def test_the_home_moves_every_folder(tmp_path: Path) -> None:
    for found in (settings.folders(tmp_path, {}), settings.folders(None, {"CONTROLROOM_HOME": str(tmp_path)})):
        for name in Folders.__struct_fields__:
            assert getattr(found, name).is_relative_to(tmp_path)
    assert not settings.folders(None, {}).seat_file.is_relative_to(tmp_path / "x")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_manual_explains_every_setting_and_is_a_valid_file(language: str, places: Folders) -> None:
    i18n.set_language(language)
    text = settings.manual()
    bare = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    assert msgspec.convert(tomllib.loads(bare), Settings) == Settings()
    for section in msgspec.structs.fields(Settings):
        for one in msgspec.structs.fields(section.type):
            assert f"{one.name} = " in text
    places.seat_file.write_text(text)
    assert settings.load(places, {}).notices == ()


values = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
sections = st.dictionaries(
    st.sampled_from(["ui", "hub", "wall", "x"]), values | st.fixed_dictionaries({"port": values})
)


@given(sections)
@profile(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_layer_is_taken_or_told(places: Folders, layer: dict[str, object]) -> None:
    try:
        settings._convert(layer, "the file")
    except EnvironmentFault as fault:
        assert "the file" in fault.sentence
    settings.unknown(layer)
