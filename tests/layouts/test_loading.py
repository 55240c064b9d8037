"""Layouts are found, faults in them are told with the file and the place, and something usable is always there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from layouts import DEFAULT, Panel, Presets, Role, Tabs, decode, panels, words

ExpectLog = Callable[[str, str], AbstractContextManager[None]]

GOOD = """
title = "Mine"
[[windows]]
id = "desk"
role = "desk"
[windows.root]
type = "split"
orientation = "vertical"
sizes = [1, 2]
items = [{ type = "panel", kind = "alarms", options = { rows = 3 } }, { type = "tabs", items = [
  { type = "panel", kind = "plugin:environment" }] }]
"""


def test_the_packaged_layouts_are_all_usable() -> None:
    presets = Presets()
    assert presets.names() == ["single", "three", "two", "wall"]
    for name in presets.names():
        preset = presets.load(name)
        assert words(preset.title, "zh_CN") != words(preset.title, "en")
    roles = [window.role for window in presets.load("three").windows]
    assert roles == [Role.DESK, Role.MAP, Role.WALL]


@pytest.mark.parametrize("name", ["single", "two", "three"])
def test_every_desk_layout_shows_every_kind_of_panel(name: str) -> None:
    kinds = {panel.kind for window in Presets().load(name).windows for panel in panels(window.root)}
    known = {"alarms", "alarm_detail", "incidents", "map", "video_wall", "cameras", "sensors", "plots", "log", "drill"}
    assert kinds == known | {"sources", "wall_control", "plugin:environment"}


def test_a_layout_of_the_officer_goes_before_a_packaged_one(tmp_path: Path) -> None:
    (tmp_path / "three.toml").write_text(GOOD, "utf-8")
    (tmp_path / "mine.toml").write_text(GOOD, "utf-8")
    presets = Presets(tmp_path)
    assert presets.names() == ["single", "three", "two", "wall", "mine"]
    preset = presets.load("three")
    first, second = list(panels(preset.windows[0].root))
    assert first == Panel(kind="alarms", options={"rows": 3})
    assert second.kind == "plugin:environment"


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ('kind = "alarms"', 'kind = "No Such!"', "$.windows[0].root.items[0].kind"),
        ("sizes = [1, 2]", "sizes = [1]", "$.windows[0].root"),
        ("sizes = [1, 2]", "sizes = [1, -2]", "$.windows[0].root.sizes[1]"),
        ('role = "desk"', 'role = "sofa"', "$.windows[0].role"),
        ('id = "desk"', 'id = "desk"\ncolour = "red"', "$.windows[0]"),
        ('type = "split"', 'type = "spiral"', "$.windows[0].root.type"),
    ],
)
def test_a_fault_is_told_with_the_file_and_the_place_in_it(was: str, becomes: str, place: str) -> None:
    set_language("en")
    with pytest.raises(EnvironmentFault) as told:
        decode(GOOD.replace(was, becomes).encode(), "/etc/mine.toml")
    assert "/etc/mine.toml" in told.value.sentence
    assert f"`{place}`" in told.value.sentence


@pytest.mark.parametrize("raw", [b"", b"title=", b"\xff\xfe", b"x=1", b"a=" + b"[" * 5000, b"#" * 300_000])
def test_what_is_no_layout_is_told_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(EnvironmentFault, match=r"mine\.toml"):
        decode(raw, "mine.toml")


@given(st.binary(max_size=200), st.integers(0, len(GOOD) - 1))
def test_no_damage_to_a_layout_raises_anything_but_a_told_fault(noise: bytes, at: int) -> None:
    raw = GOOD.encode()
    try:
        decode(raw[:at] + noise + raw[at + len(noise) :], "mine.toml")
    except EnvironmentFault as fault:
        assert "mine.toml" in fault.sentence


def test_a_layout_that_was_broken_by_an_edit_falls_back_to_its_last_good_text(
    tmp_path: Path, expect_log: ExpectLog
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.toml").write_text(GOOD, "utf-8")
    presets = Presets(own, tmp_path / "good")
    good = presets.load("mine")
    (own / "mine.toml").write_text(GOOD + "\n[[[", "utf-8")
    with expect_log("layouts.loading", "mine.toml"):
        name, preset, fault = presets.load_or_fallback("mine")
    assert (name, preset) == ("mine", good)
    assert fault is not None


def test_a_layout_that_never_worked_falls_back_to_the_default(tmp_path: Path, expect_log: ExpectLog) -> None:
    (tmp_path / "mine.toml").write_text("title = 3", "utf-8")
    (tmp_path / "three.toml").write_text("title = 3", "utf-8")
    presets = Presets(tmp_path)
    with expect_log("layouts.loading", "mine.toml"):
        name, preset, fault = presets.load_or_fallback("mine")
    assert (name, preset) == (DEFAULT, Presets().load(DEFAULT))
    assert fault is not None
    with expect_log("layouts.loading", "three.toml"):
        name, preset, fault = presets.load_or_fallback("three")
    assert (name, preset) == ("three", Presets().load("three"))


@pytest.mark.parametrize("name", ["../secret", "", "nobody", "a/b"])
def test_a_name_that_is_no_layout_gives_the_default(name: str, expect_log: ExpectLog) -> None:
    with expect_log("layouts.loading", "layout"):
        used, _preset, fault = Presets().load_or_fallback(name)
    assert used == DEFAULT
    assert fault is not None


def test_tabs_may_not_be_empty() -> None:
    with pytest.raises(EnvironmentFault):
        decode(GOOD.replace('{ type = "panel", kind = "plugin:environment" }', "").encode(), "mine.toml")
    assert Tabs(items=(Panel(kind="a"),)).items[0] == Panel(kind="a")
