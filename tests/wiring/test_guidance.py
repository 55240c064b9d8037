"""Guidance in the detail of an alarm, and what its buttons open."""

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.events import SensorsDeclared
from controlroom.domain.guidance import Guidance
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.i18n import _
from controlroom.wiring.alarms import AlarmDetailWiring
from controlroom.wiring.guidance import read_guidance
from tests.wiring.conftest import Desk, alarm, declared, raised

HERE = Point(116.34, 39.73)


def sensor(identity: str, kind: str, north: float = 0.0) -> Sensor:
    return Sensor(id=identity, name=identity, kind=kind, point=Point(HERE.lon, HERE.lat + north))


def test_the_detail_shows_what_to_do_and_opens_cameras_and_plots(desk: Desk, qtbot: QtBot) -> None:
    desk.seat.guidance = (
        Guidance(kinds=("methane",), act=("启动风机",), cameras=("far", "gone"), near_plots=("oxygen",)),
        Guidance(areas=("礼贤",), act=("通知机场",)),
    )
    sensors = [
        sensor("m1", "methane"),
        sensor("m2", "methane"),
        *(sensor(f"o{number}", "oxygen", 0.001 * number) for number in range(1, 5)),
        sensor("o9", "oxygen", 1.0),
    ]
    desk.happen(
        SensorsDeclared(tuple(range(len(sensors))), tuple(sensors)),
        declared(
            Camera(id="near", name="近", url="rtsp://h/1", point=HERE),
            Camera(id="far", name="远", url="rtsp://h/2", point=Point(116.5, 39.9)),
        ),
        *raised(alarm("a", kind="methane", place="礼贤镇管廊", sensor="m1", point=HERE), alarm("b")),
    )
    wiring = AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.detail)
    wiring.detail.show()
    desk.seat.selection.select("alarm", "a")
    view = wiring._guidance.view
    assert view.isVisible() and [line.text for line in view.told.act] == ["启动风机", "通知机场"]
    shown: list[list[str]] = []
    drawn: list[str] = []
    desk.seat.requests.cameras_wanted.connect(shown.append)
    desk.seat.requests.plot_wanted.connect(drawn.append)
    view.to_wall.click()
    view.to_plots.click()
    assert shown == [["far", "near"]]
    assert drawn == ["m1", "o1", "o2"] and desk.revealed == ["plots"]
    desk.seat.selection.select("alarm", "b")
    assert not view.isVisible()


def test_a_number_that_nobody_verified_says_so_on_screen(desk: Desk, qtbot: QtBot) -> None:
    desk.seat.guidance = read_guidance(Path("nowhere"))[0]
    desk.happen(*raised(alarm("a", kind="lamp_power")))
    wiring = AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.detail)
    wiring.detail.show()
    desk.seat.selection.select("alarm", "a")
    calls = {line.text: line.to_confirm for line in wiring._guidance.view.told.call}
    assert calls == {"供电服务热线 95598：停电": True, "区城市管理委照明：路灯维修": False}
    said = [label.text() for label in wiring._guidance.view.findChildren(QLabel)]
    assert [text for text in said if "⚠" in text] == [
        f"供电服务热线 95598：停电  {_('⚠ number to be confirmed by the district')}"
    ]


def test_a_districts_own_pieces_come_first_and_a_broken_file_is_named_and_left_out(tmp_path: Path) -> None:
    own = tmp_path / "guidance"
    pieces, faults = read_guidance(own)
    assert len(pieces) > 20 and not faults
    own.mkdir()
    (own / "ours.toml").write_text('edition = "x"\n[[guidance]]\nkinds = ["methane"]\nact = ["先打8001"]\n', "utf-8")
    (own / "worse.toml").write_text("guidance = 3", "utf-8")
    (own / "worst.toml").write_bytes(b"\xff\xfe")
    pieces, faults = read_guidance(own)
    assert pieces[0].act == ("先打8001",) and len(pieces) > 20
    assert len(faults) == 2 and "worse.toml" in faults[0] and "worst.toml" in faults[1]
