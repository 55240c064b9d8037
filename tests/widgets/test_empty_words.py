from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from widgets.empty_words import EmptyWords


def test_a_list_says_why_it_is_empty_until_something_is_listed(qtbot: QtBot) -> None:
    view, model = QTableView(), QStandardItemModel()
    qtbot.addWidget(view)
    view.setModel(model)
    words = EmptyWords(view, "Nothing yet")
    view.resize(300, 200)
    view.show()
    qtbot.waitExposed(view)
    assert words.isVisible()
    assert view.viewport().rect().contains(words.geometry())
    assert words.width() > 200
    model.appendRow(QStandardItem("one"))
    assert not words.isVisible()
    model.removeRow(0)
    assert words.isVisible()
    words.say("")
    assert not words.isVisible()
