import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from controlroom.bridge.camera_catalogue import Catalogue, make
from controlroom.domain.camera import Camera, PictureFault
from controlroom.video.signal import SignalState
from tests.rooms import NOON
from tests.widgets.told_feeds import ToldFeeds
from widgets.camera_browser import CameraBrowser
from widgets.camera_code import code_line
from widgets.video_wall import VideoWall

SECRET = "rtsp://chef:geheim@h/live?token=geheim"


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("11011500001320000001", ("110115", "网络摄像机", "000001")),
        ("11011500001110000001", ("类型 111",)),
        ("99011500999990000001", ("省级区划", "行业", "设备类型")),
        ("cam-01", ()),
        ("1101150000132000000A", ()),
    ],
)
def test_a_code_is_put_into_words(identity: str, words: tuple[str, ...]) -> None:
    line = code_line(identity)
    assert all(word in line for word in words) and bool(line) is bool(words)


def test_no_secret_of_an_address_is_in_any_text_of_a_camera(qtbot: QtBot) -> None:
    camera = Camera(
        id="11011500001320000001",
        name="黄村西大街",
        url=SECRET,
        sub_url=SECRET,
        faults=(PictureFault.COVERED,),
        faults_at=NOON,
    )
    cameras = CameraBrowser({camera.id: camera}.get)
    wall = VideoWall(ToldFeeds())
    for widget in (cameras, wall):
        qtbot.addWidget(widget)
    cameras.show_catalogue(make({camera.id: camera}, Catalogue(), lambda: None), False)
    index = cameras.model.index_of(camera.id)
    told = [str(cameras.model.data(index, role)) for role in Qt.ItemDataRole]
    told.append(cameras.model.mimeData([index]).text())
    assert any("遮挡" in text for text in told) and any("区划 110115" in text for text in told)
    wall.set_cameras([camera])
    wall.show_tiles([camera.id], 1)
    wall.show()
    qtbot.waitUntil(lambda: wall.views()[0].state is SignalState.CONNECTING)
    told += [wall.describe(0), str(wall.state())]
    assert all("geheim" not in text and "chef" not in text for text in told)
