"""PTZ mode at a seat: nothing moves without the lease, and everything is said."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTime
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QToolButton
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.events import PresetPictured, PtzActed, PtzLeaseChanged, PtzRuleChanged, PtzUnitChanged
from controlroom.domain.place import Point
from controlroom.domain.ptz import (
    Ability,
    Ask,
    LeaseEnd,
    Pose,
    Preset,
    PresetPicture,
    PtzAct,
    PtzDeed,
    PtzLease,
    PtzTrouble,
    PtzUnit,
)
from controlroom.domain.ptz_rules import PtzRule
from controlroom.domain.severity import Severity
from controlroom.domain.wall_rules import AlarmWanted, Hours
from controlroom.seat.status import LinkState
from controlroom.shell.actions import Actions
from controlroom.shell.help_desk import key_groups
from controlroom.video.signal import SignalState, View
from controlroom.wire.ptz import (
    AnswerPtz,
    CentrePtz,
    GoToPreset,
    ReleasePtz,
    RemovePtzRule,
    SavePreset,
    SetPtzRule,
    SteerPtz,
    TakePtz,
    TurnTo,
)
from controlroom.wiring.ptz import PtzDesk
from tests.wiring.conftest import NOON, Desk, alarm, declared, raised
from widgets.ptz_overlay import PtzOverlay
from widgets.ptz_words import trouble_words
from widgets.video_wall import VideoWall

HERE = Point(116.40, 39.60)
DOME = Camera(id="dome", name="黄村路口", ptz="onvif:http://h/x", point=HERE, range_m=300.0)
FIXED = Camera(id="fixed", name="固定枪机")
UNIT = PtzUnit(
    camera="dome",
    abilities=(Ability.CONTINUOUS, Ability.ABSOLUTE, Ability.ZOOM, Ability.PRESETS, Ability.HOME),
    presets=tuple(Preset(token=f"t{k}", name=f"预置{k}") for k in range(1, 12)),
    pose=Pose(0.0, 0.0, 2.0),
    zoom_most=20.0,
)


def lease(seat: str = "desk-1", **more) -> PtzLeaseChanged:
    plain = {"officer": "王值班", "rank": 1, "reason": "围观", "since": NOON, "used_at": NOON}
    return PtzLeaseChanged(PtzLease(camera="dome", seat=seat, until=NOON + timedelta(seconds=272), **(plain | more)))


@pytest.fixture
def wall(desk: Desk, qtbot: QtBot) -> Iterator[VideoWall]:
    desk.happen(declared(DOME, FIXED), PtzUnitChanged(UNIT))
    wall = VideoWall(desk.seat.fleet, live=False)
    qtbot.addWidget(wall)
    wall.resize(960, 600)
    wall.set_cameras([DOME, FIXED])
    wall.show_tiles(["dome", "fixed"], 2)
    with qtbot.waitExposed(wall):
        wall.show()
    yield wall
    wall.release()


@pytest.fixture
def ptz(desk: Desk, wall: VideoWall) -> PtzDesk:
    desk.told = []  # type: ignore[attr-defined]
    desk.seat.requests.told.connect(desk.told.append)  # type: ignore[attr-defined]
    return PtzDesk(desk.seat, Actions(), lambda: wall, wall)


def opened(ptz: PtzDesk) -> PtzOverlay:
    ptz.open()
    assert ptz.overlay is not None
    return ptz.overlay


def wheel(overlay: PtzOverlay, turn: int = 120) -> None:
    middle = QPointF(overlay.pad.rect().center())
    nothing, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    event = QWheelEvent(
        middle, middle, QPoint(), QPoint(0, turn), buttons, nothing, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(overlay.pad, event)


def test_without_the_lease_nothing_moves_and_it_says_so(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Plus, Qt.Key.Key_1):
        qtbot.keyClick(overlay.pad, key)
    wheel(overlay)
    qtbot.mouseClick(overlay.pad, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert desk.sent.steered == [] and desk.sent.bodies == []
    assert overlay.told.text() and not overlay.take.isHidden() and overlay.save.isHidden()
    desk.happen(lease("desk-2", officer="李"))
    assert "李" in overlay.status.text() and "desk-2" in overlay.status.text() and "4:32" in overlay.status.text()
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Up)
    wheel(overlay)
    assert desk.sent.steered == []
    assert not overlay.ask.isHidden() and not overlay.over.isHidden() and overlay.take.isHidden()


def test_held_keys_move_and_letting_go_stops(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    qtbot.keyClick(overlay.pad, Qt.Key.Key_T)
    assert desk.sent.bodies == [TakePtz(camera="dome")]
    desk.happen(lease())
    qtbot.keyPress(overlay.pad, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: len(desk.sent.steered) >= 3)
    assert all(isinstance(each, SteerPtz) and each.pan == -0.4 and each.tilt == 0 for each in desk.sent.steered)
    qtbot.keyRelease(overlay.pad, Qt.Key.Key_Left)
    assert desk.sent.steered[-1] == SteerPtz(camera="dome", seat="desk-1", officer="王值班")
    desk.sent.steered.clear()
    qtbot.keyClick(overlay.pad, Qt.Key.Key_BracketRight)
    qtbot.keyPress(overlay.pad, Qt.Key.Key_Up)
    assert desk.sent.steered[0].tilt == 0.7
    # Whoever looks elsewhere lets go of the key.
    overlay.pad.clearFocus()
    assert desk.sent.steered[-1].tilt == 0.0 and not overlay.pad.is_moving


def test_the_iris_is_moved_where_there_is_one(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Period)
    assert desk.sent.steered == [] and overlay.told.text()
    desk.happen(PtzUnitChanged(PtzUnit(camera="dome", abilities=(*UNIT.abilities, Ability.IRIS))))
    qtbot.keyPress(overlay.pad, Qt.Key.Key_Comma)
    assert desk.sent.steered[-1] == SteerPtz(camera="dome", seat="desk-1", officer="王值班", iris=-0.4)
    qtbot.keyRelease(overlay.pad, Qt.Key.Key_Comma)
    assert desk.sent.steered[-1].iris == 0.0


def test_every_key_of_the_mode_stands_in_the_list_of_keys(desk: Desk, ptz: PtzDesk) -> None:
    actions = Actions()
    PtzDesk(desk.seat, actions, lambda: None, ptz)
    listed = {line.keys for line in key_groups(actions.all(), modes=actions.modes)["云台模式"]}
    overlay = opened(ptz)
    buttons = (getattr(overlay, name) for name in ("take", "over", "ask", "release", "save", "home", "patrol", "rules"))
    on_buttons = {button.text().rpartition("（")[2].rstrip("）").rpartition("(")[2].rstrip(")") for button in buttons}
    assert on_buttons <= listed and {"Esc", "Enter", "1–9", "[ ]", ". ,"} <= listed


def test_a_lost_lease_ends_the_movement_and_is_told(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    qtbot.keyPress(overlay.pad, Qt.Key.Key_Right)
    assert overlay.pad.is_moving
    desk.happen(lease(ended=LeaseEnd.TAKEN, ended_at=NOON, ended_by="赵指挥", ended_why="危化品"), lease("desk-9"))
    assert not overlay.pad.is_moving and not overlay.pad.is_steered
    assert desk.told == ["赵指挥 已从您处接管 黄村路口：危化品"]  # type: ignore[attr-defined]


def test_clicks_boxes_wheel_and_presets(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    pad = overlay.pad
    pad.set_picture(QRectF(100, 50, 400, 225))
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(400, 106))
    click = desk.sent.steered[-1]
    assert isinstance(click, CentrePtz) and click.box[0] == click.box[2] == pytest.approx(0.5)
    assert click.box[1] == click.box[3] == pytest.approx(0.5, abs=0.01) and click.aspect == pytest.approx(16 / 9)
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(200, 162))
    qtbot.mouseMove(pad, QPoint(300, 106))
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(300, 106))
    box = desk.sent.steered[-1]
    assert isinstance(box, CentrePtz) and box.box == pytest.approx((-0.5, 0.0, 0.0, 0.5), abs=0.01)
    desk.sent.steered.clear()
    wheel(overlay)
    assert desk.sent.steered[0].zoom == 0.4
    qtbot.waitUntil(lambda: desk.sent.steered[-1].zoom == 0.0)
    qtbot.keyClick(pad, Qt.Key.Key_2)
    assert desk.sent.bodies[-1] == GoToPreset(camera="dome", preset="t2")
    qtbot.keyClick(pad, Qt.Key.Key_H)
    assert desk.sent.bodies[-1] == GoToPreset(camera="dome", preset="home")
    overlay.place(QRect(0, 0, 1600, 400), QRectF(0, 0, 400, 225))
    assert len(overlay.chips) == 10, "nine with a key, the rest in a menu"
    overlay.place(QRect(0, 0, 480, 400), QRectF(0, 0, 480, 270))
    shown, menu = overlay.chips[:-1], overlay.chips[-1].menu()
    assert 1 <= len(shown) < 9 and len(shown) + len(menu.actions()) == 11, "what does not fit is in the menu"
    assert (
        menu.actions()[0].text() == f"{len(shown) + 1} 预置{len(shown) + 1}" and menu.actions()[-1].text() == "预置11"
    )
    qtbot.keyClick(pad, Qt.Key.Key_9)
    assert desk.sent.bodies[-1] == GoToPreset(camera="dome", preset="t9"), "and its key goes there all the same"


def test_a_preset_is_saved_with_a_name(desk: Desk, ptz: PtzDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: (" 广场 ", True))
    qtbot.keyClick(overlay.pad, Qt.Key.Key_M)
    assert desk.sent.bodies[-1] == SavePreset(camera="dome", name="广场")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("", False))
    qtbot.keyClick(overlay.pad, Qt.Key.Key_M)
    assert len(desk.sent.bodies) == 1


def test_the_picture_of_a_preset_is_sent_along_and_seen_by_every_seat_with_its_age(
    desk: Desk, ptz: PtzDesk, wall: VideoWall, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(QColor(200, 30, 30))
    monkeypatch.setattr(wall, "still", lambda: SimpleNamespace(image=image))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("路口", True))
    qtbot.keyClick(overlay.pad, Qt.Key.Key_M)
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, SavePreset) and 0 < len(sent.picture) < 4000
    held = PresetPicture(camera="dome", name="路口", picture=sent.picture, at=desk.clock.now())
    unit = desk.pump.room.ptz.units["dome"]
    named = msgspec.structs.replace(unit, presets=(Preset(token="t1", name="路口"), Preset(token="t2", name="桥下")))
    desk.happen(PresetPictured(held), PtzUnitChanged(named))
    chips = [chip for chip in overlay.findChildren(QToolButton) if "路口" in chip.text()]
    assert len(chips) == 1 and not chips[0].icon().isNull()
    assert "画面摄于 2026-" in chips[0].toolTip()
    desk.happen(PresetPictured(msgspec.structs.replace(held, name="桥下", picture=b"no picture")))
    assert all(chip.icon().isNull() for chip in overlay.findChildren(QToolButton) if "桥下" in chip.text())


def test_who_asks_is_told_once_and_handed_the_camera(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    ask = Ask(seat="desk-2", officer="李", reason="看桥", at=NOON, answer_by=NOON + timedelta(seconds=20))
    desk.happen(lease(asks=(ask,)))
    desk.happen(lease(asks=(ask,), used_at=NOON + timedelta(seconds=1)))
    assert desk.told == ["李（desk-2）申请控制 黄村路口：看桥"]  # type: ignore[attr-defined]
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Return)
    assert desk.sent.bodies[-1] == AnswerPtz(camera="dome", to="desk-2", hand=True)


def test_the_reason_of_who_asks_and_the_time_left_to_answer_stand_in_the_bar(
    desk: Desk, ptz: PtzDesk, wall: VideoWall, qtbot: QtBot
) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    before = overlay.bar.height()
    assert overlay.asking.isHidden()
    asks = [
        Ask(seat=f"desk-{k}", officer=name, reason=why, at=NOON, answer_by=NOON + timedelta(seconds=20 * k - 20))
        for k, name, why in ((2, "李", "看桥"), (3, "赵", ""))
    ]
    desk.happen(lease(asks=tuple(asks)))
    assert overlay.asking.text() == "李（desk-2）申请控制：看桥 · 答复剩余 0:20 · 另有 1 人申请"
    assert not overlay.asking.isHidden() and overlay.bar.height() > before, "it covers nothing of the bar"
    desk.clock.advance(13.0)
    desk.pump.ticked.emit(desk.clock.now())
    assert "0:07" in overlay.asking.text()
    # Whoever was not answered in time is asked about no more, also where the hub was not heard yet.
    desk.clock.advance(7.0)
    desk.pump.ticked.emit(desk.clock.now())
    assert overlay.asking.text() == "赵（desk-3）申请控制：— · 答复剩余 0:20"
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Return)
    assert desk.sent.bodies == [AnswerPtz(camera="dome", to="desk-3", hand=True)]
    desk.clock.advance(20.0)
    desk.pump.ticked.emit(desk.clock.now())
    assert overlay.asking.isHidden() and overlay.hand.isHidden()
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Return)
    assert len(desk.sent.bodies) == 1


def test_leaving_the_mode_gives_the_camera_back(desk: Desk, ptz: PtzDesk, wall: VideoWall, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    assert wall.is_enlarged
    desk.happen(lease())
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Escape)
    assert desk.sent.bodies == [ReleasePtz(camera="dome")] and ptz.overlay is None and not wall.is_enlarged


def test_a_camera_without_a_head_is_enlarged_only(desk: Desk, ptz: PtzDesk, wall: VideoWall, qtbot: QtBot) -> None:
    qtbot.keyClick(wall, Qt.Key.Key_Right)
    overlay = opened(ptz)
    assert "数字变焦" in overlay.status.text() and overlay.take.isHidden() and overlay.rules.isHidden()
    wheel(overlay)
    wheel(overlay)
    assert overlay.pad.part.width() == pytest.approx(0.64)
    qtbot.keyClick(overlay.pad, Qt.Key.Key_Left)
    assert overlay.pad.part.left() < 0.18 and "1.6" in overlay.status.text()
    for _k in range(30):
        wheel(overlay, -120)
    assert overlay.pad.part == QRectF(0, 0, 1, 1) and desk.sent.steered == []


def test_a_lost_hub_and_a_failing_camera_are_said(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    overlay = opened(ptz)
    desk.happen(lease())
    desk.link(LinkState.LOST)
    assert not overlay.pad.is_steered and "失去联系" in overlay.status.text()
    desk.link(LinkState.LIVE)
    assert overlay.pad.is_steered
    for trouble in PtzTrouble:
        unit = PtzUnit(camera="dome", trouble=trouble, detail="x")
        desk.happen(PtzUnitChanged(unit))
        assert overlay.told.text() == trouble_words(unit) and bool(trouble_words(unit)) is (trouble != PtzTrouble.NONE)


def test_rules_are_shown_and_switched(desk: Desk, ptz: PtzDesk, qtbot: QtBot) -> None:
    rule = PtzRule(id="house-turn", name="转向告警", back="home", alarm=AlarmWanted(at_least=Severity.ORANGE))
    desk.happen(PtzRuleChanged(rule))
    overlay = opened(ptz)
    qtbot.keyClick(overlay.pad, Qt.Key.Key_R)
    dialog = ptz.rules_dialog
    assert dialog is not None and dialog.tree.topLevelItemCount() == 1
    dialog.tree.topLevelItem(0).setCheckState(0, Qt.CheckState.Checked)
    (sent,) = desk.sent.bodies
    assert isinstance(sent, SetPtzRule) and sent.rule.enabled
    assert not dialog.add.isEnabled()
    dialog.name.setText("夜间看桥")
    dialog.add.click()
    made = desk.sent.bodies[-1].rule
    assert (made.camera, made.preset, made.back, made.enabled) == ("dome", "t1", "", True)
    assert made.hours is None and made.alarm is not None
    # Hours, as the file of rules has them: by time alone, over midnight, on some days.
    dialog.name.setText("夜里")
    dialog.severity.setCurrentIndex(dialog.severity.findData(None))
    assert not dialog.add.isEnabled() and not dialog.places.isEnabled(), "it would always hold"
    dialog.by_hours.setChecked(True)
    dialog.ends.setTime(dialog.begins.time())
    assert not dialog.add.isEnabled() and dialog.add.toolTip()
    dialog.begins.setTime(QTime(21, 30))
    dialog.ends.setTime(QTime(5, 0))
    for box in dialog.days:
        box.setChecked(False)
    assert not dialog.add.isEnabled()
    dialog.days[5].setChecked(True)
    dialog.days[6].setChecked(True)
    dialog.add.click()
    timed = desk.sent.bodies[-1].rule
    assert timed.alarm is None and timed.hours == Hours(begins="21:30", ends="05:00", days=(6, 7))
    desk.happen(PtzRuleChanged(timed))
    shown = [dialog.tree.topLevelItem(row).text(1) for row in range(dialog.tree.topLevelItemCount())]
    assert any("21:30–05:00" in words and "六" in words and "一" not in words for words in shown)
    dialog.tree.setCurrentItem(dialog.tree.topLevelItem(0))
    dialog.removed.emit("x")
    assert desk.sent.bodies[-1] == RemovePtzRule(rule="x")
    dialog.close()


class Turned:
    """A feed whose picture the diagnosis finds to look elsewhere."""

    def take(self) -> None:
        return None

    def view(self) -> View:
        return View(SignalState.LIVE, 0.1, faults=(PictureFault.MOVED, PictureFault.TINTED))

    def want(self, *_size: int) -> None:
        return

    def wish(self, _rank: object) -> None:
        return

    def close(self) -> None:
        return


def test_a_camera_that_was_turned_on_purpose_has_no_fault_of_view(desk: Desk, ptz: PtzDesk, wall: VideoWall) -> None:
    tile = wall._board.tiles[0]
    tile._feed = Turned()  # type: ignore[assignment]
    for _look in range(9):  # the state of a tile without a new picture is looked for now and then
        tile.refresh()
    assert tile.view.faults == (PictureFault.MOVED, PictureFault.TINTED)
    wall.set_steered(["dome"])
    for _look in range(9):
        tile.refresh()
    assert tile.view.faults == (PictureFault.TINTED,) and wall.faults()["dome"] == (PictureFault.TINTED,)
    state = desk.pump.room.ptz
    assert not state.is_steered("dome", NOON)
    desk.happen(PtzActed(PtzAct(camera="dome", deed=PtzDeed.MOVED, at=NOON)))
    assert state.is_steered("dome", NOON) and not state.is_steered("dome", NOON + timedelta(seconds=700))
    desk.happen(PtzActed(PtzAct(camera="dome", deed=PtzDeed.SAVED, at=NOON)))
    assert not state.is_steered("dome", NOON)


def test_one_key_turns_the_nearest_free_camera_to_what_is_chosen(desk: Desk, ptz: PtzDesk) -> None:
    wanted: list[list[str]] = []
    desk.seat.requests.cameras_wanted.connect(wanted.append)
    turning = ptz.turning
    turning.turn()
    assert "没有位置" in desk.told[-1]  # type: ignore[attr-defined]
    there = Point(116.40, 39.6009)
    desk.happen(*raised(alarm("a", point=there), alarm("far", point=Point(116.5, 39.7))))
    desk.seat.selection.select("alarm", "far")
    turning.turn()
    assert "没有云台" in desk.told[-1]  # type: ignore[attr-defined]
    desk.seat.selection.select("alarm", "a")
    turning.turn()
    assert desk.sent.bodies[-1].camera == "dome" and isinstance(desk.sent.bodies[-1], TakePtz) and wanted == [["dome"]]
    desk.happen(lease())
    assert desk.sent.bodies[-1] == TurnTo(camera="dome", point=there)
    desk.happen(lease("desk-2", officer="李"))
    turning.turn()
    assert "李（desk-2）正持有 黄村路口" in desk.told[-1]  # type: ignore[attr-defined]


def test_the_mode_goes_when_its_wall_is_hidden_or_shows_another_camera(
    desk: Desk, ptz: PtzDesk, wall: VideoWall, qtbot: QtBot
) -> None:
    opened(ptz)
    wall.show_tiles(["fixed"], 1)
    qtbot.waitUntil(lambda: ptz.overlay is None)
    opened(ptz)
    wall.hide()
    qtbot.waitUntil(lambda: ptz.overlay is None)
