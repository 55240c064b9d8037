"""Headings of menus."""

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from widgets.menu_heading import add_heading


def test_a_heading_cannot_be_chosen_and_a_long_one_is_cut(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    short, long = add_heading(menu, "A & B"), add_heading(menu, "名" * 90)
    assert (short.text(), short.isEnabled(), short.font().bold()) == ("A && B", False, True)
    assert len(long.text()) == 48 and long.toolTip() == "名" * 90
