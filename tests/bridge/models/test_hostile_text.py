"""What a stranger wrote is drawn as it is: no tag becomes a picture, nothing moves what stands beside it."""

import msgspec
import pytest
from PySide6.QtCore import Qt

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.bridge.models.duty_model import DutyKind, DutyLine, DutyModel
from controlroom.bridge.raw_text import harmless, tip
from tests.bridge.models.district import NOW, alarms

HTML = "<img src=/etc/passwd><b>x</b> & y"
MOVING = "ab\u202ecd\u0007\ne"


@pytest.mark.parametrize("column", [AlarmColumn.TITLE, AlarmColumn.PLACE, AlarmColumn.SOURCE])
def test_the_alarm_list_shows_hostile_text_as_text(column: AlarmColumn) -> None:
    model = AlarmModel(NOW)
    base = alarms(1)[0]
    model.reset([msgspec.structs.replace(base, title=HTML, place=MOVING, source="s\u2066" + HTML)])
    cell = model.index(0, column)
    shown, told = cell.data(), cell.data(Qt.ItemDataRole.ToolTipRole)
    assert "\u202e" not in shown and "\u2066" not in shown and "\n" not in shown
    assert "<img" not in told and told.startswith("<qt>")
    if column is AlarmColumn.TITLE:
        assert shown == HTML
        assert "&lt;img src=/etc/passwd&gt;" in told


def test_the_duty_log_shows_hostile_text_as_text() -> None:
    model = DutyModel(NOW)
    model.append([DutyLine(NOW, DutyKind.ALARM, HTML, MOVING)])
    told = model.index(0, DutyModel.WHO).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in told
    assert model.index(0, DutyModel.TEXT).data() == "ab\\u202ecd\\u0007\\u000ae"


def test_what_people_write_is_left_alone() -> None:
    for text in ("黄村镇 积水 42 cm", "👩\u200d🚒 émigré", ""):
        assert harmless(text) == text
    assert tip("") == ""
    assert tip("a\nb") == "<qt>a<br>b</qt>"
