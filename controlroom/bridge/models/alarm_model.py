"""The alarm list as an item model over the column index; GUI thread only."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from controlroom.bridge.models.alarm_index import AlarmColumn, AlarmFilter, AlarmIndex
from controlroom.bridge.names import Names
from controlroom.bridge.raw_text import harmless, in_role
from controlroom.bridge.wording import (
    age_text,
    due_text,
    holder_text,
    severity_word,
    standing_word,
    tags_text,
    time_text,
)
from controlroom.domain.alarm import Alarm, AsideKind
from controlroom.domain.alarm_policy import DEFAULT_POLICY
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Silence, silencing
from controlroom.domain.times import Instant
from controlroom.i18n import _

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class PastAlarm(Struct, frozen=True):
    """One transition of an alarm out of the journal: its sequence number, the hub's time of commit, the new state."""

    sequence: int
    at: Instant
    alarm: Alarm


def column_word(column: AlarmColumn) -> str:
    """The title of a column."""
    return {
        AlarmColumn.SEVERITY: _("Severity"),
        AlarmColumn.STATE: _("State"),
        AlarmColumn.OCCURRED: _("Occurred"),
        AlarmColumn.AGE: _("Age"),
        AlarmColumn.TITLE: _("Alarm title"),
        AlarmColumn.PLACE: _("Place"),
        AlarmColumn.SOURCE: _("Source"),
        AlarmColumn.COUNT: _("Count"),
        AlarmColumn.ACKNOWLEDGED_BY: _("Acknowledged by"),
        AlarmColumn.OWNER: _("Who has it"),
        AlarmColumn.ASIDE_REASON: _("Reason"),
        AlarmColumn.ASIDE_SINCE: _("Set aside"),
        AlarmColumn.ASIDE_UNTIL: _("Until"),
    }[column]


