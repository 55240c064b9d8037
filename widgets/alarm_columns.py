"""The columns of the alarm list: their order, their widths, and which are shown of alarms that are set aside."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.wording import age_text, severity_word, state_word
from controlroom.domain.alarm import AlarmState
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.alarm_row_pictures import MARGIN, SYMBOL

_ORDER = (
    AlarmColumn.SEVERITY,
    AlarmColumn.TITLE,
    AlarmColumn.PLACE,
    AlarmColumn.AGE,
    AlarmColumn.ASIDE_UNTIL,
    AlarmColumn.ASIDE_REASON,
    AlarmColumn.ASIDE_SINCE,
    AlarmColumn.STATE,
    AlarmColumn.SOURCE,
    AlarmColumn.OWNER,
    AlarmColumn.OCCURRED,
    AlarmColumn.COUNT,
    AlarmColumn.ACKNOWLEDGED_BY,
)
"""From left to right: what a narrow window must show comes first."""
_WIDTHS = {
    AlarmColumn.SEVERITY: 110,
    AlarmColumn.TITLE: 290,
    AlarmColumn.PLACE: 190,
    AlarmColumn.AGE: 98,
    AlarmColumn.STATE: 118,
    AlarmColumn.OCCURRED: 78,
    AlarmColumn.SOURCE: 150,
    AlarmColumn.COUNT: 50,
    AlarmColumn.ACKNOWLEDGED_BY: 90,
    AlarmColumn.OWNER: 150,
    AlarmColumn.ASIDE_UNTIL: 200,
    AlarmColumn.ASIDE_REASON: 160,
    AlarmColumn.ASIDE_SINCE: 160,
}
_STATE_MOST = 200
_LONG_AGES_S = (3_599, 86_399, 30 * 86_400)
_TITLE_LEAST = 190
_TEXTS_LEAST = 400
_TITLE_MOST = 520
_PLACE_LEAST = 130
_OF_ASIDE = (AlarmColumn.ASIDE_REASON, AlarmColumn.ASIDE_SINCE, AlarmColumn.ASIDE_UNTIL)
_NOT_OF_ASIDE = (
    AlarmColumn.OCCURRED,
    AlarmColumn.AGE,
    AlarmColumn.SOURCE,
    AlarmColumn.COUNT,
    AlarmColumn.ACKNOWLEDGED_BY,
    AlarmColumn.OWNER,
)


class AlarmColumns(QObject):
    """Title and place share what the window has, until the officer gave the columns widths of their own."""

    changed = Signal()
    """Other columns, or in another order or width."""

    def __init__(self, rows: QTableView) -> None:
        super().__init__(rows)
        self._rows = rows
        self._aside = self._fitting = self._by_hand = False
        header = self._header = rows.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(40)
        metrics = QFontMetrics(rows.font())
        severities = max(metrics.horizontalAdvance(severity_word(severity)) for severity in Severity)
        flapping = _("Flapping ×{count}").format(count=99)
        words = (*map(state_word, AlarmState), f"{flapping} · {state_word(AlarmState.UNACKNOWLEDGED)}")
        states = max(map(metrics.horizontalAdvance, words))
        self._widths = _WIDTHS | {
            AlarmColumn.SEVERITY: severities + SYMBOL + 4 * MARGIN,
            AlarmColumn.STATE: min(states + 4 * MARGIN, _STATE_MOST),
            AlarmColumn.AGE: max(metrics.horizontalAdvance(age_text(seconds)) for seconds in _LONG_AGES_S) + 3 * MARGIN,
        }
        for place, column in enumerate(_ORDER):
            header.moveSection(header.visualIndex(column), place)
            header.resizeSection(column, self._widths[column])
        header.setStretchLastSection(True)
        header.setSortIndicator(AlarmColumn.SEVERITY, Qt.SortOrder.AscendingOrder)
        # Qt hides the hidden sections again after every change of the order and tells it as resizing.
        header.sectionResized.connect(self._resized)
        header.viewport().installEventFilter(self)
        header.sectionMoved.connect(self.changed)
        header.sortIndicatorChanged.connect(self._restored)
        self.show_aside(False)

    def show_aside(self, aside: bool) -> None:
        """Show the columns of alarms that are set aside, or those of all others."""
        self._aside = aside
        wanted = dict.fromkeys(_OF_ASIDE, not aside) | dict.fromkeys(_NOT_OF_ASIDE, aside)
        rows = self._rows
        different = {column: hidden for column, hidden in wanted.items() if rows.isColumnHidden(column) is not hidden}
        for column, hidden in different.items():
            rows.setColumnHidden(column, hidden)
        if different:
            self.fit()
        self.changed.emit()

    def fit(self) -> None:
        """Have the columns fill the window, if their widths are still ours."""
        if self._fitting:
            return
        rows = self._rows
        own = self._header.cascadingSectionResizes()
        policy = Qt.ScrollBarPolicy
        rows.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if own else policy.ScrollBarAlwaysOff)
        if own:
            return
        widths = {column: 0 if rows.isColumnHidden(column) else width for column, width in self._widths.items()}
        room = rows.viewport().width() - widths[AlarmColumn.SEVERITY] - widths[AlarmColumn.AGE]
        texts = _TEXTS_LEAST
        last = AlarmColumn.PLACE
        for column in _ORDER[4:]:  # a column that would squeeze the texts waits beyond the right edge
            if room - widths[column] < texts:
                break
            room -= widths[column]
            last = column if widths[column] else last
        widths[AlarmColumn.TITLE] = min(max(room * 58 // 100, _TITLE_LEAST), _TITLE_MOST)
        room -= widths[AlarmColumn.TITLE]
        widths[AlarmColumn.PLACE] = max(min(room, widths[AlarmColumn.PLACE] + 60), _PLACE_LEAST)
        widths[last] += max(0, room - widths[AlarmColumn.PLACE])  # no column is cut by the edge
        self._fitting = True
        for column, width in widths.items():
            if width:
                self._header.resizeSection(column, width)
        self._fitting = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only a hand on the titles sets widths; Qt resizes sections of its own accord too."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._by_hand = True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._by_hand = False
        return super().eventFilter(watched, event)

    def _restored(self) -> None:
        """Qt tells the order of rows whenever it gives a header back its state, which may be that of another tab."""
        self.show_aside(self._aside)

    def _resized(self, section: int, old: int, new: int) -> None:
        header = self._header
        visible = [column for column in range(header.count()) if not header.isSectionHidden(column)]
        last = max(visible, key=header.visualIndex, default=-1)
        if self._by_hand and old and new and section != last:
            # The flag is kept with the widths when the desk remembers this header.
            header.setCascadingSectionResizes(True)
            self._rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._rows.viewport().update()
