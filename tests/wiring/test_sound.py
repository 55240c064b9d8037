"""The sound of a seat, connected."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.annunciator import Annunciator
from controlroom.domain.events import SilenceChanged
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence
from controlroom.shell.strips import Strips
from controlroom.wiring.sound import SoundWiring, SoundWishes
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised


class Loudspeaker:
    def __init__(self) -> None:
        self.broken = ""
        self.played: list[str] = []

    def trouble(self) -> str:
        return self.broken

    def play(self, file: Path) -> bool:
        self.played.append(file.name)
        return not self.broken

    def forget(self, _file: Path) -> None:
        pass

    def close(self) -> None:
        pass


class Sounding:
    """A seat with a loudspeaker that remembers, and settings that are kept in a dictionary."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.speaker = Loudspeaker()
        self.annunciator = Annunciator(desk.clock, output=self.speaker, speaks=False, parent=desk.owner)
        self.kept: dict[str, str | int | bool] = {}
        self.told: list[tuple[object, ...]] = []
        strips = Strips(desk.owner)
        strips.set_sound = lambda *told: self.told.append(told)
        wishes = SoundWishes(speaks=False)
        self.wiring = SoundWiring(desk.seat, strips, self.annunciator, wishes, self.keep, desk.owner)

    def keep(self, changes: Mapping[str, str | int | bool]) -> None:
        self.kept.update(changes)

    def listen(self) -> list[str]:
        self.speaker.played.clear()
        self.desk.clock.advance(5.0)
        self.annunciator.beat()
        return self.speaker.played


@pytest.fixture
def sounding(desk: Desk, qtbot: QtBot) -> Iterator[Sounding]:
    made = Sounding(desk)
    yield made
    if made.wiring.dialog is not None:
        made.wiring.dialog.close()
    made.annunciator.close()


def silence(desk: Desk, ended: bool = False) -> SilenceChanged:
    now = desk.clock.now()
    return SilenceChanged(
        Silence(
            id="s1",
            matcher=Matcher(text="告警a"),
            by="王",
            seat="a",
            at=NOON,
            until=now + timedelta(hours=1),
            reason="演练",
            ended_at=now if ended else None,
        )
    )


def test_a_silenced_alarm_is_not_heard_until_its_silence_is_over(sounding: Sounding) -> None:
    desk = sounding.desk
    desk.happen(silence(desk))
    desk.happen(*raised(alarm("a", Severity.RED)))
    assert sounding.listen() == []
    desk.happen(*raised(alarm("b", Severity.YELLOW)))
    assert sounding.listen() == ["tone-3.wav"]
    desk.happen(silence(desk, ended=True))
    assert sounding.listen() == ["tone-1.wav"]


def test_the_filter_of_the_dialog_holds_at_once_and_is_kept(sounding: Sounding) -> None:
    desk = sounding.desk
    sounding.wiring.show_dialog(None)
    dialog = sounding.wiring.dialog
    assert dialog is not None
    for severity in (Severity.YELLOW, Severity.BLUE):
        dialog.severities[severity].setChecked(False)
    dialog.areas.setText("黄村，礼贤")
    dialog.areas.editingFinished.emit()
    assert sounding.kept["sound.severities"] == "1,2" and sounding.kept["sound.areas"] == "黄村,礼贤"
    assert sounding.kept["sound.departments"] == ""
    desk.happen(*raised(alarm("y", Severity.YELLOW), alarm("far", Severity.RED, place="榆垡镇")))
    assert sounding.listen() == []
    desk.happen(*raised(alarm("near", Severity.ORANGE, place="黄村镇 3号")))
    assert sounding.listen() == ["tone-2.wav"]
    assert sounding.annunciator.state.filtered


def test_the_button_silences_what_sounds_ends_a_silence_and_otherwise_opens_the_dialog(sounding: Sounding) -> None:
    sounding.wiring.press()
    dialog = sounding.wiring.dialog
    assert dialog is not None and dialog.isVisible()
    sounding.desk.happen(*raised(alarm("a", Severity.RED)))
    sounding.wiring.press()
    assert sounding.annunciator.state.silent_for_s == 300.0
    assert sounding.told[-1][1] == 300.0
    assert "5 分 00 秒" in dialog.state.text() and dialog.end.isEnabled()
    assert sounding.listen() == []
    dialog.end.click()
    assert sounding.listen() == ["tone-1.wav"]
    dialog.lengths[30].click()
    assert sounding.annunciator.state.silent_for_s == 1800.0
    assert sounding.annunciator.waiting == {"a"}


def test_a_test_tone_is_played_for_each_severity_and_a_mute_machine_is_told(sounding: Sounding) -> None:
    sounding.wiring.show_dialog(None)
    dialog = sounding.wiring.dialog
    assert dialog is not None
    for button in dialog.tones.values():
        button.click()
    assert sounding.speaker.played == ["tone-1.wav", "tone-2.wav", "tone-3.wav", "tone-4.wav"]
    sounding.speaker.broken = "没有连接扬声器"
    dialog.tones[Severity.RED].click()
    assert "没有连接扬声器" in dialog.state.text() and dialog.state.property("warning")
    assert not dialog.speech.isEnabled()


def test_standing_alarms_are_summed_up_when_the_seat_begins(desk: Desk, qtbot: QtBot) -> None:
    desk.happen(*raised(alarm("a", Severity.RED), alarm("b")))
    sounding = Sounding(desk)
    told = []
    sounding.annunciator.announced.connect(told.append)
    desk.pump.room_reset.emit()
    assert sounding.listen() == ["tone-1.wav"]
    assert told[0].standing is not None and told[0].standing.total == 2
    sounding.annunciator.close()
