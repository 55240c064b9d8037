"""The alarm list with 100,000 rows: sorting, painting and 5,000 updates a second, beside Qt's own model and view."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import msgspec
from PySide6.QtCore import QElapsedTimer, QEventLoop, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from controlroom.bridge.models.alarm_index import AlarmColumn, AlarmFilter
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm
from controlroom.i18n import _
from tests.bench.report import Measure
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_table import AlarmTable

ROWS = 100_000
RATE = 5_000
BATCH_MS = 33
SIZE = (1900, 1056)


def _ms(work: Callable[[], object], times: int) -> float:
    taken = []
    for _turn in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def _stock(told: list[Alarm], texts: AlarmModel) -> tuple[QStandardItemModel, QSortFilterProxyModel]:
    """The same cells in Qt's own model, with the sorting key as data of the first column."""
    model = QStandardItemModel(len(told), len(AlarmColumn))
    for row, alarm in enumerate(told):
        for column in AlarmColumn:
            item = QStandardItem(texts.text(alarm, column))
            if column is AlarmColumn.SEVERITY:
                key = float(alarm.severity * 2 + (not alarm.waiting)) * 1e11 - alarm.occurred_at.timestamp()
                item.setData(key, Qt.ItemDataRole.UserRole)
            model.setItem(row, column, item)
    proxy = QSortFilterProxyModel()
    proxy.setDynamicSortFilter(False)
    proxy.setSortRole(Qt.ItemDataRole.UserRole)
    proxy.setFilterKeyColumn(AlarmColumn.STATE)
    proxy.setSourceModel(model)
    return model, proxy


def _painted(widget: QWidget, viewport: QWidget, before: Callable[[], object], times: int) -> float:
    """Milliseconds of one whole repaint of what is seen."""

    def paint() -> None:
        before()
        viewport.repaint()

    widget.resize(*SIZE)
    widget.show()
    QApplication.processEvents()
    paint()
    return _ms(paint, times)


def _stalls(table: AlarmTable, pool: list[Alarm], seconds: float) -> tuple[list[float], float]:
    """Gaps between the beats of a 5 ms timer, and seconds of processor a second, while the list is fed."""
    gaps: list[float] = []
    elapsed = QElapsedTimer()
    beat, feed = QTimer(), QTimer()
    fed = 0

    def beaten() -> None:
        gaps.append(elapsed.nsecsElapsed() / 1e6)
        elapsed.restart()

    def feeding() -> None:
        nonlocal fed
        count = RATE * BATCH_MS // 1000
        batch = []
        for number in range(fed, fed + count):
            alarm = pool[number % len(pool)]
            name = f"new/{number}" if number % 5 == 0 else alarm.id
            at = NOW + timedelta(milliseconds=number)
            batch.append(msgspec.structs.replace(alarm, id=name, count=2, occurred_at=at))
        fed += count
        table.model.change(batch)

    for timer, slot, interval_ms in ((beat, beaten, 5), (feed, feeding, BATCH_MS)):
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        timer.start(interval_ms)
    elapsed.start()
    worked, loop = time.process_time(), QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    worked = (time.process_time() - worked) / seconds
    beat.stop()
    feed.stop()
    return sorted(gaps), worked


def measure(quick: bool) -> list[Measure]:
    """Measures of the list alone; needs an application that is already made."""
    times = 3 if quick else 11
    told = alarms(ROWS)
    model = AlarmModel(NOW)
    table = AlarmTable(model)
    model.reset(told)
    stock, proxy = _stock(told, model)

    waiting = _("Unacknowledged")

    def ours() -> None:
        model.set_filter(AlarmFilter(text=""))
        model.set_filter(AlarmFilter(waiting_only=True))

    def theirs() -> None:
        for text, order in (("", Qt.SortOrder.AscendingOrder), (waiting, Qt.SortOrder.DescendingOrder)):
            proxy.sort(-1)
            proxy.setFilterFixedString(text)
            proxy.sort(AlarmColumn.SEVERITY, order)

    ours_ms, theirs_ms = _ms(ours, times) / 2, _ms(theirs, 1 if quick else 3) / 2
    model.set_filter(AlarmFilter())
    batch = [msgspec.structs.replace(alarm, count=9) for alarm in told[:200]]
    batch_ms = _ms(lambda: model.change(batch), times)

    view = QTableView()
    view.setModel(stock)
    view.verticalHeader().setDefaultSectionSize(table.rows.verticalHeader().defaultSectionSize())
    cached_ms = _painted(table, table.rows.viewport(), lambda: None, times)
    cold_ms = _painted(table, table.rows.viewport(), table.rows._forget, times)
    stock_ms = _painted(view, view.viewport(), lambda: None, times)
    view.hide()
    gaps, worked = _stalls(table, told, 2.0 if quick else 10.0)
    table.hide()
    sorted_by = "C++ QSortFilterProxyModel over QStandardItemModel, 100,000 rows"
    painted_by = "C++ QStandardItemModel and QTableView, 1900x1056"
    fed = f"{RATE} updates/s on 100,000 rows, 20 % new"
    return [
        Measure("sort_filter_100k_ms", ours_ms, "ms", theirs_ms, sorted_by),
        Measure("sort_filter_100k_ratio", ours_ms / theirs_ms, "1", 1.0, sorted_by),
        Measure("batch_200_ms", batch_ms, "ms", None, "200 changes applied to 100,000 rows"),
        Measure("repaint_ms", cached_ms, "ms", stock_ms, painted_by),
        Measure("repaint_ratio", cached_ms / stock_ms, "1", 1.0, painted_by),
        Measure("repaint_cold_ratio", cold_ms / stock_ms, "1", 1.0, "every row painted anew"),
        Measure("table_stall_p99_ms", gaps[int(len(gaps) * 0.99)], "ms", None, fed),
        Measure("table_stall_max_ms", gaps[-1], "ms", None, fed),
        Measure("table_processor", worked, "core", None, fed),
    ]
