"""A picture that is painted, written as a file: PNG, or SVG with lines and text."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator


def save_painted(
    file: Path, size: QSize, scale: int, paint: Callable[[QPainter], None], title: str, description: str
) -> None:
    """Write what `paint` paints on `size`; `.svg` by its ending, all else is PNG with `scale` pixels for one.

    Raises OSError.
    """
    if file.suffix.lower() == ".svg":
        file.touch()
        generator = QSvgGenerator()
        generator.setFileName(str(file))
        generator.setSize(size)
        generator.setViewBox(QRect(0, 0, size.width(), size.height()))
        generator.setResolution(96)
        generator.setTitle(title)
        generator.setDescription(description)
        painter = QPainter()
        if not painter.begin(generator):
            raise OSError(f"{file} cannot be written")
        paint(painter)
        painter.end()
        return
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    image.setText("Title", title)
    image.setText("Description", description)
    writer = QImageWriter(str(file), b"png")
    if not writer.write(image):
        raise OSError(writer.errorString())
