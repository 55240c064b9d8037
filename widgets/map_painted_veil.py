"""What the simple map says over everything: where its data comes from, and that no new data comes."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from controlroom.mapping.scene import Scene


def draw_veil(painter: QPainter, scene: Scene, area: QRect) -> None:
    """Says that no new data comes, and since when."""
    painter.fillRect(area, QColor(128, 128, 128, 50))
    painter.setPen(QPen(QColor("#e9c46a"), 6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    painter.setFont(QFont(painter.font().family(), 11, QFont.Weight.Bold))
    text = scene.texts.get("veil", "")
    box = painter.fontMetrics().boundingRect(text).adjusted(-14, -4, 14, 4)
    box.moveCenter(QPoint(area.width() // 2, 26))
    painter.fillRect(box, QColor("#e9c46a"))
    painter.setPen(QColor("#1c1405"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_sources(painter: QPainter, scene: Scene, area: QRect, look: Mapping[str, str]) -> None:
    """The licences of the district's data ask for this line on every map."""
    texts = scene.texts
    painter.setFont(QFont(painter.font().family(), 8))
    painter.setPen(QColor(look["outline"]))
    parts = [*(texts.get(name, "") for name in ("schematic", "sources")), scene.base_words[0]]
    line = " · ".join(part for part in parts if part)
    corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
    place = area.adjusted(8, 0, -8, -6)
    ground = QColor(look["ground"])
    ground.setAlphaF(0.8)
    painter.fillRect(painter.boundingRect(place, corner, line).adjusted(-6, -3, 6, 3), ground)
    painter.drawText(place, corner, line)
