"""Headings of menus."""

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.shell.theme import THEMES, ThemeName, palette, tokens
from widgets.menu_heading import add_heading


def test_a_heading_cannot_be_chosen_and_a_long_one_is_cut(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    short, long = add_heading(menu, "A & B"), add_heading(menu, "名" * 90)
    assert (short.text(), short.isEnabled(), short.font().bold()) == ("A && B", False, True)
    assert len(long.text()) == 48 and long.toolTip() == "名" * 90


def light(colour: QColor) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(image: QImage) -> float:
    """The strongest contrast of a pixel with the ground, inside the frame."""
    ground = image.pixelColor(image.width() - 6, 6)
    inside = [(x, y) for x in range(4, image.width() - 4) for y in range(4, image.height() - 4)]
    pairs = [sorted((light(image.pixelColor(x, y)), light(ground))) for x, y in inside]
    return max((high + 0.05) / (low + 0.05) for low, high in pairs)


@pytest.mark.parametrize("theme", THEMES)
def test_a_heading_can_be_read_in_every_theme(qtbot: QtBot, theme: ThemeName) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.setPalette(palette(tokens(theme)))
    add_heading(menu, "████")
    assert contrast(menu.grab().toImage()) >= 4.5, "WCAG 2.1, 1.4.3"
