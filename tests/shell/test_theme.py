"""Both themes, seen in pixels."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from controlroom.shell import theme
from controlroom.shell.theme import THEMES, ThemeName
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
        (look.good, look.window, 4.5),
        (look.link, look.window, 4.5),
        (look.link, look.raised, 4.5),
        (look.text, look.tip, 7.0),
        (look.accent_text, look.accent, 4.5),
        (look.accent, look.window, 3.0),  # the frame of what has the keyboard, the bar under a chosen tab
        (look.accent, look.base, 3.0),
        (look.link, look.base, 3.0),
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
