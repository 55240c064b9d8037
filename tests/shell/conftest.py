"""A desk with plain panels, on the monitors of the test bed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget, QWidget

from controlroom.shell.actions import Actions
from controlroom.shell.desk import Desk
from controlroom.shell.memento import Memento
from controlroom.shell.screens import Monitors
from layouts import Preference, Presets

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def plain_panel(kind: str, options: dict[str, Any]) -> QWidget:
    """A table for alarms, a line to type in for everything else."""
    if kind == "alarms":
        table = QTableWidget(3, 3)
        table.setObjectName("alarms")
        table.setWindowTitle("Alarms")
        return table
    line = QLineEdit(str(options))
    line.setWindowTitle(kind)
    return line


@pytest.fixture
def make_desk(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Make a desk as a start of the program would; desks of one test share the state folder."""
    made: list[Desk] = []

    def make(
        factory: Callable[[str, dict[str, Any]], QWidget] = plain_panel,
        folder: Path | None = None,
        monitor: Preference | None = None,
    ) -> Desk:
        monitors = Monitors(qapp, settle_ms=100)
        memento = Memento(tmp_path / "desk.json", NOW)
        desk = Desk(Presets(folder, monitor=monitor), factory, memento, monitors, Actions())
        monitors.setParent(desk)
        desk._check_timer.setInterval(150)
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.close()
        desk.deleteLater()
    qapp.processEvents()
