from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from controlroom.i18n import set_language
from widgets.age import AgeLabel, age_text, clock_text, due_text, span_text, time_text

NOW = datetime(2026, 7, 21, 6, 32, 10, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("age_s", "chinese", "english"),
    [
        (0.0, "0 秒前", "0 s ago"),
        (59.9, "59 秒前", "59 s ago"),
        (192, "3 分 12 秒前", "3 min 12 s ago"),
        (7265, "2 小时 01 分前", "2 h 01 min ago"),
        (3 * 86_400 + 4 * 3600, "3 天 4 小时前", "3 d 4 h ago"),
        (-0.5, "0 秒前", "0 s ago"),
        (-90, "超前 1 分 30 秒", "1 min 30 s ahead"),
    ],
)
def test_ages_are_told_in_their_two_largest_units(age_s: float, chinese: str, english: str) -> None:
    assert age_text(age_s) == chinese
    set_language("en")
    assert age_text(age_s) == english


@given(st.floats(-1e9, 1e9))
def test_any_age_can_be_told(age_s: float) -> None:
    assert age_text(age_s)
    assert span_text(age_s) == span_text(-age_s)


def test_a_due_time_says_what_is_left_or_by_how_much_it_was_missed() -> None:
    assert due_text(NOW + timedelta(minutes=18), NOW) == "剩余 18 分 00 秒"
    assert due_text(NOW - timedelta(seconds=5), NOW) == "超时 5 秒"


def test_a_time_of_another_day_or_year_carries_its_date() -> None:
    assert clock_text(NOW, BEIJING) == "14:32:10"
    assert time_text(NOW - timedelta(hours=1), NOW, BEIJING) == "13:32:10"
    assert time_text(NOW - timedelta(hours=15), NOW, BEIJING) == "07-20 23:32:10"
    assert time_text(NOW - timedelta(days=300), NOW, BEIJING) == "2025-09-24 14:32:10"


def test_a_label_tells_the_age_and_becomes_stale(qtbot: QtBot) -> None:
    label = AgeLabel(stale_after_s=10)
    qtbot.addWidget(label)
    assert label.text() == "—"
    label.set_time(NOW, NOW + timedelta(seconds=9))
    assert (label.text(), label.property("stale")) == ("9 秒前", None)
    label.tick(NOW + timedelta(seconds=11))
    assert (label.text(), label.property("stale")) == ("11 秒前", True)
    label.set_time(NOW + timedelta(seconds=11), NOW + timedelta(seconds=11))
    assert label.property("stale") is False