class AlarmModel(QAbstractTableModel):
    """Rows are alarms in the order of the index; every batch is one `layoutChanged`, however large it is.

    A live list is fed by `reset` and `change` and drops alarms that the room no longer keeps; a list of the past is
    fed by `reset_past` and `append_past`, where the same alarm has a row for each of its transitions.
    """

    counted = Signal(object)
    """dict[Severity, int]: the waiting alarms, after every batch that changed them or how many are set aside."""

    def __init__(
        self,
        now: datetime,
        zone: tzinfo | None = None,
        parent: QObject | None = None,
        names: Names | None = None,
        untaken_s: float = DEFAULT_POLICY.untaken_s,
    ) -> None:
        super().__init__(parent)
        self._untaken_s = untaken_s
        self._silences: tuple[Silence, ...] = ()
        self.silences_version = 0
        """Moves with the silences, so that a view knows which of its pictures are old."""
        self._index = AlarmIndex(names)
        self._zone = zone
        self.names = names or Names()
        self._counts: dict[Severity, int] = dict.fromkeys(Severity, 0)
        self._aside: dict[AsideKind, int] = dict.fromkeys(AsideKind, 0)
        self.now = now.astimezone(UTC)
        """The time that ages are told against; moved by `tick`."""

    # ---------------------------------------------------------------- what feeds it

    def reset(self, alarms: Iterable[Alarm]) -> None:
        """Hold exactly these alarms."""
        self.beginResetModel()
        self._index.replace((alarm.id, alarm) for alarm in alarms if alarm.kept)
        self.endResetModel()
        self._count()

    def change(self, alarms: Sequence[Alarm]) -> None:
        """Take in the new states of a batch; the last one told of an alarm counts."""
        newest = {alarm.id: alarm for alarm in alarms}
        held = [(key, alarm) for key, alarm in newest.items() if alarm.kept]
        gone = [key for key, alarm in newest.items() if not alarm.kept]
        with _Layout(self):
            self._index.put(held, gone)
        self._count()

    def reset_past(self, past: Iterable[PastAlarm]) -> None:
        """Hold exactly these transitions."""
        self.beginResetModel()
        self._index.replace((str(entry.sequence), entry.alarm) for entry in past)
        self.endResetModel()

    def append_past(self, past: Iterable[PastAlarm]) -> None:
        """Hold these transitions too."""
        with _Layout(self):
            self._index.put([(str(entry.sequence), entry.alarm) for entry in past])

    def set_silences(self, silences: Iterable[Silence]) -> None:
        """The silences in force: what lies under one says so."""
        self._silences = tuple(silences)
        self.silences_version += 1
        if self.rowCount():
            column = AlarmColumn.STATE
            self.dataChanged.emit(self.index(0, column), self.index(self.rowCount() - 1, column))

    def tick(self, now: datetime) -> None:
        """Move the time that ages are told against; the view repaints its ages itself."""
        self.now = now

    # ---------------------------------------------------------------- what the view asks

    @property
    def total(self) -> int:
        """How many alarms are held, listed or not."""
        return len(self._index)

    @property
    def counts(self) -> dict[Severity, int]:
        """How many alarms wait, by severity, whatever is listed."""
        return dict(self._counts)

    @property
    def aside(self) -> dict[AsideKind, int]:
        """How many alarms are set aside, whatever is listed."""
        return dict(self._aside)

    @property
    def filter(self) -> AlarmFilter:
        """What is listed."""
        return self._index.filter

    def set_filter(self, wanted: AlarmFilter) -> None:
        """List other alarms."""
        with _Layout(self):
            self._index.set_filter(wanted)

    def route(self, is_handed: Callable[[Alarm], bool] | None) -> None:
        """What tells whether another seat has an alarm from this one; None where none was handed over."""
        with _Layout(self):
            self._index.route(is_handed)
        self._count()

    @property
    def nested(self) -> bool:
        """Whether alarms that lie under another one stand below it."""
        return self._index.nested

    def nest(self, nested: bool) -> None:
        """List alarms below the one they lie under, or each where the sorting puts it."""
        with _Layout(self):
            self._index.nest(nested)

    @property
    def handed_count(self) -> int:
        """How many alarms other seats have from this one."""
        return self._index.handed_count

    @property
    def sorting(self) -> tuple[AlarmColumn, bool]:
        """The column that sorts the list, and whether it does so downwards."""
        return self._index.column, self._index.descending

    def alarm(self, row: int) -> Alarm:
        """The alarm of a row. Raises IndexError for a row that is not there."""
        alarm = self._index.alarms[int(self._index.order[row])]
        assert alarm is not None  # the order never names a slot that was given back
        return alarm

    def key(self, row: int) -> str:
        """What a row is known by while it moves: the alarm's id, or a transition's sequence number."""
        return self._index.keys[int(self._index.order[row])]

    def version(self, row: int) -> int:
        """A number that changes whenever the alarm of the row was told anew or moved below another one."""
        slot = int(self._index.order[row])
        return self._index.versions[slot] * 2 + (slot in self._index.under)

    def row(self, key: str) -> int:
        """The row of a key, or -1 when it is not listed."""
        return self._index.row(key)

    def holds(self, key: str) -> bool:
        """Whether a key is held, listed or not."""
        return key in self._index.slots

    def of(self, key: str) -> Alarm | None:
        """The alarm of a key, listed or not."""
        slot = self._index.slots.get(key)
        return None if slot is None else self._index.alarms[slot]

    def text(self, alarm: Alarm, column: int) -> str:
        """What a cell says."""
        if column == AlarmColumn.SEVERITY:
            return severity_word(alarm.severity)
        if column == AlarmColumn.STATE:
            muted = self._index.muted.get(alarm.id, 0)
            words = [_("Cause of {count}").format(count=muted)] if muted else []
            words += [_("Silenced")] if silencing(self._silences, alarm) is not None else []
            return " · ".join((*words, standing_word(alarm)))
        if column == AlarmColumn.OCCURRED:
            return time_text(alarm.occurred_at, self.now, self._zone)
        if column == AlarmColumn.AGE:
            return age_text((self.now - alarm.occurred_at).total_seconds())
        if column == AlarmColumn.TITLE:
            title = f"└ {alarm.title}" if self._index.slots.get(alarm.id, -1) in self._index.under else alarm.title
            return harmless(title) if not alarm.tags else harmless(f"{title}  {tags_text(alarm)}")
        if column == AlarmColumn.PLACE:
            return harmless(alarm.place)
        if column == AlarmColumn.SOURCE:
            return harmless(self.names.origin(alarm.source, alarm.kind))
        if column == AlarmColumn.COUNT:
            return str(int(alarm.count))
        if column == AlarmColumn.ACKNOWLEDGED_BY:
            return alarm.acknowledged_by
        if column == AlarmColumn.OWNER:
            return holder_text(alarm, self.names, self.now, self._untaken_s)
        return self._aside_text(alarm, column)

    def _aside_text(self, alarm: Alarm, column: int) -> str:
        aside = alarm.aside
        if aside is None:
            return ""
        if column == AlarmColumn.ASIDE_REASON:
            return aside.reason
        if column == AlarmColumn.ASIDE_SINCE:
            return f"{aside.by} · {age_text((self.now - aside.at).total_seconds())}"
        if aside.until is None:
            return _("until somebody brings it back")
        return f"{due_text(aside.until, self.now)} · {time_text(aside.until, self.now, self._zone)}"

    # ---------------------------------------------------------------- QAbstractTableModel

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Listed alarms."""
        return 0 if parent.isValid() else len(self._index.order)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The columns of AlarmColumn."""
        return 0 if parent.isValid() else len(AlarmColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell, the id under UserRole; never a numpy scalar, which would corrupt Qt's variants."""
        if not index.isValid() or index.row() >= len(self._index.order):
            return None
        if role == Qt.ItemDataRole.UserRole:
            return self.key(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_role(self.text(self.alarm(index.row()), index.column()), role)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            alarm = self.alarm(index.row())
            if index.column() != AlarmColumn.SEVERITY:
                return f"{column_word(AlarmColumn(index.column()))}: {self.text(alarm, index.column())}"
            return ", ".join(filter(None, (self.text(alarm, column) for column in AlarmColumn)))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == AlarmColumn.COUNT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(AlarmColumn):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return column_word(AlarmColumn(section))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is the usual order: severity, waiting first, the newest first."""
        with _Layout(self):
            self._index.sort(AlarmColumn(max(column, 0)), order is Qt.SortOrder.DescendingOrder)

    def _count(self) -> None:
        counts, aside = self._index.counts(), self._index.aside_counts()
        if (counts, aside) != (self._counts, self._aside):
            self._counts, self._aside = counts, aside
            self.counted.emit(dict(counts))

    def moved(self, keys: list[str], indexes: list[QModelIndex]) -> None:
        """Point persistent indexes at the rows where their keys are now (the current row of a view, mostly)."""
        rows = [self.row(key) for key in keys]
        fresh = [
            self.index(row, index.column()) if row >= 0 else _NOWHERE for row, index in zip(rows, indexes, strict=True)
        ]
        self.changePersistentIndexList(indexes, fresh)


class _Layout:
    """Wraps one change of the order into `layoutAboutToBeChanged` and `layoutChanged`."""

    def __init__(self, model: AlarmModel) -> None:
        self._model = model

    def __enter__(self) -> None:
        self._model.layoutAboutToBeChanged.emit()
        self._indexes = self._model.persistentIndexList()
        self._keys = [self._model.key(index.row()) for index in self._indexes]

    def __exit__(self, *raised: object) -> None:
        self._model.moved(self._keys, self._indexes)
        self._model.layoutChanged.emit()
