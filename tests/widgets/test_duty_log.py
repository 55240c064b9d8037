from datetime import timedelta
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.duty_model import MOST_LINES, DutyKind, DutyLine, DutyModel
from tests.bridge.models.district import NOW
from widgets.duty_log import DutyLog

LINES = [
    DutyLine(NOW - timedelta(seconds=30), DutyKind.ALARM, "hydrology", "积水：触发"),
    DutyLine(NOW - timedelta(seconds=20), DutyKind.ACKNOWLEDGEMENT, "李敏", "积水：已确认"),
    DutyLine(NOW - timedelta(seconds=10), DutyKind.LINK, "", "与中枢失联"),
]


def shown(qtbot: QtBot) -> DutyLog:
    model = DutyModel(NOW)
    log = DutyLog(model)
    qtbot.addWidget(log)
    log.show()
    qtbot.waitExposed(log)
    model.append(LINES)
    return log


def test_the_log_is_filtered_and_counts_what_it_lists(qtbot: QtBot) -> None:
    log = shown(qtbot)
    log._text.setText("李敏")
    assert log.model.rowCount() == 1
    assert log._summary.text() == "共 3 条 · 列出 1 条"
    log._text.clear()
    log._kind.setCurrentText("链路")
    assert log.model.line(0).text == "与中枢失联"


def test_a_full_log_says_that_it_is_bounded(qtbot: QtBot) -> None:
    log = shown(qtbot)
    log.model.append([DutyLine(NOW, DutyKind.ALARM, "s", str(number)) for number in range(MOST_LINES)])
    assert log._summary.text() == f"共 {MOST_LINES} 条 · 只保留最新 {MOST_LINES} 条，更早的 3 条已移出"


def test_copying_takes_the_selected_lines_with_their_times(qtbot: QtBot) -> None:
    log = shown(qtbot)
    log._table.selectRow(1)
    log.copy()
    text = QGuiApplication.clipboard().text()
    assert "李敏" in text
    assert "hydrology" not in text


def test_an_export_is_written_for_spreadsheets_and_a_failure_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    log = shown(qtbot)
    assert log.export_to(tmp_path / "log.csv")
    written = (tmp_path / "log.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert len(written.decode("utf-8-sig").split("\r\n")) == 6
    assert not log.export_to(tmp_path / "absent" / "log.csv")
    assert "absent" in log.notice.text
