"""The sensors of the room as rows of a table, for any view of Qt."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QByteArray, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom import i18n
from controlroom.bridge.models.sensor_index import SensorColumn, SensorFilter, SensorGroup, SensorIndex
from controlroom.bridge.reading_wording import freshness_text, level_text, value_text
from controlroom.bridge.wording import age_text
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.limits_in_force import Limiting
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.i18n import _

ID_ROLE = int(Qt.ItemDataRole.UserRole)
LEVEL_ROLE = ID_ROLE + 1
"""The severity as an int, 0 normal."""
FRESHNESS_ROLE = ID_ROLE + 2
"""The Freshness as an int."""

DRAG_PREFIX = "sensor:"
DRAG_TYPE = "application/x-controlroom-sensors"
"""The MIME type of dragged sensors: their ids in UTF-8, one a line."""

DRAGGED_MOST = 16
"""Sensors of a kind or town that one drag takes with it, the worst ones."""

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_NO_KINDS: Mapping[str, SensorKind] = MappingProxyType({})


def kind_name_in(kinds: Mapping[str, SensorKind]) -> Callable[[str], str]:
    """Gives the name of a kind in the officer's language, its id where the table has none."""

    def name(kind: str) -> str:
        known = kinds.get(kind)
        if known is None:
            return kind
        return known.name if i18n.language() == i18n.DEFAULT_LANGUAGE else known.name_en

    return name


def sensors_dragged(ids: Sequence[str]) -> QMimeData:
    """What a drag of these sensors carries."""
    data = QMimeData()
    data.setData(DRAG_TYPE, QByteArray("\n".join(ids).encode()))
    data.setText("\n".join(DRAG_PREFIX + identity for identity in ids))
    return data


