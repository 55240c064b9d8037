"""Enter in a window of tools."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from widgets.tool_dialog import ToolDialog


def test_enter_presses_the_button_in_hand_and_no_other(qtbot: QtBot) -> None:
    dialog = ToolDialog()
    qtbot.addWidget(dialog)
    field, remove, keep = QLineEdit(), QPushButton("Remove"), QPushButton("Keep")
    column = QVBoxLayout(dialog)
    for widget in (field, remove, keep):
        column.addWidget(widget)
    pressed: list[str] = []
    remove.clicked.connect(lambda: pressed.append("remove"))
    keep.clicked.connect(lambda: pressed.append("keep"))
    with qtbot.waitExposed(dialog):
        dialog.show()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert pressed == [] and dialog.isVisible()
    assert not any(button.isDefault() for button in (remove, keep))
    keep.setFocus()
    qtbot.keyClick(keep, Qt.Key.Key_Return)
    assert pressed == ["keep"]
    keep.setEnabled(False)
    qtbot.keyClick(dialog, Qt.Key.Key_Enter)
    assert pressed == ["keep"]
