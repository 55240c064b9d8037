"""Pictures of texts: drawn as Qt draws the text itself, cut to their width, and never more than their bound."""

import pytest
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from pytestqt.qtbot import QtBot

from widgets import text_pieces
from widgets.text_pieces import TextPieces

INK, GROUND = QColor("#f0f0f0"), QColor("#101418")
TEXTS = ("未确认", "Gas 易涝点积水 42 cm", "10:11:12")


def _drawn(text: str, by_piece: bool, ratio: float) -> QImage:
    font = QFont()
    image = QImage(round(300 * ratio), round(40 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(GROUND)
    painter = QPainter(image)
    if by_piece:
        TextPieces(font, ratio).draw(painter, 4, 5, text, 280, INK, GROUND)
    else:
        painter.setFont(font)
        painter.setPen(INK)
        painter.drawText(4, 5 + QFontMetrics(font).ascent(), text)
    painter.end()
    return image


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("text", TEXTS)
def test_a_piece_looks_as_the_text_that_qt_draws(qtbot: QtBot, text: str, ratio: float) -> None:
    assert _drawn(text, True, ratio) == _drawn(text, False, ratio)


def test_a_text_is_shaped_once_and_again_in_another_colour_or_font(qtbot: QtBot) -> None:
    pieces = TextPieces(QFont())
    first = pieces.piece("未确认", 100, INK, GROUND)
    assert first is not None
    assert pieces.piece("未确认", 100, INK, GROUND) is first
    assert pieces.piece("未确认", 100, QColor("#ff0000"), GROUND) is not first
    large = QFont()
    large.setPixelSize(40)
    pieces.dress(large, 1.0)
    again = pieces.piece("未确认", 100, INK, GROUND)
    assert again is not None and again.height() > first.height()


def test_a_long_text_is_cut_to_its_width_and_nothing_has_no_picture(qtbot: QtBot) -> None:
    pieces = TextPieces(QFont())
    cut = pieces.piece("长" * 10_000, 120, INK, GROUND)
    assert cut is not None and cut.width() <= 120
    assert pieces.piece("", 100, INK, GROUND) is None
    assert pieces.piece("x", 0, INK, GROUND) is None


def test_never_more_is_held_than_the_bound(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "_MOST_BYTES", 50_000)
    pieces = TextPieces(QFont())
    for number in range(500):
        pieces.piece(f"告警 {number}", 200, INK, GROUND)
        assert pieces.held_bytes <= 50_000
    assert pieces.held_bytes > 0
