"""The register of actions."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from controlroom.handbook.pages import KeyLine
from controlroom.shell.actions import Actions, keys_of
from controlroom.shell.dialogs import AboutDialog, Preferences, SettingsDialog
from controlroom.shell.help_desk import key_groups


def test_an_action_works_in_every_window_until_it_is_removed(qtbot: QtBot) -> None:
    actions = Actions()
    done: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    actions.bind(window)
    actions.add("alarm", "Acknowledge", lambda: done.append(1), shortcuts=("Ctrl+A", "F2"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F2)
    actions.trigger("alarm")
    assert done == [1, 1]
    assert keys_of(actions.all()[0]) == "Ctrl+A, F2"
    actions.remove("alarm")
    assert actions.all() == []
    with pytest.raises(KeyError):
        actions.trigger("alarm")


def test_an_id_or_a_key_is_given_once() -> None:
    actions = Actions()
    actions.add("one", "One", list, shortcuts=("F2",))
    with pytest.raises(ValueError, match="exists"):
        actions.add("one", "Again", list)
    with pytest.raises(ValueError, match="same key"):
        actions.add("two", "Two", list, shortcuts=("F2",))


def test_the_list_of_keys_has_groups_keys_and_help(qapp: QApplication) -> None:
    actions = Actions()
    actions.add("one", "Acknowledge", list, group="Alarms", shortcuts=("F2",), help="Takes note")
    assert key_groups(actions.all()) == {"Alarms": [KeyLine("Acknowledge", "F2", "Takes note")]}
    assert actions.get("one").text() == "Acknowledge"


def test_settings_are_told_when_they_are_saved_and_a_tried_theme_is_taken_back(qtbot: QtBot) -> None:
    before = Preferences(language="zh_CN", theme="dark", officer="王建国")
    dialog = SettingsDialog(before)
    qtbot.addWidget(dialog)
    tried: list[str] = []
    saved: list[Preferences] = []
    dialog.theme_tried.connect(tried.append)
    dialog.accepted_preferences.connect(saved.append)
    dialog.theme.setCurrentIndex(1)
    dialog.reject()
    assert tried == ["light", "dark"]
    assert saved == []

    dialog = SettingsDialog(before)
    qtbot.addWidget(dialog)
    dialog.accepted_preferences.connect(saved.append)
    dialog.language.setCurrentIndex(dialog.language.findData("en"))
    dialog.officer.setText("  李红 ")
    with qtbot.waitSignal(dialog.sound_tested):
        dialog.sound.click()
    dialog.accept()
    assert saved == [Preferences(language="en", theme="dark", officer="李红")]


def test_about_names_the_version(qtbot: QtBot) -> None:
    dialog = AboutDialog("1.2.3", ["hub tcp://…"])
    qtbot.addWidget(dialog)
    assert "1.2.3" in dialog.title.text()
