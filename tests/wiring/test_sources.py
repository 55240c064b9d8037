"""The panel of the sources asks while it is seen and shows what was refused, escaped."""

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.sources_model import SourcesModel
from controlroom.errors import LinkLost
from controlroom.seat.status import LinkState
from controlroom.wire.source_health import RefusedMessage, RefusedMessages, SourceNow, SourcesNow
from controlroom.wiring.sources import SourcesWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk


class Hub:
    """What answers the panel."""

    def __init__(self) -> None:
        self.rows = [
            SourceNow(id="grid", seen_at=NOON, records=1200, rate_per_s=4.0),
            SourceNow(id="gate", seen_at=NOON - timedelta(minutes=3), silent=True, refused=2, kept=2, refusal="why"),
            SourceNow(id="bus", seen_at=NOON, skew_s=3600.0),
        ]
        self.kept = [
            RefusedMessage(at=NOON, code="malformed", text="Expected `int`", size=9000, body="{<b>积\u202e".encode()),
            RefusedMessage(at=NOON, code="too_large", text="long", size=4, body=b"\x00\x01\x02\x03"),
        ]
        self.asked: list[str] = []
        self.lost = False

    async def sources(self) -> SourcesNow:
        self.asked.append("sources")
        if self.lost:
            raise LinkLost("the hub does not answer")
        return SourcesNow(at=NOON, sources=tuple(self.rows))

    async def refused(self, source: str) -> RefusedMessages:
        self.asked.append(source)
        kept = tuple(self.kept) if source == "gate" else ()
        return RefusedMessages(source=source, total=len(kept), messages=kept)


@pytest.fixture
def hub(desk: Desk) -> Hub:
    made = Hub()
    desk.seat.commands = made
    return made


def cell(model: SourcesModel, row: int, column: int) -> str:
    return str(model.index(row, column).data())


def test_nothing_is_asked_for_a_panel_that_nobody_sees(desk: Desk, hub: Hub, qtbot: QtBot) -> None:
    wiring = SourcesWiring(desk.seat)
    qtbot.addWidget(wiring.panel)
    desk.second()
    assert hub.asked == []


def test_sources_are_shown_with_what_is_wrong_first_and_followed(desk: Desk, hub: Hub, qtbot: QtBot) -> None:
    wiring = SourcesWiring(desk.seat)
    panel = wiring.panel
    qtbot.addWidget(panel)
    panel.show()
    desk.second()
    model = panel.sources
    assert [row.id for row in model.rows] == ["gate", "bus", "grid"]
    assert "静默" in cell(model, 0, model.STATE)
    assert "3 分" in cell(model, 0, model.HEARD)
    assert "时钟偏差" in cell(model, 1, model.STATE) and "快 1 小时" in cell(model, 1, model.SKEW)
    assert (cell(model, 2, model.RATE), cell(model, 2, model.RECORDS)) == ("4.0", "1,200")
    before = hub.asked.count("sources")
    desk.second()
    desk.second()
    assert hub.asked.count("sources") == before + 1


def test_what_was_refused_is_shown_escaped_with_reason_and_age(desk: Desk, hub: Hub, qtbot: QtBot) -> None:
    wiring = SourcesWiring(desk.seat)
    panel = wiring.panel
    qtbot.addWidget(panel)
    panel.show()
    desk.second()
    assert panel.source == "gate", "the one with the most to tell is chosen first"
    assert panel.refused.rowCount() == 2
    assert "Expected `int`" in panel.raw.toPlainText()
    assert "{<b>积\\u202e" in panel.raw.toPlainText()
    assert "8,990" in panel.raw.toPlainText(), "how much of it was not kept"
    panel.messages.selectRow(1)
    assert "00 01 02 03" in panel.raw.toPlainText()
    panel.table.selectRow(2)
    assert panel.refused.rowCount() == 0
    assert panel.raw.toPlainText() == ""
    assert "没有" in panel.heading.text()


def test_new_refusals_of_the_chosen_source_come_by_themselves(desk: Desk, hub: Hub, qtbot: QtBot) -> None:
    wiring = SourcesWiring(desk.seat)
    qtbot.addWidget(wiring.panel)
    wiring.panel.show()
    desk.second()
    hub.rows[1] = SourceNow(id="gate", seen_at=NOON, refused=3, kept=3)
    hub.kept.insert(0, RefusedMessage(at=NOON, code="malformed", text="newest", size=1, body=b"{"))
    for _turn in range(3):
        desk.second()
    assert wiring.panel.refused.rowCount() == 3
    assert wiring.panel.source == "gate"


def test_a_hub_that_does_not_answer_is_told_and_the_age_goes_on(desk: Desk, hub: Hub, qtbot: QtBot) -> None:
    wiring = SourcesWiring(desk.seat)
    panel = wiring.panel
    qtbot.addWidget(panel)
    panel.show()
    desk.second()
    hub.lost = True
    for _turn in range(3):
        desk.second()
    assert "does not answer" in panel.notice.text
    assert "3 秒" in panel.age.text()
    hub.lost = False
    desk.link(LinkState.LOST)
    asked = len(hub.asked)
    for _turn in range(3):
        desk.second()
    assert len(hub.asked) == asked
    assert panel.table.property("stale")
