"""Who and what is around an incident: one number a kind, with source and date; unknown is said."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from controlroom.i18n import _
from controlroom.mapping.exposure import Exposed, Figure

RADII_M = (200, 500, 1000, 3000)
USUAL_M = 500
"""House figure: what is looked at first around a place."""


class ExposureStrip(QWidget):
    """Seven figures and the radius they are for."""

    radius_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.radius = QComboBox()
        self.radius.setAccessibleName(_("Radius"))
        for metres in RADII_M:
            self.radius.addItem(_("within {metres} m").format(metres=metres), metres)
        self.radius.setCurrentIndex(RADII_M.index(USUAL_M))
        self.radius.currentIndexChanged.connect(self._chosen)
        self.numbers: dict[Exposed, QLabel] = {}
        self.note = QLabel()
        self.note.setProperty("faint", True)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(0)
        for column, (kind, word) in enumerate(kind_words().items()):
            number, title = QLabel("—"), QLabel(word)
            font = number.font()
            font.setBold(True)
            number.setFont(font)
            number.setTextFormat(Qt.TextFormat.PlainText)
            title.setProperty("faint", True)
            grid.addWidget(number, 0, column)
            grid.addWidget(title, 1, column)
            self.numbers[kind] = number
        row = QHBoxLayout()
        row.addWidget(self.radius, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(grid)
        row.addStretch(1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 2, 0, 2)
        column_.setSpacing(1)
        column_.addLayout(row)
        column_.addWidget(self.note)

    @property
    def radius_m(self) -> int:
        """The radius that is chosen."""
        return int(self.radius.currentData())

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these; kinds that are not among them are unknown. None at all: the incident has no place."""
        told = {figure.kind: figure for figure in figures}
        words = kind_words()
        for kind, label in self.numbers.items():
            figure = told.get(kind, Figure(kind, None))
            label.setText(figure_text(figure))
            origin = f"{figure.source} · {figure.dated}" if figure.source else _("no data layer")
            label.setToolTip(f"{words[kind]}: {origin}")
        if not figures:
            self.note.setText(_("The incident has no place on the map, so nobody can say who is near."))
            return
        said = []
        schematic = [words[f.kind] for f in figures if f.schematic]
        if schematic:
            said.append(_("Schematic demo data, invented: {kinds}").format(kinds=_(", ").join(schematic)))
        partly = [words[f.kind] for f in figures if f.partly]
        if partly:
            said.append(_("At least, since not all is known there: {kinds}").format(kinds=_(", ").join(partly)))
        sources = dict.fromkeys(
            _("{source}, {date}").format(source=f.source, date=f.dated) for f in figures if f.source and not f.schematic
        )
        said += [_("Sources: {sources}").format(sources=_("; ").join(sources))] if sources else []
        self.note.setText(" · ".join(said))

    def _chosen(self) -> None:
        self.radius_chosen.emit(self.radius_m)


def figure_text(figure: Figure) -> str:
    """The number as it is read; never 0 for what is unknown."""
    if figure.number is None:
        return _("unknown")
    return f"≥ {figure.number:,}" if figure.partly else f"{figure.number:,}"


def kind_words() -> dict[Exposed, str]:
    """What each kind is called."""
    return {
        Exposed.PEOPLE: _("People"),
        Exposed.ENTERPRISES: _("Enterprises"),
        Exposed.SCHOOLS: _("Schools"),
        Exposed.HOSPITALS: _("Hospitals"),
        Exposed.HAZARDS: _("Hazard sources"),
        Exposed.CAMERAS: _("Cameras"),
        Exposed.TEAMS: _("Teams"),
    }
