"""A wall driven from a desk: drag and key, leases, consent, saved states and rules, by way of the hub."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.events import MatrixChanged, WallChanged, WallRuleChanged
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Matrix, Push, Spot, TileKind, Wall, WallTile, plain_screen
from controlroom.domain.wall_layout import joined, laid_out
from controlroom.domain.wall_rules import AlarmWanted, Hours, WallRule
from controlroom.wire.walls import (
    ArrangeWall,
    ClearWall,
    EndPush,
    ExtendPush,
    IdentifyWall,
    LoadMatrix,
    PushToWall,
    RemoveMatrix,
    RemoveWallRule,
    SaveMatrix,
    SetWallRule,
)
from controlroom.wiring.video import WallWiring
from controlroom.wiring.wall_control import WallControlWiring
from tests.rooms import NOON
from tests.wiring.conftest import Desk, declared
from widgets.wall_control import WallControl
from widgets.wall_rule_dialog import WallRuleDialog

SCREENS = (plain_screen("abcd", 2), msgspec.structs.replace(plain_screen(["", ""], 2, 2), left_px=1920))


def spot(camera: str) -> Spot:
    return Spot(screen=1, columns=2, rows=2, tile=WallTile(cameras=(camera,)))


def push(identity: str, seat: str, camera: str, after_s: int = 0) -> Push:
    at = NOON + timedelta(seconds=after_s)
    return Push(id=identity, seat=seat, by=f"王{seat}", at=at, until=NOON + timedelta(minutes=5), spots=(spot(camera),))


@pytest.fixture
def wiring(desk: Desk, qtbot: QtBot) -> WallControlWiring:
    cameras = (Camera(id=name, name=f"机位{name}", url=f"rtsp://h/{name}") for name in "abcdef")
    desk.happen(declared(*cameras), WallChanged(Wall(name="main", screens=SCREENS)))
    made = WallControlWiring(desk.seat)
    qtbot.addWidget(made.control)
    made.control.resize(700, 560)
    made.control.show()
    qtbot.waitExposed(made.control)
    return made


def drop(control: WallControl, screen: int, place: int, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    at = QPointF(control.miniature.tile_rect(screen, place).center())
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    control.miniature.dropEvent(event)


def test_screens_stand_to_scale_beside_each_other(wiring: WallControlWiring) -> None:
    left, right = wiring.control.miniature.tile_rect(1, 0), wiring.control.miniature.tile_rect(2, 0)
    assert left.right() < right.left() and abs(left.width() - right.width()) <= 2
    assert right.height() > 1.8 * left.height(), "one row is twice as high as two"


def test_a_camera_is_dropped_onto_a_tile_with_a_lease_or_for_good(wiring: WallControlWiring, desk: Desk) -> None:
    drop(wiring.control, 2, 1, "camera:e")
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, PushToWall) and sent.lease_s == 300
    assert (sent.spots[0].screen, sent.spots[0].tile.left, sent.spots[0].tile.cameras) == (2, 1, ("e",))
    wiring.control.lease.setCurrentIndex(0)
    drop(wiring.control, 1, 0, "camera:f\ncamera:e")
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, ArrangeWall) and sent.screens[0].tiles[0].kind is TileKind.CAROUSEL
    assert sent.screens[0].tiles[0].cameras == ("f", "e") and sent.screens[0].tiles[1].cameras == ("b",)


def test_the_keyboard_does_what_the_mouse_does(wiring: WallControlWiring, desk: Desk) -> None:
    miniature, told = wiring.control.miniature, list[str]()
    desk.seat.requests.told.connect(told.append)
    miniature.setFocus()
    miniature.choose(1, 0)
    QTest.keyClick(miniature, Qt.Key.Key_Return)
    assert told and not desk.sent.bodies
    desk.seat.selection.select("camera", "f")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(miniature, key)
    assert miniature.chosen == (2, 0) and desk.sent.bodies[-1].spots[0].tile.cameras == ("f",)
    miniature.choose(1, 0)
    QTest.keyClick(miniature, Qt.Key.Key_Delete)
    assert desk.sent.bodies[-1].spots[0].tile.is_empty


def test_a_tile_is_carried_to_another_one(wiring: WallControlWiring, desk: Desk) -> None:
    wiring.control.miniature.choose(1, 3)
    carried = wiring.control.miniature.carried()
    assert carried is not None
    drop(wiring.control, 2, 0, carried.text())
    assert desk.sent.bodies[-1].spots[0].tile.cameras == ("d",)
    wiring.control.miniature.choose(2, 0)
    assert wiring.control.miniature.carried() is None


def drag(widget: QWidget, begin: QPoint, end: QPoint, key: Qt.KeyboardModifier) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, key, begin)
    where = QPointF(end)
    moved = QMouseEvent(QEvent.Type.MouseMove, where, where, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, key)
    QApplication.sendEvent(widget, moved)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, key, end)


def test_tiles_under_a_rubber_band_are_merged_and_split_together(wiring: WallControlWiring, desk: Desk) -> None:
    control, small = wiring.control, wiring.control.miniature
    control.lease.setCurrentIndex(control.lease.findData(0))
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(small, small.tile_rect(1, 1).center(), small.tile_rect(1, 3).center(), shift)
    assert small.chosen == (1, 1) and small.marked == (1, 3)
    control.merge_wanted.emit()
    merged = desk.sent.bodies[-1].screens[0]
    assert [(tile.box, tile.cameras) for tile in merged.tiles] == [
        ((0, 0, 1, 1), ("a",)),
        ((1, 0, 2, 2), ("b",)),
        ((0, 1, 1, 2), ("c",)),
    ]
    desk.happen(WallChanged(Wall(name="main", screens=(merged, SCREENS[1]))))
    assert small.marked == (1,), "what was marked is no more"
    small.choose(1, 0)
    drag(small, small.tile_rect(1, 0).center(), small.tile_rect(1, 1).center(), shift)
    control.split_wanted.emit()
    assert len(desk.sent.bodies[-1].screens[0].tiles) == 9, "two in four each, and the third"
    sent, told = len(desk.sent.bodies), []
    desk.seat.requests.told.connect(told.append)
    large = joined(laid_out(SCREENS[0], "9"), (0, 4))
    desk.happen(WallChanged(Wall(name="main", screens=(large, SCREENS[1]))))
    small.choose(1, 2)
    small.mark([2, 4])
    control.merge_wanted.emit()
    assert len(desk.sent.bodies) == sent and told, "the large tile would be cut"


def test_an_empty_tile_starts_a_rubber_band_and_shift_with_arrows_does_the_same(
    wiring: WallControlWiring, desk: Desk
) -> None:
    small = wiring.control.miniature
    none = Qt.KeyboardModifier.NoModifier
    drag(small, small.tile_rect(2, 0).center(), small.tile_rect(2, 1).center(), none)
    assert small.chosen == (2, 0) and small.marked == (0, 1)
    small.choose(1, 0)
    assert small.marked == (0,)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(small, key, Qt.KeyboardModifier.ShiftModifier)
    assert small.marked == (0, 1, 3) and small.chosen == (1, 3)
    QTest.keyClick(small, Qt.Key.Key_Left)
    assert small.marked == (2,)


def test_what_another_seat_holds_is_taken_only_after_the_officer_was_told(
    wiring: WallControlWiring, desk: Desk
) -> None:
    desk.happen(WallChanged(Wall(name="main", screens=SCREENS, pushes=(push("p", "two", "e"),))))
    drop(wiring.control, 1, 0, "camera:f")
    assert not desk.sent.bodies and "王two" in wiring.control.question.text()
    assert wiring.control.question.isVisible()
    wiring.control.leave.click()
    assert not desk.sent.bodies and not wiring.control.question.isVisible()
    drop(wiring.control, 1, 0, "camera:f")
    wiring.control.take.click()
    assert desk.sent.bodies[-1].over
    drop(wiring.control, 1, 1, "camera:f")
    assert not desk.sent.bodies[-1].over, "nobody holds that one"


def test_conflicts_are_said_in_the_list_and_at_the_tile(wiring: WallControlWiring, desk: Desk) -> None:
    pushes = (push("1", "one", "e"), push("2", "two", "f", after_s=1))
    desk.happen(WallChanged(Wall(name="main", screens=SCREENS, pushes=pushes)))
    lines = [wiring.control.pushes.item(k).text() for k in range(2)]
    assert "王two" in lines[0] and "王one" in lines[1] and all("✕" in line for line in lines)
    words = wiring.control.miniature.describe(1, 0)
    assert "机位f" in words and "王two" in words
    assert wiring.control.miniature.describe(1, 1).count("\n") == 1


def test_buttons_and_menus_become_commands(wiring: WallControlWiring, desk: Desk) -> None:
    control = wiring.control
    desk.happen(WallChanged(Wall(name="main", screens=SCREENS, pushes=(push("p", "desk-1", "e"),))))
    for act, kind in (
        (control.identify_wanted.emit, IdentifyWall),
        (control.clear_wanted.emit, ClearWall),
        (lambda: control.push_ended.emit("p"), EndPush),
        (lambda: control.push_extended.emit("p"), ExtendPush),
        (lambda: control.laid_out.emit(1, "1+5"), PushToWall),
        (control.merge_wanted.emit, PushToWall),
        (control.split_wanted.emit, PushToWall),
        (lambda: control.content_wanted.emit(TileKind.CLOCK, ""), PushToWall),
        (control.screen_added.emit, ArrangeWall),
        (control.screen_removed.emit, ArrangeWall),
        (lambda: control.matrix_saved.emit("夜", True), SaveMatrix),
    ):
        before = len(desk.sent.bodies)
        act()
        assert [type(body) for body in desk.sent.bodies[before:]] == [kind]
    added = next(body for body in desk.sent.bodies if isinstance(body, ArrangeWall) and len(body.screens) == 3)
    assert added.screens[-1].number == 3 and added.screens[-1].left_px == 3840


def test_my_view_is_pushed_to_the_chosen_screen(wiring: WallControlWiring, desk: Desk, qtbot: QtBot) -> None:
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    wiring.control.view_pushed.emit()
    assert told and not desk.sent.bodies
    panel = WallWiring(desk.seat)
    qtbot.addWidget(panel.wall)
    wiring.control.miniature.choose(2, 0)
    wiring.control.view_pushed.emit()
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, PushToWall) and sent.screens[0].number == 2 and sent.screens[0].left_px == 1920
    assert sent.screens[0].tiles == SCREENS[0].tiles


def test_saved_states_and_rules_are_listed_loaded_switched_and_removed(wiring: WallControlWiring, desk: Desk) -> None:
    control = wiring.control
    matrix = Matrix(id="m", wall="main", name="夜间", screens=SCREENS[:1], by="王", at=NOON)
    night = Hours(begins="22:00", ends="06:00")
    made = WallRule(id="r", name="夜", wall="main", matrix="m", hours=night, alarm=AlarmWanted())
    desk.happen(MatrixChanged(matrix), WallRuleChanged(made))
    assert "夜间" in control.matrices.item(0).text()
    assert "22:00" in control.rules.item(0).text() and "夜间" in control.rules.item(0).text()
    control.matrix_loaded.emit("m")
    assert isinstance(desk.sent.bodies[-1], LoadMatrix) and desk.sent.bodies[-1].lease_s == 300
    assert control.rules.item(0).data(Qt.ItemDataRole.CheckStateRole) is not None, "it can be seen whether it is on"
    control.rules.item(0).setCheckState(Qt.CheckState.Checked)
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, SetWallRule) and sent.rule.enabled
    count = len(desk.sent.bodies)
    desk.happen(WallRuleChanged(sent.rule))
    desk.second()
    assert len(desk.sent.bodies) == count, "what the hub tells is shown, not sent again"
    for act, kind in ((control.matrix_removed, RemoveMatrix), (control.rule_removed, RemoveWallRule)):
        act.emit("x")
        assert isinstance(desk.sent.bodies[-1], kind)


def test_a_rule_is_made_in_its_dialog_and_only_a_whole_one(wiring: WallControlWiring, desk: Desk) -> None:
    wiring.control.rule_wanted.emit("")
    dialog = wiring.control.findChild(WallRuleDialog)
    save = dialog.buttons.button(dialog.buttons.StandardButton.Save)
    dialog.by_alarm.setChecked(False)
    assert not save.isEnabled() and dialog.missing.text() and dialog.rule() is None
    dialog.by_hours.setChecked(True)
    dialog.by_alarm.setChecked(True)
    dialog.name.setText("汛期")
    dialog.severity.setCurrentIndex(dialog.severity.findData(Severity.ORANGE))
    dialog.places.setText("黄村镇, 庞各庄镇")
    dialog.days[0].setChecked(False)
    save.click()
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, SetWallRule)
    rule = sent.rule
    assert rule.alarm == AlarmWanted(at_least=Severity.ORANGE, places=("黄村镇", "庞各庄镇"))
    assert rule.hours == Hours(begins="08:00", ends="18:00", days=(2, 3, 4, 5, 6, 7)) and rule.screens == (1,)


def test_another_wall_is_chosen_by_its_name_and_a_new_name_is_a_new_wall(wiring: WallControlWiring, desk: Desk) -> None:
    wiring.control.wall_chosen.emit("gate")
    wiring.control.lease.setCurrentIndex(0)
    drop(wiring.control, 1, 0, "camera:a")
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, ArrangeWall) and sent.wall == "gate"
