"""Both themes, seen in pixels."""

import ast
from collections.abc import Iterator

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTabBar,
    QTableWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from controlroom.shell import theme
from controlroom.shell.theme import THEMES, ThemeName
from tests.house.tree import sources
from widgets.look import mark


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    before = (qapp.palette(), qapp.font(), qapp.styleSheet())
    yield qapp
    qapp.setPalette(before[0])
    qapp.setFont(before[1])
    qapp.setStyleSheet(before[2])


def at(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as in WCAG 2.2, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def rgb(colour: str) -> tuple[float, float, float]:
        made = QColor(colour)
        return made.redF(), made.greenF(), made.blueF()

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_a_window_and_a_table_have_the_colours_of_the_theme(
    dressed: QApplication, qtbot: QtBot, name: ThemeName
) -> None:
    look = theme.apply(dressed, name)
    window, table = QWidget(), QTableWidget()
    for widget in (window, table):
        qtbot.addWidget(widget)
        widget.resize(200, 200)
    assert at(window, 100, 100) == look.window
    assert at(table, 100, 150) == look.base


def test_the_theme_can_be_switched_while_windows_are_open(dressed: QApplication, qtbot: QtBot) -> None:
    theme.apply(dressed, "dark")
    window = QWidget()
    button = QPushButton("x", window)
    qtbot.addWidget(window)
    window.resize(300, 200)
    window.show()
    qtbot.waitExposed(window)
    night = at(window, 250, 150)
    look = theme.apply(dressed, "light")
    assert at(window, 250, 150) == look.window != night
    assert button.palette().color(QPalette.ColorRole.ButtonText).name() == look.text


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    ("properties", "token"),
    [
        ({"severity": 1}, "red"),
        ({"severity": 2}, "orange"),
        ({"severity": 3}, "yellow"),
        ({"severity": 4}, "blue"),
        ({"fault": True}, "red"),
        ({"warning": True}, "yellow"),
        ({"drill": True}, "drill"),
    ],
)
def test_what_is_abnormal_is_coloured_and_what_is_normal_is_grey(
    dressed: QApplication, qtbot: QtBot, name: ThemeName, properties: dict[str, object], token: str
) -> None:
    look = theme.apply(dressed, name)
    label = QLabel("")
    qtbot.addWidget(label)
    label.resize(60, 30)
    normal = QColor(at(label, 30, 15))
    assert normal.saturation() < 40
    mark(label, **properties)
    assert at(label, 30, 15) == getattr(look, token)
    mark(label, **dict.fromkeys(properties, 0))
    assert at(label, 30, 15) == normal.name()


def test_a_label_whose_state_brings_edges_asks_for_the_room_they_need(dressed: QApplication, qtbot: QtBot) -> None:
    theme.apply(dressed, "dark")
    label = QLabel("Link lost since 23:59:06")
    qtbot.addWidget(label)
    label.show()
    calm = label.sizeHint().width()
    mark(label, fault=True)
    assert label.sizeHint().width() >= calm + 12
    mark(label, fault=False)
    assert label.sizeHint().width() == calm


@pytest.mark.parametrize("name", THEMES)
def test_stale_and_disconnected_values_look_other_than_fresh_ones(
    dressed: QApplication, qtbot: QtBot, name: ThemeName
) -> None:
    look = theme.apply(dressed, name)
    label = QLabel("█" * 8)
    qtbot.addWidget(label)
    label.resize(100, 30)
    label.show()
    seen = [at(label, 30, 15)]
    for properties in ({"stale": True}, {"stale": False, "disconnected": True}):
        mark(label, **properties)
        seen.append(at(label, 30, 15))
    assert seen == [look.text, look.stale, look.disconnected]


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_in_both_themes(name: ThemeName) -> None:
    look = theme.tokens(name)
    for text, ground, least in (
        (look.text, look.window, 7.0),
        (look.text, look.base, 7.0),
        (look.faint, look.window, 4.5),
        (look.faint, look.base, 4.5),
        (look.faint, look.raised, 4.5),
        (look.stale, look.base, 4.5),
        (look.stale, look.window, 4.5),
        (look.disconnected, look.base, 4.5),
        (look.disconnected, look.window, 4.5),
        (look.disconnected, look.raised, 4.5),
        (look.stale, look.raised, 4.5),
        (look.good, look.raised, 4.5),
        (look.good, look.window, 4.5),
        (look.link, look.window, 4.5),
        (look.link, look.raised, 4.5),
        (look.text, look.tip, 7.0),
        (look.accent_text, look.accent, 4.5),
        (look.accent, look.window, 3.0),  # the frame of what has the keyboard, the bar under a chosen tab
        (look.accent, look.base, 3.0),
        (look.link, look.base, 3.0),  # the ring around what has the keyboard
        (look.red, look.window, 3.0),
        (look.orange, look.window, 3.0),
        (look.blue, look.window, 3.0),
        (look.red_text, look.red, 4.5),
        (look.orange_text, look.orange, 4.5),
        (look.yellow_text, look.yellow, 4.5),
        (look.blue_text, look.blue, 4.5),
        (look.drill_text, look.drill, 4.5),
        (look.past_text, look.past, 4.5),
    ):
        assert contrast(text, ground) >= least, (text, ground)


