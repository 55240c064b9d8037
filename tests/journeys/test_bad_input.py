"""What is broken outside is told in a sentence, loses nothing, and never takes the room with it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from controlroom.i18n import _
from tests import rooms
from tests.journeys.conftest import Opener
from tests.journeys.pilot import until
from widgets.card import Card
from widgets.strip import Strip

LAYOUT = """
title = {{ en = "Mine", zh_CN = "自编" }}
[[windows]]
id = "desk"
role = "desk"
root = {{ type = "tabs", items = [
  {{ type = "panel", kind = "alarms" }},
  {{ type = "panel", kind = "{kind}" }},
] }}
"""
MANIFEST = """
id = "broken"
api = 1
name = { en = "Broken", zh_CN = "坏插件" }
department = { en = "Nobody", zh_CN = "无" }
entry = "panel:Broken"
kinds = []

[[panels]]
id = "overview"
title = { en = "Broken", zh_CN = "坏插件" }
"""
BAD = "class Broken:\n    def __init__(self, context):\n        raise RuntimeError('传感器表缺失')\n"
GOOD = (
    "from controlroom.api import ValueTile\n\n\n"
    "class Broken:\n    def __init__(self, context):\n        pass\n\n"
    "    def build(self, panel):\n        return ValueTile('好了')\n"
)


def layout(home: Path, name: str, text: str) -> None:
    folder = home / "data" / "layouts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def controlroom(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "controlroom", *words],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_broken_layout_file_is_told_and_another_one_is_shown(seat: Opener, tmp_path: Path, allow_log) -> None:
    allow_log("layouts.loading", "mine")
    layout(tmp_path, "mine", "[[windows]]\nid = ")
    room = seat(tmp_path, simulate=False, layout="mine")
    until(lambda: room.windows and "mine" in room.told(), "a sentence names the layout")
    assert room.table.isVisible()
    assert (tmp_path / "data" / "layouts" / "mine.toml").read_text() == "[[windows]]\nid = "


def test_a_panel_that_nobody_knows_is_a_card(seat: Opener, tmp_path: Path) -> None:
    layout(tmp_path, "mine", LAYOUT.format(kind="weather"))
    room = seat(tmp_path, simulate=False, layout="mine")
    until(lambda: room.all(Card) and "weather" in room.one(Card).sentence.text(), "the card names the kind")


def test_a_broken_plugin_is_a_card_that_can_be_restarted(seat: Opener, tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.shell", "broken")
    folder = tmp_path / "data" / "plugins" / "broken"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "panel.py").write_text(BAD, encoding="utf-8")
    layout(tmp_path, "mine", LAYOUT.format(kind="plugin:broken"))
    room = seat(tmp_path, layout="mine")
    frame = room.windows["desk"].findChild(object, "plugin_frame_plugin:broken")
    room.front(frame)
    until(lambda: room.all(Card) and "传感器表缺失" in room.one(Card).sentence.text(), "the card says why")
    until(lambda: room.live() and room.table.model.total > 0, "the room goes on")
    (folder / "panel.py").write_text(GOOD, encoding="utf-8")
    restart = next(b for b in room.one(Card).findChildren(QPushButton) if b.text() == _("Restart this panel"))
    room.click(restart)
    until(lambda: not room.all(Card), "the panel is there")


def test_a_broken_settings_file_is_one_sentence_and_stays_as_it_is(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[ui]\ntheme = "pink"\n', encoding="utf-8")
    done = controlroom(repository, "hub", "--home", str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert str(file) in done.stderr and "ui.theme" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text("utf-8") == '[ui]\ntheme = "pink"\n'


def test_a_setting_that_does_not_exist_is_told_in_the_window(seat: Opener, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[ui]\ncolour = 3\n", encoding="utf-8")
    room = seat(tmp_path, simulate=False, layout="single")
    until(lambda: room.windows and "ui.colour" in room.told(), "the window names it")


def test_a_store_that_somebody_holds_is_told_and_loses_nothing(seat: Opener, tmp_path: Path, allow_log) -> None:
    room = seat(tmp_path, simulate=False, layout="single")
    until(room.live)
    hub = next(child for child in room.app.family.children if child.name == "hub")
    ingest = int(list(hub.arguments)[-1].split(",")[3])
    stranger = sqlite3.connect(tmp_path / "data" / "room.db", isolation_level=None)
    strip = room.one(Strip)
    with rooms.source_of(ingest) as source:
        stranger.execute("BEGIN IMMEDIATE")
        source.send(rooms.alarm("while locked"))
        until(lambda: room.app.pump.status.store == "locked", "the hub says so")
        until(lambda: strip.link.store.isVisible() and strip.link.store.text(), "every window says so")
        assert not room.room.alarms, "nothing is shown that is not safe"
        stranger.execute("ROLLBACK")
        stranger.close()
        assert source.answer()["accepted"] == 1
    until(lambda: len(room.room.alarms) == 1, "the alarm came through")
    until(lambda: room.app.pump.status.store == "ok" and not strip.link.store.isVisible(), "all is well again")


def test_a_store_that_is_held_at_the_start_is_one_sentence(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "room.db", isolation_level=None) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")
        done = controlroom(repository, "hub", "--home", str(tmp_path), "--port", "0")
        stranger.execute("ROLLBACK")
    stranger.close()
    assert done.returncode == 1
    assert "room.db" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_hub_address_is_one_sentence(repository: Path, tmp_path: Path) -> None:
    done = controlroom(repository, "seat", "--home", str(tmp_path), "--hub", "tcp://", "--silent")
    assert done.returncode == 2
    assert "tcp://" in done.stderr and "Traceback" not in done.stderr
