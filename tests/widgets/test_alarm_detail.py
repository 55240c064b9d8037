from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_story import NearCamera, SensorNow, limit_text, story
from controlroom.domain.alarm import AlarmState, acknowledged, cleared
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_detail import AlarmDetail

ALARM = msgspec.structs.replace(
    next(alarm for alarm in alarms(20) if alarm.state is AlarmState.UNACKNOWLEDGED),
    occurred_at=NOW - timedelta(minutes=5),
    received_at=NOW - timedelta(minutes=4),
    changed_at=NOW - timedelta(minutes=4),
    sensor="wl-1",
    count=1,
)
SENSOR = Sensor(
    id="wl-1",
    name="3 号积水监测点",
    kind="waterlogging",
    unit="cm",
    limits=(Limit(severity=Severity.YELLOW, above=15), Limit(severity=Severity.RED, above=60)),
)
CAMERAS = [
    NearCamera(Camera(id="far", name="桥东全景", health=CameraHealth.OFFLINE), 310.4),
    NearCamera(Camera(id="near", name="桥下", health=CameraHealth.ONLINE), 18.0),
]


def shown(qtbot: QtBot) -> AlarmDetail:
    detail = AlarmDetail(NOW, ZoneInfo("Asia/Shanghai"))
    qtbot.addWidget(detail)
    detail.resize(460, 760)
    detail.show()
    with qtbot.waitActive(detail):
        detail.activateWindow()
    detail.setFocus()
    detail.show_alarm(ALARM)
    return detail


def words(detail: AlarmDetail) -> str:
    return "\n".join(label.text() for label in detail.findChildren(QLabel) if label.isVisibleTo(detail))


def test_both_times_are_shown_with_their_ages_and_how_late_the_hub_heard(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    told = words(detail)
    assert "14:27:10" in told
    assert "5 分 00 秒前" in told
    assert "14:28:10" in told
    assert "中枢收到, 晚于发生 1 分 00 秒" in told
    detail.tick(NOW + timedelta(seconds=1))
    assert "5 分 01 秒前" in words(detail)


def test_the_story_grows_with_the_alarm_and_is_told_to_its_end(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    noted = acknowledged(ALARM, "李敏", NOW - timedelta(minutes=2))
    over = cleared(noted, NOW - timedelta(minutes=1))
    detail.change([alarms(1, seed=99)[0], over])
    assert detail.alarm == over
    assert [line.what for line in story(over)][2:] == ["已确认", "条件消失", "恢复正常"]
    assert "已确认 · 李敏" in words(detail)
    assert not detail.acknowledge_button.isEnabled()


def test_a_value_is_shown_with_unit_age_and_limits_and_is_stale_when_old(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    assert "监测点" not in words(detail).splitlines()[-1]
    detail.set_sensor(SensorNow(SENSOR, 58.4, NOW - timedelta(seconds=9)))
    assert "58.4 cm · 9 秒前" in words(detail)
    assert "红色 Ⅰ级 ≥ 60 cm   黄色 Ⅲ级 ≥ 15 cm" in words(detail)
    detail.tick(NOW + timedelta(seconds=600))
    assert "58.4 cm · 10 分 09 秒前，数据陈旧" in words(detail)
    detail.set_sensor(SensorNow(SENSOR))
    assert "尚无数据" in words(detail)


def test_a_limit_is_told_with_both_its_bounds() -> None:
    assert limit_text(Limit(severity=Severity.BLUE, above=40, below=-10), "℃") == "蓝色 Ⅳ级 ≥ 40 ℃ / ≤ -10 ℃"


def test_cameras_are_listed_nearest_first_and_go_to_the_wall_in_that_order(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    assert not detail.wall_button.isEnabled()
    detail.set_cameras(CAMERAS)
    listed = [detail._near.list.item(row).text() for row in range(detail._near.list.count())]
    assert listed == ["桥下 · 18 米 · 在线", "桥东全景 · 310 米 · 离线"]
    with qtbot.waitSignal(detail.wall_wanted) as told:
        qtbot.keyClick(detail, Qt.Key.Key_W)
    assert told.args == [["near", "far"]]
    seeing = NearCamera(Camera(id="sees", name="塔上"), 15_200.0, sees_it=True)
    detail.set_cameras([*CAMERAS, seeing], [NearCamera(Camera(id="dark", name="路口"), 9.0)])
    listed = [detail._near.list.item(row).text() for row in range(detail._near.list.count())]
    assert listed[0] == "塔上 · 15.20 千米 · 可见现场 · 状态未知" and listed[-1] == "更近：路口 · 9 米 · 无视频流"
    assert detail._near.list.item(3).flags() == Qt.ItemFlag.NoItemFlags
    with qtbot.waitSignal(detail.wall_wanted) as told:
        qtbot.keyClick(detail, Qt.Key.Key_W)
    assert told.args == [["sees", "near", "far"]], "what nobody can watch is not sent to the wall"
    detail.set_cameras(CAMERAS)
    with qtbot.waitSignal(detail.camera_chosen) as chosen:
        detail._near.list.itemActivated.emit(detail._near.list.item(1))
    assert chosen.args == ["far"]


def test_each_button_has_its_key(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    for key, signal, expected in (
        (Qt.Key.Key_A, detail.acknowledged, [ALARM.id]),
        (Qt.Key.Key_I, detail.incident_wanted, [ALARM.id]),
        (Qt.Key.Key_M, detail.map_wanted, ALARM.id),
    ):
        with qtbot.waitSignal(signal) as told:
            qtbot.keyClick(detail, key)
        assert told.args == [expected]


def test_a_lost_link_takes_no_commands_but_the_map_still_shows(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    detail.set_stale(True, NOW)
    assert not detail.acknowledge_button.isEnabled()
    assert not detail.incident_button.isEnabled()
    assert detail.map_button.isEnabled()
    detail.set_stale(False)
    assert detail.acknowledge_button.isEnabled()


def test_another_alarm_does_not_keep_the_sensor_and_cameras_of_the_one_before(qtbot: QtBot) -> None:
    detail = shown(qtbot)
    detail.set_cameras(CAMERAS)
    detail.set_sensor(SensorNow(SENSOR, 1.0, NOW))
    detail.show_alarm(msgspec.structs.replace(ALARM, id="other/1"))
    assert detail._near.list.count() == 0
    assert "1 cm" not in words(detail)
    assert "附近没有已知的摄像机" in words(detail)
    detail.show_alarm(None)
    assert "请在列表中选择一条告警" in words(detail)
