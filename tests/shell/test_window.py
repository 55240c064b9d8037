"""A window of the room: keys, the drill's frame, and panels that fail."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.shell.actions import Actions
from controlroom.shell.commands import DeskCommands
from controlroom.shell.desk import Desk
from controlroom.shell.dialogs import Preferences, SettingsDialog
from controlroom.shell.memento import Keeps, WindowMemento
from controlroom.shell.window import FRAME_PX, RoomWindow
from layouts import Presets
from tests.shell.conftest import plain_panel
from widgets.card import Card
from widgets.notice import Notice

ExpectLog = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def make_window(qtbot: QtBot) -> Callable[..., RoomWindow]:
    def make(preset: str = "single", factory: Callable[[str, dict[str, Any]], QWidget] = plain_panel) -> RoomWindow:
        window = RoomWindow(Presets().load(preset).windows[0], "Room", factory, "en")
        qtbot.addWidget(window)
        window.resize(1200, 700)
        window.show()
        qtbot.waitExposed(window)
        return window

    return make


def test_panels_carry_the_titles_they_give_themselves(make_window: Callable[..., RoomWindow]) -> None:
    window = make_window()
    assert window.tree.boxes[0].title.text() == "Alarms"


def test_a_panel_that_raises_becomes_a_card_that_can_restart_it(
    make_window: Callable[..., RoomWindow], expect_log: ExpectLog, qtbot: QtBot
) -> None:
    healthy: list[str] = []

    def factory(kind: str, options: dict[str, Any]) -> QWidget:
        if kind == "plugin:environment" and not healthy:
            raise RuntimeError("the manifest is wrong")
        return plain_panel(kind, options)

    set_language("en")
    with expect_log("controlroom.shell.panels", "plugin:environment"):
        window = make_window(factory=factory)
    box = next(box for box in window.tree.boxes if box.panel.kind == "plugin:environment")
    assert isinstance(box.body, Card)
    assert "the manifest is wrong" in box.body.sentence.text()
    assert "RuntimeError" in box.body.details.toPlainText()
    healthy.append("now")
    box.body.restart.click()
    assert isinstance(box.body, QLineEdit)


def test_the_fault_of_the_environment_is_told_without_a_traceback(make_window: Callable[..., RoomWindow]) -> None:
    def factory(kind: str, options: dict[str, Any]) -> QWidget:
        raise EnvironmentFault("The cable is out.")

    box = make_window("wall", factory).tree.boxes[0]
    assert isinstance(box.body, Card)
    assert box.body.sentence.text() == "The cable is out."
    assert box.body.details.toPlainText() == ""


def test_f6_goes_round_all_panels_and_back(make_window: Callable[..., RoomWindow], qtbot: QtBot) -> None:
    window = make_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    visited = []
    for _turn in window.tree.boxes:
        window.cycle(1)
        qtbot.waitUntil(lambda: window.tree.current() >= 0)
        visited.append(window.tree.current())
        assert window.tree.boxes[visited[-1]].isVisible()
    assert visited == list(range(len(window.tree.boxes)))
    window.cycle(-1)
    assert window.tree.current() == len(visited) - 2


def test_a_drill_draws_a_hatched_frame_round_the_whole_window(make_window: Callable[..., RoomWindow]) -> None:
    window = make_window()
    window.set_in_drill(True)
    picture = window.grab().toImage()
    edges = [(2, 300), (picture.width() - 3, 300), (600, 2), (600, picture.height() - 3)]
    for x, y in edges:
        seen = {picture.pixelColor(x + dx, y + dy).name() for dx in (-1, 0, 1) for dy in range(-2, 2)}
        assert QColor("#e07b00").name() in seen
    assert picture.pixelColor(FRAME_PX + 4, 300).name() != QColor("#e07b00").name()
    window.set_in_drill(False)
    assert window.grab().toImage().pixelColor(2, 300).name() != QColor("#e07b00").name()


def test_a_wall_has_no_chrome_but_says_that_it_is_a_drill(make_window: Callable[..., RoomWindow]) -> None:
    wall = make_window("wall")
    assert wall.strip is None
    assert wall.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert wall.badge.isHidden()
    wall.set_in_drill(True)
    assert wall.badge.isVisible()
    assert wall.badge.text() == "演练"


def test_a_panel_that_keeps_something_gets_it_back(make_window: Callable[..., RoomWindow]) -> None:
    class Zoomed(QWidget):
        zoom = 1

        def state(self) -> dict[str, Any]:
            return {"zoom": self.zoom}

        def restore(self, state: dict[str, Any]) -> None:
            self.zoom = state["zoom"]

    window = make_window("wall", lambda kind, options: Zoomed())
    box = window.tree.boxes[0]
    assert isinstance(box.body, Keeps)
    window.inside(WindowMemento(panels={box.name: {"zoom": 7}, "gone#0": {"x": 1}}, tabs={"9": 9}))
    assert box.state() == {"zoom": 7}


def test_columns_of_another_time_do_not_harm(make_window: Callable[..., RoomWindow]) -> None:
    window = make_window()
    alarms = window.tree.boxes[0]
    for junk in ("", "not base64!", "AAAA", 7, None):
        alarms.restore({"alarms": junk})


@pytest.fixture
def room(make_desk: Callable[..., Desk], qtbot: QtBot) -> Iterator[tuple[Desk, Actions, DeskCommands]]:
    desk = make_desk()
    actions = desk._actions
    commands = DeskCommands(desk, actions, desk)
    desk.open("single")
    window = desk.windows["desk"]
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield desk, actions, commands
    commands.help.close()


def test_ctrl_k_and_slash_open_the_command_bar_and_enter_does_it(
    room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot
) -> None:
    desk, actions, commands = room
    done: list[str] = []
    actions.add("evacuate", "疏散指引", lambda: done.append("evacuate"))
    window = desk.windows["desk"]
    button = QPushButton(window)
    button.show()
    button.setFocus()
    for key, modifier in (
        (Qt.Key.Key_Slash, Qt.KeyboardModifier(0)),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
    ):
        QTest.keyClick(button, key, modifier)
        bar = commands._bars["desk"]
        qtbot.waitUntil(bar.line.hasFocus)
        qtbot.waitUntil(lambda: not commands._work.isActive())
        QTest.keyClicks(bar.line, "ssz")
        assert [item.id for item in bar.items] == ["evacuate"]
        QTest.keyClick(bar.line, Qt.Key.Key_Return)
        assert bar.isHidden()
    assert done == ["evacuate", "evacuate"]
    assert button.hasFocus()


def test_a_slash_that_is_typed_into_a_line_stays_a_slash(
    room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot
) -> None:
    desk, _actions, commands = room
    box = next(b for b in desk.windows["desk"].tree.boxes if isinstance(b.body, QLineEdit))
    line = box.body
    desk.windows["desk"].tree.reveal(box)
    line.clear()
    QTest.keyClick(line, Qt.Key.Key_Slash)
    assert line.text() == "/"
    assert commands._bars == {}


def test_f11_makes_the_window_full_screen_and_back(room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot) -> None:
    desk, actions, _commands = room
    window = desk.windows["desk"]
    qtbot.waitUntil(window.isMaximized)
    actions.trigger("full_screen")
    qtbot.waitUntil(window.isFullScreen)
    actions.trigger("full_screen")
    qtbot.waitUntil(lambda: window.isMaximized() and not window.isFullScreen())


def test_shift_f1_lists_every_key_with_what_it_does(room: tuple[Desk, Actions, DeskCommands]) -> None:
    _desk, actions, commands = room
    actions.trigger("shortcuts")
    viewer = commands.help.viewer
    assert viewer is not None and viewer.topic == "keys"
    told = viewer.paper.toPlainText()
    for action in actions.all():
        number = action.objectName().removeprefix("window_")
        if not number.isdigit() or int(number) <= len(_desk.windows):
            assert action.text() in told
    assert "Ctrl+K" in told and "窗口 9" not in told


def test_f1_opens_help_of_the_panel_with_the_keyboard_and_blocks_nothing(
    room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot
) -> None:
    desk, _actions, commands = room
    assert desk.reveal("alarms")
    box = next(box for box in desk.windows["desk"].tree.boxes if box.panel.kind == "alarms")
    qtbot.waitUntil(lambda: box.body.hasFocus())
    qtbot.keyClick(box.body, Qt.Key.Key_F1)
    viewer = commands.help.viewer
    assert viewer is not None and viewer.topic == "alarms" and viewer.isWindow() and not viewer.isModal()
    desk.strips.set_counts({Severity.RED: 3})
    assert viewer.counts.buttons[Severity.RED].text().endswith("3")
    viewer.counts.buttons[Severity.RED].click()
    qtbot.waitUntil(lambda: box.body.hasFocus())
    assert viewer.isVisible()


def test_f1_works_in_a_modal_dialog_and_tells_of_the_dialog(
    room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot
) -> None:
    desk, _actions, commands = room
    dialog = SettingsDialog(Preferences(), desk.windows["desk"])
    dialog.open()
    qtbot.waitUntil(lambda: dialog.isActiveWindow() and dialog.focusWidget() is not None)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_F1)
    viewer = commands.help.viewer
    assert viewer is not None and viewer.topic == "settings"
    qtbot.waitUntil(viewer.isActiveWindow)
    viewer.search.setText("密钥")
    assert viewer.results.count()
    dialog.reject()


def test_a_told_fault_leads_to_what_is_to_be_done(room: tuple[Desk, Actions, DeskCommands]) -> None:
    desk, _actions, commands = room
    desk.tell("存储 /x 所在磁盘已满；请清理空间，数据尚未丢失。")
    notice = desk.windows["desk"].notice
    assert notice.what_to_do.topic == "faults#store" and not notice.what_to_do.isHidden()
    notice.what_to_do.click()
    assert commands.help.viewer is not None and commands.help.viewer.topic == "faults#store"
    desk.tell("布局已保存")
    assert notice.what_to_do.isHidden()


def test_help_is_found_in_the_command_bar(room: tuple[Desk, Actions, DeskCommands]) -> None:
    _desk, _actions, commands = room
    found = [item for item in commands.index.search("搁置与停用") if item.kind == "help"]
    assert [item.id for item in found] == ["alarms#shelving"]
    commands.index.choose(found[0])
    assert commands.help.viewer is not None and commands.help.viewer.topic == "alarms#shelving"


def test_a_layout_is_chosen_from_the_command_bar(room: tuple[Desk, Actions, DeskCommands], qtbot: QtBot) -> None:
    desk, _actions, commands = room
    found = [item for item in commands.index.search("双屏") if item.kind == "layout"]
    assert [item.id for item in found] == ["two"]
    with qtbot.waitSignal(desk.opened):
        commands.index.choose(found[0])
    assert desk.layout == "two"


def test_panels_hear_that_they_go_when_the_layout_changes_or_they_are_restarted(
    make_desk: Callable[..., Desk],
) -> None:
    ended: list[str] = []

    class Stream(QWidget):
        def __init__(self, kind: str) -> None:
            super().__init__()
            self.kind = kind

        def closeEvent(self, event: QCloseEvent) -> None:
            ended.append(self.kind)

    desk = make_desk(lambda kind, options: Stream(kind))
    desk.open("wall")
    desk.windows["wall"].tree.boxes[0].build()
    assert ended == ["video_wall"]
    desk.open("single")
    assert ended == ["video_wall", "video_wall"]


def test_every_window_shows_the_link_and_the_drill_also_one_that_opens_later(make_desk: Callable[..., Desk]) -> None:
    since = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    desk = make_desk()
    desk.strips.set_link(LinkStatus(state=LinkState.LOST, since=since, realm="drill/rain"))
    desk.strips.set_time(since + timedelta(seconds=9))
    desk.strips.set_counts({Severity.RED: 3})
    desk.strips.set_officer("王建国", "值班长")
    desk.open("three")
    strip = desk.windows["map"].strip
    assert strip is not None
    assert strip.link.state.text() == "✕ 14:00:00 起链路中断，已 00:09"
    assert strip.counts.buttons[Severity.RED].text() == "◆Ⅰ 3"
    wall = desk.windows["wall"]
    assert wall.standing.text() == "14:00:00 起链路中断，已 00:09"
    assert all(window.in_drill for window in desk.windows.values())
    desk.strips.set_time(since + timedelta(seconds=10))
    assert wall.standing.text().endswith("00:10")
    desk.strips.set_time(since + timedelta(seconds=11), since - timedelta(minutes=3))
    assert "13:57:00" in wall.standing.text() and wall.standing.text().startswith("14:00:00 起未连上中枢（00:11）")
    desk.strips.set_link(LinkStatus(state=LinkState.LIVE, since=since, realm="live"))
    assert wall.standing.isHidden()
    assert not any(window.in_drill for window in desk.windows.values())


def test_a_press_on_any_strip_is_told_by_the_strips(make_desk: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = make_desk()
    desk.open("two")
    for window in desk.windows.values():
        assert window.strip is not None
        with qtbot.waitSignal(desk.strips.severity_chosen) as told:
            window.strip.counts.buttons[Severity.YELLOW].click()
        assert told.args == [Severity.YELLOW]


def test_a_sentence_is_told_on_every_desk_window_until_it_is_taken_back(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.open("three")
    desk.tell("The store is full.")
    assert desk.windows["map"].notice.label.text() == "The store is full."
    assert desk.windows["wall"].notice.isHidden()
    desk.take_back("The store is full.")
    assert desk.windows["desk"].notice.isHidden()


def test_a_kind_of_panel_is_brought_to_the_front(make_desk: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = make_desk()
    desk.open("single")
    assert desk.reveal("log")
    box = next(box for box in desk.windows["desk"].tree.boxes if box.panel.kind == "log")
    qtbot.waitUntil(box.isVisible)
    assert not desk.reveal("nobody")


def test_a_notice_on_a_wall_goes_by_itself(qtbot: QtBot) -> None:
    notice = Notice(fades_ms=30)
    qtbot.addWidget(notice)
    notice.tell("一")
    notice.tell("二")
    assert notice.isVisibleTo(None) and not notice.dismiss.isVisibleTo(notice)
    qtbot.waitUntil(notice.isHidden)
