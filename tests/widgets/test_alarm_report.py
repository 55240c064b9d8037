"""The dialog of the alarm report."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

import resources
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.alarm_report import AlarmReport
from controlroom.domain.flood import Flood
from controlroom.errors import EnvironmentFault, LinkLost
from tests.domain.test_alarm_report import END, T0, Story
from tests.widgets.officer_desk import run_at_once
from widgets.alarm_report import AlarmReportDialog

BANDS = decode_bands(resources.path("data", "alarm_bands.toml").read_bytes())
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")


def report() -> AlarmReport:
    story = Story()
    for number in range(14):
        story.ring(f"k{number}", 20 + number / 10)
    return AlarmReport(since=T0, until=END, window_s=600, views=story.tally.views(), changes=14)


FLOOD = Flood(id="f", view="A", started_at=T0, count=14, peak=14, peak_at=T0, ended_at=END)


class Hub:
    """Answers with a report, or does not."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []
        self.fault: EnvironmentFault | None = None
        self.written: dict[Path, str] = {}

    async def ask(
        self, since: datetime, until: datetime, told: Callable[[float], None]
    ) -> tuple[AlarmReport, list[Flood]]:
        self.asked.append((since, until))
        told(0.5)
        if self.fault is not None:
            raise self.fault
        return report(), [FLOOD]

    def write(self, path: Path, text: str) -> None:
        self.written[path] = text


def shown(
    qtbot: QtBot, hub: Hub, spawn: Callable[[Coroutine[Any, Any, None], str], Any] = run_at_once
) -> AlarmReportDialog:
    dialog = AlarmReportDialog(hub.ask, spawn, hub.write, BANDS, lambda: NOW, BEIJING, lambda _parent: "report.csv")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def test_a_day_is_asked_for_and_shown_as_tables_and_a_plot(qtbot: QtBot) -> None:
    hub = Hub()
    dialog = shown(qtbot, hub)
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    ((since, until),) = hub.asked
    assert until - since == timedelta(days=1) and until == NOW
    assert dialog.measures.columnCount() == 4 and dialog.measures.rowCount() > 12
    first = dialog.measures.item(0, 1)
    assert first is not None and first.text() == "14"
    assert dialog.top.rowCount() == 20 and dialog.floods.rowCount() == 1
    dialog.pages.setCurrentIndex(1)
    assert max(dialog.plot.bars(500)) == 14 and sum(dialog.plot.bars(500)) == 14
    assert dialog.plot.bars(3) == [14, 0, 0]
    assert not dialog.plot.grab().isNull()


def test_a_period_of_ones_own_must_end_after_it_begins(qtbot: QtBot) -> None:
    hub = Hub()
    dialog = shown(qtbot, hub)
    dialog.since.setDateTime(dialog.until.dateTime().addSecs(60))
    assert dialog.period.currentData() == 0
    dialog.start()
    assert not hub.asked and dialog.notice.isVisible()
    dialog.since.setDateTime(dialog.until.dateTime().addSecs(-600))
    dialog.start()
    ((since, until),) = hub.asked
    assert until - since == timedelta(minutes=10) and not dialog.notice.isVisible()


def test_without_the_hub_it_says_so_and_can_be_tried_again(qtbot: QtBot) -> None:
    hub = Hub()
    hub.fault = LinkLost("no hub")
    dialog = shown(qtbot, hub)
    dialog.start()
    assert dialog.notice.isVisible() and not dialog.export.isEnabled() and dialog.go.isEnabled()
    hub.fault = None
    dialog.start()
    assert not dialog.notice.isVisible() and dialog.export.isEnabled()


def test_the_export_is_a_csv_with_its_quality(qtbot: QtBot) -> None:
    hub = Hub()
    dialog = shown(qtbot, hub)
    dialog.start()
    dialog.save()
    (text,) = hub.written.values()
    assert "2026-11-21 12:00" in text and "告警 k0" in text and "\r\n" in text


class Running:
    """A task that never ends by itself."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


def test_what_takes_long_is_cancelled_by_button_and_by_closing(qtbot: QtBot) -> None:
    tasks: list[Running] = []

    def spawn(coroutine: Coroutine[Any, Any, None], _name: str) -> Running:
        coroutine.close()
        tasks.append(Running())
        return tasks[-1]

    dialog = shown(qtbot, Hub(), spawn)
    dialog.start()
    assert dialog.stop.isEnabled() and not dialog.go.isEnabled()
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    assert tasks[0].cancelled and dialog.go.isEnabled()
    dialog.start()
    dialog.close()
    assert tasks[1].cancelled