class SensorModel(QAbstractTableModel):
    """Rows of sensors over the columns of the mirror, filtered and sorted by an index of its own.

    The owner calls `tick` once a second; only the rows that a view shows are then announced as changed (`refresh`),
    and their texts are made when they are painted. `data` returns Python's and Qt's types only: numpy scalars
    become opaque objects in a QVariant and corrupt sorting.
    """

    def __init__(
        self,
        latest: Latest,
        kinds: Mapping[str, SensorKind] = _NO_KINDS,
        parent: QObject | None = None,
        book: Limiting | None = None,
    ) -> None:
        super().__init__(parent)
        self._latest = latest
        self._kinds = kinds
        grouped = frozenset(name for name, kind in kinds.items() if kind.grouped)
        self._index = SensorIndex(self.kind_name, book, grouped)
        self._now_ms = 0

    @property
    def filter(self) -> SensorFilter:
        """Which sensors are listed."""
        return self._index.filter

    @property
    def total(self) -> int:
        """How many sensors there are, listed or not."""
        return len(self._index.sensors)

    @property
    def departments(self) -> list[str]:
        """The departments that sensors are shown to."""
        return self._index.departments

    def kind_name(self, kind: str) -> str:
        """The name of a kind in the officer's language, its id where the table has none."""
        return kind_name_in(self._kinds)(kind)

    def groups(self) -> list[SensorGroup]:
        """Counts for each kind and town."""
        return list(self._index.groups())

    def set_sensors(
        self, sensors: Mapping[str, Sensor], index: Mapping[str, int], latest: Latest | None = None
    ) -> bool:
        """Take the sensors of the room (`Room.sensors`, `Room.sensor_index`); False when nothing changed.

        `latest` replaces the readings, where the mirror has new ones.
        """
        if latest is not None and latest is not self._latest:
            self._latest = latest
            self._index.judge_anew(index)
        if not self._index.differs(sensors):
            return False
        self.beginResetModel()
        self._index.declare(sensors, index)
        self._index.look(self._latest, self._now_ms)
        self._index.arrange()
        self.endResetModel()
        return True

    def tick(self, now: datetime) -> bool:
        """Judge all sensors as of now; returns whether any level or freshness changed (and the order with it)."""
        self._now_ms = to_ms(now)
        changed = self._index.look(self._latest, self._now_ms)
        if changed and (self._index.column is SensorColumn.LEVEL or self._index.filter.by_state):
            self._rearrange()
        return changed

    def refresh(self, first: int, last: int) -> None:
        """The rows that a view shows are painted anew; never more, since views ask for all that is announced."""
        first, last = max(first, 0), min(last, len(self._index.listed) - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, SensorColumn.VALUE), self.index(last, SensorColumn.AGE))

    def set_filter(self, wanted: SensorFilter) -> None:
        """List only these sensors; the selection stays on its sensors."""
        if wanted != self._index.filter:
            self._index.filter = wanted
            self._rearrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in order by a column; level puts the worst first, what is missing always comes last."""
        if 0 <= column < len(SensorColumn):
            self._index.column = SensorColumn(column)
            self._index.descending = order is Qt.SortOrder.DescendingOrder
            self._rearrange()

    def sensor_at(self, row: int) -> Sensor | None:
        """The sensor of a row, None for the row of a group. Raises IndexError."""
        place = int(self._index.listed[row])
        return self._index.sensors[place] if place >= 0 else None

    def group_at(self, row: int) -> tuple[str, str, str] | None:
        """Kind, town and model of the group of a row, None for the row of a sensor. Raises IndexError."""
        place = int(self._index.listed[row])
        return self._index.grouping.keys[-1 - place] if place < 0 else None

    def group_of(self, sensor_id: str) -> tuple[str, str, str] | None:
        """Kind, town and model of the group that a sensor is summed up in, None when it is in none."""
        place = self._index.place_of.get(sensor_id)
        group = -1 if place is None else int(self._index.grouping.of_place[place])
        return self._index.grouping.keys[group] if group >= 0 else None

    def row_of(self, sensor_id: str) -> int | None:
        """The row of a sensor; None when it is not listed."""
        place = self._index.place_of.get(sensor_id)
        if place is None:
            return None
        rows = np.flatnonzero(self._index.listed == place)
        return int(rows[0]) if len(rows) else None

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """The number of listed sensors."""
        return 0 if parent.isValid() else len(self._index.listed)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """The number of columns."""
        return 0 if parent.isValid() else len(SensorColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (_("Sensor"), _("Kind"), _("Place"), _("Value"), _("Level"), _("Age"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, tooltip, alignment, and the roles of this module."""
        if not index.isValid() or index.row() >= len(self._index.listed):
            return None
        place = int(self._index.listed[index.row()])
        if place < 0:
            return self._group_data(-1 - place, SensorColumn(index.column()), role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(place, SensorColumn(index.column()))
        if role == ID_ROLE:
            return self._index.sensors[place].id
        if role == LEVEL_ROLE:
            return int(self._index.level[place])
        if role == FRESHNESS_ROLE:
            return int(self._index.freshness[place])
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == SensorColumn.VALUE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            sensor = self._index.sensors[place]
            lines = (sensor.name, sensor.id, sensor.department, self._level_text(place), self._index.origin(place))
            return "\n".join(line for line in lines if line)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Rows can be chosen and dragged."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Drags are sensors, and plain text for other programs."""
        return [DRAG_TYPE, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The sensors of these rows; rows of groups have none."""
        rows = sorted({index.row() for index in indexes})
        return sensors_dragged([sensor.id for row in rows if (sensor := self.sensor_at(row)) is not None])

    def worst_of(self, kind: str | None, town: str | None, most: int = DRAGGED_MOST) -> list[str]:
        """The ids of a kind's or town's sensors (None: any), the worst first, at most so many."""
        return self._index.worst_of(kind, town, most)

    def _group_data(self, group: int, column: SensorColumn, role: int) -> Any:
        held = self._index.grouping
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._group_text(group, column)
        if role == ID_ROLE:
            return ""
        if role == LEVEL_ROLE:
            return int(held.worst[group])
        if role == FRESHNESS_ROLE:
            return int(Freshness.LIVE if held.online[group] else Freshness.STALE)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SensorColumn.VALUE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _group_text(self, group: int, column: SensorColumn) -> str:
        held = self._index.grouping
        kind_id, town, _model = held.keys[group]
        kind = self._kinds.get(kind_id)
        match column:
            case SensorColumn.NAME:
                return _("{name} · {count} devices").format(
                    name=self._index.group_name(group), count=int(held.count[group])
                )
            case SensorColumn.KIND:
                return self.kind_name(kind_id)
            case SensorColumn.TOWN:
                return town
            case SensorColumn.VALUE:
                unit = kind.unit if kind else ""
                if not held.online[group]:
                    return value_text(float("nan"), unit, kind)
                mean, least, most = (float(of[group]) for of in (held.mean, held.least, held.most))
                return f"{value_text(mean, unit, kind)} ({value_text(least, '', kind)}…{value_text(most, '', kind)})"
            case SensorColumn.LEVEL:
                online = _("{online} online").format(online=f"{100 * held.online[group] / held.count[group]:.0f}%")
                beyond = int(held.abnormal[group])
                level = level_text(int(held.worst[group])) + (f" {beyond}" if beyond else "")
                return f"{level} · {online}"
        age_ms = int(held.age_ms[group])
        return "—" if age_ms < 0 else age_text(age_ms / 1000.0)

    def _text(self, place: int, column: SensorColumn) -> str:
        sensor = self._index.sensors[place]
        match column:
            case SensorColumn.NAME:
                return sensor.name
            case SensorColumn.KIND:
                return self.kind_name(sensor.kind)
            case SensorColumn.TOWN:
                return sensor.town
            case SensorColumn.VALUE:
                return value_text(float(self._index.value[place]), sensor.unit, self._kinds.get(sensor.kind))
            case SensorColumn.LEVEL:
                return self._level_text(place)
        age_ms = int(self._index.age_ms[place])
        return "—" if age_ms < 0 else age_text(age_ms / 1000.0)

    def _level_text(self, place: int) -> str:
        level, freshness = int(self._index.level[place]), Freshness(int(self._index.freshness[place]))
        if freshness is Freshness.LIVE:
            return level_text(level)
        doubt = freshness_text(freshness, int(self._index.age_ms[place]) / 1000.0)
        return f"{level_text(level)} · {doubt}" if level else doubt

    def _rearrange(self) -> None:
        """Order anew while selections stay on their sensors."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [int(self._index.listed[index.row()]) for index in before]
        self._index.arrange()
        row_of = {}
        if places:
            rows = np.flatnonzero(np.isin(self._index.listed, places))
            row_of = dict(zip(self._index.listed[rows].tolist(), rows.tolist(), strict=True))
        after = [
            self.index(row_of[place], index.column()) if place in row_of else QModelIndex()
            for place, index in zip(places, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
