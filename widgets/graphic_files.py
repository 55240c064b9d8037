"""Where plotting is taken from and written to, and in which datum a neighbour's file is."""

from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from controlroom.i18n import _
from controlroom.mapping.coordinates import Datum


def file_to_write(parent: QWidget | None, name: str, kind: str) -> str:
    """Where the officer wants a file; empty when nowhere."""
    return QFileDialog.getSaveFileName(parent, _("Give plotting to others"), f"{name}.{kind}", f"*.{kind}")[0]


def file_to_read(parent: QWidget | None) -> tuple[str, Datum]:
    """Which file to take, and the datum of its coordinates; empty when none."""
    name = QFileDialog.getOpenFileName(parent, _("Take plotting from a file"), "", "*.geojson *.json *.kml")[0]
    if not name:
        return "", Datum.WGS84
    words = {
        _("WGS-84 or CGCS2000 (GPS, BeiDou)"): Datum.WGS84,
        _("GCJ-02 (most Chinese web maps)"): Datum.GCJ02,
        _("BD-09 (Baidu)"): Datum.BD09,
    }
    chosen, taken = QInputDialog.getItem(
        parent, _("Take plotting from a file"), _("Coordinates of the file"), list(words), 0, False
    )
    return (name, words[chosen]) if taken else ("", Datum.WGS84)
