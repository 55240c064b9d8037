import pytest
from PySide6.QtGui import QColor, QIcon, QPalette
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from widgets.severity import (
    Symbol,
    is_dark,
    severity_colour,
    severity_icon,
    severity_ink,
    severity_pixmap,
    severity_shape,
    severity_word,
)


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(colour: QColor, ground: str) -> float:
    light, deep = sorted((luminance(colour), luminance(QColor(ground))), reverse=True)
    return (light + 0.05) / (deep + 0.05)


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(
    ("dark", "ground"),
    [
        (True, "#15181c"),
        (True, "#2a2d30"),
        (True, "#24272a"),
        (False, "#ffffff"),
        (False, "#f4f4f4"),
        (False, "#e8e9ea"),
    ],
)
def test_every_colour_stands_out_from_its_ground(severity: Severity, dark: bool, ground: str) -> None:
    """WCAG 2.2 success criterion 1.4.11: graphical objects have a contrast of at least 3:1."""
    assert contrast(severity_colour(severity, dark), ground) >= 3.0
    assert contrast(severity_ink(severity, dark), ground) >= 4.5


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(("dark", "selection"), [(True, "#587a8f"), (False, "#4a7088")])
def test_a_symbol_is_seen_in_a_chosen_row(qtbot: QtBot, severity: Severity, dark: bool, selection: str) -> None:
    """There it stands on a plate that differs from the selection, and the symbol from the plate."""
    picture = severity_icon(severity, 16, dark=dark).pixmap(16, QIcon.Mode.Selected).toImage()
    plate = picture.pixelColor(1, 4)
    assert plate.alpha() == 255
    assert contrast(plate, selection) >= 3.0
    assert contrast(severity_colour(severity, dark), plate.name()) >= 3.0
    assert severity_icon(severity, 16, dark=dark).pixmap(16).toImage().pixelColor(0, 0).alpha() == 0


def test_severities_differ_in_shape_and_word_not_only_in_colour(qtbot: QtBot) -> None:
    alphas = set()
    for severity in Severity:
        image = severity_pixmap(severity, 20).toImage().createAlphaMask()
        alphas.add(bytes(image.constBits()))
    assert len(alphas) == 4
    assert [severity_shape(severity) for severity in Severity] == ["◆", "▲", "■", "●"]
    assert severity_word(Severity.RED) == "红色 Ⅰ级"
    set_language("en")
    assert severity_word(Severity.BLUE) == "Blue level Ⅳ"


def test_waiting_acknowledged_and_flashed_symbols_differ(qtbot: QtBot) -> None:
    pictures = {severity_pixmap(Severity.RED, 20, symbol).toImage().copy().cacheKey() for symbol in Symbol}
    assert len(pictures) == 3
    images = [severity_pixmap(Severity.RED, 20, symbol).toImage() for symbol in Symbol]
    assert images[0] != images[1] != images[2] != images[0]


def test_pictures_are_made_once_and_sharp_on_any_screen(qtbot: QtBot) -> None:
    first = severity_pixmap(Severity.ORANGE, 16, ratio=2.0)
    assert first.width() == 32
    assert first.deviceIndependentSize().width() == 16
    assert severity_pixmap(Severity.ORANGE, 16, ratio=2.0).cacheKey() == first.cacheKey()


def test_a_dark_theme_is_known_by_its_base() -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Base, QColor("#15181c"))
    assert is_dark(palette)
    palette.setColor(QPalette.ColorRole.Base, QColor("white"))
    assert not is_dark(palette)
