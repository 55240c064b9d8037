"""A card while it fills: each part with its age or its fault, keys for everything, both themes and languages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.bridge.corroboration import Dossier, Part, Row
from controlroom.bridge.corroboration_wording import evidence_text, verdict_sentence, verdict_word
from controlroom.bridge.stills import Still
from controlroom.domain.camera import Camera
from controlroom.domain.corroboration import Evidence, Kind, Verdict, Way, Witness, crossing, finding
from controlroom.domain.incident import Incident
from controlroom.domain.limits import Freshness
from controlroom.domain.past_readings import Series
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from widgets.corroboration_card import CorroborationCard
from widgets.corroboration_chart import CorroborationChart

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LIMITS = (Limit(severity=Severity.ORANGE, above=40.0),)
OPEN = [Incident(id="i1", title="积水", grade=Severity.ORANGE, opened_at=NOON, opened_by="王")]


def row(name: str, value: float, fresh: Freshness = Freshness.LIVE, **more) -> Row:
    sensor = Sensor(id=name, name=f"点{name}", kind="flood_depth", unit="cm", limits=LIMITS)
    told = {"value": value, "freshness": fresh, "crossed": crossing(LIMITS, value), "distance_m": 300.0}
    witness = Witness(id=name, name=sensor.name, **told, **more)
    return Row(sensor=sensor, witness=witness, at=NOON - timedelta(seconds=5))


def dossier(**more) -> Dossier:
    subject = row("s", 42.0)
    others = (row("a", 1.0), row("b", 2.0, way=Way.UPSTREAM, steps=1), row("c", 50.0, Freshness.STALE))
    told = dict.fromkeys(Part, NOON)
    found = finding(subject.witness, [each.witness for each in others])
    return Dossier(**{"subject": subject, "asked_at": NOON, "others": others, "told": told, "finding": found, **more})


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[CorroborationCard]:
    made = CorroborationCard({}, lambda kind: kind, UTC, lambda: OPEN)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    yield made


def cells(card: CorroborationCard) -> list[list[str]]:
    model = card.others.model
    return [[str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_verdict_evidence_and_others_are_told_in_words(card: CorroborationCard) -> None:
    card.show_dossier(dossier(), NOON)
    assert card.dossier is not None and card.dossier.finding.verdict is Verdict.SINGLE
    assert "单点异常" in card.verdict.text() and "▸" in card.evidence.text()
    assert "点c" in card.evidence.text(), "who is stale is named"
    shown = cells(card)
    assert [line[1] for line in shown] == ["300 m", "上游第 1 个 · 300 m", "300 m"]
    assert shown[2][3] != "正常" and "■" not in shown[2][3]
    assert "未知" in card.others_note.text()


def test_until_all_is_there_it_is_preliminary_and_ages_go_on(card: CorroborationCard) -> None:
    card.show_dossier(dossier(told={Part.OTHERS: NOON}), NOON)
    assert "初步" in card.progress.text() and not card.to_wall.isEnabled()
    card.tick(NOON + timedelta(seconds=30))
    assert "30" in card.others_head.text() and "35" in card.facts.text()
    card.show_dossier(dossier(), NOON)
    assert "已完成" in card.progress.text()


def test_every_part_says_its_own_fault(card: CorroborationCard) -> None:
    faults = {Part.PAST: "无历史", Part.STILLS: "没有摄像机能看到此处。", Part.WEATHER: "无气象站"}
    card.show_dossier(dossier(faults=faults, beside="路口 · 900 m"), NOON)
    assert card.chart.accessibleName() == "无历史"
    assert "路口 · 900 m" in card.stills.sentence.text() and card.weather.text() == "无气象站"


def test_stills_have_time_and_age_and_are_chosen_by_key_and_click(card: CorroborationCard, qtbot: QtBot) -> None:
    picture = QImage(32, 18, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    camera = Camera(id="c", name="路口")
    stills = (
        Still(camera=camera, distance_m=60.0, image=picture, at=NOON - timedelta(seconds=2)),
        Still(camera=Camera(id="d", name="广场"), distance_m=90.0, aimed=False, fault="摄像机离线"),
    )
    card.show_dossier(dossier(stills=stills, seen_by=7), NOON)
    assert "7" in card.stills_head.text()
    first, second = card.stills.tiles[:2]
    assert "03:59:58" in first.told() and "2 秒前" in first.told()
    assert second.told() == "摄像机离线" and "朝向未知" in second._below(stills[1])
    asks: list[list[str]] = []
    card.cameras_wanted.connect(asks.append)
    QTest.keyClick(first, Qt.Key.Key_Return)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert asks == [["c"], ["c"]]
    with qtbot.waitSignal(card.cameras_wanted) as asked:
        card.to_wall.click()
    assert asked.args == [["c", "d"]]


def test_all_is_reached_by_keys(card: CorroborationCard, qtbot: QtBot) -> None:
    card.show_dossier(dossier(), NOON)
    keys = {action.shortcut().toString() for action in card.actions()}
    assert keys == {"P", "F5", "Ctrl+S", "I", "W"}
    card.activateWindow()
    with qtbot.waitSignal(card.refresh_wanted) as asked:
        next(action for action in card.actions() if action.shortcut().toString() == "F5").trigger()
    assert asked.args == ["s"]
    next(action for action in card.actions() if action.shortcut().toString() == "P").trigger()
    assert card.pinned
    card.others.view.selectRow(1)
    with qtbot.waitSignal(card.sensor_chosen) as chosen:
        card.others.view.activated.emit(card.others.view.currentIndex())
    assert chosen.args == ["b"]


def test_the_entry_goes_into_the_incident_that_was_chosen_from_the_menu(card: CorroborationCard, qtbot: QtBot) -> None:
    card.show_dossier(dossier(), NOON)
    with qtbot.waitSignal(card.attached) as told:
        card._offer_incidents()
        (menu,) = card.findChildren(QMenu)
        menu.actions()[0].trigger()
        menu.hide()
    incident, text = told.args
    assert incident == "i1" and "单点异常" in text and "42" in text


@pytest.mark.parametrize("values", [[], [1.0], [float("nan")] * 5, [5.0] * 60, [1e9, -1e9, 3.0]])
def test_the_chart_paints_whatever_came(values: list[float], qtbot: QtBot) -> None:
    chart = CorroborationChart(UTC)
    qtbot.addWidget(chart)
    chart.resize(400, 180)
    end_ms = int(NOON.timestamp() * 1000)
    value = np.array(values, np.float32)
    time = end_ms - 60_000 * np.arange(len(values), dtype=np.int64)[::-1]
    ones, good = np.ones(len(values), np.int64), np.zeros(len(values), np.uint8)
    series = Series(0, 0, time, value, value, value, ones, good)
    chart.show_past(NOON, series, None, LIMITS, "")
    assert not chart.grab().isNull()
    assert bool(chart._told()) is (not values)


def test_every_kind_of_evidence_has_a_sentence_in_both_languages() -> None:
    sensor, held = row("s", 1.0).sensor, i18n.language()
    try:
        for language in ("zh_CN", "en"):
            i18n.set_language(language)
            every = [Evidence(kind=kind, names=("a",) * 5, value=1.0) for kind in Kind]
            said = {evidence_text(each, sensor, None) for each in every}
            assert len(said) == len(Kind) and not any("{" in each for each in said)
            assert all(verdict_word(v) and verdict_sentence(v) for v in Verdict)
    finally:
        i18n.set_language(held)
