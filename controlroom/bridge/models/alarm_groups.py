"""Alarms of a flood in groups by place and cause, as a tree model whose rows never change their places.

A group keeps what has gone until it is built anew, so that nothing moves under the cursor; new groups and new members
come last. The members of a group become rows only while it is open: closed ones cost nothing, however many come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.names import Names
from controlroom.bridge.raw_text import in_role
from controlroom.bridge.wording import age_text, severity_word, standing_word, time_text
from controlroom.domain.alarm import Alarm
from controlroom.domain.seating import area_of
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.i18n import _

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

WHAT, WORST, WAITING, STANDING, OLDEST, FIRST = range(6)
SEVERITY_ROLE = Qt.ItemDataRole.UserRole + 1
WAITS_ROLE = Qt.ItemDataRole.UserRole + 2


def group_key(alarm: Alarm) -> tuple[str, str]:
    """Place and cause: the area, and the cause where a rule told one, else the kind, else the title."""
    return area_of(alarm.place), alarm.cause or alarm.kind or alarm.title


@dataclass(slots=True)
class AlarmGroup:
    """Alarms of one place and cause. `first` is the first-out: the one that occurred before all others."""

    key: tuple[str, str]
    first: Alarm
    members: dict[str, Alarm] = field(default_factory=dict)
    waiting: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))
    standing: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))
    rows: list[str] | None = None
    """The ids of the members in the order of their rows, while the group is open."""

    def put(self, alarm: Alarm) -> bool:
        """Take in a new state; whether the member is new."""
        held = self.members.get(alarm.id)
        if held is not None:
            self._count(held, -1)
        self.members[alarm.id] = alarm
        self._count(alarm, 1)
        if _before(alarm, self.first):
            self.first = alarm
        return held is None

    def _count(self, alarm: Alarm, step: int) -> None:
        if alarm.waiting:
            self.waiting[alarm.severity] += step
        if alarm.active:
            self.standing[alarm.severity] += step

    @property
    def worst(self) -> Severity | None:
        """The worst severity that waits, else that stands, else None: all is over."""
        for counts in (self.waiting, self.standing):
            for severity in Severity:
                if counts[severity]:
                    return severity
        return None


def _before(alarm: Alarm, other: Alarm) -> bool:
    """Whether an alarm is rather the first-out; what a rule marked comes before what only came early."""
    return (not alarm.first_out, alarm.occurred_at, alarm.id) < (not other.first_out, other.occurred_at, other.id)


class AlarmGroupModel(QAbstractItemModel):
    """Groups and, below them, the members of those that are open. GUI thread only."""

    def __init__(
        self,
        now: Instant,
        zone: tzinfo | None = None,
        names: Names | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._groups: list[AlarmGroup] = []
        self._place: dict[tuple[str, str], int] = {}
        self._home: dict[str, int] = {}
        self._zone = zone
        self._names = names or Names()
        self.now = now.astimezone(UTC)

    # ---------------------------------------------------------------- what feeds it

    def build(self, alarms: Iterable[Alarm]) -> None:
        """Group these anew: the worst group first, then the one that began first; what is over is let go."""
        self.beginResetModel()
        groups: dict[tuple[str, str], AlarmGroup] = {}
        for alarm in sorted((a for a in alarms if a.kept), key=lambda a: (a.occurred_at, a.id)):
            key = group_key(alarm)
            group = groups.get(key)
            if group is None:
                group = groups[key] = AlarmGroup(key, alarm)
            group.put(alarm)
        self._groups = sorted(groups.values(), key=_rank)
        self._place = {group.key: number for number, group in enumerate(self._groups)}
        self._home = {key: n for n, group in enumerate(self._groups) for key in group.members}
        self.endResetModel()

    def change(self, alarms: Sequence[Alarm]) -> None:
        """Take in new states; of what was not grouped yet only what is kept."""
        grown: dict[int, list[str]] = {}
        fresh: list[AlarmGroup] = []
        touched: set[int] = set()
        for alarm in alarms:
            number = self._home.get(alarm.id)
            if number is None:
                if not alarm.kept:
                    continue
                number = self._place.get(group_key(alarm))
            if number is None:
                number = len(self._groups) + len(fresh)
                fresh.append(AlarmGroup(group_key(alarm), alarm))
                self._place[fresh[-1].key] = number
            group = self._groups[number] if number < len(self._groups) else fresh[number - len(self._groups)]
            self._home[alarm.id] = number
            if group.put(alarm) and group.rows is not None:
                grown.setdefault(number, []).append(alarm.id)
            touched.add(number)
        held = len(self._groups)
        if fresh:
            self.beginInsertRows(QModelIndex(), held, held + len(fresh) - 1)
            self._groups.extend(fresh)
            self.endInsertRows()
        for number, ids in grown.items():
            rows = self._groups[number].rows
            if rows is not None:
                self.beginInsertRows(self.index(number, 0), len(rows), len(rows) + len(ids) - 1)
                rows.extend(ids)
                self.endInsertRows()
        self._tell(n for n in touched if n < held)

    def open(self, group: QModelIndex) -> None:
        """Make rows of the members of a group."""
        held = self._group(group)
        if held is None or held.rows is not None:
            return
        # First the first-out, then as they came.
        ids = sorted(held.members, key=lambda key: key != held.first.id)
        self.beginInsertRows(group, 0, len(ids) - 1)
        held.rows = ids
        self.endInsertRows()

    def close(self, group: QModelIndex) -> None:
        """Let go of the rows of a group's members."""
        held = self._group(group)
        if held is None or held.rows is None:
            return
        self.beginRemoveRows(group, 0, len(held.rows) - 1)
        held.rows = None
        self.endRemoveRows()

    def tick(self, now: datetime) -> None:
        """Move the time that ages are told against."""
        self.now = now
        self._tell(range(len(self._groups)))

    def _tell(self, numbers: Iterable[int]) -> None:
        told = sorted(numbers)
        if not told:
            return
        self.dataChanged.emit(self.index(told[0], 0), self.index(told[-1], FIRST))
        for number in told:
            rows = self._groups[number].rows
            if rows:
                parent = self.index(number, 0)
                self.dataChanged.emit(self.index(0, 0, parent), self.index(len(rows) - 1, FIRST, parent))

    # ---------------------------------------------------------------- what the view asks

    @property
    def groups(self) -> Sequence[AlarmGroup]:
        """The groups in the order of their rows."""
        return self._groups

    def holds(self, alarm: str) -> bool:
        """Whether an alarm is in a group."""
        return alarm in self._home

    def group_of(self, alarm: str) -> QModelIndex:
        """The row of the group that an alarm is in; no row where it is in none."""
        number = self._home.get(alarm)
        return QModelIndex() if number is None else self.index(number, 0)

    def member(self, group: QModelIndex, alarm: str) -> QModelIndex:
        """The row of an alarm in its open group."""
        held = self._group(group)
        rows = [] if held is None else held.rows or []
        return self.index(rows.index(alarm), 0, group) if alarm in rows else QModelIndex()

    def alarms(self, index: Index) -> list[Alarm]:
        """The alarms that a row stands for: one, or all of a group."""
        group = self._group(index)
        if group is not None:
            return list(group.members.values())
        alarm = self.alarm(index)
        return [] if alarm is None else [alarm]

    def alarm(self, index: Index) -> Alarm | None:
        """The alarm of a member's row; None for a group."""
        if not index.isValid() or not index.internalId():
            return None
        group = self._groups[index.internalId() - 1]
        rows = group.rows or []
        return group.members[rows[index.row()]] if index.row() < len(rows) else None

    def leading(self, index: Index) -> Alarm | None:
        """The alarm that a row is shown by elsewhere: of a group its first-out."""
        group = self._group(index)
        return self.alarm(index) if group is None else group.first

    def next_waiting(self, after: int) -> int:
        """The group with the worst severity that waits, the next one behind a row among equals; -1 when none does."""
        count = len(self._groups)
        waiting = [n for n in range(count) if any(self._groups[n].waiting.values())]
        if not waiting:
            return -1
        worst = min(self._groups[n].worst or Severity.BLUE for n in waiting)
        equal = [n for n in waiting if self._groups[n].worst is worst]
        return min(equal, key=lambda number: (number - after - 1) % count)

    def _group(self, index: Index) -> AlarmGroup | None:
        if not index.isValid() or index.internalId() or index.row() >= len(self._groups):
            return None
        return self._groups[index.row()]

    # ---------------------------------------------------------------- QAbstractItemModel

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Groups have the internal id 0, members the number of their group from 1."""
        if row < 0 or not 0 <= column <= FIRST:
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, 0) if row < len(self._groups) else QModelIndex()
        group = self._group(parent)
        if group is None or row >= len(group.rows or ()):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1)

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]  # Qt has two of this name
        """The group of a member."""
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Groups, or the members of an open one."""
        if not parent.isValid():
            return len(self._groups)
        group = self._group(parent) if parent.column() == 0 else None
        return 0 if group is None else len(group.rows or ())

    def hasChildren(self, parent: Index = _NOWHERE) -> bool:
        """Every group can be opened."""
        return not parent.isValid() or (parent.column() == 0 and self._group(parent) is not None)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """What, worst, waiting, standing, oldest, first-out."""
        return FIRST + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (_("Place and cause"), _("Worst"), _("Waiting"), _("Standing"), _("Oldest"), _("First out"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell; SEVERITY_ROLE the worst, WAITS_ROLE whether anything waits, AccessibleTextRole the row."""
        group = self._group(index)
        if group is not None:
            return self._of_group(group, index.column(), role)
        alarm = self.alarm(index)
        if alarm is None:
            return None
        first = self._groups[index.internalId() - 1].first.id == alarm.id
        return self._of_member(alarm, first, index.column(), role)

    def _of_group(self, group: AlarmGroup, column: int, role: int) -> Any:
        waiting, worst = sum(group.waiting.values()), group.worst
        if role == SEVERITY_ROLE:
            return worst
        if role == WAITS_ROLE:
            return bool(waiting)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._group_text(group, each) for each in range(FIRST + 1))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_role(self._group_text(group, column), role)
        return _aligned(column, role)

    def _group_text(self, group: AlarmGroup, column: int) -> str:
        if column == WHAT:
            return self._heading(group)
        if column == WORST:
            return _("over") if group.worst is None else severity_word(group.worst)
        if column == WAITING:
            return str(sum(group.waiting.values()))
        if column == STANDING:
            return str(sum(group.standing.values()))
        if column == OLDEST:
            held = [a.occurred_at for a in group.members.values() if a.kept]
            return age_text((self.now - min(held)).total_seconds()) if held else ""
        first = group.first
        return f"⚑ {time_text(first.occurred_at, self.now, self._zone)} {first.title}"

    def _heading(self, group: AlarmGroup) -> str:
        """Area and cause without empty parts; a cause that is an alarm is told by its title."""
        area, cause = group.key
        home = self._home.get(cause)
        told = self._names.kind(cause) if home is None else self._groups[home].members[cause].title
        parts = [part for part in (piece.strip() for piece in told.split(" · ")) if part]
        if area and not (parts and parts[0].startswith(area)):
            parts.insert(0, area)
        return " · ".join(parts)

    def _of_member(self, alarm: Alarm, first: bool, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.UserRole:
            return alarm.id
        if role == SEVERITY_ROLE:
            return alarm.severity
        if role == WAITS_ROLE:
            return alarm.waiting
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (self._member_text(alarm, first, each) for each in range(FIRST + 1))))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_role(self._member_text(alarm, first, column), role)
        return _aligned(column, role)

    def _member_text(self, alarm: Alarm, first: bool, column: int) -> str:
        if column == WHAT:
            return f"⚑ {alarm.title}" if first else alarm.title
        if column == WORST:
            return severity_word(alarm.severity)
        if column == WAITING:
            return standing_word(alarm)
        if column == OLDEST:
            return age_text((self.now - alarm.occurred_at).total_seconds())
        if column == FIRST:
            return f"{time_text(alarm.occurred_at, self.now, self._zone)} {alarm.place}"
        return ""


def _aligned(column: int, role: int) -> Any:
    if role == Qt.ItemDataRole.TextAlignmentRole and column in (WAITING, STANDING):
        return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return None


def _rank(group: AlarmGroup) -> tuple[bool, int, Instant]:
    worst = group.worst
    return not any(group.waiting.values()), 9 if worst is None else int(worst), group.first.occurred_at