@pytest.mark.parametrize("name", THEMES)
def test_every_role_of_the_palette_is_set(name: ThemeName) -> None:
    made = theme.palette(theme.tokens(name))
    groups = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole):
            assert all(made.isBrushSet(group, role) for group in groups), role


def test_the_style_sheet_is_short() -> None:
    assert len(theme.sheet(theme.tokens("dark")).splitlines()) <= 100


def test_chinese_is_drawn_in_its_simplified_forms() -> None:
    assert theme.font().families()[0] == "Noto Sans CJK SC"


def with_keyboard() -> list[type[QWidget]]:
    """The widget classes of Qt that the sources use and that take the keyboard."""
    used = {
        name.name
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "PySide6.QtWidgets"
        for name in node.names
    }
    classes = [getattr(QtWidgets, name) for name in sorted(used)]
    widgets = [kind for kind in classes if isinstance(kind, type) and issubclass(kind, QWidget)]
    return [kind for kind in widgets if kind.__name__ not in NOT_MADE and takes_keyboard(kind)]


NOT_MADE = {"QAbstractButton", "QAbstractItemView", "QAbstractSlider", "QAbstractSpinBox", "QHeaderView", "QFileDialog"}
"""Bases without widgets of their own, headers that take their orientation, and what the system draws."""


def takes_keyboard(kind: type[QWidget]) -> bool:
    made = kind()
    policy = made.focusPolicy()
    made.deleteLater()
    return bool(policy & Qt.FocusPolicy.TabFocus)


def test_a_ring_shows_in_both_themes_where_the_keyboard_is(dressed: QApplication, qtbot: QtBot) -> None:
    kinds = with_keyboard()
    assert len(kinds) >= 12
    for name in THEMES:
        look = theme.apply(dressed, name)
        window, first = QWidget(), QLineEdit()
        qtbot.addWidget(window)
        column = QVBoxLayout(window)
        column.addWidget(first)
        shown = [kind(window) for kind in kinds]
        for widget in shown:
            column.addWidget(widget)
            if isinstance(widget, QAbstractButton):
                widget.setText("x")
            if isinstance(widget, QTabBar | QTabWidget):
                widget.addTab(*(("x",) if isinstance(widget, QTabBar) else (QWidget(), "x")))
        window.resize(300, 60 * len(shown))
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        for widget in shown:
            first.setFocus()
            before = ringed(widget, look)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            held = widget.focusProxy() or widget
            qtbot.waitUntil(held.hasFocus)
            more = ringed(widget, look) - before
            assert more >= min(widget.width(), 40), (name, type(widget).__name__, more)
        window.close()


def ringed(widget: QWidget, look: theme.Tokens) -> int:
    """How many pixels of a widget are about of the colour of the ring; a rounded edge is drawn a little softer."""
    image, ring = widget.grab().toImage(), QColor(look.link)

    def near(x: int, y: int) -> bool:
        seen = image.pixelColor(x, y)
        return max(abs(seen.red() - ring.red()), abs(seen.green() - ring.green()), abs(seen.blue() - ring.blue())) <= 24

    edges = (0, 1, 2)
    rows = {*edges, *(image.height() - 1 - edge for edge in edges)}
    return sum(near(x, y) for y in rows if 0 <= y < image.height() for x in range(image.width()))


def test_an_unchecked_box_in_a_menu_is_seen_in_both_themes(dressed: QApplication, qtbot: QtBot) -> None:
    for name in THEMES:
        look = theme.apply(dressed, name)
        menu = QMenu()
        qtbot.addWidget(menu)
        menu.addAction("x").setCheckable(True)
        menu.resize(menu.sizeHint())
        image = menu.grab().toImage()
        seen = {image.pixelColor(x, y).name() for x in range(24) for y in range(image.height())}
        assert look.faint in seen, (name, seen)
