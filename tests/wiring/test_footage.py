"""Snapshots and clips of what a wall shows, in the folder of recordings."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressDialog
from pytestqt.qtbot import QtBot

from controlroom.clock import SystemClock
from controlroom.domain.camera import Camera
from controlroom.shell.actions import Actions
from controlroom.video.archive import Archive
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.recordings import file_name
from controlroom.wiring.footage import FootageDesk
from tests.rooms import NOON
from tests.video.broadcast import SIZE, film
from tests.wiring.conftest import Desk, declared
from widgets.video_still import stamp
from widgets.video_wall import VideoWall


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    name = file_name("1", (NOON - timedelta(minutes=1)).timestamp(), ".mp4")
    (tmp_path / name).write_bytes(film("mp4", "h264", 200))
    fleet = Fleet(SystemClock(), engine=Engine.THREADS, archive=Archive(str(tmp_path)))
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture
def wall(desk: Desk, fleet: Fleet, qtbot: QtBot) -> Iterator[VideoWall]:
    """A wall that looks at a recorded moment."""
    desk.seat.fleet = fleet
    camera = Camera(id="1", name="黄村西大街", url="rtsp://officer:geheim@127.0.0.1:9/1")
    desk.happen(declared(camera))
    wall = VideoWall(fleet, live=False)
    qtbot.addWidget(wall)
    wall.resize(640, 400)
    wall.set_cameras([camera])
    wall.show_tiles(["1"], 1)
    wall.show_time(NOON - timedelta(seconds=57))
    with qtbot.waitExposed(wall):
        wall.show()
    yield wall
    wall.release()


@pytest.fixture
def footage(desk: Desk, wall: VideoWall, tmp_path: Path) -> tuple[FootageDesk, Actions, list[str]]:
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    actions = Actions()
    return FootageDesk(desk.seat, actions, lambda: wall, tmp_path / "kept"), actions, told


Footage = tuple[FootageDesk, Actions, list[str]]


def test_a_snapshot_has_the_pictures_own_time_and_no_secret(
    footage: Footage, wall: VideoWall, tmp_path: Path, qtbot: QtBot
) -> None:
    _desk, actions, told = footage
    qtbot.waitUntil(lambda: wall.moments()[0] is not None)
    actions.trigger("snapshot")
    qtbot.waitUntil(lambda: bool(told))
    (path,) = (tmp_path / "kept").iterdir()
    assert path.name == file_name("1", (NOON - timedelta(seconds=57)).timestamp(), ".png") and str(path) in told[-1]
    kept, still = QImage(str(path)), wall.still()
    assert still is not None and kept.height() > SIZE[1] and not kept.textKeys()
    assert kept.width() == SIZE[0] != still.image.width(), "as large as the stream has it"
    assert b"geheim" not in path.read_bytes()
    actions.trigger("snapshot")
    qtbot.waitUntil(lambda: len(told) == 2)
    assert len(list((tmp_path / "kept").iterdir())) == 2, "nothing is overwritten"


def test_without_a_picture_nothing_is_kept(footage: Footage, wall: VideoWall, tmp_path: Path) -> None:
    wall.show_time(NOON - timedelta(hours=1))
    footage[1].trigger("snapshot")
    assert "没有可保存的画面" in footage[2][-1] and not (tmp_path / "kept").exists()


def test_a_clip_around_the_moment_is_kept_with_a_copy(
    footage: Footage, wall: VideoWall, tmp_path: Path, qtbot: QtBot
) -> None:
    footage[1].trigger("clip")
    qtbot.waitUntil(lambda: bool(footage[2]), timeout=15_000)
    names = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert "片段已保存" in footage[2][-1] and len(names) == 2 and "burnt-in" in names[1]


def test_a_clip_that_is_cancelled_says_so(footage: Footage, wall: VideoWall, qtbot: QtBot) -> None:
    footage[1].trigger("clip")
    (dialog,) = wall.findChildren(QProgressDialog)
    dialog.canceled.emit()
    assert "取消" in footage[2][-1]


@pytest.mark.parametrize("label", ["黄村西大街 · 保存于 2026-11-21", "x" * 500, ""])
def test_a_stamp_fits_into_an_order(label: str, qapp: Callable[[], None]) -> None:
    made = stamp(label)
    assert len(made.label) == made.height * made.label_width and len(made.label) + len(made.glyphs) < 60_000
    assert not label or max(made.label) > 128
